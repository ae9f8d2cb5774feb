#include "authority/live_feed.h"

#include <algorithm>  // IWYU pragma: keep (std::ranges::upper_bound)
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "base/time.h"
#include "journal/journal.h"

namespace counterfoil {

LiveFeed::LiveFeed(const Clock& clock)
    : head_(static_cast<std::uint64_t>(clock.now().time_since_epoch().count())) {}

void LiveFeed::publish(std::span<const UsageRow> uses, std::span<const RefusalRow> refusals) {
  {
    const std::scoped_lock lock(mutex_);
    for (const UsageRow& row : uses) {
      kept_.push_back({.id = ++head_,
                       .api_key = row.api_key,
                       .at = row.last,
                       .is_accepted = true,
                       .reason = {},
                       .request_id = row.last_request_id,
                       .route = row.route,
                       .address = row.address,
                       .client = row.client,
                       .count = row.count});
    }
    for (const RefusalRow& row : refusals) {
      if (row.account.empty()) {
        continue;  // nobody watches API keys that are not ours
      }
      kept_.push_back({.id = ++head_,
                       .api_key = row.api_key,
                       .at = row.time,
                       .is_accepted = false,
                       .reason = row.reason_name,
                       .request_id = row.request_id,
                       .route = row.route,
                       .address = row.address,
                       .client = row.client,
                       .count = row.count});
    }
    while (kept_.size() > kKept) {
      kept_.pop_front();
    }
  }
  changed_.notify_all();
}

std::uint64_t LiveFeed::head() const {
  const std::scoped_lock lock(mutex_);
  return head_;
}

std::vector<LiveRequest> LiveFeed::after(std::uint64_t after, Instant until) const {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, until, [&] { return !kept_.empty() && kept_.back().id > after; });
  const auto first = std::ranges::upper_bound(kept_, after, {}, &LiveRequest::id);
  return {first, kept_.end()};
}

}  // namespace counterfoil
