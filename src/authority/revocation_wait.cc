#include "authority/revocation_wait.h"

#include <algorithm>
#include <iterator>
#include <ranges>
#include <vector>

#include "base/time.h"
#include "registry/gateway_roll.h"
#include "registry/registry.h"

namespace counterfoil {

void RevocationWait::on_roll(const Roll& roll, BootTime now) {
  for (const GatewayEntry& entry : roll.gateways) {
    if (!has_read_) {
      answers_[entry.gateway] = GatewayAnswer{.gateway = entry.gateway, .first_read = entry};
    }
    const auto found = answers_.find(entry.gateway);
    if (found == answers_.end() || found->second.kind != GatewayAnswer::Kind::kWaiting ||
        entry.applied.incarnation != committed_.incarnation ||
        entry.applied.number < committed_.number) {
      continue;
    }
    found->second.kind = GatewayAnswer::Kind::kApplied;
    found->second.applied = entry.applied;
    found->second.since = now;
  }
  was_whole_ = has_read_ ? was_whole_ : roll.is_whole;
  has_read_ = true;
  passed_time(now);
}

void RevocationWait::passed_time(BootTime now) {
  if (now < ends_at()) {
    return;
  }
  time_is_over_ = true;
  for (GatewayAnswer& answer : std::views::values(answers_)) {
    if (answer.kind == GatewayAnswer::Kind::kWaiting) {
      answer.kind = GatewayAnswer::Kind::kCountedOut;
      answer.since = now;
    }
  }
}

bool RevocationWait::is_over() const {
  return time_is_over_ || (was_whole_ && std::ranges::none_of(answers_, [](const auto& answer) {
                             return answer.second.kind == GatewayAnswer::Kind::kWaiting;
                           }));
}

std::vector<GatewayEntry> RevocationWait::silent(const Roll& at_the_end) const {
  std::vector<GatewayEntry> found;
  std::ranges::copy_if(at_the_end.gateways, std::back_inserter(found), [this](const auto& entry) {
    const auto answer = answers_.find(entry.gateway);
    return time_is_over_ && answer != answers_.end() &&
           answer->second.kind == GatewayAnswer::Kind::kCountedOut &&
           entry.is_as_silent_as(answer->second.first_read);
  });
  return found;
}

std::vector<GatewayAnswer> RevocationWait::answers() const {
  const auto values = std::views::values(answers_);
  return {values.begin(), values.end()};
}

}  // namespace counterfoil
