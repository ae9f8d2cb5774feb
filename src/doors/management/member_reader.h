#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/wiped_text.h"
#include "doors/management/api_fault.h"
#include "doors/management/json_value.h"

namespace counterfoil {

// OtherMembers says what becomes of members nobody asked for. kPassOver is for objects that others
// define and may add to.
enum class OtherMembers : std::uint8_t { kRefuse, kPassOver };

// MemberReader takes the members of one object by name and type. The first thing wrong is kept and
// the rest goes on with empty values, so that a handler reads everything and asks once, with
// finish(). Each name that was asked for is a known one; any other is refused.
class MemberReader {
 public:
  static constexpr std::size_t kElementsMax = 100;

  // `value` must be an object (else finish() says so) and outlive the reader. `path` stands before
  // the names in faults ("possession.").
  explicit MemberReader(JsonValue& value, std::string path = {});

  // text gives nullopt when the member is absent. Refused: other types, null, more than
  // `bytes_max` bytes.
  [[nodiscard]] std::optional<std::string> text(std::string_view name, std::size_t bytes_max);
  // required_text also refuses absence.
  [[nodiscard]] std::string required_text(std::string_view name, std::size_t bytes_max);
  // secret moves the text out, so that no second copy is made.
  [[nodiscard]] std::optional<WipedText> secret(std::string_view name, std::size_t bytes_max);
  // texts reads an array of texts.
  [[nodiscard]] std::optional<std::vector<std::string>> texts(
      std::string_view name, std::size_t bytes_max, std::size_t elements_max = kElementsMax);
  [[nodiscard]] std::optional<bool> flag(std::string_view name);
  [[nodiscard]] std::optional<std::int64_t> number(std::string_view name, std::int64_t least,
                                                   std::int64_t most);
  // time reads "2026-03-01T12:00:00Z". The outer nullopt: absent. The inner: null, "never".
  [[nodiscard]] std::optional<std::optional<Timestamp>> time_or_null(std::string_view name);
  // object gives nullptr when the member is absent.
  [[nodiscard]] JsonValue* object(std::string_view name);

  // refuse adds a fault of the handler's own.
  void refuse(std::string_view reason, std::string detail, std::string_view member);
  // refuse_as hands on what the reader of an object inside this one found.
  void refuse_as(const ApiFault& fault);
  // finish gives the first fault: of a member, or that one is not known here.
  [[nodiscard]] std::expected<void, ApiFault> finish(OtherMembers others = OtherMembers::kRefuse);

 private:
  [[nodiscard]] JsonValue* find(std::string_view name);
  void wrong_type(std::string_view name, std::string_view wanted);

  JsonObject* members_ = nullptr;
  std::string path_;
  std::vector<std::string_view> known_;
  std::optional<ApiFault> fault_;
};

}  // namespace counterfoil
