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

// factors_json counts what a person has to prove who they are.
[[nodiscard]] Json factors_json(const Person& person);

}  // namespace counterfoil
