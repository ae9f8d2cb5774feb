#include "autopsy/judges.h"

#include <expected>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "autopsy/cause.h"
#include "autopsy/evidence.h"
#include "autopsy/scene.h"
#include "autopsy/signature_values.h"
#include "base/bytes.h"
#include "base/wiped_text.h"
#include "crypto/crypto_error.h"
#include "crypto/hash.h"
#include "crypto/hmac.h"
#include "crypto/rsa_recovery.h"
#include "crypto/signature_scheme.h"
#include "crypto/verification_key.h"

namespace counterfoil::autopsy {
namespace {

std::optional<Judge> ed25519_judge(const Scene& scene, const AccountKey& key, Causes causes) {
  const auto values = scene.values.of_size(describe(Scheme::kEd25519).signature_bytes);
  auto made = VerificationKey::from_public_key(*key.public_key);
  if (values.empty() || !made) {
    return std::nullopt;
  }
  const auto verifier = std::make_shared<VerificationKey>(std::move(*made));
  return Judge{.causes = std::move(causes),
               .cost = kEd25519Cost,
               .matches = [verifier, values](std::string_view text) -> std::optional<Causes> {
                 for (const SignatureValue* value : values) {
                   if (verifier->verify(as_bytes(text), value->bytes)) {
                     return SignatureValues::causes_of(*value, Writing::kBase64);
                   }
                 }
                 return std::nullopt;
               }};
}

std::optional<Judge> rsa_judge(const Scene& scene, const AccountKey& key, Causes causes) {
  for (const SignatureValue* value : scene.values.of_size(key.public_key->rsa_modulus().size())) {
    const auto found = RecoveredRsa::recover(*key.public_key, value->bytes);
    if (!found) {
      continue;
    }
    if (found->padding() == RecoveredRsa::Padding::kPss) {
      causes.emplace_back("rsa-pss-instead-of-pkcs1");
    } else if (found->hash() != HashName::kSha256) {
      causes.emplace_back("rsa-wrong-hash");
    }
    return Judge{.causes = std::move(causes),
                 .matches = [found = *found, value](std::string_view text) {
                   return found.covers(as_bytes(text))
                              ? std::optional(SignatureValues::causes_of(*value, Writing::kBase64))
                              : std::nullopt;
                 }};
  }
  return std::nullopt;
}

}  // namespace

Judge mac_judge(const Scene& scene, HashName hash, std::string_view key, Causes causes) {
  Judge judge{.causes = std::move(causes)};
  const SignatureValues& values = scene.values;
  auto fast = hash == HashName::kSha256 ? HmacKey::from_secret(as_bytes(key))
                                        : std::unexpected(CryptoError::kSecretEmpty);
  if (fast) {
    judge.matches = [&values,
                     mac = std::make_shared<HmacKey>(std::move(*fast))](std::string_view text) {
      return values.match(mac->mac(as_bytes(text)), Writing::kHex);
    };
    return judge;
  }
  judge.cost = kSlowHashCost;
  judge.matches = [&values, hash, key = WipedText(key)](std::string_view text) {
    const auto mac = hmac_of(hash, as_bytes(key), as_bytes(text));
    return mac ? values.match(*mac, Writing::kHex) : std::nullopt;
  };
  return judge;
}

std::optional<Judge> native_judge(const Scene& scene, const AccountKey& key, Causes causes) {
  switch (key.scheme) {
    case Scheme::kHmacSha256:
      return key.secret.empty() ? std::nullopt
                                : std::optional(mac_judge(scene, HashName::kSha256, key.secret,
                                                          std::move(causes)));
    case Scheme::kRsaPkcs1Sha256:
      return key.public_key ? rsa_judge(scene, key, std::move(causes)) : std::nullopt;
    case Scheme::kEd25519:
      return key.public_key ? ed25519_judge(scene, key, std::move(causes)) : std::nullopt;
  }
  std::unreachable();
}

}  // namespace counterfoil::autopsy
