#include "doors/management/factor_members.h"

#include <cstddef>

#include "authority/second_factor.h"
#include "doors/management/member_reader.h"
#include "doors/management/passkey_json.h"

namespace counterfoil {
namespace {

// Longer than any code: what is not one is judged, and counted, where codes are.
constexpr std::size_t kCodeBytesMax = 64;

}  // namespace

FactorAnswer read_factor(MemberReader& members) {
  FactorAnswer answer;
  answer.totp = members.text("totp", kCodeBytesMax).value_or("");
  answer.recovery_code = members.text("recovery_code", kCodeBytesMax).value_or("");
  answer.passkey = read_passkey_answer(members, "passkey");
  const int given = (answer.totp.empty() ? 0 : 1) + (answer.recovery_code.empty() ? 0 : 1) +
                    (answer.passkey ? 1 : 0);
  if (given > 1) {
    members.refuse("factor_ambiguous",
                   "give one of \"totp\", \"recovery_code\" and \"passkey\", not several", "");
  }
  return answer;
}

}  // namespace counterfoil
