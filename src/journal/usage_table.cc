#include "journal/usage_table.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "journal/journal.h"
#include "journal/recorder.h"
#include "journal/text_hash.h"

namespace counterfoil {

TextHash::Wide UsageTable::hash_of(const AcceptedUse& use) const {
  struct Halves {
    std::uint64_t high;
    std::uint64_t low;
  };
  const auto address = std::bit_cast<Halves>(use.address.bytes());
  return TextHash(hash_key_)
      .number(address.high)
      .number(address.low)
      .number(use.pair)
      .text(use.api_key)
      .text(use.client)
      .text(use.route)
      .finish_wide();
}

bool UsageTable::add(const AcceptedUse& use) {
  const TextHash::Wide hash = hash_of(use);
  auto place = places_.find(hash);
  if (place == places_.end()) {
    if (rows_.size() >= rows_max_) {
      return false;
    }
    UsageRow& row = rows_.emplace_back();
    row.api_key = use.api_key;
    row.pair = use.pair;
    row.address = use.address;
    row.client = use.client;
    row.route = use.route;
    tallies_.push_back({.first = use.now, .last = use.now});
    place = places_.emplace(hash, static_cast<std::uint32_t>(rows_.size() - 1)).first;
  }
  Tally& tally = tallies_[place->second];
  tally.first = std::min(tally.first, use.now);
  tally.last = std::max(tally.last, use.now);
  ++tally.count;
  tally.last_delay = use.delay;
  tally.id_size = static_cast<std::uint8_t>(
      use.request_id.copy(tally.last_request_id.data(), tally.last_request_id.size()));
  return true;
}

std::vector<UsageRow> UsageTable::take() {
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const Tally& tally = tallies_[i];
    rows_[i].first = tally.first;
    rows_[i].last = tally.last;
    rows_[i].count = tally.count;
    rows_[i].last_delay = tally.last_delay;
    rows_[i].last_request_id.assign(tally.last_request_id.data(), tally.id_size);
  }
  places_.clear();
  tallies_.clear();
  std::vector<UsageRow> taken = std::exchange(rows_, {});
  rows_.reserve(std::min<std::size_t>(taken.size(), 1024));
  return taken;
}

}  // namespace counterfoil
