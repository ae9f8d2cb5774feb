#include "wire/pasted/pieces.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "wire/http/field_rules.h"
#include "wire/json/json_members.h"
#include "wire/pasted/pasted.h"

namespace counterfoil::pasted {

Request request_on(std::size_t line, Form form) {
  Request request;
  request.form = form;
  request.line = line;
  return request;
}

Done add(Request request, Requests& out) {
  const std::size_t size =
      request.query.size() + request.path.size() + request.body.size() + request.message.size();
  if (size > kRequestBytesMax) {
    return std::unexpected("the request on line " + std::to_string(request.line) +
                           " has more than " + std::to_string(kRequestBytesMax / 1024) + " KiB");
  }
  if (request.headers.size() > kHeadersMax) {
    return std::unexpected("the request on line " + std::to_string(request.line) +
                           " has more than " + std::to_string(kHeadersMax) + " headers");
  }
  if (out.size() == kRequestsMax) {
    return std::unexpected("there are more than " + std::to_string(kRequestsMax) +
                           " requests; the next one is on line " + std::to_string(request.line));
  }
  out.push_back(std::move(request));
  return {};
}

void set_target(Request& request, std::string_view target) {
  target = target.substr(0, target.find('#'));
  if (const std::size_t scheme = target.find("://");
      scheme != std::string_view::npos && scheme < target.find('?')) {
    target.remove_prefix(scheme + 3);
    const std::size_t end = std::min(target.find_first_of("/?"), target.size());
    const std::string_view authority = target.substr(0, end);
    // A name and a password before the host are no part of it, and are not kept.
    const std::size_t at = authority.rfind('@');
    request.host = std::string(authority.substr(at == std::string_view::npos ? 0 : at + 1));
    target.remove_prefix(end);
    if (!target.starts_with('/')) {
      request.path = "/";
    }
  }
  const std::size_t mark = std::min(target.find('?'), target.size());
  if (mark > 0) {
    request.path = std::string(target.substr(0, mark));
  }
  request.query = std::string(target.substr(std::min(mark + 1, target.size())));
}

bool is_method(std::string_view word) {
  constexpr auto kMethods =
      std::to_array<std::string_view>({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"});
  return std::ranges::find(kMethods, word) != kMethods.end();
}

bool holds_parameter(std::string_view text, std::string_view name) {
  for (std::size_t at = text.find(name); at != std::string_view::npos;
       at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if (end < text.size() && text[end] == '=' &&
        (at == 0 || text[at - 1] == '&' || text[at - 1] == '?')) {
      return true;
    }
  }
  return false;
}

bool is_signed(const Request& request, const Names& names) {
  const bool has_key = std::ranges::any_of(request.headers, [&](const auto& header) {
    return http::equals_ignoring_case(header.first, names.api_key_header);
  });
  return has_key || holds_parameter(request.query, names.signature) ||
         holds_parameter(request.body, names.signature) ||
         request.body.contains("\"" + std::string(names.signature) + "\"");
}

std::optional<Answer> find_answer(std::string_view text) {
  constexpr std::size_t kTriesMax = 64;
  constexpr std::size_t kAnswerBytesMax = std::size_t{16} * 1024;
  std::size_t at = text.find('{');
  for (std::size_t tries = 0; at != std::string_view::npos && tries < kTriesMax;
       at = text.find('{', at + 1), ++tries) {
    const std::string_view object = object_at(text.substr(at, kAnswerBytesMax), 0);
    const auto members = json_text::read_object(object);
    if (!members) {
      continue;
    }
    const auto code = std::ranges::find(*members, "code", &json_text::Member::name);
    const auto message = std::ranges::find(*members, "msg", &json_text::Member::name);
    if (code == members->end() || message == members->end()) {
      continue;
    }
    Answer answer{.status = {}, .code = {}, .text = message->text};
    std::int64_t number = 0;
    const auto [end, error] =
        std::from_chars(code->text.data(), code->text.data() + code->text.size(), number);
    if (error == std::errc() && end == code->text.data() + code->text.size()) {
      answer.code = number;
    }
    return answer;
  }
  return std::nullopt;
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  return line;
}

std::size_t line_of(std::string_view text, std::size_t offset) {
  return 1 + static_cast<std::size_t>(std::ranges::count(text.substr(0, offset), '\n'));
}

std::string_view object_at(std::string_view text, std::size_t offset) {
  std::size_t depth = 0;
  bool in_text = false;
  for (std::size_t at = offset; at < text.size(); ++at) {
    const char c = text[at];
    if (in_text) {
      at += c == '\\' ? 1 : 0;
      in_text = c != '"';
    } else if (c == '"') {
      in_text = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return text.substr(offset, at - offset + 1);
    }
  }
  return {};
}

}  // namespace counterfoil::pasted
