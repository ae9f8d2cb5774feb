#include "authority/revoker.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "authority/revocation_wait.h"
#include "base/time.h"
#include "keys/api_key_id.h"
#include "registry/gateway_roll.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

// Where the roll tells of no change, it is read again after so long.
constexpr std::chrono::milliseconds kReadAgain{100};

}  // namespace

InForce Revoker::wait_until_in_force(const Revision& committed) {
  const BootTime committed_at = parts_.clock.boot_now();
  RevocationWait wait(times_, committed, committed_at);
  while (true) {
    const std::uint64_t seen = parts_.roll.changes();
    const auto roll = parts_.roll.read();
    const BootTime now = parts_.clock.boot_now();
    if (roll) {
      wait.on_roll(*roll, now);
    } else {
      wait.passed_time(now);
    }
    if (wait.is_over()) {
      strike_silent(wait);
      return {.revision = committed,
              .committed_at = committed_at,
              .since = now,
              .gateways = wait.answers(),
              .times = times_};
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(wait.ends_at() - now);
    parts_.roll.wait_for_change(seen, std::min(left, kReadAgain));
  }
}

void Revoker::strike_silent(const RevocationWait& wait) {
  const auto answers = wait.answers();
  const auto counted_out = [](const GatewayAnswer& answer) {
    return answer.kind == GatewayAnswer::Kind::kCountedOut;
  };
  if (std::ranges::none_of(answers, counted_out)) {
    return;
  }
  if (const auto roll = parts_.roll.read()) {
    for (const GatewayEntry& entry : wait.silent(*roll)) {
      (void)parts_.roll.strike(entry);  // what stays on the roll is waited for again, no more
    }
  }
}

bool Revoker::hold_back(const ApiKeyId& id) {
  return parts_.replica.hold_back(id) && parts_.loops.wait_pass(times_.counted_out_after);
}

}  // namespace counterfoil
