#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

namespace counterfoil {

// Inside the room: the outer form of PEM (RFC 7468), without decoding, so that it serves secrets
// too.

enum class PemError : std::uint8_t {
  kNone,  // no BEGIN line
  kSeveralBlocks,
  kTextAround,  // before BEGIN or after END
  kBroken,      // no END, or of another label, or a BEGIN line that is not one
};

struct PemBlock {
  std::string_view label;  // "PUBLIC KEY"
  std::string_view body;   // base64 and line ends
};

// read_pem finds the one block that `text`, trimmed, consists of. Borrowed from `text`.
[[nodiscard]] std::expected<PemBlock, PemError> read_pem(std::string_view text);

}  // namespace counterfoil
