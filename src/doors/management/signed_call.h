#pragma once

#include <expected>

#include "authority/management_keys.h"
#include "doors/management/api_call.h"
#include "doors/management/api_fault.h"
#include "doors/management/management_api.h"
#include "doors/management/query.h"
#include "policy/limits.h"

namespace counterfoil {

// Calls that an API key signs in the place of a session (docs/automation.md).

// signed_caller has the authority judge a call with a signature. A call that changes something is
// one whose route's method is not GET.
[[nodiscard]] std::expected<KeyCaller, ApiFault> signed_caller(const ManagementApi::Parts& parts,
                                                               const ApiRequest& request,
                                                               const ManagementRoute& route);

// fault_of_signature says why a signed call was refused, in the words of the table of reasons. What
// would tell a stranger something of an API key, or a thief of one, has one text: `not_signed`
// (401) for an API key that is not known, not in force, or did not sign this; `not_for_this_key`
// (403) where it did, but may not call from there, or at all. The key's owner finds the true reason
// under the request's id.
[[nodiscard]] ApiFault fault_of_signature(const LimitRefusal& refusal);

// take_out_signature takes the parameters of the signature out of the query, so that the route sees
// its own alone.
void take_out_signature(const ManagementApi::Parts& parts, Query& query);

}  // namespace counterfoil
