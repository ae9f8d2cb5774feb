#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "accounts/account.h"
#include "authority/problem.h"
#include "keys/life.h"
#include "registry/registry.h"

namespace counterfoil {

// The problems that several steps of the authority share, in the same words each time.

[[nodiscard]] std::unexpected<Problem> problem(Problem::Kind kind, std::string_view reason,
                                               std::string_view detail);
// problem_of says what a fault or refusal of another room means for whoever asked for the change.
[[nodiscard]] std::unexpected<Problem> problem_of(RegistryError error);
[[nodiscard]] std::unexpected<Problem> problem_of(LifeError error);
[[nodiscard]] std::unexpected<Problem> problem_of(AccountError error);

[[nodiscard]] std::unexpected<Problem> no_such_key();
[[nodiscard]] std::unexpected<Problem> no_randomness();
// pair_taken has one text for secrets and public keys, this account's and others' (control S-28).
[[nodiscard]] std::unexpected<Problem> pair_taken();

}  // namespace counterfoil
