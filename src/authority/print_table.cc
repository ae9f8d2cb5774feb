#include "authority/print_table.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "authority/fingerprint.h"

namespace counterfoil {
namespace {

constexpr unsigned kBitsMin = 2;  // of the number of lines

// is_crowded: more than five fingerprints to a line, of seven that fit.
constexpr std::size_t kCrowded = 5;
bool is_crowded(std::size_t prints, std::size_t lines) { return prints > lines * kCrowded; }

}  // namespace

void PrintTable::begin(std::uint64_t factor, std::size_t expected) {
  factor_.store(factor, std::memory_order_relaxed);
  size_ = 0;
  const std::size_t lines_wanted = std::bit_ceil((expected / kCrowded) + 1);
  allocate(std::max(kBitsMin, static_cast<unsigned>(std::countr_zero(lines_wanted))));
}

void PrintTable::allocate(unsigned bits) {
  lines_ = std::make_unique<Line[]>(std::size_t{1} << bits);
  bits_.store(bits, std::memory_order_relaxed);
  first_.store(lines_.get(), std::memory_order_relaxed);
}

void PrintTable::end() {
  first_.store(nullptr, std::memory_order_relaxed);
  lines_.reset();
  size_ = 0;
}

PrintTable::Place PrintTable::place_of(const Fingerprint& print) {
  const std::span<Line> all = lines();
  std::size_t at = all.empty() ? 0
                               : line_of(print, factor_.load(std::memory_order_relaxed),
                                         bits_.load(std::memory_order_relaxed));
  for (std::size_t tried = 0; tried < all.size(); ++tried) {
    Line& line = all[at];
    for (std::size_t i = 0; i < line.used; ++i) {
      if (line.prints[i] == print) {
        return {.line = &line, .index = i};
      }
    }
    if (!line.is_passed) {
      break;
    }
    at = (at + 1) & (all.size() - 1);
  }
  return {};
}

PrintTable::Count* PrintTable::find(const Fingerprint& print) {
  const Place place = place_of(print);
  return place.line == nullptr ? nullptr : &place.line->counts[place.index];
}

void PrintTable::insert(const Fingerprint& print) {
  if (is_crowded(size_ + 1, lines().size())) {
    grow();
  }
  put(print, 1);
  ++size_;
}

void PrintTable::put(const Fingerprint& print, Count count) {
  const std::span<Line> all = lines();
  std::size_t at = line_of(print, factor_.load(std::memory_order_relaxed),
                           bits_.load(std::memory_order_relaxed));
  while (all[at].used == kPrintsPerLine) {
    all[at].is_passed = true;
    at = (at + 1) & (all.size() - 1);
  }
  Line& line = all[at];
  line.prints[line.used] = print;
  line.counts[line.used] = count;
  ++line.used;
}

void PrintTable::erase(const Fingerprint& print) {
  const auto [line, index] = place_of(print);
  if (line == nullptr) {
    return;
  }
  --line->used;
  line->prints[index] = line->prints[line->used];
  line->counts[index] = line->counts[line->used];
  --size_;
}

void PrintTable::grow() {
  const unsigned bits = bits_.load(std::memory_order_relaxed);
  const std::unique_ptr<Line[]> old = std::move(lines_);
  allocate(bits + 1);
  for (const Line& line : std::span(old.get(), std::size_t{1} << bits)) {
    for (std::size_t i = 0; i < line.used; ++i) {
      put(line.prints[i], line.counts[i]);
    }
  }
}

void PrintTable::expect(const Fingerprint& print) const {
  const Line* const first = first_.load(std::memory_order_relaxed);
  const unsigned bits = bits_.load(std::memory_order_relaxed);
  if (first != nullptr && bits != 0) {
    __builtin_prefetch(first + line_of(print, factor_.load(std::memory_order_relaxed), bits), 1);
  }
}

}  // namespace counterfoil
