#include "wire/http/message_head.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

#include "wire/http/field_rules.h"

namespace counterfoil::http {

std::optional<std::string_view> MessageHead::find(std::string_view name) const {
  for (const Field& field : fields()) {
    if (equals_ignoring_case(field.name, name)) {
      return field.value;
    }
  }
  return std::nullopt;
}

std::size_t MessageHead::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      fields(), [name](const Field& field) { return equals_ignoring_case(field.name, name); }));
}

bool MessageHead::has_connection_option(std::string_view option) const {
  return has_connection_field_ && std::ranges::any_of(fields(), [option](const Field& field) {
           return equals_ignoring_case(field.name, "connection") && lists(field.value, option);
         });
}

void MessageHead::clear() { stage_ = Stage::kDone; }

}  // namespace counterfoil::http
