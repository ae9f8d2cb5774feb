#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>

#include "authority/issuer.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "base/account_id.h"
#include "crypto/public_key.h"
#include "crypto/signature_scheme.h"
#include "keys/api_key.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;

}  // namespace

Issuer::Result<PublicKey> Issuer::import_public_key(const std::string& text) {
  auto key = PublicKey::import_text(text);
  if (!key) {
    return problem(Kind::kInvalid, "public_key_invalid", describe(key.error()));
  }
  return std::move(*key);
}

Issuer::Result<Issuer::Challenge> Issuer::challenge(const std::string& account,
                                                    const std::string& public_key) {
  const auto owner = load_account(account);
  if (!owner) {
    return std::unexpected(owner.error());
  }
  const auto key = import_public_key(public_key);
  if (!key) {
    return std::unexpected(key.error());
  }
  return possession_.open(owner->account.id, *key);
}

Issuer::Result<Issuer::Prepared> Issuer::prepare(const AccountId& account,
                                                 const KeyMaterial& material, const Actor& actor) {
  Prepared prepared{.scheme = material.scheme, .secret = std::nullopt, .public_key = std::nullopt};
  if (material.scheme == Scheme::kHmacSha256) {
    if (!material.public_key.empty()) {
      return problem(Kind::kInvalid, "public_key_unexpected",
                     "an HMAC key pair has no public key; choose the type rsa-sha256 or ed25519");
    }
    auto secret = sealer_.new_secret(format_, random_);
    if (!secret) {
      return std::unexpected(secret.error());
    }
    prepared.secret = std::move(*secret);
    return prepared;
  }
  auto key = import_public_key(material.public_key);
  if (!key) {
    return std::unexpected(key.error());
  }
  if (key->scheme() != material.scheme) {
    return problem(Kind::kInvalid, "public_key_type",
                   "the public key is of another type than the one asked for");
  }
  if (actor.key && rules_.public_keys_by_keys == PublicKeysByKeys::kRefuse) {
    return problem(Kind::kNotAllowed, "public_keys_by_keys_refused",
                   "API keys may not register public keys here (keys.public_keys_by_keys)");
  }
  if (rules_.possession == Possession::kProved && !actor.key) {
    if (const auto proved = possession_.check(account, *key, material.possession_nonce,
                                              material.possession_signature);
        !proved) {
      return std::unexpected(proved.error());
    }
  }
  prepared.public_key = std::move(*key);
  return prepared;
}

Issuer::Result<KeyPair> Issuer::make_pair(const ApiKey& key, const Prepared& prepared,
                                          std::uint32_t number) {
  return prepared.public_key ? public_pair(*prepared.public_key, number)
                             : hmac_pair(key, *prepared.secret, number);
}

KeyPair Issuer::public_pair(const PublicKey& public_key, std::uint32_t number) const {
  KeyPair pair;
  pair.number = number;
  pair.scheme = public_key.scheme();
  pair.created = clock_.now();
  pair.public_key = public_key.spki_der();
  pair.lookup_hash = public_key.fingerprint();
  return pair;
}

Issuer::Result<KeyPair> Issuer::hmac_pair(const ApiKey& key, const SecretBytes& secret,
                                          std::uint32_t number) {
  auto sealed = sealer_.seal_secret(key, number, secret);
  if (!sealed) {
    return std::unexpected(sealed.error());
  }
  KeyPair pair;
  pair.number = number;
  pair.scheme = Scheme::kHmacSha256;
  pair.created = clock_.now();
  pair.sealed_secret = std::move(sealed->bytes);
  pair.lookup_hash = sealed->lookup_hash;
  return pair;
}

}  // namespace counterfoil
