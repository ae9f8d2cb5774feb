#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "journal/journal.h"
#include "journal/recorder.h"
#include "journal/text_hash.h"

namespace counterfoil {

// RefusalList holds refused requests until they are drained, and sums up what it has no room for.
// One thread at a time.
class RefusalList {
 public:
  RefusalList(const TextHash::Key& hash_key, const RecorderLimits& limits)
      : hash_key_(hash_key), limits_(limits) {}

  // Kept says what became of a refusal: it has its own row, it was added to the count of one like
  // it, or nothing of it is left.
  enum class Kept : std::uint8_t { kWhole, kCounted, kNot };
  Kept add(RefusalRow&& row);

  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  // take gives the rows, in the order they came, and leaves an empty list.
  [[nodiscard]] std::vector<RefusalRow> take();

 private:
  [[nodiscard]] std::uint64_t hash_of(const RefusalRow& row) const;
  [[nodiscard]] bool has_room_for(const RefusalRow& row) const;

  TextHash::Key hash_key_;
  RecorderLimits limits_;
  std::vector<RefusalRow> rows_;
  std::size_t strangers_ = 0;
  std::size_t sealed_bytes_ = 0;
  boost::unordered_flat_map<std::uint64_t, std::uint32_t> alike_;  // hash_of, row
};

}  // namespace counterfoil
