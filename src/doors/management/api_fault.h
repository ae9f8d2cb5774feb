#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "authority/problem.h"

namespace counterfoil {

// StepUpWanted is what a refused change needs: a grant for `hash` (control S-62).
struct StepUpWanted {
  std::string change;  // what the person is asked to confirm, in one sentence
  std::string hash;    // hex
};

// ApiFault is why a call of the management API was not carried out: the parts of its problem
// document (RFC 9457) but for the request id. Nothing secret in it, and no byte of the request that
// was not checked to be a name.
struct ApiFault {
  int status = 400;
  std::string reason;  // stable name
  std::string detail;  // a sentence: what is wrong and what to do
  std::string member;  // the member of the body, or the parameter, that is wrong; or empty
  std::chrono::seconds retry_after{};  // above 0: nothing that comes sooner is looked at
  std::optional<StepUpWanted> step_up = std::nullopt;
};

// bad_input is a fault of the call itself.
[[nodiscard]] inline ApiFault bad_input(std::string_view reason, std::string detail,
                                        std::string_view member = {}) {
  return {.status = 400,
          .reason = std::string(reason),
          .detail = std::move(detail),
          .member = std::string(member)};
}

// fault_of translates what the authority says.
[[nodiscard]] ApiFault fault_of(const Problem& problem);

// action_for is the command to try next, or empty when the detail says all there is to do.
[[nodiscard]] std::string_view action_for(std::string_view reason);

}  // namespace counterfoil
