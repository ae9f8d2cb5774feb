#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/time.h"
#include "journal/journal.h"
#include "journal/recorder.h"
#include "journal/text_hash.h"

namespace counterfoil {

// UsageTable sums up accepted requests that have API key, pair, address, client and route in
// common. One thread at a time.
class UsageTable {
 public:
  UsageTable(const TextHash::Key& hash_key, std::size_t rows_max)
      : hash_key_(hash_key), rows_max_(rows_max) {}
  UsageTable(const UsageTable&) = delete;
  UsageTable& operator=(const UsageTable&) = delete;
  UsageTable(UsageTable&&) = delete;
  UsageTable& operator=(UsageTable&&) = delete;
  ~UsageTable() = default;

  // add returns false when the use would need a row and there are rows_max.
  [[nodiscard]] bool add(const AcceptedUse& use);

  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  // take gives the rows, in the order of their first use, and leaves an empty table.
  [[nodiscard]] std::vector<UsageRow> take();

 private:
  // Tally is what changes with each use. It stands apart from the texts, which are touched once.
  struct Tally {
    Timestamp first;
    Timestamp last;
    std::uint64_t count = 0;
    std::chrono::microseconds last_delay{0};
    std::array<char, kUseIdBytesMax> last_request_id{};
    std::uint8_t id_size = 0;
  };
  struct Hash {
    using is_avalanching = void;
    std::size_t operator()(const TextHash::Wide& hash) const { return hash.low; }
  };

  [[nodiscard]] TextHash::Wide hash_of(const AcceptedUse& use) const;

  TextHash::Key hash_key_;
  std::size_t rows_max_;
  std::vector<UsageRow> rows_;  // without what is in the tallies
  std::vector<Tally> tallies_;  // one a row
  // The number of a row, by the hash of what it sums up: by that alone it is found.
  boost::unordered_flat_map<TextHash::Wide, std::uint32_t, Hash> places_;
};

}  // namespace counterfoil
