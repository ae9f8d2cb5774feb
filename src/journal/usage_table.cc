#include "journal/usage_table.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "journal/journal.h"
#include "journal/recorder.h"
#include "journal/text_hash.h"

namespace counterfoil {

bool UsageTable::Same::operator()(const Probe& probe, const Place& place) const {
  const UsageRow& row = (*rows)[place.row];
  const AcceptedUse& use = probe.use;
  return place.hash == probe.hash && row.pair == use.pair && row.api_key == use.api_key &&
         row.address == use.address && row.client == use.client && row.route == use.route;
}

std::uint64_t UsageTable::hash_of(const AcceptedUse& use) const {
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
      .finish();
}

bool UsageTable::add(const AcceptedUse& use) {
  const std::uint64_t hash = hash_of(use);
  if (const auto place = places_.find(Probe{.hash = hash, .use = use}); place != places_.end()) {
    UsageRow& row = rows_[place->row];
    row.first = std::min(row.first, use.now);
    row.last = std::max(row.last, use.now);
    row.last_request_id.assign(use.request_id);
    row.last_delay = use.delay;
    ++row.count;
    return true;
  }
  if (rows_.size() >= rows_max_) {
    return false;
  }
  rows_.push_back({.api_key = std::string(use.api_key),
                   .pair = use.pair,
                   .address = use.address,
                   .client = std::string(use.client),
                   .route = std::string(use.route),
                   .first = use.now,
                   .last = use.now,
                   .count = 1,
                   .last_request_id = std::string(use.request_id),
                   .last_delay = use.delay});
  places_.insert(Place{.hash = hash, .row = static_cast<std::uint32_t>(rows_.size() - 1)});
  return true;
}

std::vector<UsageRow> UsageTable::take() {
  places_.clear();
  std::vector<UsageRow> taken = std::exchange(rows_, {});
  rows_.reserve(std::min<std::size_t>(taken.size(), 1024));
  return taken;
}

}  // namespace counterfoil
