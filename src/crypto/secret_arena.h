#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>

#include "crypto/crypto_error.h"

namespace counterfoil {

// UnlockedMemory says what happens when the kernel will not lock memory (controls S-10, S-11).
enum class UnlockedMemory : std::uint8_t {
  kRefuse,  // making a secret fails with kNoSecretMemory
  kAllow,   // the setting `allow_unlocked_memory`: secrets may reach the swap space
};

// configure_secret_memory sets the rule for the whole process; kRefuse until it is called. Call it
// once, at the start of main(), before the first secret is made.
void configure_secret_memory(UnlockedMemory rule);

// SecretArena is the only memory in which secrets rest. It belongs to the process, not to an
// object, as the lock limit, the fork and the core dump do: that is why its functions are static.
//
// One range of addresses is reserved with inaccessible pages at both ends. From its start, chunks
// of kChunkBytes are made usable as they are needed: locked (mlock), left out of core dumps
// (MADV_DONTDUMP) and wiped in a forked child (MADV_WIPEONFORK). When one of the three fails, the
// chunk is not used and the secret is not made. Slots have fixed sizes, powers of two, and pack
// without headers: 1,000,000 HMAC keys of 64 bytes take 64 MB. Locked memory is limited by
// RLIMIT_MEMLOCK, often 8 MiB.
//
// A forked child has an arena full of zeros. A key of zeros is a key everybody knows, so in a child
// all use of secrets ends: allocate() gives kForked, verification says no, the rest aborts. A child
// that needs secrets must exec.
//
// Safe to call from any thread.
class SecretArena {
 public:
  static constexpr std::size_t kSlotBytesMin = 32;
  static constexpr std::size_t kSlotBytesMax = 64UL * 1024;
  static constexpr std::size_t kChunkBytes = 1024UL * 1024;
  static constexpr std::size_t kArenaBytesMax = 8UL * 1024 * 1024 * 1024;

  enum class Status : std::uint8_t {
    kUnused,    // nothing asked for yet
    kLocked,    // everything handed out is locked
    kUnlocked,  // some of it is not, as configure_secret_memory(kAllow) permits
    kRefused,   // the last growth failed: locking, or the address space
  };
  [[nodiscard]] static Status status();

  struct Usage {
    std::size_t committed_bytes;  // locked or, if allowed, not
    std::size_t used_slots;
    std::size_t used_bytes;  // whole slots
  };
  [[nodiscard]] static Usage usage();

  // allocate gives a zeroed slot of at least `size_bytes` (1 to kSlotBytesMax), aligned to the
  // smaller of its size and 4096. The caller releases it.
  [[nodiscard]] static std::expected<std::uint8_t*, CryptoError> allocate(std::size_t size_bytes);
  // release wipes the whole slot. nullptr is fine; any other pointer must come from allocate.
  static void release(std::uint8_t* slot) noexcept;

  // holds tells whether the address lies in the part of the arena that is in use.
  [[nodiscard]] static bool holds(const void* address);

  // is_forked_copy tells whether this process is a forked child whose arena was wiped. One load.
  [[nodiscard]] static bool is_forked_copy() noexcept;
};

}  // namespace counterfoil
