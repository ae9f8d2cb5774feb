#include "wire/http/write.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "wire/http/byte_classes.h"
#include "wire/http/byte_scan.h"
#include "wire/http/field_rules.h"
#include "wire/http/message_head.h"
#include "wire/http/request_head.h"

namespace counterfoil::http {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr int kStatusMin = 100;
constexpr int kStatusMax = 599;
constexpr int kStatusFault = 500;

struct Phrase {
  int status;
  std::string_view words;
};
constexpr auto kPhrases = std::to_array<Phrase>({
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {305, "Use Proxy"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {418, "I'm a teapot"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
});

void append_number(std::string& out, std::uint64_t number, int base) {
  std::array<char, 20> digits;  // 2^64-1 has as many
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  out.append(digits.data(), end);
}

void append_escaped(std::string& out, char byte) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const std::size_t value = byte_index(byte);
  out += '%';
  out += kDigits[value >> 4U];
  out += kDigits[value & 0xfU];
}

// append_one_line writes `value` with a blank for every byte that might end a line somewhere.
void append_one_line(std::string& out, std::string_view value) {
  for (std::size_t at = 0; at < value.size();) {
    const std::size_t stop = find_control(value, at, value.size());
    out.append(value.substr(at, stop - at));
    if (stop < value.size()) {
      out += ' ';
    }
    at = stop + 1;
  }
}

bool has_no_body(int status) { return status < 200 || status == 204 || status == 304; }

}  // namespace

std::string_view reason_phrase(int status) {
  const auto* const found = std::ranges::find(kPhrases, status, &Phrase::status);
  return found == kPhrases.end() ? std::string_view() : found->words;
}

void append_request_line(std::string& out, Method method, std::string_view target) {
  out.append(method_name(method));
  out += ' ';
  while (!target.empty()) {
    const std::size_t clean = find_gap(target);
    out.append(target.substr(0, clean));
    target.remove_prefix(clean);
    if (!target.empty()) {
      append_escaped(out, target.front());
      target.remove_prefix(1);
    }
  }
  out.append(" HTTP/1.1\r\n");
}

void append_status_line(std::string& out, int status) {
  if (status < kStatusMin || status > kStatusMax) {
    status = kStatusFault;
  }
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::uint64_t>(status), 10);
  out += ' ';
  out.append(reason_phrase(status)).append(kLineEnd);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  if (!is_token(name)) {
    return;
  }
  out.append(name).append(": ");
  append_one_line(out, value);
  out.append(kLineEnd);
}

void append_field(std::string& out, std::string_view name, std::uint64_t value) {
  if (!is_token(name)) {
    return;
  }
  out.append(name).append(": ");
  append_number(out, value, 10);
  out.append(kLineEnd);
}

void append_response(std::string& out, const Response& response) {
  append_status_line(out, response.status);
  const bool bodiless = has_no_body(response.status);
  if (!response.content_type.empty() && !bodiless) {
    append_field(out, "Content-Type", response.content_type);
  }
  if (!bodiless) {
    append_field(out, "Content-Length", response.body.size());
  }
  for (const Field& field : response.fields) {
    if (!same_field_name(field.name, "content-length") &&
        !same_field_name(field.name, "transfer-encoding")) {
      append_field(out, field.name, field.value);
    }
  }
  if (response.keep_alive == KeepAlive::kClose) {
    append_field(out, "Connection", "close");
  }
  append_end_of_head(out);
  if (!bodiless && response.answers != Method::kHead) {
    out.append(response.body);
  }
}

void append_chunk(std::string& out, std::string_view data) {
  if (data.empty()) {
    return;
  }
  append_number(out, data.size(), 16);
  out.append(kLineEnd).append(data).append(kLineEnd);
}

void append_last_chunk(std::string& out) { out.append("0\r\n\r\n"); }

}  // namespace counterfoil::http
