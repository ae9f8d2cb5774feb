#include "crypto/sealing.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/hex.h"
#include "base/random.h"
#include "crypto/aes_gcm.h"
#include "crypto/crypto_error.h"
#include "crypto/hkdf.h"
#include "crypto/root_key.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {
namespace {

struct Row {
  SealError error;
  std::string_view text;
};
constexpr Row kRows[] = {
    {SealError::kTampered,
     "a sealed value does not open: it was altered, moved, or sealed under another root key; "
     "restore "
     "the record from a backup"},
    {SealError::kUnknownFormat,
     "a sealed value has a form this version does not know: a newer version wrote it, or it was "
     "altered"},
    {SealError::kUnknownVersion,
     "a sealed value needs a sealing key that is not here: it was destroyed, or the value was "
     "altered"},
    {SealError::kLimitReached,
     "this sealing key has made all the wraps it may; rotate it (counterfoil secrets rotate kek)"},
    {SealError::kTooLong, "the value to be sealed, or the name of its place, is too long"},
    {SealError::kNoRandomness,
     "the system's random source failed and nothing was sealed; see the kernel's log"},
    {SealError::kNoSecretMemory,
     "no locked memory is left for secrets; raise the limit (LimitMEMLOCK= in the service unit, "
     "ulimit -l in a shell), or permit unlocked memory in the settings"},
    {SealError::kLibraryFailure, "the crypto library failed, most likely for want of memory"},
};
static_assert(std::size(kRows) == std::to_underlying(SealError::kLibraryFailure) + 1U);
static_assert(std::ranges::all_of(kRows, [](const Row& row) {
  return &row - kRows == std::to_underlying(row.error);  // Row n describes enumerator n.
}));

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kKeyBytes = kGcmKeyBytes;
constexpr std::size_t kVersionBytes = 4;
constexpr std::size_t kWrapBytes = kGcmNonceBytes + kKeyBytes + kGcmTagBytes;
constexpr std::size_t kHeadBytes = 1 + kVersionBytes;
static_assert(kSealOverheadBytes == kHeadBytes + kWrapBytes + kGcmNonceBytes + kGcmTagBytes);

constexpr std::string_view kRootIdPurpose = "counterfoil-root-key-id-v1";
constexpr std::size_t kRootIdBytes = 8;

using Nonce = std::array<std::uint8_t, kGcmNonceBytes>;

SealError error_of(CryptoError error) {
  switch (error) {
    case CryptoError::kNoRandomness:
      return SealError::kNoRandomness;
    case CryptoError::kNoSecretMemory:
    case CryptoError::kForked:
      return SealError::kNoSecretMemory;
    case CryptoError::kSecretTooLarge:
      return SealError::kTooLong;
    case CryptoError::kSecretEmpty:
    case CryptoError::kWrongScheme:
    case CryptoError::kLibraryFailure:
      return SealError::kLibraryFailure;
  }
  std::unreachable();
}

std::optional<SealError> error_of(GcmResult result) {
  switch (result) {
    case GcmResult::kOk:
      return std::nullopt;
    case GcmResult::kTagWrong:
      return SealError::kTampered;
    case GcmResult::kLibraryFailure:
      return SealError::kLibraryFailure;
  }
  std::unreachable();
}

void write_u32(std::uint32_t value, std::span<std::uint8_t, kVersionBytes> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<std::uint8_t>(value >> (8U * i));
  }
}

std::uint32_t read_u32(std::span<const std::uint8_t, kVersionBytes> bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    value |= static_cast<std::uint32_t>(bytes[i]) << (8U * i);
  }
  return value;
}

