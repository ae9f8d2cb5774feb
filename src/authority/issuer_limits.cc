#include "authority/issuer_limits.h"

#include <expected>
#include <string_view>

#include "authority/issuer.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "keys/life.h"

namespace counterfoil {

std::expected<void, Problem> check_cause(std::string_view cause) {
  if (!is_plain_text(cause, kCauseSizeMax)) {
    return problem(Problem::Kind::kInvalid, "cause_invalid",
                   "a cause has at most 200 characters, none of them control or text-direction "
                   "characters");
  }
  return {};
}

std::unexpected<Problem> account_id_invalid() {
  return problem(Problem::Kind::kInvalid, "account_id_invalid",
                 "an account id has 1 to 32 characters of a-z, 0-9 and '-', and does not begin "
                 "with '-'");
}

std::unexpected<Problem> account_suspended() {
  return problem(Problem::Kind::kNotAllowed, "account_suspended",
                 "this account is suspended and gets no new API keys; resume it first");
}

std::unexpected<Problem> too_many_keys() {
  return problem(Problem::Kind::kConflict, "too_many_keys",
                 "an account has at most 30 API keys; revoke one that is no longer used");
}

}  // namespace counterfoil
