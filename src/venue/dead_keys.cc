#include "venue/dead_keys.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/time.h"

namespace counterfoil::venue {

void DeadKeys::refuse(std::string_view api_key, Timestamp proved_until, Timestamp now) {
  forget_old(now);
  const Timestamp forget_at = now + kRemembered;
  Entry& entry = entries_[std::string(api_key)];
  entry.proved_until = std::max(entry.proved_until, proved_until);
  entry.forget_at = forget_at;
  places_.push_back({.forget_at = forget_at, .api_key = std::string(api_key)});
}

bool DeadKeys::refuses(std::string_view api_key, Timestamp proved_at, Timestamp now) const {
  const auto found = entries_.find(std::string(api_key));
  return found != entries_.end() && now <= found->second.forget_at &&
         proved_at <= found->second.proved_until;
}

void DeadKeys::forget_old(Timestamp now) {
  while (!places_.empty() &&
         (places_.front().forget_at < now || places_.size() >= kRememberedMax)) {
    // Told again, a key has a later place, which keeps it.
    const auto found = entries_.find(places_.front().api_key);
    if (found != entries_.end() && found->second.forget_at <= places_.front().forget_at) {
      entries_.erase(found);
    }
    places_.pop_front();
  }
}

}  // namespace counterfoil::venue
