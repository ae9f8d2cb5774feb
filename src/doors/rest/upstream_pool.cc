#include "doors/rest/upstream_pool.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <expected>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/time.h"
#include "doors/net/loop.h"
#include "doors/rest/door_counters.h"
#include "doors/rest/rest_shared.h"
#include "doors/rest/upstream_addresses.h"
#include "doors/rest/upstream_connection.h"
#include "doors/rest/upstream_probe.h"
#include "doors/rest/upstream_state.h"
#include "verify/reason.h"

namespace counterfoil {
namespace {

constexpr std::chrono::milliseconds kLookEvery{100};
// A target that came back gets one request of a loop at a time until it has answered one, as long
// as others can take the rest.
constexpr std::size_t kTrialPenalty = std::numeric_limits<std::size_t>::max() / 2;
// Connections opened at once to a target that has too few kept ones.
constexpr std::size_t kOpenedAheadMax = 8;

}  // namespace

struct UpstreamPool::Lane {
  Lane(net::Loop& loop, RestShared& shared, std::size_t place)
      : target(place),
        addresses(loop, shared.targets[place]),
        probe(loop, shared, addresses, place) {}

  std::size_t target;  // its place in the upstream's list
  UpstreamAddresses addresses;
  UpstreamProbe probe;
  std::vector<UpstreamConnection::Pointer> all;  // open or opening
  std::vector<UpstreamConnection*> idle;         // the one used last is last
  std::size_t connecting = 0;
  std::size_t next_endpoint = 0;
  BootTime answered_at{};

  [[nodiscard]] Tried bit() const { return Tried{1} << target; }
  [[nodiscard]] std::size_t busy() const { return all.size() - idle.size(); }
};

UpstreamPool::UpstreamPool(net::Loop& loop, RestShared& shared, DoorCounters& counters)
    : loop_(loop),
      shared_(shared),
      options_(shared.options.upstream),
      counters_(counters),
      look_timer_([this] { look(); }) {
  for (std::size_t i = 0; i < shared.targets.size(); ++i) {
    lanes_.push_back(std::make_unique<Lane>(loop, shared, i));
  }
}

UpstreamPool::~UpstreamPool() = default;

void UpstreamPool::start() { look(); }

UpstreamPool::Lane& UpstreamPool::lane_of(const UpstreamConnection& connection) {
  return *lanes_[connection.target()];
}

template <typename Fits>
UpstreamPool::Lane* UpstreamPool::least_busy(Fits fits) {
  Lane* least = nullptr;
  std::size_t least_load = std::numeric_limits<std::size_t>::max();
  std::size_t next = turn_;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    next = next + 1 < lanes_.size() ? next + 1 : 0;
    Lane& lane = *lanes_[next];
    const UpstreamStanding standing = shared_.health.standing(lane.target);
    if (standing == UpstreamStanding::kOut || !fits(lane)) {
      continue;
    }
    const bool is_tried = standing == UpstreamStanding::kOnTrial && lane.busy() > 0;
    const std::size_t load = lane.busy() + (is_tried ? kTrialPenalty : 0);
    if (load < least_load) {
      least = &lane;
      least_load = load;
    }
  }
  return least;
}

std::expected<UpstreamConnection*, Reason> UpstreamPool::acquire(UpstreamUser& user,
                                                                 Wanted wanted) {
  if (UpstreamConnection* const kept = wanted == Wanted::kAny ? take_kept() : nullptr) {
    counters_.upstream_reused.add();
    show();
    return kept;
  }
  if (least_busy([](const Lane&) { return true; }) == nullptr) {
    return std::unexpected(Reason::kUpstreamOut);
  }
  if (waiting_.size() >= options_.waiting_max || is_closed_) {
    return std::unexpected(Reason::kOverloaded);
  }
  waiting_.push_back({.user = &user, .wanted = wanted, .tried = 0});
  open_enough();
  show();
  return nullptr;
}

