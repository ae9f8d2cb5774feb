#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "keys/permission.h"
#include "replica/replica.h"
#include "sim_authority.h"
#include "sim_clockwork.h"
#include "sim_gateway.h"
#include "sim_store.h"

namespace counterfoil::simulation {

// Drift says how wrong the nodes' clocks run: as the protocol assumes, or far beyond.
enum class Drift : std::uint8_t { kAsAssumed, kBeyond };

// Outcome of one world. `violation` is empty when every promise held.
struct Outcome {
  std::string violation;
  std::vector<std::string> trace;  // what happened, in order; for a replay
  std::uint64_t steps = 0;
  std::uint64_t acceptances = 0;
  std::uint64_t answers = 0;
};

// World is one to five gateways, one or two authorities and a store, living through the faults that
// its seed draws. What must hold:
//   no accept after the answer      an answered revocation or suspension admits no request anywhere
//   no acknowledged change is lost  a revocation that was answered stands in the store at the end
//   no revoked key is revived       no commit and no restore makes a revoked key anything else
//   the stale bound is kept         who has not heard from the store for the bound accepts nothing
//   progress                        once the faults are over, everybody serves the newest state
class World {
 public:
  World(std::uint64_t seed, Drift drift);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  World(World&&) = delete;
  World& operator=(World&&) = delete;

  [[nodiscard]] Outcome run();

 private:
  struct Slot;  // one node that runs one gateway process after another
  void fill_store();
  void plan_faults();
  void plan_gateway_faults(std::size_t slot);
  void plan_orders();
  void plan_requests();
  void start_gateway(std::size_t slot);
  void restart_gateway(std::size_t slot, Micros down_for);
  void restore_backup();
  void give_order(std::size_t authority);
  [[nodiscard]] Order draw_order();
  void on_commit(const Order& order);
  void on_answer(const Order& order);
  void on_accept(const Acceptance& acceptance);
  void check_progress();
  void check_store();
  [[nodiscard]] bool is_dead(const Record& record) const;
  void note(std::string what);
  void fail(std::string what);

  Clockwork clockwork_;
  SimStore store_;
  PermissionTable permissions_;
  std::unique_ptr<MaterialSource> material_;
  std::vector<ApiKeyId> keys_;
  std::vector<Slot> slots_;
  std::vector<std::unique_ptr<SimGateway>> gone_;  // crashed: their events may still be queued
  std::vector<std::unique_ptr<SimAuthority>> authorities_;
  std::set<std::string> answered_;  // ids whose restriction was answered and not undone since
  std::map<std::string, Micros> undone_at_;  // when a suspension was last undone in the store
  std::set<std::string> revoked_;            // API keys whose revocation was answered
  Outcome outcome_;
};

}  // namespace counterfoil::simulation
