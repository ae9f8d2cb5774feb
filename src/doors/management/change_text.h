#pragma once

#include <string>
#include <string_view>

#include "doors/management/call.h"
#include "doors/management/rights.h"

namespace counterfoil {

// change_text fills the sentence of a route with what the call is about, for the person who is
// asked to confirm it (control S-62):
//
//   {name}     the member "name" of the body: a text, a number, or a list
//   {object}   the object of the path, by the name that people know it by
//   [ ... ]    left out when a member inside is absent
//
// Texts that hold control or text-direction characters, or are long, are not shown: whoever wrote
// them may want to say something else with them.
[[nodiscard]] std::string change_text(const Call& call, const Rights& rights);

}  // namespace counterfoil
