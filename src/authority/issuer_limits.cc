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

}  // namespace counterfoil
