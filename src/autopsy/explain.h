#pragma once

#include <cstddef>

#include "autopsy/evidence.h"
#include "autopsy/finding.h"
#include "base/time.h"

namespace counterfoil::autopsy {

// kTriesMax bounds what one autopsy costs, counted in tries that weigh as much as one HMAC, so that
// the same request always gives the same answer.
inline constexpr std::size_t kTriesMax = 80'000;

// explain says which mistakes made this request, as far as they can be proved. Pure: the same
// arguments always give the same findings.
//
//   request  as it arrived.
//   estate   what the key's owner holds, and nobody else: findings may speak of all of it.
//   history  what the gateway remembers around the request.
//   rules    where this server is stricter than others.
//   now      the instant at which the request arrived.
//
// First the signature is verified as it should be: when it is right, no cause in it is named. If it
// is wrong, hypotheses are tried on four axes (text, key, algorithm, encoding of the value), one
// mistake first and then two, and the smallest number that fits is named; a fit is a proof. What is
// seen without a signature (clock, state, address, rights) is named beside it. A signature that
// fits nothing is unknown, never guessed at.
//
// Findings hold no secret, no right signature, and nothing of another owner. They are for the key's
// owner alone: told to the caller, they would help a guesser.
[[nodiscard]] Findings explain(const RefusedRequest& request, const Estate& estate,
                               const History& history, const Rules& rules, Timestamp now,
                               std::size_t tries_max = kTriesMax);

}  // namespace counterfoil::autopsy
