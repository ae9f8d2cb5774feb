#include "sim_gateway.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "authority/feed_follower.h"
#include "authority/right_to_accept.h"
#include "keys/api_key.h"
#include "keys/api_key_id.h"
#include "keys/live_key.h"
#include "keys/permission.h"
#include "registry/registry.h"
#include "replica/live_key_table.h"
#include "replica/replica.h"
#include "sim_clockwork.h"
#include "sim_store.h"

namespace counterfoil::simulation {
namespace {

constexpr Micros kTick = 50 * kMillisecond;
constexpr Micros kStepLimit = 400 * kMillisecond;  // then a Load or Read is given up
constexpr std::uint64_t kLagMax = 6;
constexpr Micros kLongStep = 350 * kMillisecond;  // a loop that is kept busy in mid-step

bool is_alive(const LiveKey& key) {
  return key.state == KeyState::kActive && !key.account_suspended;
}

}  // namespace

SimGateway::SimGateway(Clockwork& clockwork, SimStore& store, const PermissionTable& permissions,
                       MaterialSource& material, std::size_t node, std::string name,
                       OnAccept on_accept)
    : clockwork_(clockwork),
      store_(store),
      node_(node),
      name_(std::move(name)),
      on_accept_(std::move(on_accept)),
      right_(ForceTimes{}),
      replica_(permissions, material),
      loops_(1 + clockwork.random().below(3)) {}

void SimGateway::start() {
  clockwork_.after_local(node_, 0, [this] { tick(); });
}

void SimGateway::tick() {
  beat();
  go_on();
  clockwork_.after_local(node_, kTick, [this] { tick(); });
}

void SimGateway::beat() {
  const auto beat = right_.beat(clockwork_.local(node_));
  if (!beat) {
    return;
  }
  const Micros sent = clockwork_.now();
  clockwork_.to_store(node_, [this, beat = *beat, sent] {
    const Revision read = store_.beat(name_, beat.applied);
    clockwork_.from_store(node_, [this, number = beat.number, read, sent] {
      heard_from_store_ = std::max(heard_from_store_, sent);
      right_.answered(number, read);
      told(read);
    });
  });
}

void SimGateway::told(const Revision& revision) {
  follower_.told_of(revision);
  go_on();
}

void SimGateway::go_on() {
  while (const auto step = follower_.next()) {
    std::visit([this](const auto& what) { carry_out(what); }, *step);
  }
  if (follower_.applied()) {
    right_.applied(*follower_.applied());
    beat();  // sends one only if there is something to report
  }
}

std::uint64_t SimGateway::lag() {
  SeededRandom& random = clockwork_.random();
  return random.one_in(clockwork_.faults().stale_one_in) ? random.below(kLagMax) + 1 : 0;
}

void SimGateway::carry_out(const FeedFollower::Load& load) {
  clockwork_.to_store(node_, [this, load, behind = lag()] {
    clockwork_.from_store(node_, [this, load, view = store_.view(behind)] {
      fill(load.number, load.at_least, view);
    });
  });
  give_up_later(load.number);
}

void SimGateway::carry_out(const FeedFollower::Read& read) {
  clockwork_.to_store(node_, [this, read, behind = lag()] {
    clockwork_.from_store(node_, [this, read, view = store_.view(behind)] {
      if (!follower_.awaits(read.number)) {
        return;
      }
      if (const auto at = replica_.read(*view)) {
        follower_.filled(read.number, *at);
      } else {
        follower_.gap(read.number);
      }
      go_on();
    });
  });
  give_up_later(read.number);
}

void SimGateway::fill(std::uint64_t number, const std::optional<Revision>& at_least,
                      const std::shared_ptr<const Registry>& view) {
  if (!follower_.awaits(number)) {
    return;
  }
  if (const auto loaded = replica_.load(*view, at_least)) {
    follower_.filled(number, loaded->revision);
    go_on();
  } else {
    // Try again a little later, not at once: the same copy may answer.
    clockwork_.after_local(node_, kTick, [this, number] {
      follower_.failed(number);
      go_on();
    });
  }
}

void SimGateway::give_up_later(std::uint64_t number) {
  clockwork_.after_local(node_, kStepLimit, [this, number] {
    follower_.failed(number);
    go_on();
  });
}

void SimGateway::carry_out(const FeedFollower::Pass& pass) {
  const auto left = std::make_shared<std::size_t>(loops_.size());
  for (std::size_t loop = 0; loop < loops_.size(); ++loop) {
    post(loop, [this, left, number = pass.number]() -> Micros {
      if (--*left == 0) {
        follower_.passed(number);
        go_on();
      }
      return 0;
    });
  }
}

void SimGateway::request(const ApiKeyId& key) {
  const std::size_t loop = clockwork_.random().below(loops_.size());
  post(loop, [this, loop, key]() -> Micros {
    // The verdict: from here on the request holds what it found, and may have to wait for a
    // connection.
    const LiveKeyRef found = replica_.find(key);
    const Micros wait = clockwork_.random().one_in(4) ? clockwork_.random().between(0, kSecond) : 0;
    clockwork_.after_local(node_, wait, [this, loop, found, key] {
      post(loop, [this, found, key] { return serve(found, key); });
    });
    return 0;
  });
}

bool SimGateway::looks_alive(const LiveKeyRef& found, const ApiKeyId& id) const {
  if (found && found.is_current()) {
    return is_alive(*found);
  }
  const LiveKeyRef anew = replica_.find(id);
  return anew && is_alive(*anew);
}

Micros SimGateway::serve(const LiveKeyRef& found, const ApiKeyId& id) {
  // One step of one loop: the last look, then the first byte.
  if (!has_right() || !looks_alive(found, id)) {
    return 0;
  }
  SeededRandom& random = clockwork_.random();
  const Micros until_first_byte = random.between(1, random.one_in(20) ? kLongStep : 100);
  clockwork_.after_local(
      node_, until_first_byte, [this, id, looked = clockwork_.now(), until_first_byte] {
        // A machine that is stopped between look and byte is outside the promise (and said so in
        // the manual): the byte then carries an old proof, which is the upstream's to refuse.
        if (clockwork_.now() - looked <= until_first_byte + until_first_byte / 50 + kMillisecond) {
          on_accept_({.gateway = name_,
                      .key = std::string(id.text()),
                      .heard_from_store = heard_from_store_});
        }
      });
  return until_first_byte;
}

bool SimGateway::shows_alive(const ApiKeyId& key) const {
  const LiveKeyRef found = replica_.find(key);
  return found && is_alive(*found);
}

void SimGateway::post(std::size_t loop, std::function<Micros()> work) {
  loops_[loop].waiting.push_back(std::move(work));
  if (!loops_[loop].busy) {
    loops_[loop].busy = true;
    clockwork_.after_local(node_, 0, [this, loop] { run_loop(loop); });
  }
}

void SimGateway::run_loop(std::size_t loop) {
  Loop& self = loops_[loop];
  if (self.waiting.empty()) {
    self.busy = false;
    return;
  }
  const auto work = std::move(self.waiting.front());
  self.waiting.pop_front();
  const Micros kept = work();
  clockwork_.after_local(node_, kept, [this, loop] { run_loop(loop); });
}

}  // namespace counterfoil::simulation
