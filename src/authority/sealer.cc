#include "authority/sealer.h"

#include <atomic>
#include <cstdint>
#include <expected>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/issuer_limits.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "base/bytes.h"
#include "base/random.h"
#include "base/wiped_text.h"
#include "crypto/crypto_error.h"
#include "crypto/digest.h"
#include "crypto/hmac.h"
#include "crypto/public_key.h"
#include "crypto/sealing.h"
#include "crypto/secret_bytes.h"
#include "crypto/signature_scheme.h"
#include "crypto/verification_key.h"
#include "crypto/wipe.h"
#include "keys/api_key.h"
#include "keys/key_format.h"

namespace counterfoil {
namespace {

// Where a sealed value stands is part of what is sealed, so these words are stored for ever.
SealContext pair_context(const ApiKey& key, std::string_view field) {
  return {.table = "api_key",
          .record_id = key.id.text(),
          .account_id = key.account.text(),
          .field = field};
}
SealContext refusal_context(std::string_view request_id) {
  return {.table = "refusal", .record_id = request_id, .account_id = "", .field = "payload"};
}
SealContext findings_context(std::string_view request_id) {
  return {.table = "refusal", .record_id = request_id, .account_id = "", .field = "findings"};
}
SealContext own_context(std::string_view name) {
  return {.table = "own", .record_id = name, .account_id = "", .field = "secret"};
}
std::string pair_field(std::uint32_t pair) { return "secret:" + std::to_string(pair); }

std::optional<VerificationKey> public_material(const KeyPair& pair) {
  const auto stored = PublicKey::from_stored(pair.public_key);
  if (!stored || stored->scheme() != pair.scheme) {
    return std::nullopt;
  }
  auto made = VerificationKey::from_public_key(*stored);
  return made ? std::optional(std::move(*made)) : std::nullopt;
}

}  // namespace

template <typename Plaintext>
std::expected<std::vector<std::uint8_t>, SealError> Sealer::try_seal(const SealContext& context,
                                                                     const Plaintext& plaintext) {
  const std::shared_lock lock(ring_mutex_);
  SealingKey& newest = *ring_.newest();
  if (newest.wraps_used() >= written_wraps_.load(std::memory_order_relaxed)) {
    return std::unexpected(SealError::kLimitReached);
  }
  return seal(context, plaintext, newest, random_);
}

std::expected<std::vector<std::uint8_t>, Problem> Sealer::seal_kept(const SealContext& context,
                                                                    const SecretBytes& secret) {
  auto sealed = try_seal(context, secret);
  // Others may use up what was made room for before this thread comes to it.
  for (int attempt = 0;
       !sealed && sealed.error() == SealError::kLimitReached && attempt < kAttemptsMax; ++attempt) {
    if (const auto made_room = maintain(); !made_room) {
      return std::unexpected(made_room.error());
    }
    sealed = try_seal(context, secret);
  }
  if (!sealed) {
    return problem(Problem::Kind::kUnavailable, "sealing_failed", describe(sealed.error()));
  }
  return std::move(*sealed);
}

std::expected<Sealer::SealedSecret, Problem> Sealer::seal_secret(const ApiKey& key,
                                                                 std::uint32_t pair,
                                                                 const SecretBytes& secret) {
  const std::string field = pair_field(pair);
  auto sealed = seal_kept(pair_context(key, field), secret);
  if (!sealed) {
    return std::unexpected(sealed.error());
  }
  return SealedSecret{.bytes = std::move(*sealed), .lookup_hash = lookup_->hash(secret)};
}

std::expected<SecretBytes, Problem> Sealer::new_secret(const KeyFormat& format,
                                                       RandomSource& random) const {
  std::string text = format.generate_secret(random);
  if (text.empty()) {
    return no_randomness();
  }
  auto secret = SecretBytes::copy_of(as_bytes(text));
  wipe(text);
  if (!secret) {
    return problem(Problem::Kind::kUnavailable, "no_secret_memory", describe(secret.error()));
  }
  return std::move(*secret);
}

std::expected<std::optional<std::vector<std::uint8_t>>, SealError> Sealer::renew(
    std::string_view record_id, ByteView sealed) {
  for (int attempt = 0;; ++attempt) {
    std::expected<std::vector<std::uint8_t>, SealError> renewed =
        std::unexpected(SealError::kLimitReached);
    {
      const std::shared_lock lock(ring_mutex_);
      SealingKey& newest = *ring_.newest();
      if (kek_version_of(sealed) == newest.version()) {
        return std::nullopt;
      }
      if (newest.wraps_used() < written_wraps_.load(std::memory_order_relaxed)) {
        renewed = rewrap(record_id, sealed, ring_, newest, random_);
      }
    }
    if (renewed) {
      return std::move(*renewed);
    }
    if (renewed.error() != SealError::kLimitReached || attempt == kAttemptsMax || !maintain()) {
      return std::unexpected(renewed.error());
    }
  }
}

std::optional<VerificationKey> Sealer::open(const ApiKey& key, const KeyPair& pair) {
  if (pair.scheme != Scheme::kHmacSha256) {
    return public_material(pair);
  }
  const std::string field = pair_field(pair.number);
  const std::shared_lock lock(ring_mutex_);
  const auto secret = counterfoil::open(pair_context(key, field), pair.sealed_secret, ring_);
  if (!secret) {
    not_opened_.fetch_add(1, std::memory_order_relaxed);
    return std::nullopt;
  }
  auto made = VerificationKey::from_hmac_secret(*secret);
  return made ? std::optional(std::move(*made)) : std::nullopt;
}

std::vector<std::uint8_t> Sealer::seal_refused(std::string_view request_id,
                                               std::string_view payload) {
  auto sealed = try_seal(refusal_context(request_id), as_bytes(payload));
  return sealed ? std::move(*sealed) : std::vector<std::uint8_t>();
}

std::optional<SecretBytes> Sealer::open_secret(const ApiKey& key, const KeyPair& pair) const {
  if (pair.scheme != Scheme::kHmacSha256 || pair.sealed_secret.empty()) {
    return std::nullopt;
  }
  const std::string field = pair_field(pair.number);
  const std::shared_lock lock(ring_mutex_);
  auto secret = counterfoil::open(pair_context(key, field), pair.sealed_secret, ring_);
  if (!secret) {
    not_opened_.fetch_add(1, std::memory_order_relaxed);
    return std::nullopt;
  }
  return std::move(*secret);
}

Digest Sealer::lookup_hash(std::string_view text) const { return lookup_->hash(as_bytes(text)); }

std::vector<std::uint8_t> Sealer::seal_findings(std::string_view request_id,
                                                std::string_view findings) {
  auto sealed = try_seal(findings_context(request_id), as_bytes(findings));
  return sealed ? std::move(*sealed) : std::vector<std::uint8_t>();
}

std::optional<SecretBytes> Sealer::open_findings(std::string_view request_id,
                                                 ByteView sealed) const {
  const std::shared_lock lock(ring_mutex_);
  auto opened = counterfoil::open(findings_context(request_id), sealed, ring_);
  return opened ? std::optional(std::move(*opened)) : std::nullopt;
}

std::expected<std::vector<std::uint8_t>, Problem> Sealer::seal_own(std::string_view name,
                                                                   const SecretBytes& secret) {
  return seal_kept(own_context(name), secret);
}

std::expected<SecretBytes, Problem> Sealer::open_own(std::string_view name, ByteView sealed) const {
  const std::shared_lock lock(ring_mutex_);
  auto opened = counterfoil::open(own_context(name), sealed, ring_);
  if (!opened) {
    not_opened_.fetch_add(1, std::memory_order_relaxed);
    return problem(Problem::Kind::kUnavailable, "own_key_not_opened",
                   "the key \"" + std::string(name) +
                       "\" does not open: " + std::string(describe(opened.error())));
  }
  return std::move(*opened);
}

std::expected<HmacKey, Problem> Sealer::own_mac_key(std::string_view purpose) const {
  // A secret of an API key is letters and digits, so its hash is never this key.
  Digest derived = lookup_->hash(as_bytes("counterfoil own key: " + std::string(purpose)));
  auto key = HmacKey::from_secret(ByteView(derived));
  wipe(derived);
  if (!key) {
    return problem(Problem::Kind::kUnavailable, "no_secret_memory", describe(key.error()));
  }
  return std::move(*key);
}

}  // namespace counterfoil
