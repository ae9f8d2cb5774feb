#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <variant>

#include "doors/rest/exchange.h"
#include "doors/rest/rest_shared.h"
#include "policy/answers.h"
#include "policy/route.h"
#include "verify/reason.h"
#include "wire/http/refusal.h"

namespace counterfoil {

// ProfileRefusal is a refusal in the profile's words.
struct ProfileRefusal {
  Reason reason = Reason::kInternal;
  AnswerContext context;
  MethodSet allowed;  // not empty: the path is served, with these methods: 405
};
// because is a refusal with nothing to tell but its reason. Who finds too much work here finds it
// gone in a second, for nothing waits for long.
[[nodiscard]] inline ProfileRefusal because(Reason reason) {
  constexpr std::chrono::seconds kOverloadedRetry{1};
  ProfileRefusal refusal{.reason = reason, .context = {}, .allowed = {}};
  if (reason == Reason::kOverloaded) {
    refusal.context.retry_after = kOverloadedRetry;
  }
  return refusal;
}
// Refused is why a request goes no further: HTTP's reason or the profile's.
using Refused = std::variant<ProfileRefusal, http::Refusal>;

// judge_head decides what can be decided before the body is read: host, route, which body it may
// have. Sets exchange.route.
[[nodiscard]] std::expected<void, Refused> judge_head(Exchange& exchange);

// judge_request decides a request whose last byte is in, at exchange.now: the address's budget,
// and on signed routes everything the Gatekeeper asks. After it a signed request has an admission.
[[nodiscard]] std::expected<void, Refused> judge_request(const RestShared& shared,
                                                         Exchange& exchange);

}  // namespace counterfoil
