#include "crypto/secret_arena.h"

#include <openssl/crypto.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <vector>

namespace counterfoil {
namespace {

constexpr std::size_t kSlotSizeMin = 64;
constexpr std::size_t kClasses = 9;  // 64 bytes to 16 KiB
constexpr std::size_t kFirstChunk = 256UL * 1024;
constexpr std::size_t kChunkMax = 8UL * 1024 * 1024;
static_assert(kSlotSizeMin << (kClasses - 1) == kSecretSizeMax);

// FreeSlot is written into a slot nobody uses; the slot was wiped before.
struct FreeSlot {
  FreeSlot* next;
};

class Arena {
 public:
  void configure(UnlockedMemory choice) { unlocked_ = choice; }

  std::uint8_t* allocate(std::size_t size) {
    if (size > kSecretSizeMax) {
      return nullptr;
    }
    const std::size_t index = class_of(size);
    const std::scoped_lock lock(mutex_);
    if (free_[index] == nullptr && !grow(index)) {
      return nullptr;
    }
    FreeSlot* const slot = free_[index];
    free_[index] = slot->next;
    auto* const memory = reinterpret_cast<std::uint8_t*>(slot);
    std::memset(memory, 0, sizeof(FreeSlot));
    return memory;
  }

  void give_back(std::uint8_t* memory, std::size_t size) {
    const std::size_t index = class_of(size);
    OPENSSL_cleanse(memory, kSlotSizeMin << index);
    const std::scoped_lock lock(mutex_);
    push(index, memory);
  }

  bool contains(const void* address) {
    const std::scoped_lock lock(mutex_);
    return std::ranges::any_of(chunks_, [&](const Chunk& chunk) {
      return address >= chunk.begin && address < chunk.begin + chunk.size;
    });
  }

 private:
  struct Chunk {
    const std::uint8_t* begin;
    std::size_t size;
  };

  static std::size_t class_of(std::size_t size) {
    const std::size_t slots = std::bit_ceil(std::max(size, kSlotSizeMin)) / kSlotSizeMin;
    return static_cast<std::size_t>(std::countr_zero(slots));
  }

  void push(std::size_t index, std::uint8_t* memory) {
    auto* const slot = reinterpret_cast<FreeSlot*>(memory);
    slot->next = free_[index];
    free_[index] = slot;
  }

  // grow maps a chunk between two guard pages and cuts it into slots of one class.
  bool grow(std::size_t index) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t size = next_chunk_[index] == 0 ? kFirstChunk : next_chunk_[index];
    void* const mapped =
        ::mmap(nullptr, size + (2 * page), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) {
      return false;
    }
    auto* const begin = static_cast<std::uint8_t*>(mapped) + page;
    const bool usable = ::mprotect(begin, size, PROT_READ | PROT_WRITE) == 0 &&
                        ::madvise(begin, size, MADV_DONTDUMP) == 0 &&
                        ::madvise(begin, size, MADV_WIPEONFORK) == 0;
    const bool locked = usable && ::mlock(begin, size) == 0;
    if (!usable || (!locked && unlocked_ == UnlockedMemory::kRefuse)) {
      ::munmap(mapped, size + (2 * page));
      return false;
    }
    chunks_.push_back({begin, size});
    next_chunk_[index] = std::min(kChunkMax, size * 2);
    const std::size_t slot = kSlotSizeMin << index;
    for (std::size_t at = size; at >= slot; at -= slot) {
      push(index, begin + at - slot);
    }
    return true;
  }

  std::mutex mutex_;
  std::array<FreeSlot*, kClasses> free_{};
  std::array<std::size_t, kClasses> next_chunk_{};
  std::vector<Chunk> chunks_;
  std::atomic<UnlockedMemory> unlocked_{UnlockedMemory::kRefuse};
};

// The arena outlives every secret, also those of static objects, so it is never destroyed.
Arena& arena() {
  static auto* const instance = new Arena;
  return *instance;
}

}  // namespace

void configure_secret_memory(UnlockedMemory choice) { arena().configure(choice); }

std::uint8_t* allocate_secret(std::size_t size) noexcept { return arena().allocate(size); }

void free_secret(std::uint8_t* memory, std::size_t size) noexcept {
  if (memory != nullptr) {
    arena().give_back(memory, size);
  }
}

bool is_secret_memory(const void* address) { return arena().contains(address); }

}  // namespace counterfoil
