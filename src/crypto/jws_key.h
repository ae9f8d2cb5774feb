#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "base/bytes.h"
#include "crypto/p256_verifier.h"
#include "crypto/verification_key.h"

namespace counterfoil {

// JwsAlgorithm is how others sign the tokens we take (RFC 7518 section 3.1, RFC 8037). All of them
// are asymmetric: with "none" and HS256 in the list, whoever reads our settings could sign.
enum class JwsAlgorithm : std::uint8_t { kRs256, kEs256, kEdDsa };

struct JwsAlgorithmRow {
  JwsAlgorithm algorithm;
  std::string_view name;
};
inline constexpr auto kJwsAlgorithms = std::to_array<JwsAlgorithmRow>({
    {JwsAlgorithm::kRs256, "RS256"},
    {JwsAlgorithm::kEs256, "ES256"},
    {JwsAlgorithm::kEdDsa, "EdDSA"},
});
// parse_jws_algorithm knows the names of the table, spelled exactly; nullopt for every other text.
[[nodiscard]] std::optional<JwsAlgorithm> parse_jws_algorithm(std::string_view name);

// JwsKey is a public key of somebody whose tokens we take. What it verifies with is fixed by its
// type, whatever a token says of itself (control S-22). Move-only; the const functions are safe to
// call from many threads.
class JwsKey {
 public:
  // from_rsa, from_p256 and from_ed25519 take the numbers of a JWK, decoded. nullopt for a key that
  // the rules of import refuse (control S-28; PublicKey), among them RSA below 2048 bits.
  [[nodiscard]] static std::optional<JwsKey> from_rsa(ByteView modulus, ByteView exponent);
  [[nodiscard]] static std::optional<JwsKey> from_p256(ByteView x, ByteView y);
  [[nodiscard]] static std::optional<JwsKey> from_ed25519(ByteView point);

  [[nodiscard]] JwsAlgorithm algorithm() const { return algorithm_; }
  // verify: false for every mismatch, wrong lengths included.
  [[nodiscard]] bool verify(ByteView message, ByteView signature) const noexcept;

 private:
  using Key = std::variant<VerificationKey, std::unique_ptr<P256Verifier>>;
  JwsKey(JwsAlgorithm algorithm, Key key) : algorithm_(algorithm), key_(std::move(key)) {}

  JwsAlgorithm algorithm_;
  Key key_;
};

}  // namespace counterfoil
