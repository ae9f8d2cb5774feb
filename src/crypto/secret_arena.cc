#include "crypto/secret_arena.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <expected>
#include <mutex>
#include <vector>

#include "crypto/crypto_error.h"

namespace counterfoil {
namespace {

// A span is the part of a chunk that holds slots of one size.
constexpr std::size_t kSpanBytes = 64UL * 1024;
constexpr std::size_t kSpanSlotsMax = kSpanBytes / SecretArena::kSlotBytesMin;
constexpr std::size_t kArenaBytesMin = 64UL * 1024 * 1024;
constexpr std::size_t kSizeClasses =
    std::bit_width(SecretArena::kSlotBytesMax) - std::bit_width(SecretArena::kSlotBytesMin) + 1;
constexpr std::size_t kBitsPerWord = 64;

static_assert(SecretArena::kSlotBytesMax == kSpanBytes);
static_assert(SecretArena::kChunkBytes % kSpanBytes == 0);

constexpr std::size_t class_of(std::size_t size_bytes) {
  const std::size_t slot = std::bit_ceil(std::max(size_bytes, SecretArena::kSlotBytesMin));
  return static_cast<std::size_t>(std::countr_zero(slot) -
                                  std::countr_zero(SecretArena::kSlotBytesMin));
}
constexpr std::size_t slot_bytes(std::size_t size_class) {
  return SecretArena::kSlotBytesMin << size_class;
}
static_assert(class_of(1) == 0 && class_of(33) == 1 && class_of(64) == 1 &&
              class_of(SecretArena::kSlotBytesMax) == kSizeClasses - 1);

// Which slots are taken stands outside of the arena: a free slot holds nothing but zeros, so
// neither a stray write nor a forked child can lead the allocator astray.
struct Span {
  std::uint8_t size_class = 0;
  std::uint16_t used = 0;
  std::array<std::uint64_t, kSpanSlotsMax / kBitsPerWord> taken{};

  [[nodiscard]] std::size_t slots() const { return kSpanBytes / slot_bytes(size_class); }
  [[nodiscard]] bool full() const { return used == slots(); }

  // take marks the first free slot; the span must not be full.
  std::size_t take() {
    const auto word = std::ranges::find_if(taken, [](std::uint64_t bits) { return ~bits != 0; });
    const int bit = std::countr_one(*word);
    *word |= std::uint64_t{1} << static_cast<unsigned>(bit);
    ++used;
    return (static_cast<std::size_t>(word - taken.begin()) * kBitsPerWord) +
           static_cast<std::size_t>(bit);
  }
  void give_back(std::size_t slot) {
    taken[slot / kBitsPerWord] &= ~(std::uint64_t{1} << (slot % kBitsPerWord));
    --used;
  }
};

// The rule and the canary are read without the lock.
std::atomic<UnlockedMemory> unlocked_memory{UnlockedMemory::kRefuse};
// A word of the arena that holds kAlive. The kernel wipes it in a forked child, with all the rest.
std::atomic<const volatile std::uint64_t*> canary{nullptr};
constexpr std::uint64_t kAlive = 1;

class Arena {
 public:
  std::expected<std::uint8_t*, CryptoError> allocate(std::size_t size_class) {
    const std::scoped_lock lock(mutex_);
    if (base_ == nullptr && !open()) {
      status_ = SecretArena::Status::kRefused;
      return std::unexpected(CryptoError::kNoSecretMemory);
    }
    std::uint8_t* const slot = take(size_class);
    if (slot == nullptr) {
      return std::unexpected(CryptoError::kNoSecretMemory);
    }
    ++used_slots_;
    used_bytes_ += slot_bytes(size_class);
    return slot;
  }

  void release(std::uint8_t* slot) {
    const std::scoped_lock lock(mutex_);
    const auto offset = static_cast<std::size_t>(slot - base_);
    const std::size_t index = offset / kSpanBytes;
    Span& span = spans_[index];
    const std::size_t bytes = slot_bytes(span.size_class);
    ::explicit_bzero(slot, bytes);
    if (span.full()) {
      with_room_[span.size_class].push_back(static_cast<std::uint32_t>(index));
    }
    span.give_back(offset % kSpanBytes / bytes);
    --used_slots_;
    used_bytes_ -= bytes;
  }

  SecretArena::Status status() {
    const std::scoped_lock lock(mutex_);
    return status_;
  }
  SecretArena::Usage usage() {
    const std::scoped_lock lock(mutex_);
    return {.committed_bytes = committed_, .used_slots = used_slots_, .used_bytes = used_bytes_};
  }
  bool holds(const void* address) {
    const std::scoped_lock lock(mutex_);
    const auto* const byte = static_cast<const std::uint8_t*>(address);
    return base_ != nullptr && byte >= base_ && byte < base_ + committed_;
  }

 private:
  // open reserves the addresses and plants the canary.
  bool open() {
    if (!reserve()) {
      return false;
    }
    std::uint8_t* const slot = take(0);
    if (slot == nullptr) {
      ::munmap(base_ - guard_bytes_, reserved_ + (2 * guard_bytes_));
      base_ = nullptr;
      return false;
    }
    std::memcpy(slot, &kAlive, sizeof(kAlive));
    canary.store(reinterpret_cast<const volatile std::uint64_t*>(slot), std::memory_order_release);
    return true;
  }

