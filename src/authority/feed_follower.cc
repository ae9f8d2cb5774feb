#include "authority/feed_follower.h"

#include <cstdint>
#include <optional>

#include "registry/registry.h"

namespace counterfoil {
namespace {

// A revision of another incarnation is neither older nor newer: it has to be looked at.
bool differs_ahead(const Revision& a, const Revision& b) {
  return a.incarnation != b.incarnation || a.number > b.number;
}

}  // namespace

bool FeedFollower::wants_read() const { return shown_ && told_ && differs_ahead(*told_, *shown_); }

std::optional<FeedFollower::Step> FeedFollower::next() {
  // The loops go first: what the table shows already is worth confirming before more is read.
  if (!passing_ && shown_ && shown_ != applied_) {
    passing_ = Passing{.number = ++numbers_, .makes_applied = *shown_};
    return Pass{.number = passing_->number};
  }
  if (filling_) {
    return std::nullopt;
  }
  if (load_again_) {
    load_again_ = false;
    filling_is_load_ = true;
    filling_ = ++numbers_;
    return Load{.number = *filling_, .at_least = told_};
  }
  if (wants_read()) {
    filling_is_load_ = false;
    filling_ = ++numbers_;
    return Read{.number = *filling_, .after = *shown_};
  }
  return std::nullopt;
}

void FeedFollower::told_of(const Revision& revision) {
  if (!told_ || differs_ahead(revision, *told_)) {
    told_ = revision;
  }
}

void FeedFollower::filled(std::uint64_t number, const Revision& at) {
  if (filling_ != number) {
    return;
  }
  filling_.reset();
  shown_ = at;
  // What the store itself answered settles which incarnation there is.
  if (!told_ || told_->incarnation != at.incarnation || at.number > told_->number) {
    told_ = at;
  }
}

void FeedFollower::gap(std::uint64_t number) {
  if (filling_ == number) {
    filling_.reset();
    load_again_ = true;
  }
}

void FeedFollower::failed(std::uint64_t number) {
  if (filling_ == number) {
    filling_.reset();
    load_again_ = filling_is_load_;
  }
}

void FeedFollower::passed(std::uint64_t number) {
  if (passing_ && passing_->number == number) {
    applied_ = passing_->makes_applied;
    passing_.reset();
  }
}

}  // namespace counterfoil
