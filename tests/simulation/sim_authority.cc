#include "sim_authority.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "accounts/account.h"
#include "accounts/account_codec.h"
#include "authority/revocation_wait.h"
#include "authority/right_to_accept.h"
#include "base/time.h"
#include "keys/api_key.h"
#include "keys/api_key_codec.h"
#include "keys/life.h"
#include "keys/permission.h"
#include "registry/gateway_roll.h"
#include "registry/registry.h"
#include "sim_clockwork.h"
#include "sim_store.h"

namespace counterfoil::simulation {
namespace {

constexpr Micros kAttemptLimit = 600 * kMillisecond;
constexpr Micros kPollEvery = 40 * kMillisecond;
const Timestamp kSomeTime = from_unix_ms(1'760'000'000'000);

}  // namespace

bool restricts(Deed deed) {
  return deed == Deed::kRevokeKey || deed == Deed::kSuspendKey || deed == Deed::kSuspendAccount;
}

SimAuthority::SimAuthority(Clockwork& clockwork, SimStore& store,
                           const PermissionTable& permissions, std::size_t node, OnEvent on_commit,
                           OnEvent on_answer)
    : clockwork_(clockwork),
      store_(store),
      permissions_(permissions),
      node_(node),
      on_commit_(std::move(on_commit)),
      on_answer_(std::move(on_answer)) {}

void SimAuthority::carry_out(Order order) {
  order_ = std::move(order);
  attempt();
}

void SimAuthority::attempt() {
  const std::uint64_t attempt = ++attempt_;
  wait_.reset();
  clockwork_.to_store(node_, [this, attempt, kind = order_->kind, id = order_->id] {
    clockwork_.from_store(
        node_, [this, attempt, record = store_.find(kind, id), read_at = clockwork_.now()] {
          decide(attempt, record, read_at);
        });
  });
  clockwork_.after_local(node_, kAttemptLimit, [this, attempt] {
    if (order_ && attempt == attempt_ && !wait_) {
      this->attempt();
    }
  });
}

std::optional<std::string> SimAuthority::changed(const Record& record) const {
  if (record.kind == RecordKind::kAccount) {
    const auto account = *decode_account(record.bytes);
    const auto next = order_->deed == Deed::kSuspendAccount
                          ? suspend(account, "simulated", kSomeTime)
                          : resume(account, kSomeTime);
    return next ? std::optional(encode_account(*next)) : std::nullopt;
  }
  const auto key = *decode_api_key(record.bytes, permissions_);
  if (order_->deed == Deed::kRevokeKey) {
    return key.state == KeyState::kRevoked
               ? std::nullopt
               : std::optional(encode_api_key(revoke(key, "simulated", kSomeTime), permissions_));
  }
  const auto next = order_->deed == Deed::kSuspendKey ? suspend(key, "simulated", kSomeTime)
                                                      : resume(key, kSomeTime);
  return next ? std::optional(encode_api_key(*next, permissions_)) : std::nullopt;
}

void SimAuthority::decide(std::uint64_t attempt, const std::optional<Record>& record,
                          Micros read_at) {
  if (!order_ || attempt != attempt_ || wait_ || !record) {
    return;
  }
  auto bytes = changed(*record);
  if (!bytes) {
    order_->true_at = read_at;
    // It is so already: whoever asks again waits again, for the revision that made it so or a newer
    // one.
    clockwork_.to_store(node_, [this, attempt] {
      clockwork_.from_store(node_, [this, attempt, now = store_.revision()] {
        if (order_ && attempt == attempt_ && !wait_) {
          wait_for_gateways(now);
        }
      });
    });
    return;
  }
  commit(attempt, std::move(*bytes), record->modified);
}

void SimAuthority::commit(std::uint64_t attempt, std::string bytes, std::uint64_t modified) {
  clockwork_.to_store(node_, [this, attempt, order = *order_, bytes = std::move(bytes), modified] {
    const auto committed = store_.commit(order.kind, order.id, bytes, modified);
    if (committed) {
      on_commit_(order);
    }
    clockwork_.from_store(node_, [this, attempt, committed, true_at = clockwork_.now()] {
      if (!order_ || attempt != attempt_ || wait_) {
        return;
      }
      if (committed) {
        order_->true_at = true_at;
        wait_for_gateways(*committed);
      } else {
        this->attempt();
      }
    });
  });
}

void SimAuthority::wait_for_gateways(const Revision& committed) {
  wait_.emplace(ForceTimes{}, committed, clockwork_.local(node_));
  poll(attempt_);
  tick_wait(attempt_);
}

void SimAuthority::poll(std::uint64_t attempt) {
  clockwork_.to_store(node_, [this, attempt] {
    clockwork_.from_store(node_, [this, attempt, roll = store_.roll()] {
      if (order_ && attempt == attempt_ && wait_) {
        wait_->on_roll(roll, clockwork_.local(node_));
        answer_if_over();
      }
    });
  });
}

void SimAuthority::tick_wait(std::uint64_t attempt) {
  clockwork_.after_local(node_, kPollEvery, [this, attempt] {
    if (!order_ || attempt != attempt_ || !wait_) {
      return;
    }
    wait_->passed_time(clockwork_.local(node_));
    answer_if_over();
    if (order_ && attempt == attempt_) {
      poll(attempt);
      tick_wait(attempt);
    }
  });
}

void SimAuthority::answer_if_over() {
  if (!wait_->is_over()) {
    return;
  }
  on_answer_(*order_);
  strike_silent();
  order_.reset();
  wait_.reset();
  ++attempt_;
}

void SimAuthority::strike_silent() {
  const auto wait = std::make_shared<RevocationWait>(*wait_);
  clockwork_.to_store(node_, [this, wait] {
    clockwork_.from_store(node_, [this, wait, roll = store_.roll()] {
      for (const GatewayEntry& entry : wait->silent(roll)) {
        clockwork_.to_store(node_, [this, entry] { store_.strike(entry); });
      }
    });
  });
}

}  // namespace counterfoil::simulation
