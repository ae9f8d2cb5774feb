#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "authority/revocation_wait.h"
#include "keys/permission.h"
#include "sim_clockwork.h"
#include "sim_store.h"

namespace counterfoil::simulation {

enum class Deed : std::uint8_t {
  kRevokeKey,
  kSuspendKey,
  kResumeKey,
  kSuspendAccount,
  kResumeAccount,
};
[[nodiscard]] bool restricts(Deed deed);

// Order is what an authority is asked to do to one record, and what came of it.
struct Order {
  Deed deed = Deed::kRevokeKey;
  RecordKind kind = RecordKind::kApiKey;
  std::string id;
  Micros true_at = -1;  // when the store had it so, in the one true time
};

// SimAuthority carries out one order at a time from one node: reads, commits under the revision
// read, waits as RevocationWait says, answers. After a time without an answer it begins anew, as a
// client that repeats itself would have it do.
class SimAuthority {
 public:
  using OnEvent = std::function<void(const Order&)>;

  SimAuthority(Clockwork& clockwork, SimStore& store, const PermissionTable& permissions,
               std::size_t node, OnEvent on_commit, OnEvent on_answer);

  [[nodiscard]] bool is_busy() const { return order_.has_value(); }
  void carry_out(Order order);

 private:
  void attempt();
  void decide(std::uint64_t attempt, const std::optional<Record>& record, Micros read_at);
  void commit(std::uint64_t attempt, std::string bytes, std::uint64_t modified);
  void wait_for_gateways(const Revision& committed);
  void poll(std::uint64_t attempt);
  void tick_wait(std::uint64_t attempt);
  void answer_if_over();
  void strike_silent();
  // changed gives the record's bytes after the deed, or nullopt: it already is as wanted.
  [[nodiscard]] std::optional<std::string> changed(const Record& record) const;

  Clockwork& clockwork_;
  SimStore& store_;
  const PermissionTable& permissions_;
  std::size_t node_;
  OnEvent on_commit_;
  OnEvent on_answer_;
  std::optional<Order> order_;
  std::uint64_t attempt_ = 0;
  std::optional<RevocationWait> wait_;
};

}  // namespace counterfoil::simulation
