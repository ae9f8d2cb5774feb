#include "verify/verify.h"

#include <algorithm>
#include <cstdint>
#include <expected>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"
#include "keys/api_key.h"
#include "keys/live_key.h"
#include "verify/reason.h"
#include "verify/signed_request.h"

namespace counterfoil {
namespace {

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<std::uint8_t>(c) < 0x80; });
}

// check_signature tries the pairs whose exact encoded form the signature has: at most two.
Verdict check_signature(const SignedRequest& request, const LiveKey& key, Timestamp now) {
  if (!is_ascii(request.payload)) {
    return std::unexpected(Reason::kPayloadNotAscii);
  }
  bool fits_one = false;
  for (const LivePair& pair : key.pairs) {
    if (now >= pair.retires_at || !pair.key.fits(*request.signature)) {
      continue;
    }
    fits_one = true;
    if (pair.key.verify_text(as_bytes(request.payload), *request.signature)) {
      return Accepted{.pair = pair.number};
    }
  }
  return std::unexpected(fits_one ? Reason::kSignatureWrong : Reason::kSignatureMalformed);
}

std::expected<void, Reason> check_state(const LiveKey& key, Timestamp now, Standing needed) {
  if (key.state == KeyState::kRevoked) {
    return std::unexpected(Reason::kApiKeyRevoked);
  }
  if (needed == Standing::kNotRevoked) {
    return {};
  }
  if (key.state == KeyState::kSuspended) {
    return std::unexpected(Reason::kApiKeySuspended);
  }
  if (now >= key.expires_at) {
    return std::unexpected(Reason::kApiKeyExpired);
  }
  if (key.account_suspended) {
    return std::unexpected(Reason::kAccountSuspended);
  }
  return {};
}

}  // namespace

std::expected<void, Reason> check_standing(const SignedRequest& request, const LiveKey& key,
                                           Timestamp now, Standing needed) {
  if (const auto state = check_state(key, now, needed); !state) {
    return state;
  }
  if (!key.allow_list.contains(request.source)) {
    return std::unexpected(Reason::kAddressNotAllowed);
  }
  if (!request.needs.empty() && !key.permissions.intersects(request.needs)) {
    return std::unexpected(Reason::kPermissionMissing);
  }
  if (request.acts && key.restricted && needed == Standing::kActive) {
    return std::unexpected(Reason::kApiKeyRestricted);
  }
  if (!request.symbol.empty() && !key.symbols.empty() &&
      std::ranges::find(key.symbols, request.symbol) == key.symbols.end()) {
    return std::unexpected(Reason::kSymbolNotAllowed);
  }
  return {};
}

Verdict verify(const SignedRequest& request, const LiveKey* key, Timestamp now, Standing needed) {
  if (key == nullptr) {
    return std::unexpected(Reason::kApiKeyUnknown);
  }
  if (key->state == KeyState::kRevoked) {
    return std::unexpected(Reason::kApiKeyRevoked);
  }
  const Verdict signed_by = check_signature(request, *key, now);
  if (!signed_by) {
    return signed_by;
  }
  if (const auto standing = check_standing(request, *key, now, needed); !standing) {
    return std::unexpected(standing.error());
  }
  return signed_by;
}

}  // namespace counterfoil
