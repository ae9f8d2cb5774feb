#include "net/message_head.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <expected>
#include <optional>
#include <string_view>
#include <system_error>

namespace counterfoil {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool equals_any_case(std::string_view text, std::string_view lower_text) {
  return std::ranges::equal(text, lower_text, {}, lower);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

template <typename Number>
std::optional<Number> whole_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

// "HTTP/1.1 200 OK": the status stands at a fixed place.
std::expected<int, MessageError> read_status(std::string_view line) {
  if (!line.starts_with("HTTP/")) {
    return 0;
  }
  const auto status = line.size() < 12 ? std::nullopt : whole_number<int>(line.substr(9, 3));
  if (!status || *status < 100) {
    return std::unexpected(MessageError::kStatusMalformed);
  }
  return *status;
}

std::expected<void, MessageError> read_header(std::string_view line, MessageHead& head) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    return {};
  }
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (equals_any_case(name, "content-length")) {
    const auto length = whole_number<std::size_t>(value);
    if (!length || *length > kMessageBodyBytesMax) {
      return std::unexpected(MessageError::kLengthMalformed);
    }
    head.body_bytes = *length;
  } else if (equals_any_case(name, "transfer-encoding")) {
    return std::unexpected(MessageError::kTransferEncoding);
  } else if (equals_any_case(name, "connection")) {
    head.closes = equals_any_case(value, "close");
  }
  return {};
}

}  // namespace

std::expected<std::optional<MessageHead>, MessageError> read_message_head(std::string_view bytes) {
  const std::size_t end = bytes.find(kHeadEnd);
  if (end == std::string_view::npos || end + kHeadEnd.size() > kMessageHeadBytesMax) {
    if (bytes.size() >= kMessageHeadBytesMax) {
      return std::unexpected(MessageError::kHeadTooLong);
    }
    return std::optional<MessageHead>();
  }
  MessageHead head{.head_bytes = end + kHeadEnd.size()};
  std::string_view rest = bytes.substr(0, end);
  const auto status = read_status(rest.substr(0, rest.find(kLineEnd)));
  if (!status) {
    return std::unexpected(status.error());
  }
  head.status = *status;
  for (std::size_t next = rest.find(kLineEnd); next != std::string_view::npos;
       next = rest.find(kLineEnd)) {
    rest.remove_prefix(next + kLineEnd.size());
    if (const auto read = read_header(rest.substr(0, rest.find(kLineEnd)), head); !read) {
      return std::unexpected(read.error());
    }
  }
  return head;
}

}  // namespace counterfoil