// BoundPlace is the additional data of one GCM operation: a domain, so that no two kinds of it are
// ever the same, and parts, each after its length, so that no two lists of parts are. On the stack:
// it is made for every record that is opened.
class BoundPlace {
 public:
  explicit BoundPlace(std::string_view domain) { add(domain); }
  // The caller has checked that the part has at most SealContext::kPartBytesMax bytes.
  void add(std::string_view part) {
    bytes_[size_++] = static_cast<std::uint8_t>(part.size());
    std::ranges::copy(as_bytes(part), bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += part.size();
  }
  void add(std::uint32_t number) {
    write_u32(number, std::span(bytes_).subspan(size_).first<kVersionBytes>());
    size_ += kVersionBytes;
  }
  [[nodiscard]] ByteView bytes() const { return {bytes_.data(), size_}; }

 private:
  static constexpr std::size_t kPartsMax = 5;
  std::array<std::uint8_t, (kPartsMax * (1 + SealContext::kPartBytesMax)) + kVersionBytes> bytes_;
  std::size_t size_ = 0;
};

BoundPlace place_of_value(const SealContext& context) {
  BoundPlace place("counterfoil-sealed-value");
  place.add(context.table);
  place.add(context.record_id);
  place.add(context.account_id);
  place.add(context.field);
  place.add(std::uint32_t{kFormat});
  return place;
}

BoundPlace place_of_wrap(std::string_view record_id, std::uint32_t version) {
  BoundPlace place("counterfoil-data-key");
  place.add(record_id);
  place.add(version);
  return place;
}

BoundPlace place_of_sealing_key(std::uint32_t version) {
  BoundPlace place("counterfoil-sealing-key");
  place.add(std::uint32_t{kFormat});
  place.add(version);
  return place;
}

bool fits(std::string_view part) { return part.size() <= SealContext::kPartBytesMax; }
bool fits(const SealContext& context) {
  return fits(context.table) && fits(context.record_id) && fits(context.account_id) &&
         fits(context.field);
}

// The parts of a stored value, borrowed.
struct SealedParts {
  std::uint32_t version;
  std::span<const std::uint8_t, kGcmNonceBytes> wrap_nonce;
  std::span<const std::uint8_t, kKeyBytes + kGcmTagBytes> wrapped_key;
  std::span<const std::uint8_t, kGcmNonceBytes> nonce;
  ByteView ciphertext;  // and tag
};

std::expected<SealedParts, SealError> read_parts(ByteView sealed) {
  if (sealed.empty()) {
    return std::unexpected(SealError::kTampered);
  }
  if (sealed.front() != kFormat) {
    return std::unexpected(SealError::kUnknownFormat);
  }
  if (sealed.size() < kSealOverheadBytes ||
      sealed.size() > kSealOverheadBytes + kSealedValueBytesMax) {
    return std::unexpected(SealError::kTampered);
  }
  const ByteView wrap = sealed.subspan(kHeadBytes, kWrapBytes);
  const ByteView value = sealed.subspan(kHeadBytes + kWrapBytes);
  return SealedParts{.version = read_u32(sealed.subspan<1, kVersionBytes>()),
                     .wrap_nonce = wrap.first<kGcmNonceBytes>(),
                     .wrapped_key = wrap.last<kKeyBytes + kGcmTagBytes>(),
                     .nonce = value.first<kGcmNonceBytes>(),
                     .ciphertext = value.subspan(kGcmNonceBytes)};
}

}  // namespace

std::string_view describe(SealError error) { return kRows[std::to_underlying(error)].text; }

// Envelope is a friend of SecretAccess and of the keys: all reading of secrets in this file is
// here.
class Envelope {
 public:
  using Bytes = std::vector<std::uint8_t>;

  [[nodiscard]] static std::expected<Bytes, SealError> seal(const SealContext& context,
                                                            ByteView plaintext, SealingKey& kek,
                                                            RandomSource& random) {
    if (plaintext.size() > kSealedValueBytesMax || !fits(context)) {
      return std::unexpected(SealError::kTooLong);
    }
    const auto data_key = SecretBytes::random(kKeyBytes, random);
    if (!data_key) {
      return std::unexpected(error_of(data_key.error()));
    }
    Bytes sealed(kSealOverheadBytes + plaintext.size());
    GcmJob job;
    if (const auto error = write_wrap(job, context.record_id, *data_key, kek, random, sealed)) {
      return std::unexpected(*error);
    }
    const auto value = std::span(sealed).subspan(kHeadBytes + kWrapBytes);
    const auto nonce = value.first<kGcmNonceBytes>();
    if (!random.fill(nonce)) {
      return std::unexpected(SealError::kNoRandomness);
    }
    const auto result =
        job.seal(data_key->reveal(SecretAccess()), nonce, place_of_value(context).bytes(),
                 plaintext, value.subspan(kGcmNonceBytes));
    if (const auto error = error_of(result)) {
      return std::unexpected(*error);
    }
    return sealed;
  }

  [[nodiscard]] static std::expected<Bytes, SealError> seal(const SealContext& context,
                                                            const SecretBytes& plaintext,
                                                            SealingKey& kek, RandomSource& random) {
    return seal(context, plaintext.reveal(SecretAccess()), kek, random);
  }

