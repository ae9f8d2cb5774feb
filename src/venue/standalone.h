#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"
#include "crypto/verification_key.h"
#include "venue/api_error.h"

namespace counterfoil::venue {

// StandaloneKey is an API key that the venue itself checks, for bots that talk to it directly
// (docs/venue.md). Of any scheme.
struct StandaloneKey {
  std::string api_key;  // is_api_key()
  VerificationKey key;
  std::string account;  // an AccountId
};

// is_api_key reports whether an API key can be written so: 64 of [A-Za-z0-9].
[[nodiscard]] bool is_api_key(std::string_view text);

// SignedCall is one request as its caller signed it.
struct SignedCall {
  std::string_view query;
  std::string_view body;
  std::optional<std::string_view> api_key;  // the header X-MBX-APIKEY
};

// check_signed_call judges one signed request as the vendor does, and gives the key that signed it.
// Pure: a signed request can be sent again until its recvWindow is over, as at the vendor's.
//
// Errors, in the order in which they are looked for: -2014 (API key missing or malformed), -1102
// (no timestamp or signature), -1101, -1100 (form), -1130, -1111, -1131 (recvWindow), -1021 (time),
// -2015 (API key unknown), -1022 (signature).
[[nodiscard]] std::expected<const StandaloneKey*, ApiError> check_signed_call(
    std::span<const StandaloneKey> keys, const SignedCall& call, Timestamp now);

}  // namespace counterfoil::venue
