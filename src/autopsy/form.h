#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace counterfoil::autopsy {

// Role says which of a server's own parameters a field is, whatever the server calls them
// (Names, evidence.h).
enum class Role : std::uint8_t { kOther, kTimestamp, kRecvWindow, kSignature, kApiKey };

// Field is one parameter as it stands in the signed text: REST as sent (encoded), WebSocket the
// decoded value, FIX the value of a tag.
struct Field {
  std::string name;
  std::string value;
  bool has_equals = true;
  bool in_body = false;
  bool is_text = true;  // WebSocket: a JSON text; numbers and booleans are not
  Role role = Role::kOther;
  bool operator==(const Field&) const = default;
};

// Form is the parameters that are signed, in their order. Hypotheses change it; the transport's
// rendering makes a text of it.
struct Form {
  std::vector<Field> fields;
  bool operator==(const Form&) const = default;
};

[[nodiscard]] inline bool is_timestamp(const Field& field) {
  return field.role == Role::kTimestamp;
}
[[nodiscard]] inline bool is_recv_window(const Field& field) {
  return field.role == Role::kRecvWindow;
}
[[nodiscard]] inline bool is_api_key(const Field& field) { return field.role == Role::kApiKey; }

// split_pairs reads name=value pairs joined by '&'. An empty text has none.
void split_pairs(std::string_view text, bool in_body, Form& form);

// join_pairs writes them, all into one text.
[[nodiscard]] std::string join_pairs(const std::vector<Field>& fields, std::string_view glue = "&");
// The three texts of a REST form.
[[nodiscard]] std::string query_of(const Form& form);
[[nodiscard]] std::string body_of(const Form& form);
[[nodiscard]] std::string rest_text(const Form& form);  // query then body, nothing in between

// sorted_by_name gives the fields in byte order of their names.
[[nodiscard]] std::vector<Field> sorted_by_name(std::vector<Field> fields);
[[nodiscard]] std::string websocket_text(const Form& form);  // sorted, name=value joined by '&'
[[nodiscard]] std::string fix_text(const Form& form);        // values joined by SOH

// decoded is a value after form decoding; as it stands when its escapes are broken.
[[nodiscard]] std::string decoded(std::string_view value);
[[nodiscard]] bool is_digits(std::string_view text);
// is_decimal: an optional sign, digits, and optionally a point and digits.
[[nodiscard]] bool is_decimal(std::string_view text);
[[nodiscard]] std::string lower(std::string_view text);
[[nodiscard]] std::string upper(std::string_view text);
[[nodiscard]] std::string replaced(std::string_view text, std::string_view from,
                                   std::string_view to);

}  // namespace counterfoil::autopsy
