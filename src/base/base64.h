#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace counterfoil {

// to_base64 writes standard base64 (RFC 4648 section 4) with padding.
[[nodiscard]] std::string to_base64(ByteView bytes);

// from_base64 reads standard base64 and nothing else: padding required, no white space, no url-safe
// alphabet, and the unused bits of the last character must be zero, so each byte string has exactly
// one accepted text (control S-25).
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text);

// from_base64_into fills `out` exactly, under the same rules. false: anything else; `out` is then
// unspecified. Does not allocate: for the path of every request.
[[nodiscard]] bool from_base64_into(std::string_view text, std::span<std::uint8_t> out);

// to_base64url writes base64url (RFC 4648 section 5) without padding, from_base64url reads nothing
// else. It is what WebAuthn and our tokens are written in.
[[nodiscard]] std::string to_base64url(ByteView bytes);
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_base64url(std::string_view text);

}  // namespace counterfoil
