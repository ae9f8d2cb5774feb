#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "authority/replay_memory.h"
#include "authority/request_ids.h"
#include "base/ip_address.h"
#include "base/random.h"
#include "base/time.h"
#include "journal/recorder.h"
#include "keys/key_format.h"
#include "policy/answers.h"
#include "policy/limits.h"
#include "policy/profile.h"
#include "policy/route.h"
#include "replica/replica.h"
#include "verify/claims.h"
#include "verify/reason.h"
#include "verify/signed_request.h"

namespace counterfoil {

// RefusalSealer seals what is kept of a refused request for the owner's autopsy. Returns empty when
// it cannot.
using RefusalSealer =
    std::function<std::vector<std::uint8_t>(std::string_view request_id, std::string_view payload)>;

// Admission is an accepted request on its way: who it is from, and what to undo when it is not
// forwarded.
struct Admission {
  LiveKeyRef key;
  Claims claims;
  std::uint32_t pair;
  Fingerprint print;
  Timestamp admitted_at;
  std::uint32_t orders;
};

// Arrival is what a door knows of a request beside the request itself: for the journal. Views are
// borrowed for the call.
struct Arrival {
  std::string_view request_id;
  const Route* route = nullptr;  // nullptr: none matched
  std::string_view method;
  std::string_view path;
  std::string_view client;  // the User-Agent
  IpAddress source;
  Timestamp now;
};

// Gatekeeper is the order of the steps for one request: budgets, claims, key, verdict, replay,
// limits, and the last look before the first byte goes upstream. No protocol, no store, no waiting.
// Every door asks it, so none can skip a step. Safe to call from any thread.
class Gatekeeper {
 public:
  // What it works with. Everything must outlive it.
  struct Parts {
    const Replica& replica;
    ReplayMemory& replays;
    AddressLimits& address_limits;
    AccountLimits& account_limits;
    BadSignatures& bad_signatures;
    const Profile& profile;
    const KeyFormat& format;
    const Clock& clock;
    RefusalSealer seal_refusal;
    enum class Limits : std::uint8_t { kOn, kOff } limits = Limits::kOn;
  };
  // `started_at`: state-changing requests stamped before started_at + 1 s are refused, because
  // whether they were received before this start is not known.
  Gatekeeper(Parts parts, Timestamp started_at)
      : parts_(std::move(parts)), started_at_(started_at) {}

  using Refusal = LimitRefusal;

  // charge_address counts a request, public or signed, against its address.
  [[nodiscard]] std::expected<void, Refusal> charge_address(const IpAddress& source,
                                                            std::uint32_t weight, Timestamp now,
                                                            Usage& usage);
  // authenticate decides one signed request. `now` is its one instant.
  [[nodiscard]] std::expected<Admission, Refusal> authenticate(const SignedRequest& request,
                                                               const Route& route, Timestamp now,
                                                               Usage& usage);

  // last_look is called in the same step of the same thread as the first write upstream. If the key
  // was changed since, it is judged anew; if forwarding had to wait, the window is tested again at
  // `now`.
  [[nodiscard]] std::expected<void, Reason> last_look(const Admission& admission,
                                                      const SignedRequest& request,
                                                      Timestamp now) const;
  // withdraw undoes an admission whose request was not forwarded: it leaves no fingerprint and
  // counts no order.
  void withdraw(const Admission& admission, Usage& usage);
  // settle gives back what a forwarded request turned out not to cost.
  void settle(const IpAddress& source, const Route& route, std::uint32_t charged_weight,
              Timestamp charged_at, Usage& usage);

  // record_accepted and record_refused tell the journal, through the event loop's own lane.
  void record_accepted(Recorder::Lane& lane, const Admission& admission,
                       const Arrival& arrival) const;
  void record_refused(Recorder::Lane& lane, const SignedRequest* request, const Arrival& arrival,
                      Reason reason) const;

  // in_force_until is the end of this gateway's right to accept. It starts in the past.
  void extend_right(BootTime until) {
    right_until_.store(until.time_since_epoch().count(), std::memory_order_release);
  }
  [[nodiscard]] bool has_right() const {
    return parts_.clock.boot_now().time_since_epoch().count() <
           right_until_.load(std::memory_order_acquire);
  }

  [[nodiscard]] const Profile& profile() const { return parts_.profile; }

 private:
  [[nodiscard]] std::expected<void, Refusal> admit(const Claims& claims, const LiveKey& key,
                                                   const Route& route, const Fingerprint& print,
                                                   Timestamp now, Usage& usage);
  [[nodiscard]] ReplayRule replay_rule(const Route& route) const;

  Parts parts_;
  Timestamp started_at_;
  std::atomic<std::int64_t> right_until_{0};  // ns of the boot clock
};

}  // namespace counterfoil
