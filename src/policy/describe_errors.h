#pragma once

#include <string>

#include "policy/profile.h"

namespace counterfoil {

// describe_errors writes docs/errors.md: one section for each Reason, with what the caller of this
// profile gets on the wire and what the API key's owner is told. Pure: the ctest `errors_doc`
// compares the committed file with it, and the target generate_errors_doc writes that file.
[[nodiscard]] std::string describe_errors(const Profile& profile);

}  // namespace counterfoil
