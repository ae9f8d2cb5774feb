#include "doors/management/json_value.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/wiped_text.h"
#include "doors/management/api_fault.h"

namespace counterfoil {
namespace {

// The library with texts that wipe themselves, its own token buffer included.
using WipedJson = nlohmann::basic_json<std::map, std::vector, WipedText>;

// Builder is told of each value as the library reads it and makes the document of them. A false
// ends the reading.
class Builder {
 public:
  explicit Builder(const JsonLimits& limits) : limits_(limits) {}

  bool null() { return add(JsonValue(JsonNull{})); }
  bool boolean(bool value) { return add(JsonValue(value)); }
  bool number_integer(std::int64_t value) { return add(JsonValue(value)); }
  bool number_unsigned(std::uint64_t value) {
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return refuse_number();
    }
    return add(JsonValue(static_cast<std::int64_t>(value)));
  }
  template <typename Text>  // the library hands over either of two kinds of text
  bool number_float(double /*value*/, const Text& /*text*/) {
    return refuse_number();
  }
  bool string(WipedText& text) { return add(JsonValue(std::move(text))); }
  template <typename Bytes>
  bool binary(Bytes& /*bytes*/) {
    return false;  // never in JSON text
  }

  bool start_object(std::size_t /*size*/) { return open(JsonValue(JsonObject{})); }
  bool start_array(std::size_t /*size*/) { return open(JsonValue(JsonArray{})); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(WipedText& name) {
    const JsonObject& object = *open_.back().as<JsonObject>();
    const std::string_view wanted(name);
    if (std::ranges::any_of(object, [&](const JsonMember& m) { return m.name == wanted; })) {
      fault_ = bad_input("json_member_repeated",
                         "a member stands twice in one object; which one counts is anybody's "
                         "guess, so write it once");
      return false;
    }
    names_.back() = std::string(wanted);
    return true;
  }

  bool parse_error(std::size_t at_byte, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) {
    fault_ = bad_input("json_malformed",
                       "the body is not JSON: reading stopped at byte " + std::to_string(at_byte));
    return false;
  }

  [[nodiscard]] std::optional<ApiFault>& fault() { return fault_; }
  [[nodiscard]] JsonValue& document() { return document_; }

 private:
  bool refuse_number() {
    fault_ = bad_input("json_number_refused", "numbers here are whole and fit into 64 bits");
    return false;
  }

  bool count() {
    if (++members_ > limits_.members_max) {
      fault_ = bad_input("json_too_large", "the document has more than " +
                                               std::to_string(limits_.members_max) + " values");
      return false;
    }
    return true;
  }

  bool add(JsonValue value) {
    if (!count()) {
      return false;
    }
    place(std::move(value));
    return true;
  }

  bool open(JsonValue container) {
    if (open_.size() >= limits_.depth_max) {
      fault_ = bad_input("json_too_deep", "the document is nested more than " +
                                              std::to_string(limits_.depth_max) + " deep");
      return false;
    }
    open_.push_back(std::move(container));
    names_.emplace_back();
    return count();
  }

  bool close() {
    JsonValue done = std::move(open_.back());
    open_.pop_back();
    names_.pop_back();
    place(std::move(done));
    return true;
  }

  void place(JsonValue value) {
    if (open_.empty()) {
      document_ = std::move(value);
    } else if (JsonArray* const array = open_.back().as<JsonArray>()) {
      array->push_back(std::move(value));
    } else {
      open_.back().as<JsonObject>()->push_back(
          {.name = std::move(names_.back()), .value = std::move(value)});
    }
  }

  JsonLimits limits_;
  std::size_t members_ = 0;
  std::vector<JsonValue> open_;     // containers that have not ended, outermost first
  std::vector<std::string> names_;  // of each: the member that comes next
  JsonValue document_;
  std::optional<ApiFault> fault_;
};

}  // namespace

std::expected<JsonValue, ApiFault> parse_json(std::string_view text, const JsonLimits& limits) {
  // The library takes NUL for the end of its input, and passes over a byte order mark.
  if (text.contains('\0') || text.starts_with("\xef\xbb\xbf")) {
    return std::unexpected(bad_input("json_malformed", "the body is not JSON"));
  }
  Builder builder(limits);
  const bool read = WipedJson::sax_parse(text.begin(), text.end(), &builder,
                                         nlohmann::detail::input_format_t::json, true);
  if (builder.fault()) {
    return std::unexpected(std::move(*builder.fault()));
  }
  if (!read) {
    return std::unexpected(bad_input("json_malformed", "the body is not JSON"));
  }
  return std::move(builder.document());
}

}  // namespace counterfoil
