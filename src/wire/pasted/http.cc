#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/trim.h"
#include "wire/http/field_rules.h"
#include "wire/pasted/instant.h"
#include "wire/pasted/pasted.h"
#include "wire/pasted/pieces.h"

// HTTP messages as text: a request, a request with its answer, several of both, and the output of
// curl -v, which marks what it sent with "> " and what it got with "< ".
namespace counterfoil::pasted {
namespace {

constexpr std::string_view kEndOfText =
    "No Content-Length tells where its body ends: a line end at the very end was taken for the "
    "text's, not the body's.";
constexpr std::string_view kNoBodyInTrace =
    "curl -v does not show bodies: if it sent one, it was not looked at (use --trace-ascii -).";

struct RequestLine {
  std::string_view method;
  std::string_view target;
};

std::optional<RequestLine> request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(" HTTP/");
  if (last == std::string_view::npos || last <= first || !is_method(line.substr(0, first))) {
    return std::nullopt;
  }
  return RequestLine{.method = line.substr(0, first),
                     .target = line.substr(first + 1, last - first - 1)};
}

std::optional<int> status_line(std::string_view line) {
  const std::size_t blank = line.find(' ');
  int status = 0;
  if (!line.starts_with("HTTP/") || blank == std::string_view::npos ||
      std::from_chars(line.data() + blank + 1, line.data() + line.size(), status).ec !=
          std::errc()) {
    return std::nullopt;
  }
  return status;
}

using Headers = std::vector<std::pair<std::string, std::string>>;

// take_headers reads header lines up to the empty one, which it takes, too.
Headers take_headers(std::string_view& text) {
  Headers headers;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.empty()) {
      break;
    }
    // One more than may be is enough to be refused for it.
    const std::size_t colon = line.find(':', line.starts_with(':') ? 1 : 0);
    if (colon != std::string_view::npos && headers.size() <= kHeadersMax) {
      headers.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
    }
  }
  return headers;
}

std::string_view header(const Headers& headers, std::string_view name) {
  const auto found = std::ranges::find_if(
      headers, [name](const auto& one) { return http::equals_ignoring_case(one.first, name); });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

// next_message finds where a further message begins: a request line or a status line, at the
// beginning of a line.
std::size_t next_message(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::string_view rest = text.substr(at);
    const std::string_view line = take_line(rest);
    if (request_line(line) || status_line(line)) {
      return at;
    }
    at = text.size() - rest.size();
  }
  return text.size();
}

std::string_view without_last_line_end(std::string_view text) {
  if (text.ends_with('\n')) {
    text.remove_suffix(1);
  }
  if (text.ends_with('\r')) {
    text.remove_suffix(1);
  }
  return text;
}

// take_body takes the body of a message off the text: by its Content-Length where it has one.
std::string_view take_body(std::string_view& text, const Headers& headers,
                           std::vector<std::string_view>& doubts) {
  const std::string_view told = header(headers, "Content-Length");
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(told.data(), told.data() + told.size(), length);
  const bool tells = !told.empty() && error == std::errc() && end == told.data() + told.size();
  if (tells && length <= text.size()) {
    const std::string_view body = text.substr(0, length);
    text.remove_prefix(length);
    return body;
  }
  std::string_view body = text.substr(0, next_message(text));
  text.remove_prefix(body.size());
  if (!tells && body.ends_with('\n')) {
    body = without_last_line_end(body);
    if (!body.empty()) {
      doubts.push_back(kEndOfText);
    }
  }
  return body;
}

void skip_empty_lines(std::string_view& text) {
  while (text.starts_with('\n') || text.starts_with("\r\n")) {
    (void)take_line(text);
  }
}

// read_answer puts an answer to the request before it.
void read_answer(std::string_view& text, int status, Requests& out) {
  const Headers headers = take_headers(text);
  std::vector<std::string_view> ignored;
  const std::string_view body = take_body(text, headers, ignored);
  constexpr int kFirstFinal = 200;
  if (out.empty() || status < kFirstFinal) {
    return;
  }
  Answer answer = find_answer(body).value_or(Answer{});
  answer.status = status;
  out.back().answer = std::move(answer);
  if (const auto date = read_http_date(header(headers, "Date"))) {
    out.back().answered_at = date;
  }
}

bool is_trace(std::string_view text) { return text.starts_with("> ") || text.contains("\n> "); }

// from_trace keeps what curl -v marks as sent and got, without the marks.
std::string from_trace(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    const bool marked =
        line == ">" || line == "<" || line.starts_with("> ") || line.starts_with("< ");
    const bool is_remark =
        line.starts_with("* ") || line.starts_with("{ [") || line.starts_with("} [");
    if (!is_remark) {
      plain.append(marked ? line.substr(std::min<std::size_t>(2, line.size())) : line);
    }
    // A remark leaves an empty line, so that lines keep their numbers; not within a head, which it
    // would end.
    if (!is_remark || plain.ends_with("\n\n") || plain.empty()) {
      plain += '\n';
    }
  }
  return plain;
}

Done read_messages(std::string_view text, bool trace, Requests& out) {
  const std::string_view whole = text;
  text.remove_prefix(next_message(text));
  while (!text.empty()) {
    const std::size_t begin = whole.size() - text.size();
    const std::string_view line = take_line(text);
    if (const auto status = status_line(line)) {
      read_answer(text, *status, out);
    } else if (const auto found = request_line(line)) {
      Request request = request_on(line_of(whole, begin), Form::kHttp);
      request.method = std::string(found->method);
      set_target(request, found->target);
      request.headers = take_headers(text);
      if (request.host.empty()) {
        request.host = std::string(header(request.headers, "Host"));
      }
      request.body = std::string(take_body(text, request.headers, request.doubts));
      if (trace) {
        request.body.clear();
        request.doubts.assign(request.method == "GET" ? 0 : 1, kNoBodyInTrace);
      }
      if (Done done = add(std::move(request), out); !done) {
        return done;
      }
    } else {
      text.remove_prefix(next_message(text));
    }
    skip_empty_lines(text);
  }
  return {};
}

}  // namespace

bool is_http(std::string_view text) {
  if (is_trace(text)) {
    return next_message(from_trace(text)) < text.size();
  }
  std::string_view begin = trim(text);
  return request_line(take_line(begin)).has_value();
}

Done read_http(std::string_view text, Requests& out) {
  if (is_trace(text)) {
    return read_messages(from_trace(text), true, out);
  }
  return read_messages(text, false, out);
}

}  // namespace counterfoil::pasted
