#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "authority/fingerprint.h"

namespace counterfoil {

// PrintTable counts fingerprints. Inside ReplayMemory only, which asks it about every request: so
// one question costs one line of the cache, and that line can be asked for before it is needed.
//
// Seven fingerprints share a line. One that finds its line full stands in a following one; the line
// remembers that. Which fingerprints meet in a line depends on a secret factor, for holders of keys
// choose what they sign.
//
// One thread at a time, but for expect().
class PrintTable {
 public:
  PrintTable() = default;
  PrintTable(const PrintTable&) = delete;
  PrintTable& operator=(const PrintTable&) = delete;
  PrintTable(PrintTable&&) = delete;
  PrintTable& operator=(PrintTable&&) = delete;
  ~PrintTable() = default;

  // begin makes room for about `expected` fingerprints in an empty table; `factor` is odd.
  void begin(std::uint64_t factor, std::size_t expected);
  [[nodiscard]] bool has_begun() const { return lines_ != nullptr; }
  // end forgets all and gives the memory back.
  void end();

  // Count stays at kCountMax once it is there.
  using Count = std::uint8_t;
  static constexpr Count kCountMax = 255;
  // find gives the count of one that is there, or nullptr. It is good until the next change.
  [[nodiscard]] Count* find(const Fingerprint& print);
  // insert adds one that is not there, with a count of 1.
  void insert(const Fingerprint& print);
  void erase(const Fingerprint& print);
  [[nodiscard]] std::size_t size() const { return size_; }

  // for_each calls `use` with each fingerprint, in no order.
  template <typename Use>
  void for_each(Use use) const {
    for (const Line& line : lines()) {
      for (std::size_t i = 0; i < line.used; ++i) {
        use(line.prints[i]);
      }
    }
  }

  // expect has the processor fetch the line of `print`. Any thread, at any time: it reads nothing
  // and changes nothing.
  void expect(const Fingerprint& print) const;

 private:
  static constexpr std::size_t kPrintsPerLine = 7;
  struct alignas(64) Line {
    std::array<Fingerprint, kPrintsPerLine> prints;
    std::array<Count, kPrintsPerLine> counts;
    std::uint8_t used : 7;
    bool is_passed : 1;  // one that belongs here stands further on
  };
  static_assert(sizeof(Line) == 64);
  struct Place {
    Line* line = nullptr;
    std::size_t index = 0;
  };

  [[nodiscard]] std::span<Line> lines() const {
    return {lines_.get(), lines_ ? std::size_t{1} << bits_.load(std::memory_order_relaxed) : 0};
  }
  [[nodiscard]] static std::size_t line_of(const Fingerprint& print, std::uint64_t factor,
                                           unsigned bits) {
    return (print.value * factor) >> (64U - bits);
  }
  [[nodiscard]] Place place_of(const Fingerprint& print);
  void put(const Fingerprint& print, Count count);
  void allocate(unsigned bits);
  void grow();

  std::unique_ptr<Line[]> lines_;
  std::size_t size_ = 0;
  // For expect(), which may see a mixture of old and new: then it fetches a line for nothing.
  std::atomic<const Line*> first_{nullptr};
  std::atomic<std::uint64_t> factor_{1};
  std::atomic<unsigned> bits_{0};
};

}  // namespace counterfoil