  // reserve takes addresses, not memory; less of them where RLIMIT_AS is tight.
  bool reserve() {
    guard_bytes_ = kSpanBytes;  // A multiple of every page size, and keeps the spans aligned.
    for (reserved_ = SecretArena::kArenaBytesMax; reserved_ >= kArenaBytesMin; reserved_ /= 2) {
      const std::size_t wanted = reserved_ + (3 * guard_bytes_);
      void* const start =
          ::mmap(nullptr, wanted, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (start != MAP_FAILED) {
        align(static_cast<std::uint8_t*>(start), wanted);
        return true;
      }
    }
    return false;
  }

  // align gives back what stands out at both ends, so that spans begin at multiples of their size.
  void align(std::uint8_t* start, std::size_t size) {
    const std::size_t past = reinterpret_cast<std::uintptr_t>(start) % kSpanBytes;
    const std::size_t skip = past == 0 ? 0 : kSpanBytes - past;
    const std::size_t kept = reserved_ + (2 * guard_bytes_);
    if (skip > 0) {
      ::munmap(start, skip);
    }
    if (size > skip + kept) {
      ::munmap(start + skip + kept, size - skip - kept);
    }
    base_ = start + skip + guard_bytes_;
  }

  // commit makes the next chunk usable; false leaves everything as it was.
  bool commit() {
    if (committed_ + SecretArena::kChunkBytes > reserved_) {
      status_ = SecretArena::Status::kRefused;
      return false;
    }
    std::uint8_t* const chunk = base_ + committed_;
    const bool shielded =
        ::mprotect(chunk, SecretArena::kChunkBytes, PROT_READ | PROT_WRITE) == 0 &&
        ::madvise(chunk, SecretArena::kChunkBytes, MADV_DONTDUMP) == 0 &&
        ::madvise(chunk, SecretArena::kChunkBytes, MADV_WIPEONFORK) == 0;
    const bool locked = shielded && ::mlock(chunk, SecretArena::kChunkBytes) == 0;
    if (!locked && (!shielded || unlocked_memory.load() == UnlockedMemory::kRefuse)) {
      ::mprotect(chunk, SecretArena::kChunkBytes, PROT_NONE);
      status_ = SecretArena::Status::kRefused;
      return false;
    }
    any_unlocked_ = any_unlocked_ || !locked;
    status_ = any_unlocked_ ? SecretArena::Status::kUnlocked : SecretArena::Status::kLocked;
    committed_ += SecretArena::kChunkBytes;
    return true;
  }

  // take gives a slot, growing the arena when no span of this class has room; nullptr when it
  // cannot.
  std::uint8_t* take(std::size_t size_class) {
    std::vector<std::uint32_t>& with_room = with_room_[size_class];
    if (with_room.empty()) {
      if (spans_.size() * kSpanBytes == committed_ && !commit()) {
        return nullptr;
      }
      with_room.push_back(static_cast<std::uint32_t>(spans_.size()));
      spans_.emplace_back().size_class = static_cast<std::uint8_t>(size_class);
    }
    const std::size_t index = with_room.back();
    Span& span = spans_[index];
    const std::size_t slot = span.take();
    if (span.full()) {
      with_room.pop_back();
    }
    return base_ + (index * kSpanBytes) + (slot * slot_bytes(size_class));
  }

  std::mutex mutex_;
  std::uint8_t* base_ = nullptr;  // the first usable byte; before it the guard
  std::size_t guard_bytes_ = 0;
  std::size_t reserved_ = 0;
  std::size_t committed_ = 0;
  std::vector<Span> spans_;
  // Spans that have a free slot, by class; the last one is used first.
  std::array<std::vector<std::uint32_t>, kSizeClasses> with_room_;
  std::size_t used_slots_ = 0;
  std::size_t used_bytes_ = 0;
  bool any_unlocked_ = false;
  SecretArena::Status status_ = SecretArena::Status::kUnused;
};

// The arena is never destroyed: a secret may live in an object that outlives main().
Arena& arena() {
  static Arena& the_arena = *new Arena;
  return the_arena;
}

}  // namespace

void configure_secret_memory(UnlockedMemory rule) { unlocked_memory.store(rule); }

SecretArena::Status SecretArena::status() { return arena().status(); }

SecretArena::Usage SecretArena::usage() { return arena().usage(); }

std::expected<std::uint8_t*, CryptoError> SecretArena::allocate(std::size_t size_bytes) {
  if (is_forked_copy()) {
    return std::unexpected(CryptoError::kForked);
  }
  if (size_bytes > kSlotBytesMax) {
    return std::unexpected(CryptoError::kSecretTooLarge);
  }
  return arena().allocate(class_of(size_bytes));
}

void SecretArena::release(std::uint8_t* slot) noexcept {
  // In a forked child the kernel has wiped the slot, and the lock may be held by a thread that was
  // not forked along.
  if (slot != nullptr && !is_forked_copy()) {
    arena().release(slot);
  }
}

bool SecretArena::holds(const void* address) { return arena().holds(address); }

bool SecretArena::is_forked_copy() noexcept {
  const volatile std::uint64_t* const word = canary.load(std::memory_order_acquire);
  return word != nullptr && *word != kAlive;
}

}  // namespace counterfoil
