#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "app/command_context.h"

namespace counterfoil {

// RequestText is a request that a person hands to `verify`, taken apart but not decoded.
struct RequestText {
  std::string method;   // empty: not said
  std::string path;     // empty: not said
  std::string query;    // raw, without '?'
  std::string body;     // raw
  std::string api_key;  // of the header, or empty

  // parse takes a whole HTTP request ("POST /api/v3/order?… HTTP/1.1", headers, empty line, body;
  // LF or CR LF), a URL, a path with a query, or a bare query. `api_key_header` is the profile's.
  [[nodiscard]] static std::expected<RequestText, Failure> parse(std::string_view text,
                                                                 std::string_view api_key_header);
};

}  // namespace counterfoil