  [[nodiscard]] static std::expected<SecretBytes, SealError> open(const SealContext& context,
                                                                  ByteView sealed,
                                                                  const KekRing& ring) {
    const auto parts = read_parts(sealed);
    if (!parts) {
      return std::unexpected(parts.error());
    }
    if (!fits(context)) {
      return std::unexpected(SealError::kTooLong);
    }
    GcmJob job;
    const auto data_key = unwrap(job, context.record_id, *parts, ring);
    if (!data_key) {
      return std::unexpected(data_key.error());
    }
    auto value = SecretBytes::create(parts->ciphertext.size() - kGcmTagBytes);
    if (!value) {
      return std::unexpected(error_of(value.error()));
    }
    const auto result =
        job.open(data_key->reveal(SecretAccess()), parts->nonce, place_of_value(context).bytes(),
                 parts->ciphertext, value->writable(SecretAccess()));
    if (const auto error = error_of(result)) {
      return std::unexpected(*error);
    }
    return std::move(*value);
  }

  [[nodiscard]] static std::expected<Bytes, SealError> rewrap(std::string_view record_id,
                                                              ByteView sealed, const KekRing& ring,
                                                              SealingKey& kek,
                                                              RandomSource& random) {
    const auto parts = read_parts(sealed);
    if (!parts) {
      return std::unexpected(parts.error());
    }
    if (!fits(record_id)) {
      return std::unexpected(SealError::kTooLong);
    }
    GcmJob job;
    const auto data_key = unwrap(job, record_id, *parts, ring);
    if (!data_key) {
      return std::unexpected(data_key.error());
    }
    Bytes renewed(sealed.begin(), sealed.end());
    if (const auto error = write_wrap(job, record_id, *data_key, kek, random, renewed)) {
      return std::unexpected(*error);
    }
    return renewed;
  }

 private:
  // write_wrap writes format, version and the wrapped data key to the start of `sealed`.
  [[nodiscard]] static std::optional<SealError> write_wrap(GcmJob& job, std::string_view record_id,
                                                           const SecretBytes& data_key,
                                                           SealingKey& kek, RandomSource& random,
                                                           std::span<std::uint8_t> sealed) {
    if (!kek.count_wrap()) {
      return SealError::kLimitReached;
    }
    sealed[0] = kFormat;
    write_u32(kek.version(), sealed.subspan<1, kVersionBytes>());
    const auto wrap = sealed.subspan<kHeadBytes, kWrapBytes>();
    const auto nonce = wrap.first<kGcmNonceBytes>();
    if (!random.fill(nonce)) {
      return SealError::kNoRandomness;
    }
    return error_of(job.seal(kek.key_.reveal(SecretAccess()), nonce,
                             place_of_wrap(record_id, kek.version()).bytes(),
                             data_key.reveal(SecretAccess()), wrap.subspan<kGcmNonceBytes>()));
  }

  [[nodiscard]] static std::expected<SecretBytes, SealError> unwrap(GcmJob& job,
                                                                    std::string_view record_id,
                                                                    const SealedParts& parts,
                                                                    const KekRing& ring) {
    const SealingKey* const kek = ring.find(parts.version);
    if (kek == nullptr) {
      return std::unexpected(SealError::kUnknownVersion);
    }
    auto data_key = SecretBytes::create(kKeyBytes);
    if (!data_key) {
      return std::unexpected(error_of(data_key.error()));
    }
    const auto result = job.open(kek->key_.reveal(SecretAccess()), parts.wrap_nonce,
                                 place_of_wrap(record_id, parts.version).bytes(), parts.wrapped_key,
                                 data_key->writable(SecretAccess()));
    if (const auto error = error_of(result)) {
      return std::unexpected(*error);
    }
    return std::move(*data_key);
  }
};

// ---- SealingKey

SealingKey::SealingKey(SecretBytes key, std::uint32_t version, std::uint64_t wraps_used,
                       std::uint64_t wraps_max)
    : key_(std::move(key)), version_(version), wraps_max_(wraps_max), wraps_used_(wraps_used) {}

SealingKey::SealingKey(SealingKey&& other) noexcept
    : key_(std::move(other.key_)),
      version_(other.version_),
      wraps_max_(other.wraps_max_),
      wraps_used_(other.wraps_used_.load()) {}

SealingKey& SealingKey::operator=(SealingKey&& other) noexcept {
  if (this != &other) {
    key_ = std::move(other.key_);
    version_ = other.version_;
    wraps_max_ = other.wraps_max_;
    wraps_used_.store(other.wraps_used_.load());
  }
  return *this;
}

std::expected<SealingKey, SealError> SealingKey::generate(std::uint32_t version,
                                                          RandomSource& random,
                                                          std::uint64_t wraps_max) {
  auto key = SecretBytes::random(kKeyBytes, random);
  if (!key) {
    return std::unexpected(error_of(key.error()));
  }
  return SealingKey(std::move(*key), version, 0, wraps_max);
}

