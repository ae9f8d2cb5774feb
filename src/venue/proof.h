#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"
#include "crypto/hmac.h"

namespace counterfoil::venue {

// The proof of identity that a gateway sends with every request it forwards, and how an upstream
// checks it. This is the model for upstreams in other languages; docs/upstream.md says the same in
// prose and testdata/upstream-proof.json in vectors.

// kProofAgeMax is how far a proof's time may be from ours, either way.
inline constexpr std::chrono::seconds kProofAgeMax{5};

// kProofSecretSizeMin is the shortest secret, in characters, that the options take.
inline constexpr std::size_t kProofSecretSizeMin = 32;

// ProofSecret is one secret that gateway and upstream share, and the name it goes by. Two are
// valid while one is being rotated.
struct ProofSecret {
  std::string kid;  // 1 to 64 of [A-Za-z0-9._-]
  HmacKey key;
};

// ProvenRequest is the request itself, which the proof covers.
//
//   target  path, '?' and query, as they stand in the request line.
//   body    without the transfer coding; empty when there is none.
struct ProvenRequest {
  std::string_view method;
  std::string_view target;
  std::string_view body;
};

// IdentityClaims are what the X-Counterfoil-... headers say.
struct IdentityClaims {
  std::string_view account;
  std::string_view api_key;
  std::string_view permissions;  // comma list; empty for an event
  std::string_view request_id;
  std::string_view timestamp;  // ms since 1970; the same as in the proof
  std::string_view gateway;

  bool operator==(const IdentityClaims&) const = default;
};

// is_proof_kid reports whether a secret can go by that name: see ProofSecret.
[[nodiscard]] bool is_proof_kid(std::string_view text);

// proof_text gives the bytes under the HMAC: the lines `counterfoil-proof-v1`, kid, ts, method,
// target, hex SHA-256 of the body, account, API key, permissions, gateway, request id, joined by LF
// without a final one.
[[nodiscard]] std::string proof_text(std::string_view kid, const ProvenRequest& request,
                                     const IdentityClaims& claims);

// compute_proof gives the value of X-Counterfoil-Proof: "v1;kid=<id>;ts=<ms>;mac=<hex>".
[[nodiscard]] std::string compute_proof(const ProofSecret& secret, const ProvenRequest& request,
                                        const IdentityClaims& claims);

// ProofFault says why a proof is not believed. For logs; the caller is told nothing but 401.
enum class ProofFault : std::uint8_t {
  kMalformed,      // not the form above, a control byte in a line, or two timestamps that differ
  kUnknownSecret,  // no secret of that kid
  kTooOld,         // by more than kProofAgeMax
  kFromTheFuture,  // by more than kProofAgeMax
  kWrongMac,
};

// check_proof reports whether the proof covers just this request and these claims. Pure: what it
// does not see is whether the request came before (proof_memory.h).
[[nodiscard]] std::expected<void, ProofFault> check_proof(std::span<const ProofSecret> secrets,
                                                          std::string_view proof,
                                                          const ProvenRequest& request,
                                                          const IdentityClaims& claims,
                                                          Timestamp now);

}  // namespace counterfoil::venue
