#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "crypto/root_key.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {

// Sealing: how secrets rest in the store (controls S-01, S-02, S-05).
//
// Each value is sealed with AES-256-GCM under a data key of its own; the data key is wrapped by a
// sealing key (KEK, numbered by versions), the sealing key by the root key. Stored form of a value:
//
//   1 byte   format, 1
//   4 bytes  version of the sealing key, little-endian
//   12 + 32 + 16  nonce, ciphertext and tag of the data key
//   12 + n + 16   nonce, ciphertext and tag of the value
//
// The value is bound to its place (SealContext and the format), the wrap to the record id and the
// version, so that changing the sealing key makes new wraps and leaves the values alone.

// SealError says why a value was not sealed or opened. Whatever it is, the secret is unusable.
enum class SealError : std::uint8_t {
  kTampered,        // altered, moved from another place, or sealed by a key of another installation
  kUnknownFormat,   // written by a newer version, or altered
  kUnknownVersion,  // no such sealing key in the ring: destroyed, not loaded, or altered
  kLimitReached,    // this sealing key made all the wraps it may: use a new version
  kTooLong,         // the value or a part of its context
  kNoRandomness,
  kNoSecretMemory,
  kLibraryFailure,
};
[[nodiscard]] std::string_view describe(SealError error);
// suggests_tampering tells which errors go to the audit log as tampering: a byte of the stored form
// was perhaps altered.
[[nodiscard]] constexpr bool suggests_tampering(SealError error) {
  return error == SealError::kTampered || error == SealError::kUnknownFormat ||
         error == SealError::kUnknownVersion;
}

// SealContext is the place a sealed value belongs to. It is not stored with the value: the reader
// says it again, and a value moved to another place does not open. Each part at most 255 bytes.
struct SealContext {
  static constexpr std::size_t kPartBytesMax = 255;
  std::string_view table;
  std::string_view record_id;
  std::string_view account_id;
  std::string_view field;
};

// SealingKey wraps data keys (a KEK). Rests in the locked arena. Sealing and opening are safe from
// many threads; moving is not.
class SealingKey {
 public:
  // kWrapsMax: "at most 2^30 wraps per KEK version" (control S-02), far below the bound for random
  // nonces of 96 bits.
  static constexpr std::uint64_t kWrapsMax = std::uint64_t{1} << 30U;

  // generate makes the key of a new version. `wraps_max` is smaller in tests alone.
  [[nodiscard]] static std::expected<SealingKey, SealError> generate(
      std::uint32_t version, RandomSource& random, std::uint64_t wraps_max = kWrapsMax);

  // wrap gives the stored form: format, version, nonce, ciphertext, tag.
  [[nodiscard]] std::expected<std::vector<std::uint8_t>, SealError> wrap(
      const RootKey& root, RandomSource& random) const;
  // root_id names a root key, for people and records to tell two of them apart: 16 hex digits from
  // which nothing of the key can be found.
  [[nodiscard]] static std::expected<std::string, SealError> root_id(const RootKey& root);
  // unwrap reads it back. kTampered also means: another root key. `wraps_used` is what wraps_used()
  // gave when it was last stored.
  [[nodiscard]] static std::expected<SealingKey, SealError> unwrap(
      ByteView stored, const RootKey& root, std::uint64_t wraps_used,
      std::uint64_t wraps_max = kWrapsMax);

  SealingKey(const SealingKey&) = delete;
  SealingKey& operator=(const SealingKey&) = delete;
  SealingKey(SealingKey&& other) noexcept;
  SealingKey& operator=(SealingKey&& other) noexcept;
  ~SealingKey() = default;

  [[nodiscard]] std::uint32_t version() const { return version_; }
  // wraps_used counts the wraps made so far, those of earlier runs included. The caller stores it
  // in the transaction that stores what was sealed: a wrap that was never stored did no harm.
  [[nodiscard]] std::uint64_t wraps_used() const {
    return wraps_used_.load(std::memory_order_relaxed);
  }

 private:
  friend class Envelope;
  SealingKey(SecretBytes key, std::uint32_t version, std::uint64_t wraps_used,
             std::uint64_t wraps_max);
  // count_wrap takes one of the wraps left; false when there is none.
  [[nodiscard]] bool count_wrap();

  SecretBytes key_;
  std::uint32_t version_;
  std::uint64_t wraps_max_;
  std::atomic<std::uint64_t> wraps_used_;
};

// KekRing holds the sealing keys that may still be needed: the newest seals, every one opens.
// Changing it is for one thread; reading is for many.
class KekRing {
 public:
  // add takes a key in; one of the same version is replaced.
  void add(SealingKey key);
  // remove destroys a version, once no record uses it.
  void remove(std::uint32_t version);
  // find gives nullptr for a version it does not hold.
  [[nodiscard]] const SealingKey* find(std::uint32_t version) const;
  // newest gives nullptr for an empty ring.
  [[nodiscard]] SealingKey* newest();
  // all gives every key, by rising version.
  [[nodiscard]] std::span<const SealingKey> all() const { return keys_; }

 private:
  std::vector<SealingKey> keys_;  // by rising version
};

inline constexpr std::size_t kSealedValueBytesMax = 32UL * 1024;
// kSealOverheadBytes is how much longer the stored form is than the value.
inline constexpr std::size_t kSealOverheadBytes = 1 + 4 + (12 + 32 + 16) + (12 + 16);

// seal gives the stored form of `plaintext` (0 to kSealedValueBytesMax bytes).
[[nodiscard]] std::expected<std::vector<std::uint8_t>, SealError> seal(const SealContext& context,
                                                                       ByteView plaintext,
                                                                       SealingKey& kek,
                                                                       RandomSource& random);
[[nodiscard]] std::expected<std::vector<std::uint8_t>, SealError> seal(const SealContext& context,
                                                                       const SecretBytes& plaintext,
                                                                       SealingKey& kek,
                                                                       RandomSource& random);

// open gives the value back, in the locked arena.
[[nodiscard]] std::expected<SecretBytes, SealError> open(const SealContext& context,
                                                         ByteView sealed, const KekRing& ring);

// rewrap gives the stored form with the data key wrapped by `kek` instead; the value is not opened.
[[nodiscard]] std::expected<std::vector<std::uint8_t>, SealError> rewrap(std::string_view record_id,
                                                                         ByteView sealed,
                                                                         const KekRing& ring,
                                                                         SealingKey& kek,
                                                                         RandomSource& random);

// kek_version_of reads which sealing key a value needs. nullopt: too short, or of an unknown
// format.
[[nodiscard]] std::optional<std::uint32_t> kek_version_of(ByteView sealed);

}  // namespace counterfoil