UpstreamConnection* UpstreamPool::take_kept() {
  if (idle_ == 0) {
    return nullptr;
  }
  Lane* const least = least_busy([](const Lane&) { return true; });
  Lane* lane = least;
  if (least != nullptr && least->idle.empty()) {
    lane = least_busy([](const Lane& one) { return !one.idle.empty(); });
  }
  if (lane == nullptr) {
    return nullptr;
  }
  turn_ = least->target;
  UpstreamConnection* const connection = lane->idle.back();
  lane->idle.pop_back();
  --idle_;
  if (lane != least && least->connecting < kOpenedAheadMax &&
      least->all.size() < options_.connections_max) {
    open_one(*least);
  }
  return connection;
}

void UpstreamPool::cancel(const UpstreamUser& user) {
  std::erase_if(waiting_, [&](const Waiter& waiter) { return waiter.user == &user; });
  show();
}

void UpstreamPool::open_enough() {
  while (connecting_ < waiting_.size() && !is_closed_) {
    const Tried tried = waiting_[connecting_].tried;
    Lane* const lane = least_busy([&](const Lane& one) {
      return (tried & one.bit()) == 0 && one.all.size() < options_.connections_max;
    });
    if (lane == nullptr) {
      return;
    }
    turn_ = lane->target;
    open_one(*lane);
  }
}

void UpstreamPool::open_one(Lane& lane) {
  const UpstreamConnection::Pointer connection(
      new UpstreamConnection(loop_, *this, shared_.upstream_tls(), lane.target));
  lane.all.push_back(connection);
  ++lane.connecting;
  ++connecting_;
  ++count_;
  lane.addresses.use([this, &lane, connection](const UpstreamConnection::Endpoints& endpoints) {
    if (is_closed_) {
      return;
    }
    if (endpoints.empty()) {
      on_connect_failed(*connection);
      return;
    }
    connection->connect(endpoints, lane.next_endpoint++ % endpoints.size(),
                        shared_.targets[lane.target].host, options_.connect_time_max);
  });
}

void UpstreamPool::on_connected(UpstreamConnection& connection) {
  --lane_of(connection).connecting;
  --connecting_;
  counters_.upstream_connected.add();
  put(connection, Wanted::kNew);
  show();
}

void UpstreamPool::on_connect_failed(UpstreamConnection& connection) {
  const UpstreamConnection::Pointer kept(&connection);
  Lane& lane = lane_of(connection);
  --lane.connecting;
  --connecting_;
  counters_.upstream_connects_failed.add();
  remove(connection);
  shared_.health.failed(lane.target, UpstreamFault::kUnreachable, loop_.timers().now());
  // Nothing was sent for anybody yet: who waits the longest goes on to another target.
  const auto first = std::ranges::find_if(
      waiting_, [&](const Waiter& waiter) { return (waiter.tried & lane.bit()) == 0; });
  if (first != waiting_.end()) {
    first->tried |= lane.bit();
  }
  refuse_hopeless();
  open_enough();
  show();
}

void UpstreamPool::refuse_hopeless() {
  Tried usable = 0;
  for (const auto& lane : lanes_) {
    usable |= shared_.health.is_usable(lane->target) ? lane->bit() : 0;
  }
  for (;;) {
    // Anew each time: who is refused may come back with its next request.
    const auto hopeless = std::ranges::find_if(
        waiting_, [&](const Waiter& waiter) { return (usable & ~waiter.tried) == 0; });
    if (hopeless == waiting_.end()) {
      return;
    }
    const Waiter waiter = *hopeless;
    waiting_.erase(hopeless);
    waiter.user->on_upstream_refused(waiter.tried == 0 ? Reason::kUpstreamOut
                                                       : Reason::kUpstreamUnreachable);
  }
}

void UpstreamPool::on_idle_lost(UpstreamConnection& connection) {
  if (!connection.received().empty()) {
    counters_.upstream_left_over.add();
  }
  remove(connection);
  show();
}

