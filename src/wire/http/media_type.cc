#include "wire/http/media_type.h"

#include <cstddef>
#include <string_view>

#include "wire/http/byte_classes.h"
#include "wire/http/field_rules.h"

namespace counterfoil::http {

bool is_utf8_type(std::string_view field, std::string_view type) {
  const std::size_t semicolon = field.find(';');
  if (!equals_ignoring_case(trim_blanks(field.substr(0, semicolon)), type)) {
    return false;
  }
  if (semicolon == std::string_view::npos) {
    return true;
  }
  const std::string_view parameter = trim_blanks(field.substr(semicolon + 1));
  return parameter.empty() || equals_ignoring_case(parameter, "charset=utf-8") ||
         equals_ignoring_case(parameter, "charset=\"utf-8\"");
}

}  // namespace counterfoil::http
