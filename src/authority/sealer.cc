#include "authority/sealer.h"

#include <charconv>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/audited_registry.h"
#include "authority/problem.h"
#include "base/bytes.h"
#include "base/random.h"
#include "crypto/crypto_error.h"
#include "crypto/keyed_hash.h"
#include "crypto/public_key.h"
#include "crypto/root_key.h"
#include "crypto/sealing.h"
#include "crypto/secret_bytes.h"
#include "crypto/signature_scheme.h"
#include "crypto/verification_key.h"
#include "crypto/wipe.h"
#include "keys/api_key.h"
#include "keys/key_format.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

constexpr std::string_view kKeyPrefix = "kek-";
constexpr std::string_view kWrapsRecord = "wraps";
constexpr std::string_view kPepperRecord = "pepper";
// Wraps are counted in memory and reserved in the registry in advance, so that a crash can only
// waste some.
constexpr std::uint64_t kWrapsReserved = std::uint64_t{1} << 16U;
constexpr std::uint64_t kWrapsKeptBack = std::uint64_t{1} << 20U;

std::unexpected<Problem> unavailable(std::string_view reason, std::string_view detail) {
  return std::unexpected(Problem{.kind = Problem::Kind::kUnavailable,
                                 .reason = std::string(reason),
                                 .detail = std::string(detail)});
}
std::unexpected<Problem> problem(CryptoError error) {
  return unavailable("crypto_failed", describe(error));
}
std::unexpected<Problem> problem(SealError error) {
  return unavailable("sealing_failed", describe(error));
}
std::unexpected<Problem> problem(RegistryError error) {
  return unavailable("registry_unavailable", describe(error));
}

std::string pair_field(std::uint32_t pair) { return "secret:" + std::to_string(pair); }

std::uint64_t to_number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

AuditFact fact(std::string action, std::string object) {
  return {.actor = "system",
          .source = "local",
          .action = std::move(action),
          .object = std::move(object)};
}

Write write(std::string_view id, std::string bytes, std::uint64_t expected_modified) {
  return {.kind = RecordKind::kSealingKey,
          .id = std::string(id),
          .bytes = std::move(bytes),
          .expected_modified = expected_modified};
}

}  // namespace

std::expected<std::unique_ptr<Sealer>, Problem> Sealer::start(RootKey root,
                                                              AuditedRegistry& registry,
                                                              RandomSource& random) {
  std::unique_ptr<Sealer> sealer(new Sealer(std::move(root), registry, random));
  if (const auto loaded = sealer->load_keys(); !loaded) {
    return std::unexpected(loaded.error());
  }
  if (sealer->ring_.newest() == nullptr) {
    if (const auto made = sealer->make_key(1); !made) {
      return std::unexpected(made.error());
    }
  }
  if (const auto reserved = sealer->reserve_wraps(); !reserved) {
    return std::unexpected(reserved.error());
  }
  if (const auto loaded = sealer->load_pepper(); !loaded) {
    return std::unexpected(loaded.error());
  }
  return sealer;
}

std::expected<void, Problem> Sealer::load_keys() {
  const auto stored = registry_.read().list(RecordKind::kSealingKey, "", kListMax);
  if (!stored) {
    return problem(stored.error());
  }
  std::uint64_t wraps_used = 0;
  for (const Record& record : *stored) {
    if (record.id == kWrapsRecord) {
      wraps_used = to_number(record.bytes);
    }
  }
  for (const Record& record : *stored) {
    if (!record.id.starts_with(kKeyPrefix)) {
      continue;
    }
    auto key = SealingKey::unwrap(as_bytes(record.bytes), root_, wraps_used);
    if (!key) {
      return unavailable("wrong_root_key",
                         "the root key does not open this registry: it is the key of another "
                         "installation, or the registry was "
                         "tampered with; put the right root.key in place");
    }
    ring_.add(std::move(*key));
  }
  return {};
}

std::expected<void, Problem> Sealer::make_key(std::uint32_t version) {
  auto key = SealingKey::generate(version, random_);
  if (!key) {
    return problem(key.error());
  }
  const auto wrapped = key->wrap(root_, random_);
  if (!wrapped) {
    return problem(wrapped.error());
  }
  const std::string id = std::string(kKeyPrefix) + std::to_string(version);
  if (const auto stored = registry_.commit({write(id, std::string(as_text(*wrapped)), 0)},
                                           fact("sealing_key.create", id));
      !stored) {
    return problem(stored.error());
  }
  const std::unique_lock lock(ring_mutex_);
  ring_.add(std::move(*key));
  reserved_wraps_ = 0;
  return {};
}

std::expected<void, Problem> Sealer::reserve_wraps() {
  const auto present = registry_.read().find(RecordKind::kSealingKey, kWrapsRecord);
  if (!present) {
    return problem(present.error());
  }
  const std::uint64_t wanted = ring_.newest()->wraps_used() + kWrapsReserved;
  const auto stored = registry_.commit(
      {write(kWrapsRecord, std::to_string(wanted), *present ? (*present)->modified : 0)},
      fact("sealing_key.reserve", std::to_string(wanted)));
  if (!stored) {
    return problem(stored.error());
  }
  reserved_wraps_ = wanted;
  return {};
}

