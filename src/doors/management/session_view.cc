#include "doors/management/session_view.h"

#include <expected>
#include <string_view>
#include <utility>

#include "authority/issuer.h"
#include "authority/people_desk.h"
#include "base/time.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/caller.h"
#include "doors/management/json.h"
#include "doors/management/time_text.h"

namespace counterfoil {
namespace {

std::string_view stage_name(SessionStage stage) {
  switch (stage) {
    case SessionStage::kFull:
      return "full";
    case SessionStage::kNeedsFactorSetup:
      return "needs_factor_setup";
  }
  std::unreachable();
}

// Of the accounts of a holder all, of those of others none: there may be very many, and the page
// lists them when it wants to.
std::expected<Json, ApiFault> accounts_json(const Call& call, const Person& person) {
  Json json = Json::array();
  if (!person.account) {
    return json;
  }
  const auto accounts = accounts_within(call.parts, person.account->text());
  if (!accounts) {
    return std::unexpected(accounts.error());
  }
  for (const Account& account : *accounts) {
    json.push_back({{"id", account.id.text()},
                    {"name", account.name},
                    {"master", account.master ? Json(account.master->text()) : Json()}});
  }
  return json;
}

}  // namespace

Json identity_json(const LinkedIdentity& identity) {
  return {{"id", identity_id(identity.issuer, identity.subject)},
          {"issuer", identity.issuer},
          {"shown", identity.shown},
          {"created_at", time_text(identity.created)},
          {"last_used_at",
           identity.last_used == Timestamp{} ? Json() : Json(time_text(identity.last_used))}};
}

Json identities_json(const Person& person) {
  Json items = Json::array();
  for (const LinkedIdentity& identity : person.identities) {
    items.push_back(identity_json(identity));
  }
  return items;
}

Json factors_json(const Person& person) {
  return {{"passkeys", person.passkeys.size()},
          {"totp", person.totp.has_value()},
          {"recovery_codes_left", person.recovery_codes.size()}};
}

std::expected<Json, ApiFault> held_until_json(const Call& call, const Person& person) {
  if (!person.account) {
    return Json();
  }
  const auto until = call.parts.issuer.held_until(*person.account);
  if (!until) {
    return std::unexpected(fault_of(until.error()));
  }
  return *until ? Json(time_text(**until)) : Json();
}

std::expected<Json, ApiFault> session_json(const Call& call, const Person& person,
                                           const Session& session, std::string_view token) {
  auto accounts = accounts_json(call, person);
  if (!accounts) {
    return std::unexpected(std::move(accounts.error()));
  }
  auto held = held_until_json(call, person);
  if (!held) {
    return std::unexpected(std::move(held.error()));
  }
  return Json{{"person",
               {{"id", person.id.text()},
                {"name", person.name},
                {"email", person.email},
                {"role", to_string(person.role)},
                {"language", person.settings.language},
                {"time_zone", person.settings.time_zone},
                {"theme", person.settings.theme}}},
              {"accounts", std::move(*accounts)},
              {"csrf", csrf_token(token)},
              {"stage", stage_name(session.stage)},
              {"factors", factors_json(person)},
              {"idle_until", time_text(idle_until(session))},
              {"ends_at", time_text(session.ends_at)},
              {"server_time", time_text(call.parts.clock.now())},
              {"keys_held_until", std::move(*held)},
              {"address", call.browser().address.to_string()}};
}

}  // namespace counterfoil
