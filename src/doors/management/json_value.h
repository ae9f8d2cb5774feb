#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/wiped_text.h"
#include "doors/management/api_fault.h"

namespace counterfoil {

// JsonLimits of one document (the security requirements' table of limits).
struct JsonLimits {
  std::size_t depth_max = 16;
  std::size_t members_max = 1'000;  // members of objects and elements of arrays, all together
};

class JsonValue;
struct JsonMember;

// JsonNull is the value null, which is not the same as a member that is absent.
struct JsonNull {
  bool operator==(const JsonNull&) const = default;
};
using JsonArray = std::vector<JsonValue>;
using JsonObject = std::vector<JsonMember>;  // in the order written; no name twice

// JsonValue is one value of a document that was read. Its texts wipe themselves, because one may
// be a secret. Numbers are whole: nothing in this API has fractions.
class JsonValue {
 public:
  using Any = std::variant<JsonNull, bool, std::int64_t, WipedText, JsonArray, JsonObject>;

  // Defined below, where JsonMember is whole: clang wants it so.
  JsonValue();
  explicit JsonValue(Any value);
  JsonValue(const JsonValue& other);
  JsonValue(JsonValue&& other) noexcept;
  JsonValue& operator=(const JsonValue& other);
  JsonValue& operator=(JsonValue&& other) noexcept;
  ~JsonValue();

  template <typename T>
  [[nodiscard]] const T* as() const {
    return std::get_if<T>(&value_);
  }
  template <typename T>
  [[nodiscard]] T* as() {
    return std::get_if<T>(&value_);
  }
  [[nodiscard]] bool is_null() const { return std::holds_alternative<JsonNull>(value_); }

 private:
  Any value_;
};

struct JsonMember {
  std::string name;
  JsonValue value;
};

// find_member gives nullptr when `object` is none, or has no member of this name.
[[nodiscard]] const JsonValue* find_member(const JsonValue& object, std::string_view name);
// member_text gives nullopt when the member is absent or no text. For what is not secret.
[[nodiscard]] std::optional<std::string> member_text(const JsonValue& object,
                                                     std::string_view name);

// canonical_json writes a value so that two documents that say the same are the same text: members
// sorted by name (by bytes), no blanks, and of each text only what must be escaped. It may hold
// secrets, so it wipes itself.
[[nodiscard]] WipedText canonical_json(const JsonValue& value);

inline JsonValue::JsonValue() = default;
inline JsonValue::JsonValue(Any value) : value_(std::move(value)) {}
inline JsonValue::JsonValue(const JsonValue& other) = default;
inline JsonValue::JsonValue(JsonValue&& other) noexcept = default;
inline JsonValue& JsonValue::operator=(const JsonValue& other) = default;
inline JsonValue& JsonValue::operator=(JsonValue&& other) noexcept = default;
inline JsonValue::~JsonValue() = default;

// parse_json reads one document of RFC 8259, strictly: UTF-8, nothing behind it, no name twice in
// an object, whole numbers within 64 bits, within the limits. Copies of texts that the library
// makes are wiped; the caller wipes `text`. One exception: after a syntax error the library leaves
// the one token it stumbled over in its message, which is dropped unread.
//
//   errors  400 json_malformed (with the byte), json_too_deep, json_too_large,
//           json_member_repeated, json_number_refused
[[nodiscard]] std::expected<JsonValue, ApiFault> parse_json(std::string_view text,
                                                            const JsonLimits& limits = {});

}  // namespace counterfoil
