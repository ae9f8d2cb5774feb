#include "wire/pasted/pieces.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "wire/http/field_rules.h"
#include "wire/json/json_members.h"
#include "wire/pasted/pasted.h"

namespace counterfoil::pasted {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Digits reads numbers of a fixed width off the front of a text.
class Digits {
 public:
  explicit Digits(std::string_view text) : text_(text) {}
  bool ok = true;

  int take(std::size_t width) {
    int value = 0;
    if (text_.size() < width || !std::ranges::all_of(text_.substr(0, width), is_digit)) {
      ok = false;
      return 0;
    }
    std::from_chars(text_.data(), text_.data() + width, value);
    text_.remove_prefix(width);
    return value;
  }
  // skip passes over one byte out of `any`.
  void skip(std::string_view any) {
    if (text_.empty() || !any.contains(text_.front())) {
      ok = false;
      return;
    }
    text_.remove_prefix(1);
  }
  // fraction reads ".123456", if it is there, as microseconds.
  std::chrono::microseconds fraction() {
    if (text_.empty() || (text_.front() != '.' && text_.front() != ',')) {
      return {};
    }
    text_.remove_prefix(1);
    std::int64_t micros = 0;
    std::int64_t unit = 100'000;
    while (!text_.empty() && is_digit(text_.front())) {
      micros += unit * (text_.front() - '0');
      unit /= 10;
      text_.remove_prefix(1);
    }
    return std::chrono::microseconds(micros);
  }
  [[nodiscard]] std::string_view rest() const { return text_; }

 private:
  std::string_view text_;
};

std::optional<Timestamp> instant(int year, unsigned month, unsigned day,
                                 std::chrono::seconds time) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!date.ok() || time < std::chrono::seconds(0) || time > std::chrono::hours(24)) {
    return std::nullopt;
  }
  return std::chrono::time_point_cast<Timestamp::duration>(std::chrono::sys_days(date) + time);
}

std::chrono::seconds take_time(Digits& digits) {
  const int hour = digits.take(2);
  digits.skip(":");
  const int minute = digits.take(2);
  digits.skip(":");
  const int second = digits.take(2);
  return std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
}

}  // namespace

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

std::optional<Timestamp> read_instant(std::string_view text) {
  Digits digits(text);
  const int year = digits.take(4);
  digits.skip("-");
  const int month = digits.take(2);
  digits.skip("-");
  const int day = digits.take(2);
  digits.skip("T ");
  const std::chrono::seconds time = take_time(digits);
  const std::chrono::microseconds fraction = digits.fraction();
  if (!digits.ok || digits.rest().empty()) {
    return std::nullopt;
  }
  std::chrono::seconds offset{};
  const char sign = digits.rest().front();
  if (sign == '+' || sign == '-') {
    digits.skip("+-");
    offset = std::chrono::hours(digits.take(2));
    if (digits.rest().starts_with(':')) {
      digits.skip(":");
    }
    offset += std::chrono::minutes(digits.take(2));
    offset = sign == '-' ? -offset : offset;
  } else if (sign != 'Z') {
    return std::nullopt;
  }
  const auto found = instant(year, static_cast<unsigned>(month), static_cast<unsigned>(day), time);
  return digits.ok && found ? std::optional(*found + fraction - offset) : std::nullopt;
}

std::optional<Timestamp> read_http_date(std::string_view text) {
  constexpr auto kMonths = std::to_array<std::string_view>(
      {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"});
  const std::size_t comma = text.find(", ");
  if (comma == std::string_view::npos) {
    return std::nullopt;
  }
  Digits day_digits(text.substr(comma + 2));
  const int day = day_digits.take(2);
  day_digits.skip(" ");
  const std::string_view name = day_digits.rest().substr(0, 3);
  const auto month = std::ranges::find(kMonths, name);
  if (!day_digits.ok || month == kMonths.end()) {
    return std::nullopt;
  }
  Digits digits(day_digits.rest().substr(3));
  digits.skip(" ");
  const int year = digits.take(4);
  digits.skip(" ");
  const std::chrono::seconds time = take_time(digits);
  if (!digits.ok || digits.rest() != " GMT") {
    return std::nullopt;
  }
  return instant(year, static_cast<unsigned>(month - kMonths.begin()) + 1,
                 static_cast<unsigned>(day), time);
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

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
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
