#include "doors/management/rights.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "authority/mass_action.h"
#include "authority/people_desk.h"
#include "authority/problem.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/caller.h"
#include "doors/management/json.h"
#include "doors/management/json_value.h"

namespace counterfoil {
namespace {

// WhoRow says which callers a Who takes.
struct WhoRow {
  Who who;
  bool stranger, enrolling, holder, auditor, oper, owner, socket;
};

// clang-format off
constexpr bool kY = true;
constexpr bool kN = false;
constexpr auto kWho = std::to_array<WhoRow>({
    //                   stranger enrolling holder auditor operator owner socket
    {Who::kAnybody,      kY,      kY,       kY,    kY,     kY,      kY,   kN},
    {Who::kEnrolling,    kN,      kY,       kY,    kY,     kY,      kY,   kN},
    {Who::kPerson,       kN,      kN,       kY,    kY,     kY,      kY,   kN},
    {Who::kEveryone,     kN,      kN,       kY,    kY,     kY,      kY,   kY},
    {Who::kSeer,         kN,      kN,       kY,    kY,     kY,      kY,   kY},
    {Who::kReader,       kN,      kN,       kN,    kY,     kY,      kY,   kY},
    {Who::kStopper,      kN,      kN,       kY,    kN,     kY,      kY,   kY},
    {Who::kHolder,       kN,      kN,       kY,    kN,     kY,      kY,   kY},
    {Who::kOperator,     kN,      kN,       kN,    kN,     kY,      kY,   kY},
    {Who::kOwner,        kN,      kN,       kN,    kN,     kN,      kY,   kY},
    {Who::kPeopleReader, kN,      kN,       kN,    kY,     kY,      kY,   kN},
    {Who::kPeopleOwner,  kN,      kN,       kN,    kN,     kN,      kY,   kN},
    {Who::kSocket,       kN,      kN,       kN,    kN,     kN,      kN,   kY},
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

std::expected<void, ApiFault> check_key(const Call& call) {
  const auto stored = call.parts.issuer.stored_key(call.id);
  if (!stored) {
    return std::unexpected(fault_of(stored.error()));
  }
  const auto nobody = call.parts.issuer.stored_key({});
  return seen(call, stored->key.account.text(), nobody.error());
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
  const auto nobody = call.parts.mass_actions.find({});
  return seen(call, object == Object::kMassAction ? action->selection.account : std::string(),
              nobody.error());
}

// check_own refuses somebody who sees all accounts to make or change another's API keys: they may
// hold one account, as a holder does, and act for that.
std::expected<void, ApiFault> check_own(const Call& call, Object object) {
  if (call.asker.kind != Asker::Kind::kPerson) {
    return {};
  }
  std::string account;
  if (object == Object::kKey) {
    const auto stored = call.parts.issuer.stored_key(call.id);
    if (!stored) {
      return std::unexpected(fault_of(stored.error()));
    }
    account = stored->key.account.text();
  } else {
    const auto named = member_text(call.body, "account");
    if (!named) {
      return {};  // whether it is there, and a text, is the handler's to say
    }
    account = *named;
  }
  const auto& held = call.caller().person.value.account;
  const auto within = sees(call.parts, held ? std::string(held->text()) : std::string(), account);
  if (!within) {
    return std::unexpected(within.error());
  }
  return *within ? std::expected<void, ApiFault>()
                 : std::unexpected(refusal(
                       "not_your_account",
                       "nobody makes or changes the API keys of an account but who holds it; you "
                       "may suspend and revoke them"));
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
  }
  std::unreachable();
}

std::expected<void, ApiFault> check_object(const Call& call, Object object, Who who) {
  if (!bound_account(call.asker)) {
    return who == Who::kHolder ? check_own(call, object) : std::expected<void, ApiFault>();
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
      return check_key(call);
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

ApiFault second_factor_wanted() {
  return refusal("second_factor_wanted",
                 "add a second factor first: until then this session may do nothing else");
}

}  // namespace counterfoil
