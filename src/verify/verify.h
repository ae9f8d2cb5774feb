#pragma once

#include <cstdint>
#include <expected>

#include "base/time.h"
#include "keys/live_key.h"
#include "verify/reason.h"
#include "verify/signed_request.h"

namespace counterfoil {

// Accepted says which key pair signed the request, so that an owner who rotates sees which hosts
// still use the old one.
struct Accepted {
  std::uint32_t pair;
  bool operator==(const Accepted&) const = default;
};

// Verdict is the answer to a request: accepted, or refused for one reason.
using Verdict = std::expected<Accepted, Reason>;

// Standing says in which states an API key may make a request.
enum class Standing : std::uint8_t {
  kActive,      // every route but one
  kNotRevoked,  // self-revoke: suspended and expired keys too, for both can be undone
};

// verify decides one request that read_claims found well formed and in time. Pure: the same
// arguments always give the same Verdict.
//
//   key     what the gateway holds of the request's API key, or nullptr when it knows no such key.
//   now     the one instant of the request, the same that read_claims got.
//   needed  the states that will do.
//
// The order is part of the contract: unknown and revoked need no signature (a tombstone has no
// material); whether a key is suspended or expired, from where it may be used and what it may do is
// told only after a right signature, so that only the holder can learn it.
[[nodiscard]] Verdict verify(const SignedRequest& request, const LiveKey* key, Timestamp now,
                             Standing needed = Standing::kActive);

// check_standing is the part of verify behind the signature: state, address, permission,
// restriction, symbol.
// The last look at a key before the first byte goes upstream calls it again.
[[nodiscard]] std::expected<void, Reason> check_standing(const SignedRequest& request,
                                                         const LiveKey& key, Timestamp now,
                                                         Standing needed = Standing::kActive);

}  // namespace counterfoil
