#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"

namespace counterfoil {

// Inside the room: AES-GCM with nonces of 96 bits and tags of 128 bits (NIST SP 800-38D).

inline constexpr std::size_t kGcmKeyBytes = 32;
inline constexpr std::size_t kGcmNonceBytes = 12;
inline constexpr std::size_t kGcmTagBytes = 16;

enum class GcmResult : std::uint8_t {
  kOk,
  kTagWrong,  // another key, nonce or additional data, or altered bytes
  kLibraryFailure,
};

// GcmJob is a run of GCM operations by one thread. The library's context is made once a thread and
// used again, which is several times faster than a new one. A context holds the expanded key in
// ordinary memory; the end of the job overwrites it, so that no key rests outside of the locked
// arena.
class GcmJob {
 public:
  GcmJob() = default;
  GcmJob(const GcmJob&) = delete;
  GcmJob& operator=(const GcmJob&) = delete;
  GcmJob(GcmJob&&) = delete;
  GcmJob& operator=(GcmJob&&) = delete;
  ~GcmJob();

  // seal writes plaintext.size() bytes of ciphertext and then the tag to `out`, which has room for
  // exactly both. `key` has 32 bytes (16 and 24 are understood too). A nonce serves once per key.
  [[nodiscard]] GcmResult seal(ByteView key, std::span<const std::uint8_t, kGcmNonceBytes> nonce,
                               ByteView additional_data, ByteView plaintext,
                               std::span<std::uint8_t> out);
  // open reads what seal wrote; `out` has room for exactly the plaintext. Unless kOk, `out` holds
  // bytes that must not be used.
  [[nodiscard]] GcmResult open(ByteView key, std::span<const std::uint8_t, kGcmNonceBytes> nonce,
                               ByteView additional_data, ByteView sealed,
                               std::span<std::uint8_t> out);
};

}  // namespace counterfoil
