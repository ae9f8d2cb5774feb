#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <vector>

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
  // Place is a row's number with the hash of what it sums up, so that growing needs no new hash.
  struct Place {
    std::uint64_t hash;
    std::uint32_t row;
  };
  struct Probe {
    std::uint64_t hash;
    const AcceptedUse& use;
  };
  struct Hash {
    using is_transparent = void;
    using is_avalanching = void;
    std::size_t operator()(const Place& place) const { return place.hash; }
    std::size_t operator()(const Probe& probe) const { return probe.hash; }
  };
  struct Same {
    using is_transparent = void;
    const std::vector<UsageRow>* rows;
    bool operator()(const Place& left, const Place& right) const { return left.row == right.row; }
    bool operator()(const Probe& probe, const Place& place) const;
    bool operator()(const Place& place, const Probe& probe) const { return (*this)(probe, place); }
  };

  [[nodiscard]] std::uint64_t hash_of(const AcceptedUse& use) const;

  TextHash::Key hash_key_;
  std::size_t rows_max_;
  std::vector<UsageRow> rows_;
  boost::unordered_flat_set<Place, Hash, Same> places_{0, Hash{}, Same{&rows_}};
};

}  // namespace counterfoil