std::expected<std::vector<std::uint8_t>, SealError> SealingKey::wrap(const RootKey& root,
                                                                     RandomSource& random) const {
  std::vector<std::uint8_t> stored(kHeadBytes + kWrapBytes);
  stored[0] = kFormat;
  const std::span<std::uint8_t> bytes(stored);
  write_u32(version_, bytes.subspan<1, kVersionBytes>());
  const auto nonce = bytes.subspan<kHeadBytes, kGcmNonceBytes>();
  if (!random.fill(nonce)) {
    return std::unexpected(SealError::kNoRandomness);
  }
  GcmJob job;
  const auto result =
      job.seal(root.key_.reveal(SecretAccess()), nonce, place_of_sealing_key(version_).bytes(),
               key_.reveal(SecretAccess()), bytes.subspan(kHeadBytes + kGcmNonceBytes));
  if (const auto error = error_of(result)) {
    return std::unexpected(*error);
  }
  return stored;
}

std::expected<std::string, SealError> SealingKey::root_id(const RootKey& root) {
  const auto derived =
      hkdf_sha256(root.key_.reveal(SecretAccess()), {}, as_bytes(kRootIdPurpose), kRootIdBytes);
  if (!derived) {
    return std::unexpected(error_of(derived.error()));
  }
  return to_hex(derived->reveal(SecretAccess()));
}

std::expected<SealingKey, SealError> SealingKey::unwrap(ByteView stored, const RootKey& root,
                                                        std::uint64_t wraps_used,
                                                        std::uint64_t wraps_max) {
  if (!stored.empty() && stored.front() != kFormat) {
    return std::unexpected(SealError::kUnknownFormat);
  }
  if (stored.size() != kHeadBytes + kWrapBytes) {
    return std::unexpected(SealError::kTampered);
  }
  const std::uint32_t version = read_u32(stored.subspan<1, kVersionBytes>());
  auto key = SecretBytes::create(kKeyBytes);
  if (!key) {
    return std::unexpected(error_of(key.error()));
  }
  GcmJob job;
  const auto result =
      job.open(root.key_.reveal(SecretAccess()), stored.subspan<kHeadBytes, kGcmNonceBytes>(),
               place_of_sealing_key(version).bytes(), stored.subspan(kHeadBytes + kGcmNonceBytes),
               key->writable(SecretAccess()));
  if (const auto error = error_of(result)) {
    return std::unexpected(*error);
  }
  return SealingKey(std::move(*key), version, wraps_used, wraps_max);
}

bool SealingKey::count_wrap() {
  std::uint64_t used = wraps_used_.load();
  do {
    if (used >= wraps_max_) {
      return false;
    }
  } while (!wraps_used_.compare_exchange_weak(used, used + 1));
  return true;
}

// ---- KekRing

void KekRing::add(SealingKey key) {
  remove(key.version());
  const auto after = std::ranges::upper_bound(keys_, key.version(), {}, &SealingKey::version);
  keys_.insert(after, std::move(key));
}

void KekRing::remove(std::uint32_t version) {
  std::erase_if(keys_, [&](const SealingKey& key) { return key.version() == version; });
}

const SealingKey* KekRing::find(std::uint32_t version) const {
  const auto found = std::ranges::find(keys_, version, &SealingKey::version);
  return found == keys_.end() ? nullptr : &*found;
}

SealingKey* KekRing::newest() { return keys_.empty() ? nullptr : &keys_.back(); }

// ---- the public functions

std::expected<std::vector<std::uint8_t>, SealError> seal(const SealContext& context,
                                                         ByteView plaintext, SealingKey& kek,
                                                         RandomSource& random) {
  return Envelope::seal(context, plaintext, kek, random);
}

std::expected<std::vector<std::uint8_t>, SealError> seal(const SealContext& context,
                                                         const SecretBytes& plaintext,
                                                         SealingKey& kek, RandomSource& random) {
  return Envelope::seal(context, plaintext, kek, random);
}

std::expected<SecretBytes, SealError> open(const SealContext& context, ByteView sealed,
                                           const KekRing& ring) {
  return Envelope::open(context, sealed, ring);
}

std::expected<std::vector<std::uint8_t>, SealError> rewrap(std::string_view record_id,
                                                           ByteView sealed, const KekRing& ring,
                                                           SealingKey& kek, RandomSource& random) {
  return Envelope::rewrap(record_id, sealed, ring, kek, random);
}

std::optional<std::uint32_t> kek_version_of(ByteView sealed) {
  const auto parts = read_parts(sealed);
  return parts ? std::optional(parts->version) : std::nullopt;
}

}  // namespace counterfoil
