#include "doors/rest/form_type.h"

#include <string_view>

#include "wire/http/media_type.h"
#include "wire/http/request_head.h"

namespace counterfoil {

bool is_form_type(std::string_view content_type) {
  return http::is_utf8_type(content_type, "application/x-www-form-urlencoded");
}

bool says_form(const http::RequestHead& head) {
  const auto content_type = head.find("content-type");
  return content_type && is_form_type(*content_type) && head.count("content-type") == 1;
}

}  // namespace counterfoil
