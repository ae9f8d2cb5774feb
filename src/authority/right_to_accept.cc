#include "authority/right_to_accept.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "registry/registry.h"

namespace counterfoil {

std::optional<Beat> RightToAccept::beat(BootTime now) {
  const bool has_news = applied_ != reported_ && last_is_answered_;
  if (last_sent_ && !has_news && now < *last_sent_ + times_.beat_interval) {
    return std::nullopt;
  }
  last_sent_ = now;
  last_is_answered_ = false;
  reported_ = applied_;
  ++last_number_;
  if (waiting_.size() == kWaitingMax) {
    waiting_.pop_front();
  }
  waiting_.push_back({.number = last_number_, .sent_at = now, .read = std::nullopt});
  return Beat{.number = last_number_, .sent_at = now, .applied = applied_};
}

void RightToAccept::answered(std::uint64_t number, const Revision& read) {
  const auto found = std::ranges::find(waiting_, number, &Waiting::number);
  if (found == waiting_.end() || found->read) {
    return;
  }
  last_is_answered_ = last_is_answered_ || number == last_number_;
  found->read = read;
  settle();
}

void RightToAccept::applied(const Revision& revision) {
  if (revision.incarnation == applied_.incarnation && revision.number < applied_.number) {
    return;
  }
  applied_ = revision;
  settle();
}

void RightToAccept::settle() {
  std::erase_if(waiting_, [this](const Waiting& waiting) {
    if (!waiting.read || waiting.read->incarnation != applied_.incarnation ||
        waiting.read->number > applied_.number) {
      return false;
    }
    until_ = std::max(until_, waiting.sent_at + times_.right_lasts);
    return true;
  });
}

}  // namespace counterfoil
