#include "doors/rest/upstream_pool.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <expected>
#include <utility>
#include <vector>

#include "doors/net/loop.h"
#include "doors/rest/door_counters.h"
#include "doors/rest/rest_shared.h"
#include "doors/rest/upstream_connection.h"
#include "verify/reason.h"

namespace counterfoil {
namespace {

constexpr std::chrono::seconds kAgeCheck{1};

}  // namespace

UpstreamPool::UpstreamPool(net::Loop& loop, RestShared& shared, DoorCounters& counters)
    : loop_(loop),
      shared_(shared),
      options_(shared.options.upstream),
      counters_(counters),
      addresses_(loop, shared.target),
      age_timer_([this] { close_old(); }) {}

std::expected<UpstreamConnection*, Reason> UpstreamPool::acquire(UpstreamUser& user,
                                                                 Wanted wanted) {
  if (wanted == Wanted::kAny && !idle_.empty()) {
    UpstreamConnection* const connection = idle_.back();
    idle_.pop_back();
    counters_.upstream_reused.add();
    show();
    return connection;
  }
  if (waiting_.size() >= options_.waiting_max || is_closed_) {
    return std::unexpected(Reason::kOverloaded);
  }
  waiting_.push_back({.user = &user, .wanted = wanted});
  open_enough();
  show();
  return nullptr;
}

void UpstreamPool::cancel(const UpstreamUser& user) {
  std::erase_if(waiting_, [&](const Waiter& waiter) { return waiter.user == &user; });
  show();
}

void UpstreamPool::open_enough() {
  while (connecting_ < waiting_.size() && all_.size() < options_.connections_max && !is_closed_) {
    open_one();
  }
}

void UpstreamPool::open_one() {
  const UpstreamConnection::Pointer connection(
      new UpstreamConnection(loop_, *this, shared_.upstream_tls()));
  all_.push_back(connection);
  ++connecting_;
  addresses_.use([this, connection](const UpstreamConnection::Endpoints& endpoints) {
    if (is_closed_) {
      return;
    }
    if (endpoints.empty()) {
      on_connect_failed(*connection);
      return;
    }
    connection->connect(endpoints, next_endpoint_++ % endpoints.size(), shared_.target.host,
                        options_.connect_time_max);
  });
}

void UpstreamPool::on_connected(UpstreamConnection& connection) {
  --connecting_;
  counters_.upstream_connected.add();
  put(connection, Wanted::kNew);
  show();
}

void UpstreamPool::on_connect_failed(UpstreamConnection& connection) {
  const UpstreamConnection::Pointer kept(&connection);
  --connecting_;
  counters_.upstream_connects_failed.add();
  remove(connection);
  if (!waiting_.empty()) {
    UpstreamUser* const user = waiting_.front().user;
    waiting_.pop_front();
    user->on_upstream_refused(Reason::kUpstreamUnreachable);
  }
  open_enough();
  show();
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
  if (idle_.size() >= options_.idle_max) {
    discard(connection);
    return;
  }
  idle_.push_back(&connection);
  if (!age_timer_.is_set()) {
    age_timer_.set(loop_.timers(), kAgeCheck);
  }
}

void UpstreamPool::discard(UpstreamConnection& connection) {
  const UpstreamConnection::Pointer kept(&connection);
  remove(connection);
  connection.close();
  open_enough();
  show();
}

void UpstreamPool::remove(UpstreamConnection& connection) {
  std::erase(idle_, &connection);
  const auto found = std::ranges::find(all_, &connection, &UpstreamConnection::Pointer::get);
  if (found != all_.end()) {
    std::swap(*found, all_.back());
    all_.pop_back();
  }
}

void UpstreamPool::close_old() {
  const BootTime old = loop_.timers().now() - options_.idle_time_max;
  while (!idle_.empty() && idle_.front()->idle_since() <= old) {
    discard(*idle_.front());
  }
  if (!idle_.empty()) {
    age_timer_.set(loop_.timers(), kAgeCheck);
  }
}

void UpstreamPool::close_all() {
  is_closed_ = true;
  waiting_.clear();
  idle_.clear();
  for (const UpstreamConnection::Pointer& connection : std::exchange(all_, {})) {
    connection->close();
  }
  show();
}

void UpstreamPool::show() {
  counters_.upstream_open.set(all_.size() - connecting_);
  counters_.upstream_idle.set(idle_.size());
  counters_.upstream_waiting.set(waiting_.size());
}

}  // namespace counterfoil
