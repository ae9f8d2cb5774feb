#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/activity.h"
#include "authority/audit_export.h"
#include "authority/autopsy_reports.h"
#include "authority/doctor.h"
#include "authority/enrolment_links.h"
#include "authority/issuer.h"
#include "authority/live_feed.h"
#include "authority/management_keys.h"
#include "authority/mass_actions.h"
#include "authority/people_desk.h"
#include "authority/problem.h"
#include "authority/receipts.h"
#include "authority/request_relay.h"
#include "authority/sealing_rotation.h"
#include "base/time.h"
#include "doors/management/api_call.h"
#include "doors/management/api_fault.h"
#include "doors/management/backup_facts.h"
#include "doors/management/node_status.h"
#include "doors/management/reload_facts.h"
#include "doors/management/setup_check.h"
#include "doors/management/setup_link.h"
#include "policy/profile.h"
#include "wire/http/request_head.h"

namespace counterfoil {

class Webhooks;

// ManagementRoute is one row of the table of everything the API offers. docs/management-api.md and
// the table are checked against each other.
struct ManagementRoute {
  http::Method method;
  std::string_view path;     // with {names}
  std::string_view purpose;  // what it is for, in one sentence
};
[[nodiscard]] std::span<const ManagementRoute> management_routes();

// ManagementApi is the management API without a socket: one call in, one answer out. The admin
// socket and the console speak it. Who calls over the socket was found out before
// (ApiRequest::actor) and may do everything; who calls with a browser, or with an API key, is found
// out here, and doors/management/rights.h says what they may do. JSON in and out; every refusal is
// a problem document with reason, detail and, where there is one, the command to try next.
//
// Safe to call from any thread. Calls wait for the store and, for revocations, for every event
// loop: never call it from one.
class ManagementApi {
 public:
  static constexpr std::size_t kBodyBytesMax = 64UL * 1024;
  static constexpr std::size_t kSmallBodyBytesMax = 4UL * 1024;  // of strangers
  static constexpr std::size_t kRowsBytesMax = 1024UL * 1024;    // of a batch of an import
  static constexpr std::size_t kTextBytesMax = 1024UL * 1024;    // of a pasted text, escaped
  static constexpr std::size_t kPageDefault = 50;
  static constexpr std::size_t kPageMax = 500;

  // What it works with. Everything must outlive it.
  struct Parts {
    Issuer& issuer;
    std::function<Profile()> profile;  // the one in force; called from any thread, as is all below
    const Clock& clock;
    const Activity& activity;
    const AutopsyReports& autopsies;
    const Receipts& receipts;
    MassActions& mass_actions;
    SealingRotation& secrets;
    std::function<NodeStatus()> status;
    // export_audit gives the whole audit log, line by line (AuditKeeper::export_log).
    std::function<std::expected<AuditExported, Problem>(const AuditLineSink& sink)> export_audit;
    // create_backup makes a backup of the node at the absolute path `file`.
    std::function<std::expected<BackupFacts, Problem>(const Actor& actor, const std::string& file)>
        create_backup;
    // reload has the node go by its configuration as it is now.
    std::function<std::expected<ReloadFacts, Problem>(const Actor& actor)> reload;
    // confirm_clock takes a wall clock that is in doubt for right. `step_ms`: the step that the
    // operator saw; nullopt: whatever it is.
    std::function<std::expected<ClockFacts, Problem>(const Actor& actor,
                                                     std::optional<std::int64_t> step_ms)>
        confirm_clock;
    // people is who may sign in. nullopt: the node has no console, and no browser calls.
    std::optional<PeopleDesk> people = std::nullopt;
    // setup_checks looks at what a node needs before people use it. Empty: there is nothing to say.
    std::function<std::vector<SetupCheck>()> setup_checks = {};
    // setup_link makes a new link with which the first owner is set up, `audited` as `actor`'s
    // doing. Empty: the node has no console.
    std::function<std::expected<SetupLink, Problem>(const Actor& actor)> setup_link = {};
    // gateway_url is where clients send signed requests, as they must write it. Empty, or an empty
    // text: not known.
    std::function<std::string()> gateway_url = {};
    // reminders is how long before an API key runs out its holder is told, the longest first.
    std::vector<std::chrono::days> reminders = {};
    // keys takes calls that API keys sign in the place of sessions. nullptr: there are none.
    ManagementKeys* keys = nullptr;
    // live is what was judged a moment ago. nullptr: nobody can follow it.
    const LiveFeed* live = nullptr;
    // doctor explains what people paste. Set where `people` is.
    Doctor* doctor = nullptr;
    // relay sends what was signed in the page to this node's gateway, if that can be called from
    // here. nullptr: as without people.
    RequestRelay* relay = nullptr;
    // links lets others make the pairs of prepared API keys. nullptr: as without people.
    EnrolmentLinks* links = nullptr;
    // webhooks tells accounts of events. nullptr: this node tells nobody.
    Webhooks* webhooks = nullptr;
  };
  explicit ManagementApi(Parts parts) : parts_(std::move(parts)) {}

  // body_bytes_max is how much a door reads of the body of a call.
  [[nodiscard]] static std::size_t body_bytes_max(http::Method method, std::string_view path);

  // signing is how API keys sign calls, for the door that finds out whether one did. nullopt: they
  // do not.
  [[nodiscard]] std::optional<SigningRules> signing() const;

  // answer never fails: what goes wrong is in the answer.
  [[nodiscard]] ApiAnswer answer(const ApiRequest& request) const;

  // caller_of says who calls, for what a door serves by itself (events): 401
  // not_signed_in, 403 second_factor_wanted, or a fault of the store. It counts as a use of the
  // session, which keeps it from becoming idle.
  [[nodiscard]] std::expected<Caller, ApiFault> caller_of(const BrowserCall& browser) const;
  // may_see: the caller may read what belongs to this account. Unknown accounts: only people who
  // see all accounts.
  [[nodiscard]] std::expected<bool, ApiFault> may_see(const Caller& caller,
                                                      std::string_view account) const;

 private:
  Parts parts_;
};

// problem_answer is the answer to a call that a door refuses before it gets here.
[[nodiscard]] ApiAnswer problem_answer(int status, std::string_view reason, std::string_view detail,
                                       std::string_view request_id);

}  // namespace counterfoil
