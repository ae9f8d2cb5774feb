#pragma once

#include <array>
#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <mutex>

#include "policy/limits.h"

namespace counterfoil {

// LimitTable is the bounded table behind the limit keepers: keys of a fixed size, default-made
// entries. Inside this room only. Entries are given up only when the table is full, and only those
// in which nothing counts any more.
template <std::size_t kKeySize, typename Entry>
class LimitTable {
  static_assert(kKeySize % 8 == 0);

 public:
  using Key = std::array<char, kKeySize>;

  LimitTable(std::size_t size_max, TableSeed seed) : size_max_(size_max), hash_{seed} {
    for (Part& part : parts_) {
      part.entries = Entries(0, hash_);
    }
  }

  // visit calls `use` with the entry of `key`, which is made when there is none. `is_over` tells of
  // an entry whether nothing in it counts any more at `now_us`. false: there is no entry and the
  // table is full of entries that count; `use` was not called.
  template <typename IsOver, typename Use>
  [[nodiscard]] bool visit(const Key& key, std::int64_t now_us, IsOver is_over, Use use) {
    const std::size_t part = part_of(key);
    return visit_in(parts_[part], key, use) ||
           (give_up_entries(part, now_us, is_over) && visit_in(parts_[part], key, use));
  }

  // look calls `use` with the entry of `key`, if there is one.
  template <typename Use>
  void look(const Key& key, Use use) const {
    const Part& part = parts_[part_of(key)];
    const std::scoped_lock lock(part.mutex);
    const auto found = part.entries.find(key);
    if (found != part.entries.end()) {
      use(found->second);
    }
  }

  // change is look for entries that are written to.
  template <typename Use>
  void change(const Key& key, Use use) {
    Part& part = parts_[part_of(key)];
    const std::scoped_lock lock(part.mutex);
    const auto found = part.entries.find(key);
    if (found != part.entries.end()) {
      use(found->second);
    }
  }

  [[nodiscard]] std::size_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kPartCount = 64;  // a power of two

  // Hash multiplies eight bytes at a time into 128 bits and folds the halves. Which keys collide
  // depends on the seed, which no stranger knows.
  struct Hash {
    using is_avalanching = void;
    TableSeed seed;

    [[nodiscard]] std::size_t operator()(const Key& key) const noexcept {
      std::uint64_t hash = seed.low;
      for (std::size_t at = 0; at < kKeySize; at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, key.data() + at, sizeof(word));
        hash = fold(hash ^ word, seed.high ^ 0x9e3779b97f4a7c15U);
      }
      return fold(hash ^ seed.high, 0xd6e8feb86659fd93U);
    }
    [[nodiscard]] static std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
      __extension__ using Wide = unsigned __int128;
      const Wide product = Wide{a} * b;
      return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
    }
  };

  using Entries = boost::unordered_flat_map<Key, Entry, Hash>;

  // Parts stand on cache lines of their own, so that two threads in two parts do not disturb each
  // other.
  struct alignas(64) Part {
    mutable std::mutex mutex;
    Entries entries;
  };

  // The highest six bits choose the part; the map inside uses others.
  [[nodiscard]] std::size_t part_of(const Key& key) const { return hash_(key) >> 58U; }

  template <typename Use>
  [[nodiscard]] bool visit_in(Part& part, const Key& key, Use& use) {
    const std::scoped_lock lock(part.mutex);
    auto found = part.entries.find(key);
    if (found == part.entries.end()) {
      if (size_.fetch_add(1, std::memory_order_relaxed) >= size_max_) {
        size_.fetch_sub(1, std::memory_order_relaxed);
        return false;
      }
      found = part.entries.emplace(key, Entry()).first;
    }
    use(found->second);
    return true;
  }

  // give_up_entries frees room, beginning in the part that needs it, and stops at the first part
  // where it found some. A pass that finds nothing is not repeated within a second: a flood must
  // not make every request walk the table.
  template <typename IsOver>
  [[nodiscard]] bool give_up_entries(std::size_t first, std::int64_t now_us, IsOver& is_over) {
    const std::int64_t second = now_us / 1'000'000;
    if (fruitless_.load(std::memory_order_relaxed) == second) {
      return false;
    }
    for (std::size_t i = 0; i < kPartCount; ++i) {
      Part& part = parts_[(first + i) % kPartCount];
      const std::scoped_lock lock(part.mutex);
      const std::size_t freed = boost::unordered::erase_if(
          part.entries, [&](const auto& entry) { return is_over(entry.second); });
      if (freed > 0) {
        size_.fetch_sub(freed, std::memory_order_relaxed);
        return true;
      }
    }
    fruitless_.store(second, std::memory_order_relaxed);
    return false;
  }

  std::size_t size_max_;
  Hash hash_;
  std::atomic<std::size_t> size_{0};
  std::atomic<std::int64_t> fruitless_{std::numeric_limits<std::int64_t>::min()};
  std::array<Part, kPartCount> parts_;
};

}  // namespace counterfoil
