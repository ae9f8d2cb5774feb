#include "app/request_text.h"

#include <algorithm>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "app/command_context.h"

namespace counterfoil {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool same_header(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

// take_line cuts one line off the front, without its end.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  return line;
}

// set_target takes a URL, or a path with or without a query.
void set_target(RequestText& request, std::string_view target) {
  if (const std::size_t scheme = target.find("://"); scheme != std::string_view::npos) {
    const std::size_t slash = target.find_first_of("/?", scheme + 3);
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  target = target.substr(0, target.find('#'));
  const std::size_t mark = target.find('?');
  request.path = std::string(target.substr(0, mark));
  request.query =
      mark == std::string_view::npos ? std::string() : std::string(target.substr(mark + 1));
}

RequestText parse_http(std::string_view text, std::string_view api_key_header) {
  RequestText request;
  const std::string_view line = take_line(text);
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  request.method = std::string(line.substr(0, first));
  set_target(request, line.substr(first + 1, last - first - 1));
  while (!text.empty()) {
    const std::string_view header = take_line(text);
    if (header.empty()) {
      break;
    }
    const std::size_t colon = header.find(':');
    if (colon != std::string_view::npos && same_header(header.substr(0, colon), api_key_header)) {
      request.api_key = std::string(trimmed(header.substr(colon + 1)));
    }
  }
  request.body = std::string(text);
  return request;
}

bool is_http(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  return line.contains(" HTTP/1.") && line.find(' ') != line.rfind(' ');
}

}  // namespace

std::expected<RequestText, Failure> RequestText::parse(std::string_view text,
                                                       std::string_view api_key_header) {
  if (is_http(text)) {
    return parse_http(text, api_key_header);
  }
  text = trimmed(text);
  if (text.empty() || text.contains('\n')) {
    return std::unexpected(Failure{
        ExitCode::kUsage, "this is not a request; give a whole HTTP request, a URL, or the query"});
  }
  RequestText request;
  if (text.contains("://") || text.starts_with('/')) {
    set_target(request, text);
  } else {
    request.query = std::string(text.starts_with('?') ? text.substr(1) : text);
  }
  return request;
}

}  // namespace counterfoil
