#include "crypto/jws_key.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "base/bytes.h"
#include "crypto/p256_verifier.h"
#include "crypto/public_key.h"
#include "crypto/verification_key.h"

namespace counterfoil {
namespace {

ByteView without_leading_zeros(ByteView number) {
  while (!number.empty() && number.front() == 0) {
    number = number.subspan(1);
  }
  return number;
}

}  // namespace

std::optional<JwsAlgorithm> parse_jws_algorithm(std::string_view name) {
  const auto* const row = std::ranges::find(kJwsAlgorithms, name, &JwsAlgorithmRow::name);
  return row == kJwsAlgorithms.end() ? std::nullopt : std::optional(row->algorithm);
}

std::optional<JwsKey> JwsKey::from_rsa(ByteView modulus, ByteView exponent) {
  const auto key =
      PublicKey::from_rsa_numbers(without_leading_zeros(modulus), without_leading_zeros(exponent));
  if (!key) {
    return std::nullopt;
  }
  auto verifier = VerificationKey::from_public_key(*key);
  return verifier ? std::optional(JwsKey(JwsAlgorithm::kRs256, std::move(*verifier)))
                  : std::nullopt;
}

std::optional<JwsKey> JwsKey::from_ed25519(ByteView point) {
  const auto key = PublicKey::from_ed25519_point(point);
  if (!key) {
    return std::nullopt;
  }
  auto verifier = VerificationKey::from_public_key(*key);
  return verifier ? std::optional(JwsKey(JwsAlgorithm::kEdDsa, std::move(*verifier)))
                  : std::nullopt;
}

std::optional<JwsKey> JwsKey::from_p256(ByteView x, ByteView y) {
  auto verifier = P256Verifier::create(x, y);
  return verifier ? std::optional(JwsKey(JwsAlgorithm::kEs256, std::move(verifier))) : std::nullopt;
}

bool JwsKey::verify(ByteView message, ByteView signature) const noexcept {
  if (const auto* const p256 = std::get_if<std::unique_ptr<P256Verifier>>(&key_)) {
    return (*p256)->verify(message, signature);
  }
  const auto* const other = std::get_if<VerificationKey>(&key_);
  return other != nullptr && other->verify(message, signature);
}

}  // namespace counterfoil
