#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "authority/acceptance.h"
#include "authority/autopsy_queue.h"
#include "authority/replay_memory.h"
#include "authority/request_ids.h"
#include "base/ip_address.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/verification_key.h"
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
#include "verify/verify.h"
#include "wire/http/message_head.h"

namespace counterfoil {

// RefusalSealer seals what is kept of a refused request for the owner's autopsy. Returns empty when
// it cannot.
using RefusalSealer =
    std::function<std::vector<std::uint8_t>(std::string_view request_id, std::string_view payload)>;

// AddressCharge says that a request was counted against its address, and at what weight. Only
// Gatekeeper::charge_address makes one and authenticate asks for it, so no door forgets the budget.
class AddressCharge {
 public:
  [[nodiscard]] std::uint32_t weight() const { return weight_; }

 private:
  friend class Gatekeeper;
  AddressCharge(const IpAddress& source, std::uint32_t weight, Timestamp charged_at)
      : source_(source), weight_(weight), charged_at_(charged_at) {}
  IpAddress source_;
  std::uint32_t weight_;
  Timestamp charged_at_;
};

// Admission is an accepted request on its way: who it is from, and what to undo when it is not
// forwarded.
struct Admission {
  LiveKeyRef key;
  const Route* route;
  Claims claims;
  std::uint32_t pair;  // the key pair that signed it
  Fingerprint print;
  Timestamp admitted_at;
  std::uint32_t orders;  // counted against the account
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
  // For the autopsy of a refused request, as received.
  std::string_view query;
  std::string_view body;
  std::span<const http::Field> headers;
};

// Gatekeeper is the order of the steps for one request. No protocol, no store, no waiting. Every
// door asks it, so none can skip a step. Safe to call from any thread.
//
// It judges by one version of the operator's rules. When they change, another takes its place; a
// request ends with the one it began with.
//
//   charge_address   the budgets of the address; unknown keys and wrong signatures cost the same
//   authenticate     the right to accept; form of the API key, mandatory parameters, time; key
//   known
//                    and not revoked; signature; state, address, permission, symbol; replay; limits
//                    of the account
//   last_look        immediately before the first byte goes upstream
//   withdraw         instead of forwarding; or settle, when the upstream has answered
//   record_...       what became of it
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
    const Acceptance& acceptance;  // without the right to accept everything is kNotInForce
    RefusalSealer seal_refusal;
    enum class Limits : std::uint8_t { kOn, kOff } limits = Limits::kOn;
    AutopsyQueue* autopsies = nullptr;  // nullptr: nobody looks for causes
  };
  explicit Gatekeeper(Parts parts);

  using Refusal = LimitRefusal;

  // has_limits: without them nothing is charged, and Usage tells nothing.
  [[nodiscard]] bool has_limits() const { return parts_.limits == Parts::Limits::kOn; }
  // charge_address counts a request, public or signed, against its address. `weight` is
  // weight_of() its parameters; a request whose parameters cannot be read costs the route's own.
  [[nodiscard]] std::expected<AddressCharge, Refusal> charge_address(const IpAddress& source,
                                                                     std::uint32_t weight,
                                                                     Timestamp now, Usage& usage);
  // authenticate decides one signed request. `now` is its one instant. What the key must hold is
  // taken from `route`, whatever the request's `needs` say. Once it has returned an admission, the
  // caller owes either the forwarding (after last_look) or withdraw().
  [[nodiscard]] std::expected<Admission, Refusal> authenticate(const SignedRequest& request,
                                                               const Route& route,
                                                               const AddressCharge& charge,
                                                               Timestamp now, Usage& usage);

  // last_look is called in the same step of the same thread as the first write upstream. If the key
  // was changed since, the request is judged anew; if forwarding had to wait, window, expiry and
  // retirement are looked at again at `now`. It leaves in `admission` the key as it is now, so the
  // identity headers are written after it. A refused request is to be withdrawn.
  [[nodiscard]] std::expected<void, Reason> last_look(Admission& admission,
                                                      const SignedRequest& request,
                                                      Timestamp now) const;
  // withdraw undoes an admission whose request was not forwarded: it leaves no fingerprint and
  // counts no order.
  void withdraw(const Admission& admission, Usage& usage);
  // settle gives back what a request that the upstream answered with 2xx did not cost.
  void settle(const AddressCharge& charge, const Route& route, Usage& usage);

  // record_accepted and record_refused tell the journal, through the event loop's own lane.
  void record_accepted(Recorder::Lane& lane, const Admission& admission,
                       const Arrival& arrival) const;
  void record_refused(Recorder::Lane& lane, const SignedRequest* request, const Arrival& arrival,
                      Reason reason) const;

  [[nodiscard]] const Profile& profile() const { return parts_.profile; }

 private:
  void offer_autopsy(std::string_view api_key, const Arrival& arrival, Reason reason) const;
  [[nodiscard]] std::expected<void, Refusal> admit(const Claims& claims, const LiveKey& key,
                                                   const Route& route, std::uint32_t weight,
                                                   const Fingerprint& print, Timestamp forget_at,
                                                   Timestamp now, Usage& usage);
  [[nodiscard]] bool may_accept(const Route& route, Timestamp now) const {
    return parts_.acceptance.holds(now, parts_.clock.boot_now(), acts(route.effect));
  }
  [[nodiscard]] Verdict judge(const SignedRequest& request, const LiveKey* key, const Route& route,
                              Timestamp now) const;
  void note_failure(const SignedRequest& request, Reason reason, Timestamp now);
  [[nodiscard]] ReplayRule replay_rule(const Route& route) const;

  Parts parts_;
  // Set where the profile answers an unknown API key like a wrong signature: then the work done for
  // an unknown one is that for a known one, and guesses at it are counted alike (control S-21).
  std::optional<VerificationKey> decoy_;
};

}  // namespace counterfoil
