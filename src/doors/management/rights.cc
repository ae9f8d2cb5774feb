#include "doors/management/rights.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/enrolment_links.h"
#include "authority/mass_action.h"
#include "authority/people_desk.h"
#include "authority/problem.h"
#include "authority/webhooks.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/caller.h"
#include "doors/management/json.h"
#include "doors/management/json_value.h"
#include "policy/permission_rule.h"

namespace counterfoil {
namespace {

// WhoRow says which callers a Who takes: those in a browser, by their role; the admin socket; and
// API keys that sign, by the scope that their permissions give them.
struct WhoRow {
  Who who;
  bool stranger, enrolling, holder, auditor, oper, owner, socket;
  bool reads_own, manages_own, reads_all, manages_all;
};

// clang-format off
constexpr bool kY = true;
constexpr bool kN = false;
constexpr auto kWho = std::to_array<WhoRow>({
    //                   stranger enrolling holder auditor operator owner socket | key: reads own, manages own, reads all, manages all
    {Who::kAnybody,      kY,      kY,       kY,    kY,     kY,      kY,   kN,           kN,        kN,          kN,        kN},
    {Who::kEnrolling,    kN,      kY,       kY,    kY,     kY,      kY,   kN,           kN,        kN,          kN,        kN},
    {Who::kPerson,       kN,      kN,       kY,    kY,     kY,      kY,   kN,           kN,        kN,          kN,        kN},
    {Who::kEveryone,     kN,      kN,       kY,    kY,     kY,      kY,   kY,           kY,        kY,          kY,        kY},
    {Who::kSeer,         kN,      kN,       kY,    kY,     kY,      kY,   kY,           kY,        kY,          kY,        kY},
    {Who::kReader,       kN,      kN,       kN,    kY,     kY,      kY,   kY,           kN,        kN,          kY,        kY},
    {Who::kStopper,      kN,      kN,       kY,    kN,     kY,      kY,   kY,           kN,        kY,          kN,        kY},
    {Who::kHolder,       kN,      kN,       kY,    kN,     kY,      kY,   kY,           kN,        kY,          kN,        kY},
    {Who::kHolderInPerson, kN,    kN,       kY,    kN,     kY,      kY,   kN,           kN,        kN,          kN,        kN},
    {Who::kOperator,     kN,      kN,       kN,    kN,     kY,      kY,   kY,           kN,        kN,          kN,        kY},
    {Who::kOwner,        kN,      kN,       kN,    kN,     kN,      kY,   kY,           kN,        kN,          kN,        kN},
    {Who::kPeopleLister, kN,      kN,       kN,    kY,     kY,      kY,   kY,           kN,        kN,          kN,        kN},
    {Who::kPeopleReader, kN,      kN,       kN,    kY,     kY,      kY,   kN,           kN,        kN,          kN,        kN},
    {Who::kPeopleOwner,  kN,      kN,       kN,    kN,     kN,      kY,   kN,           kN,        kN,          kN,        kN},
    {Who::kSocket,       kN,      kN,       kN,    kN,     kN,      kN,   kY,           kN,        kN,          kN,        kN},
});
// clang-format on

constexpr const WhoRow& row_of(Who who) { return kWho[static_cast<std::size_t>(who)]; }
static_assert(std::ranges::all_of(kWho,
                                  [](const WhoRow& row) { return &row_of(row.who) == &row; }));
static_assert(kWho.size() == static_cast<std::size_t>(Who::kSocket) + 1);

bool takes(const WhoRow& row, Role role) {
  switch (role) {
    case Role::kOwner:
      return row.owner;
    case Role::kOperator:
      return row.oper;
    case Role::kAuditor:
      return row.auditor;
    case Role::kHolder:
      return row.holder;
  }
  return false;  // a role of a newer version may do nothing here
}

bool takes(const WhoRow& row, ManagementScope scope) {
  switch (scope) {
    case ManagementScope::kNone:
      return false;
    case ManagementScope::kReadOwn:
      return row.reads_own;
    case ManagementScope::kManageOwn:
      return row.manages_own;
    case ManagementScope::kReadAll:
      return row.reads_all;
    case ManagementScope::kManageAll:
      return row.manages_all;
  }
  std::unreachable();
}

ApiFault refusal(std::string_view reason, std::string detail) {
  return {.status = 403, .reason = std::string(reason), .detail = std::move(detail), .member = {}};
}

// The roles that a row takes, for whoever wants to know whom to ask.
std::string who_may(const WhoRow& row) {
  std::string roles;
  const auto add = [&](bool takes_them, std::string_view role) {
    if (takes_them) {
      roles += (roles.empty() ? "" : ", ") + std::string(role);
    }
  };
  add(row.holder, "the account's holder");
  add(row.auditor, "auditors");
  add(row.oper, "operators");
  add(row.owner, "owners");
  return roles;
}

// The scopes that a row takes; empty: no API key may do it.
std::string scopes_of(const WhoRow& row) {
  std::string scopes;
  for (const ManagementScope scope : {ManagementScope::kReadOwn, ManagementScope::kManageOwn,
                                      ManagementScope::kReadAll, ManagementScope::kManageAll}) {
    if (takes(row, scope)) {
      scopes.append(scopes.empty() ? "" : ", ").append(management_word(scope));
    }
  }
  return scopes;
}

std::expected<void, ApiFault> check_key_caller(const WhoRow& row, ManagementScope scope) {
  if (takes(row, scope)) {
    return {};
  }
  const std::string scopes = scopes_of(row);
  if (!scopes.empty()) {
    return std::unexpected(refusal(
        "scope_not_allowed", "this API key has the scope " + std::string(management_word(scope)) +
                                 ", which does not allow this; scopes that do: " + scopes));
  }
  const bool is_for_people = row.owner || row.stranger;
  return std::unexpected(
      is_for_people ? person_wanted()
                    : refusal("socket_only",
                              "this is done on the node's own machine, over its admin socket"));
}

std::expected<void, ApiFault> check_person(const WhoRow& row, const Caller& caller) {
  if (caller.session.value.stage != SessionStage::kFull) {
    return row.enrolling ? std::expected<void, ApiFault>()
                         : std::unexpected(second_factor_wanted());
  }
  const Role role = caller.person.value.role;
  if (takes(row, role)) {
    return {};
  }
  const std::string roles = who_may(row);
  if (roles.empty()) {
    return std::unexpected(
        refusal("socket_only", "this is done on the node's own machine, over its admin socket"));
  }
  return std::unexpected(refusal(
      "role_not_allowed",
      "your role (" + std::string(to_string(role)) + ") does not allow this; who may: " + roles));
}

// seen gives the fault of something that does not exist, in its own words, unless the asker sees
// `account`.
std::expected<void, ApiFault> seen(const Call& call, std::string_view account,
                                   const Problem& no_such) {
  const auto visible = sees(call.parts, bound_account(call.asker), account);
  if (!visible) {
    return std::unexpected(visible.error());
  }
  return *visible ? std::expected<void, ApiFault>() : std::unexpected(fault_of(no_such));
}

// An empty id is nobody's: what look-ups answer to it is what they answer to every id that does not
// exist.
std::expected<void, ApiFault> check_account(const Call& call, const std::string& account) {
  const auto nobody = call.parts.issuer.account({});
  return seen(call, account, nobody.error());
}

std::expected<void, ApiFault> check_key(const Call& call, const std::string& id) {
  const auto stored = call.parts.issuer.stored_key(id);
  if (!stored) {
    return std::unexpected(fault_of(stored.error()));
  }
  const auto nobody = call.parts.issuer.stored_key({});
  return seen(call, stored->key.account.text(), nobody.error());
}

std::expected<void, ApiFault> check_enrolment_link(const Call& call) {
  if (call.parts.links == nullptr) {
    return {};  // the handler says that there are none
  }
  const auto found = call.parts.links->find(call.id);
  if (!found) {
    return std::unexpected(fault_of(found.error()));
  }
  const auto nobody = call.parts.links->find({});
  return seen(call, found->link.account.text(), nobody.error());
}

std::expected<void, ApiFault> check_webhook(const Call& call) {
  if (call.parts.webhooks == nullptr) {
    return {};  // the handler says that there are none
  }
  const auto found = call.parts.webhooks->find(call.id);
  if (!found) {
    return std::unexpected(fault_of(found.error()));
  }
  const auto nobody = call.parts.webhooks->find({});
  return seen(call, found->account.text(), nobody.error());
}

std::expected<void, ApiFault> check_receipt(const Call& call) {
  const auto line = call.parts.receipts.find(call.id);
  if (!line) {
    return std::unexpected(fault_of(line.error()));
  }
  const Json json = Json::parse(*line, nullptr, false);
  const std::string account = json.is_object() && json.contains("receipt")
                                  ? json["receipt"].value("account", std::string())
                                  : std::string();
  const auto nobody = call.parts.receipts.find({});
  return seen(call, account, nobody.error());
}

std::expected<void, ApiFault> check_refusal(const Call& call) {
  const auto refused = call.parts.activity.refusal(call.id);
  if (!refused) {
    return std::unexpected(fault_of(refused.error()));
  }
  const auto visible = *refused ? sees(call.parts, bound_account(call.asker), (*refused)->account)
                                : std::expected<bool, ApiFault>(false);
  if (!visible) {
    return std::unexpected(visible.error());
  }
  return *visible ? std::expected<void, ApiFault>() : std::unexpected(no_such_refusal());
}

std::expected<void, ApiFault> check_mass_action(const Call& call, Object object) {
  const auto action = call.parts.mass_actions.find(call.id);
  if (!action) {
    return std::unexpected(fault_of(action.error()));
  }
  if (action->by.name == call.actor().name) {
    return {};
  }
  const auto visible = sees_all(
      call.parts, bound_account(call.asker),
      object == Object::kMassAction ? action->selection.accounts : std::vector<std::string>());
  if (!visible) {
    return std::unexpected(visible.error());
  }
  const auto nobody = call.parts.mass_actions.find({});
  return *visible ? std::expected<void, ApiFault>() : std::unexpected(fault_of(nobody.error()));
}

bool is_of_holders(Who who) { return who == Who::kHolder || who == Who::kHolderInPerson; }

// account_named gives the account that a call of Who::kHolder is about; nullopt: it names none.
std::expected<std::optional<std::string>, ApiFault> account_named(const Call& call, Object object) {
  if (object == Object::kWebhook) {
    if (call.parts.webhooks == nullptr) {
      return std::nullopt;
    }
    const auto webhook = call.parts.webhooks->find(call.id);
    return webhook ? std::expected<std::optional<std::string>, ApiFault>(webhook->account.text())
                   : std::unexpected(fault_of(webhook.error()));
  }
  const bool is_key = object == Object::kKey || object == Object::kKeyInBody;
  auto named = object == Object::kKey ? std::optional(call.id)
                                      : member_text(call.body, is_key ? "api_key" : "account");
  if (!named || !is_key) {
    return named;
  }
  const auto stored = call.parts.issuer.stored_key(*named);
  return stored ? std::expected<std::optional<std::string>, ApiFault>(stored->key.account.text())
                : std::unexpected(fault_of(stored.error()));
}

// check_own refuses somebody who sees all accounts to make or change another's API keys: they may
// hold one account, as a holder does, and act for that.
std::expected<void, ApiFault> check_own(const Call& call, Object object) {
  if (call.asker.kind != Asker::Kind::kPerson && call.asker.kind != Asker::Kind::kKey) {
    return {};
  }
  const auto named = account_named(call, object);
  if (!named || !*named) {
    // Whether it is there, and a text, is the handler's to say.
    return named ? std::expected<void, ApiFault>() : std::unexpected(named.error());
  }
  const std::string& account = **named;
  const auto within = sees(call.parts, held_account(call.asker), account);
  if (!within) {
    return std::unexpected(within.error());
  }
  return *within ? std::expected<void, ApiFault>()
                 : std::unexpected(refusal(
                       "not_your_account",
                       "nobody makes or changes the API keys and webhooks of an account but who "
                       "holds it; API keys you may suspend and revoke"));
}

}  // namespace

std::expected<void, ApiFault> check_who(const Rights& rights, const Asker& asker) {
  const WhoRow& row = row_of(rights.who);
  switch (asker.kind) {
    case Asker::Kind::kSocket:
      return row.socket ? std::expected<void, ApiFault>()
                        : std::unexpected(refusal(
                              "session_only",
                              "this is for somebody who signs in to the console, not for the admin "
                              "socket"));
    case Asker::Kind::kStranger:
      return row.stranger ? std::expected<void, ApiFault>()
                          : std::unexpected(fault_of(not_signed_in().error()));
    case Asker::Kind::kPerson:
      return row.stranger ? std::expected<void, ApiFault>() : check_person(row, *asker.caller);
    case Asker::Kind::kKey:
      return check_key_caller(row, asker.key->scope);
  }
  std::unreachable();
}

std::expected<void, ApiFault> check_object(const Call& call, Object object, Who who) {
  if (!bound_account(call.asker)) {
    return is_of_holders(who) ? check_own(call, object) : std::expected<void, ApiFault>();
  }
  switch (object) {
    case Object::kNone:
    case Object::kList:
    case Object::kPerson:   // holders do not get as far
    case Object::kPasskey:  // looked for among one's own
    case Object::kIdentity:
      return {};
    case Object::kAccount:
      return check_account(call, call.id);
    case Object::kAccountInBody: {
      // Whether it is there, and a text, is the handler's to say.
      const auto account = member_text(call.body, "account");
      return account ? check_account(call, *account) : std::expected<void, ApiFault>();
    }
    case Object::kKey:
      return check_key(call, call.id);
    case Object::kKeyInBody: {
      const auto key = member_text(call.body, "api_key");
      return key ? check_key(call, *key) : std::expected<void, ApiFault>();
    }
    case Object::kEnrolmentLink:
      return check_enrolment_link(call);
    case Object::kWebhook:
      return check_webhook(call);
    case Object::kReceipt:
      return check_receipt(call);
    case Object::kRefusal:
      return check_refusal(call);
    case Object::kMassAction:
    case Object::kOwnMassAction:
      return check_mass_action(call, object);
  }
  std::unreachable();
}

ApiFault person_wanted() {
  return refusal("person_wanted", "a person has to do this in the console; nothing was changed");
}

ApiFault second_factor_wanted() {
  return refusal("second_factor_wanted",
                 "add a second factor first: until then this session may do nothing else");
}

}  // namespace counterfoil
