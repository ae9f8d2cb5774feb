#pragma once

#include <expected>

#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/caller.h"
#include "doors/management/rights.h"

namespace counterfoil {

// step_up has whoever calls prove again that it is them, where the route's rights want that
// (control S-62), and leaves the proof in the call; over the admin socket nothing is asked. An API
// key has nothing to prove it with: 403 person_wanted.
//
//   403 step_up_required  with the change in a sentence, and the hash that a grant must be for
//
// The hash is Sessions::change_hash of method, path and body in canonical form, the body followed
// by LF and the sentence: so what was confirmed is what happens, also where the sentence says more
// than the call (a list that grew meanwhile). A grant is used up even if the change is refused
// later. `asker` is read anew then, for its session was changed.
[[nodiscard]] std::expected<void, ApiFault> step_up(Call& call, Asker& asker, const Rights& rights);

}  // namespace counterfoil