void UpstreamPool::give_back(UpstreamConnection& connection) {
  if (is_closed_ || !connection.may_carry_more()) {
    if (!connection.received().empty()) {
      counters_.upstream_left_over.add();
    }
    discard(connection);
    return;
  }
  connection.detach();
  if (connection.is_open()) {
    put(connection, Wanted::kAny);
  }
  show();
}

// put gives the connection to who waits for it, or keeps it.
void UpstreamPool::put(UpstreamConnection& connection, Wanted is) {
  const auto next = std::ranges::find_if(waiting_, [&](const Waiter& waiter) {
    return waiter.wanted == Wanted::kAny || is == Wanted::kNew;
  });
  if (next != waiting_.end()) {
    UpstreamUser* const user = next->user;
    waiting_.erase(next);
    user->on_upstream_ready(connection);
    return;
  }
  if (is == Wanted::kNew) {
    connection.detach();  // so that it is watched
  }
  Lane& lane = lane_of(connection);
  if (lane.idle.size() >= options_.idle_max) {
    discard(connection);
    return;
  }
  lane.idle.push_back(&connection);
  ++idle_;
}

void UpstreamPool::discard(UpstreamConnection& connection) {
  const UpstreamConnection::Pointer kept(&connection);
  remove(connection);
  connection.close();
  open_enough();
  show();
}

void UpstreamPool::remove(UpstreamConnection& connection) {
  Lane& lane = lane_of(connection);
  idle_ -= std::erase(lane.idle, &connection);
  const auto found = std::ranges::find(lane.all, &connection, &UpstreamConnection::Pointer::get);
  if (found != lane.all.end()) {
    std::swap(*found, lane.all.back());
    lane.all.pop_back();
    --count_;
  }
}

void UpstreamPool::note_answer(const UpstreamConnection& connection) {
  lane_of(connection).answered_at = loop_.timers().now();
  shared_.health.answered(connection.target());
}

void UpstreamPool::note_fault(const UpstreamConnection& connection, UpstreamFault fault) {
  const bool is_alive = lane_of(connection).answered_at > connection.sent_at();
  if (fault != UpstreamFault::kTimeout || !is_alive) {
    shared_.health.failed(connection.target(), fault, loop_.timers().now());
  }
}

std::chrono::seconds UpstreamPool::retry_after() const {
  return std::max(
      std::chrono::ceil<std::chrono::seconds>(shared_.health.next_probe_in(loop_.timers().now())),
      std::chrono::seconds(1));
}

void UpstreamPool::look() {
  for (const auto& lane : lanes_) {
    look_after(*lane);
  }
  // Another loop may have found out that a target is out, or is back.
  refuse_hopeless();
  open_enough();
  show();
  look_timer_.set(loop_.timers(), kLookEvery);
}

void UpstreamPool::look_after(Lane& lane) {
  const BootTime now = loop_.timers().now();
  const BootTime old = now - options_.idle_time_max;
  const bool is_usable = shared_.health.is_usable(lane.target);
  while (!lane.idle.empty() && (!is_usable || lane.idle.front()->idle_since() <= old)) {
    discard(*lane.idle.front());
  }
  if (shared_.health.claim_probe(lane.target, now)) {
    lane.probe.start([this, target = lane.target](std::optional<UpstreamFault> fault) {
      shared_.health.probed(target, fault, loop_.timers().now());
      open_enough();
    });
  }
}

void UpstreamPool::close_all() {
  is_closed_ = true;
  look_timer_.cancel();
  waiting_.clear();
  for (const auto& lane : lanes_) {
    lane->probe.close();
    lane->idle.clear();
    for (const UpstreamConnection::Pointer& connection : std::exchange(lane->all, {})) {
      connection->close();
    }
  }
  idle_ = 0;
  count_ = 0;
  show();
}

void UpstreamPool::show() {
  counters_.upstream_open.set(count_ - std::min(count_, connecting_));
  counters_.upstream_idle.set(idle_);
  counters_.upstream_waiting.set(waiting_.size());
}

}  // namespace counterfoil
