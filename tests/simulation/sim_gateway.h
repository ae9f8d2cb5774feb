#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "authority/feed_follower.h"
#include "authority/right_to_accept.h"
#include "keys/permission.h"
#include "replica/replica.h"
#include "sim_clockwork.h"
#include "sim_store.h"

namespace counterfoil::simulation {

// Acceptance is the moment before the first byte of one request goes upstream.
struct Acceptance {
  std::string gateway;
  std::string key;
  Micros heard_from_store;  // when the newest heartbeat that was answered had been sent
};

// SimGateway is one start of a gateway process: the real machines that keep its right and its copy,
// the real copy, and event loops in virtual time. What it does with the network and the clock is
// written here, as the driver in the program does it.
class SimGateway {
 public:
  using OnAccept = std::function<void(const Acceptance&)>;

  SimGateway(Clockwork& clockwork, SimStore& store, const PermissionTable& permissions,
             MaterialSource& material, std::size_t node, std::string name, OnAccept on_accept);

  void start();
  // request brings a request signed with `key` to one of the loops.
  void request(const ApiKeyId& key);
  // told is what a commit tells whoever listens.
  void told(const Revision& revision);

  [[nodiscard]] bool has_right() const { return clockwork_.local(node_) < right_.until(); }
  [[nodiscard]] std::optional<Revision> applied() const { return follower_.applied(); }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool shows_alive(const ApiKeyId& key) const;

 private:
  // Loop is one event-loop thread: it does one thing at a time.
  struct Loop {
    std::deque<std::function<Micros()>> waiting;  // each gives how long it keeps the loop
    bool busy = false;
  };
  void tick();
  void beat();
  void go_on();
  void carry_out(const FeedFollower::Load& load);
  void carry_out(const FeedFollower::Read& read);
  void carry_out(const FeedFollower::Pass& pass);
  void fill(std::uint64_t number, const std::optional<Revision>& at_least,
            const std::shared_ptr<const Registry>& view);
  void give_up_later(std::uint64_t number);
  [[nodiscard]] std::uint64_t lag();
  void post(std::size_t loop, std::function<Micros()> work);
  void run_loop(std::size_t loop);
  Micros serve(const LiveKeyRef& found, const ApiKeyId& id);
  [[nodiscard]] bool looks_alive(const LiveKeyRef& found, const ApiKeyId& id) const;

  Clockwork& clockwork_;
  SimStore& store_;
  std::size_t node_;
  std::string name_;
  OnAccept on_accept_;
  RightToAccept right_;
  FeedFollower follower_;
  Replica replica_;
  std::vector<Loop> loops_;
  Micros heard_from_store_ = -1;
};

}  // namespace counterfoil::simulation
