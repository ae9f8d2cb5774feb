#pragma once

#include <expected>
#include <string_view>

#include "authority/people_desk.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/json.h"

namespace counterfoil {

// session_json writes a session for the page of the person whose it is. `token` is its token, of
// which the page gets nothing but what proves a change (control S-70).
[[nodiscard]] std::expected<Json, ApiFault> session_json(const Call& call, const Person& person,
                                                         const Session& session,
                                                         std::string_view token);

// held_until_json says until when a reset of somebody's password holds the API keys of the account
// of `person` (authority/reset_hold.h); null: nothing does.
[[nodiscard]] std::expected<Json, ApiFault> held_until_json(const Call& call, const Person& person);

// factors_json counts what a person has to prove who they are.
[[nodiscard]] Json factors_json(const Person& person);

// identity_json writes an account at an identity provider, identities_json all of them at an
// identity provider with which a person signs in.
[[nodiscard]] Json identity_json(const LinkedIdentity& identity);
[[nodiscard]] Json identities_json(const Person& person);

}  // namespace counterfoil
