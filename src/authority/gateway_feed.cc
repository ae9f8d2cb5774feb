#include "authority/gateway_feed.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "authority/feed_follower.h"
#include "authority/right_to_accept.h"
#include "base/time.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

// A loop that takes longer than this to come round is worth telling.
constexpr std::chrono::seconds kPassPatience{1};

}  // namespace

// Inbox is what other threads tell: commits, and loops that have come round.
struct GatewayFeed::Inbox {
  std::mutex mutex;
  std::function<void()> wake;         // under mutex; may be empty
  bool has_commits = false;           // under mutex
  std::vector<std::uint64_t> passed;  // under mutex

  void tell(const std::function<void(Inbox&)>& what) {
    const std::scoped_lock lock(mutex);
    what(*this);
    if (wake) {
      wake();
    }
  }
};

GatewayFeed::GatewayFeed(Parts parts, const std::optional<Revision>& shown)
    : parts_(std::move(parts)), inbox_(std::make_shared<Inbox>()), right_(ForceTimes{}) {
  if (shown) {
    if (const auto load = follower_.next()) {
      follower_.filled(std::get<FeedFollower::Load>(*load).number, *shown);
    }
  }
  subscription_ = parts_.registry.subscribe(
      [inbox = inbox_](std::uint64_t) { inbox->tell([](Inbox& in) { in.has_commits = true; }); });
}

void GatewayFeed::wake_with(std::function<void()> wake) {
  const std::scoped_lock lock(inbox_->mutex);
  inbox_->wake = std::move(wake);
}

void GatewayFeed::take_inbox() {
  bool has_commits = false;
  std::vector<std::uint64_t> passed;
  {
    const std::scoped_lock lock(inbox_->mutex);
    has_commits = std::exchange(inbox_->has_commits, false);
    passed.swap(inbox_->passed);
  }
  for (const std::uint64_t number : passed) {
    passing_since_.reset();
    follower_.passed(number);
  }
  if (has_commits) {
    if (const auto revision = parts_.registry.revision()) {
      follower_.told_of(*revision);
    }
  }
  if (follower_.applied()) {
    right_.applied(*follower_.applied());
  }
}

void GatewayFeed::beat() {
  const auto beat = right_.beat(parts_.clock.boot_now());
  if (!beat) {
    return;
  }
  const auto read = parts_.roll.beat(parts_.gateway, beat->applied);
  roll_fault_ = read ? std::nullopt : std::optional(read.error());
  if (read) {
    right_.answered(beat->number, *read);
    follower_.told_of(*read);
  }
}

void GatewayFeed::tick() {
  take_inbox();
  beat();
  while (const auto step = follower_.next()) {
    if (!std::visit([this](const auto& what) { return carry_out(what); }, *step)) {
      break;
    }
    take_inbox();
    beat();  // what has come into force is reported at once: a revocation may be waiting for it
  }
}

bool GatewayFeed::carry_out(const FeedFollower::Load& load) {
  const auto loaded = parts_.replica.load(parts_.registry, load.at_least);
  feed_fault_ = loaded ? std::nullopt : std::optional(loaded.error());
  if (!loaded) {
    follower_.failed(load.number);
    return false;
  }
  follower_.filled(load.number, loaded->revision);
  return true;
}

bool GatewayFeed::carry_out(const FeedFollower::Read& read) {
  const auto shown = parts_.replica.read(parts_.registry);
  if (!shown && shown.error() == RegistryError::kGap) {
    follower_.gap(read.number);
    return true;
  }
  feed_fault_ = shown ? std::nullopt : std::optional(shown.error());
  if (!shown) {
    follower_.failed(read.number);
    return false;
  }
  follower_.filled(read.number, *shown);
  return true;
}

bool GatewayFeed::carry_out(const FeedFollower::Pass& pass) {
  passing_since_ = parts_.clock.boot_now();
  parts_.loops.pass([inbox = inbox_, number = pass.number] {
    inbox->tell([number](Inbox& in) { in.passed.push_back(number); });
  });
  return true;
}

std::optional<std::string> GatewayFeed::trouble() const {
  if (roll_fault_) {
    return "the registry does not answer: " + std::string(describe(*roll_fault_));
  }
  if (feed_fault_) {
    return "the copy of the registry is behind: " + std::string(describe(*feed_fault_));
  }
  if (passing_since_ && parts_.clock.boot_now() - *passing_since_ > kPassPatience) {
    return "an event loop does not come round; if this lasts, restart the node";
  }
  return std::nullopt;
}

}  // namespace counterfoil
