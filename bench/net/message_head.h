#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

namespace counterfoil {

// MessageHead is what a bench must know of an HTTP/1.1 message to find where it ends.
struct MessageHead {
  std::size_t head_bytes = 0;  // start line, headers and the empty line
  std::size_t body_bytes = 0;  // Content-Length; 0 without one
  int status = 0;              // 100 to 999 of an answer; 0 of a request
  bool closes = false;         // "Connection: close"

  [[nodiscard]] std::size_t message_bytes() const { return head_bytes + body_bytes; }
};

enum class MessageError : std::uint8_t {
  kHeadTooLong,       // no end within kMessageHeadBytesMax
  kStatusMalformed,   // begins with "HTTP/" and has no three digits
  kLengthMalformed,   // Content-Length is no number, or larger than kMessageBodyBytesMax
  kTransferEncoding,  // chunked: nothing in a bench needs it, so it is refused rather than guessed
};

inline constexpr std::size_t kMessageHeadBytesMax = 16UL * 1024;
inline constexpr std::size_t kMessageBodyBytesMax = 16UL * 1024 * 1024;

// read_message_head reads in place. nullopt: the empty line is not there yet, read more. It trusts
// its peers (it is for benches on loopback) and checks only what it uses.
[[nodiscard]] std::expected<std::optional<MessageHead>, MessageError> read_message_head(
    std::string_view bytes);

}  // namespace counterfoil
