#include "doors/rest/form_type.h"

#include <cstddef>
#include <string_view>

#include "wire/http/field_rules.h"
#include "wire/http/request_head.h"

namespace counterfoil {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_utf8_charset(std::string_view parameter) {
  return http::equals_ignoring_case(parameter, "charset=utf-8") ||
         http::equals_ignoring_case(parameter, "charset=\"utf-8\"");
}

}  // namespace

bool is_form_type(std::string_view content_type) {
  const std::size_t semicolon = content_type.find(';');
  if (!http::equals_ignoring_case(trimmed(content_type.substr(0, semicolon)),
                                  "application/x-www-form-urlencoded")) {
    return false;
  }
  if (semicolon == std::string_view::npos) {
    return true;
  }
  const std::string_view parameter = trimmed(content_type.substr(semicolon + 1));
  return parameter.empty() || is_utf8_charset(parameter);
}

bool says_form(const http::RequestHead& head) {
  const auto content_type = head.find("content-type");
  return content_type && is_form_type(*content_type) && head.count("content-type") == 1;
}

}  // namespace counterfoil