std::expected<void, Problem> Sealer::load_pepper() {
  const auto record = registry_.read().find(RecordKind::kSealingKey, kPepperRecord);
  if (!record) {
    return problem(record.error());
  }
  auto pepper =
      *record ? open_own(kPepperRecord, as_bytes((*record)->bytes)) : std::unexpected(Problem{});
  if (*record && !pepper) {
    return std::unexpected(pepper.error());
  }
  if (!*record) {
    auto made = SecretBytes::random(KeyedHash::kPepperBytes, random_);
    if (!made) {
      return problem(made.error());
    }
    const auto sealed = seal_own(kPepperRecord, *made);
    if (!sealed) {
      return std::unexpected(sealed.error());
    }
    const auto stored = registry_.commit({write(kPepperRecord, std::string(as_text(*sealed)), 0)},
                                         fact("pepper.create", "pepper"));
    if (!stored) {
      return problem(stored.error());
    }
    pepper = std::move(*made);
  }
  auto lookup = KeyedHash::from_pepper(*pepper);
  if (!lookup) {
    return problem(lookup.error());
  }
  lookup_ = std::move(*lookup);
  return {};
}

void Sealer::maintain() {
  const std::uint64_t used = ring_.newest()->wraps_used();
  // What fails here is tried again at the next call, long before the limit is reached.
  if (used + kWrapsKeptBack >= SealingKey::kWrapsMax) {
    (void)make_key(ring_.newest()->version() + 1);
  }
  if (ring_.newest()->wraps_used() + (kWrapsReserved / 2) >= reserved_wraps_) {
    (void)reserve_wraps();
  }
}

std::expected<Sealer::SealedSecret, Problem> Sealer::seal_secret(const ApiKey& key,
                                                                 std::uint32_t pair,
                                                                 const SecretBytes& secret) {
  const std::string field = pair_field(pair);
  const std::shared_lock lock(ring_mutex_);
  auto sealed = seal({.table = "api_key",
                      .record_id = key.id.text(),
                      .account_id = key.account.text(),
                      .field = field},
                     secret, *ring_.newest(), random_);
  if (!sealed) {
    return problem(sealed.error());
  }
  return SealedSecret{.bytes = std::move(*sealed), .lookup_hash = lookup_->hash(secret)};
}

std::expected<SecretBytes, Problem> Sealer::new_secret(const KeyFormat& format,
                                                       RandomSource& random) const {
  std::string text = format.generate_secret(random);
  if (text.empty()) {
    return problem(CryptoError::kNoRandomness);
  }
  auto secret = SecretBytes::copy_of(as_bytes(text));
  wipe(text);
  if (!secret) {
    return problem(secret.error());
  }
  return std::move(*secret);
}

std::optional<VerificationKey> Sealer::open(const ApiKey& key, const KeyPair& pair) {
  if (pair.scheme != Scheme::kHmacSha256) {
    const auto stored = PublicKey::from_stored(pair.public_key);
    if (!stored || stored->scheme() != pair.scheme) {
      return std::nullopt;
    }
    auto made = VerificationKey::from_public_key(*stored);
    return made ? std::optional(std::move(*made)) : std::nullopt;
  }
  const std::string field = pair_field(pair.number);
  const std::shared_lock lock(ring_mutex_);
  const auto secret = counterfoil::open({.table = "api_key",
                                         .record_id = key.id.text(),
                                         .account_id = key.account.text(),
                                         .field = field},
                                        pair.sealed_secret, ring_);
  if (!secret) {
    return std::nullopt;
  }
  auto made = VerificationKey::from_hmac_secret(*secret);
  return made ? std::optional(std::move(*made)) : std::nullopt;
}

std::vector<std::uint8_t> Sealer::seal_refused(std::string_view request_id,
                                               std::string_view payload) {
  const std::shared_lock lock(ring_mutex_);
  auto sealed =
      seal({.table = "refusal", .record_id = request_id, .account_id = "", .field = "payload"},
           as_bytes(payload), *ring_.newest(), random_);
  return sealed ? std::move(*sealed) : std::vector<std::uint8_t>();
}

std::expected<std::vector<std::uint8_t>, Problem> Sealer::seal_own(std::string_view name,
                                                                   const SecretBytes& secret) {
  const std::shared_lock lock(ring_mutex_);
  auto sealed = seal({.table = "own", .record_id = name, .account_id = "", .field = "secret"},
                     secret, *ring_.newest(), random_);
  if (!sealed) {
    return problem(sealed.error());
  }
  return std::move(*sealed);
}

std::expected<SecretBytes, Problem> Sealer::open_own(std::string_view name, ByteView sealed) const {
  const std::shared_lock lock(ring_mutex_);
  auto opened = counterfoil::open(
      {.table = "own", .record_id = name, .account_id = "", .field = "secret"}, sealed, ring_);
  if (!opened) {
    return problem(opened.error());
  }
  return std::move(*opened);
}

}  // namespace counterfoil
