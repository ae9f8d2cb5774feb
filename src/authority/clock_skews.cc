#include "authority/clock_skews.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "journal/journal.h"

namespace counterfoil {
namespace {

std::int32_t whole_ms(std::chrono::microseconds delay) {
  using Limits = std::numeric_limits<std::int32_t>;
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(
      std::chrono::round<std::chrono::milliseconds>(delay).count(), Limits::min(), Limits::max()));
}

}  // namespace

void ClockSkews::note_uses(std::span<const UsageRow> rows) {
  const std::scoped_lock lock(mutex_);
  for (const UsageRow& row : rows) {
    auto found = rings_.find(row.api_key);
    if (found == rings_.end()) {
      if (rings_.size() >= kKeys) {
        rings_.erase(used_.back());
        used_.pop_back();
      }
      used_.push_front(row.api_key);
      found = rings_.emplace(row.api_key, Ring{.delays_ms = {}, .place = used_.begin()}).first;
    } else {
      used_.splice(used_.begin(), used_, found->second.place);
    }
    auto& delays = found->second.delays_ms;
    delays.push_back(whole_ms(row.last_delay));
    if (delays.size() > kPerKey) {
      delays.pop_front();
    }
  }
}

std::vector<std::int64_t> ClockSkews::delays_ms(std::string_view api_key) const {
  const std::scoped_lock lock(mutex_);
  const auto found = rings_.find(api_key);
  return found == rings_.end() ? std::vector<std::int64_t>()
                               : std::vector<std::int64_t>(found->second.delays_ms.begin(),
                                                           found->second.delays_ms.end());
}

}  // namespace counterfoil
