#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "crypto/hmac.h"

namespace counterfoil {

// The scheme of Standard Webhooks (https://www.standardwebhooks.com), symmetric form: what is
// signed is the id, the time and the raw body, joined by dots. Pure.

// webhook_signature gives the header webhook-signature: one "v1,<base64>" for each key, by blanks;
// the newest first. While a secret is changed there are two, and a receiver takes any one.
//
//   id         the header webhook-id: no dot and no blank in it
//   timestamp  the header webhook-timestamp: seconds from 1970, of this attempt
//   body       as it is sent
//   keys       at least one, each of the bytes that whsec_ stands before in base64
[[nodiscard]] std::string webhook_signature(std::string_view id, std::int64_t timestamp,
                                            std::string_view body,
                                            std::span<const HmacKey* const> keys);

}  // namespace counterfoil
