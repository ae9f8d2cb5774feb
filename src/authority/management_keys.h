#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "authority/gatekeeper.h"
#include "authority/issuer.h"
#include "base/account_id.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "journal/recorder.h"
#include "keys/api_key_id.h"
#include "keys/live_key.h"
#include "policy/limits.h"
#include "policy/permission_rule.h"
#include "policy/profile.h"
#include "policy/route.h"
#include "registry/registry.h"
#include "replica/replica.h"
#include "verify/reason.h"
#include "verify/signed_request.h"
#include "wire/http/message_head.h"

namespace counterfoil {

// SignedCall is one call of the management API that an API key signed, as a door read it. Views are
// borrowed for the call.
struct SignedCall {
  std::string_view route;         // its name in the journal: "POST /api/v1/keys/{api_key}/suspend"
  Effect effect = Effect::kRead;  // or kChange
  std::string_view method;
  std::string_view path;   // raw
  std::string_view query;  // raw, without '?'
  std::string_view body;   // raw: no parameters are read in it
  std::string_view api_key;
  bool api_key_repeated = false;
  std::span<const http::Field> headers;
  std::string_view client;  // the User-Agent
  IpAddress source;
  std::string_view request_id;
};

// KeyCaller is an API key that signed a call, and what it may do.
struct KeyCaller {
  ApiKeyId key;
  AccountId account;
  ManagementScope scope = ManagementScope::kReadOwn;  // never kNone
  IpAddress source;

  [[nodiscard]] Actor actor() const;  // "key:" and the whole id
};

// ManagementKeys lets programs call the management API with API keys in the place of sessions. The
// Gatekeeper judges such a call as it judges every signed request, with the same budgets, memory of
// replays and order of checks; here stands only what is of these calls alone:
//
//   * The signed payload is the raw query, less its `signature`, followed by the raw body, whatever
//     the body is. Parameters are read in the query alone.
//   * The vendor's signature covers neither method nor path. So a change carries, in its query, the
//     parameter `call` with "METHOD:/path": no captured request for something else, to whatever
//     door it was sent, comes back as a change of API keys. A call that only reads may carry it.
//   * The API key holds a permission that opens the API (policy/permission_rule.h). One that acts
//     beyond its account does so only while a person holds that account who may do the same and may
//     sign in; it is looked up at each call.
//
// What the call may do then is for the rights of the management API (doors/management/rights.h).
// Safe to call from any thread; blocks on the store.
class ManagementKeys {
 public:
  static constexpr std::string_view kCallParameter = "call";

  // Everything must outlive it.
  struct Parts {
    std::function<std::shared_ptr<Gatekeeper>()> gatekeeper;  // the one in force
    const Replica& replica;
    const Registry& registry;
    Recorder& recorder;
    const Clock& clock;
  };
  explicit ManagementKeys(Parts parts);

  // admit judges a call and tells the journal. Refused with what the Gatekeeper refuses, and with
  // kCallNotNamed, kRoleNotHeld.
  [[nodiscard]] std::expected<KeyCaller, LimitRefusal> admit(const SignedCall& call);

  // may_go_on looks again whether the API key may call, for an answer that goes on for long:
  // its state, address and permission now, and that it acts for no fewer accounts.
  [[nodiscard]] bool may_go_on(const KeyCaller& caller) const;

  // signing is how calls are to be signed now.
  [[nodiscard]] SigningRules signing() const;

 private:
  [[nodiscard]] std::expected<ManagementScope, Reason> scope_of(const Profile& profile,
                                                                const LiveKey& key) const;
  [[nodiscard]] LimitRefusal refused(const Gatekeeper& gatekeeper, const SignedRequest* request,
                                     const Arrival& arrival, LimitRefusal refusal);

  Parts parts_;
  std::mutex lane_mutex_;  // a lane is for one thread at a time
  Recorder::Lane& lane_;
};

}  // namespace counterfoil
