#include "authority/second_factor.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/passkey.h"
#include "accounts/person.h"
#include "accounts/person_id.h"
#include "accounts/recovery_codes.h"
#include "accounts/totp.h"
#include "authority/problem.h"
#include "base/bytes.h"
#include "base/time.h"

namespace counterfoil {
namespace {

using Result = std::expected<FactorVerdict, Problem>;

FactorVerdict wrong(FactorKind kind, Person person, std::string_view why) {
  return {.is_right = false, .kind = kind, .person = std::move(person), .why = why};
}
FactorVerdict right(FactorKind kind, Person person) {
  return {.is_right = true, .kind = kind, .person = std::move(person)};
}

FactorVerdict judge_passkey(Person person, const PasskeyAnswer& answer,
                            const std::optional<std::vector<std::uint8_t>>& challenge,
                            const RelyingParty& party, Timestamp now) {
  if (!challenge) {
    return wrong(FactorKind::kPasskey, std::move(person), "challenge unknown, used or too old");
  }
  Passkey* const stored = find_passkey(person, answer.assertion.id);
  if (stored == nullptr) {
    return wrong(FactorKind::kPasskey, std::move(person), "not a passkey of this person");
  }
  auto used = verify_assertion(party, *challenge, answer.assertion, *stored, now);
  if (!used) {
    return wrong(FactorKind::kPasskey, std::move(person), describe(used.error()));
  }
  *stored = std::move(*used);
  return right(FactorKind::kPasskey, std::move(person));
}

}  // namespace

std::string_view to_string(FactorKind kind) {
  switch (kind) {
    case FactorKind::kNone:
      return "none";
    case FactorKind::kTotp:
      return "totp";
    case FactorKind::kRecoveryCode:
      return "recovery code";
    case FactorKind::kPasskey:
      return "passkey";
    case FactorKind::kProvider:
      return "identity provider";
  }
  std::unreachable();
}

std::string totp_seal_name(const PersonId& person) { return "totp." + person.text(); }

std::optional<std::vector<std::uint8_t>> SecondFactors::take_challenge(const FactorAnswer& answer,
                                                                       std::string_view purpose) {
  return answer.passkey ? challenges_.take(answer.passkey->challenge_id, purpose) : std::nullopt;
}

Result SecondFactors::judge(const Person& person, const FactorAnswer& answer,
                            const std::optional<std::vector<std::uint8_t>>& challenge,
                            Timestamp now) const {
  auto verdict = judge_answer(person, answer, challenge, now);
  if (!verdict || !verdict->is_right) {
    return verdict;
  }
  const auto need = passkey_need(person);
  if (!need) {
    return std::unexpected(need.error());
  }
  verdict->need = *need;
  if (*need == PasskeyNeed::kPasskey && verdict->kind == FactorKind::kTotp &&
      !person.passkeys.empty()) {
    return wrong(verdict->kind, std::move(verdict->person), "a passkey is needed");
  }
  return verdict;
}

Result SecondFactors::judge_answer(const Person& person, const FactorAnswer& answer,
                                   const std::optional<std::vector<std::uint8_t>>& challenge,
                                   Timestamp now) const {
  if (answer.passkey) {
    return judge_passkey(person, *answer.passkey, challenge, party_, now);
  }
  Person judged = person;
  if (!answer.recovery_code.empty()) {
    return use_recovery_code(judged.recovery_codes, answer.recovery_code)
               ? right(FactorKind::kRecoveryCode, std::move(judged))
               : wrong(FactorKind::kRecoveryCode, std::move(judged), "wrong or used code");
  }
  if (answer.totp.empty()) {
    return wrong(FactorKind::kNone, std::move(judged), "no second factor");
  }
  if (!person.totp) {
    return wrong(FactorKind::kTotp, std::move(judged), "no such factor");
  }
  const auto seed = sealer_.open_own(totp_seal_name(person.id), as_bytes(person.totp->sealed_seed));
  if (!seed) {
    return std::unexpected(seed.error());
  }
  TotpJudged totp = judge_totp(*person.totp, *seed, answer.totp, now);
  judged.totp = std::move(totp.factor);
  switch (totp.outcome) {
    case TotpOutcome::kRight:
      return right(FactorKind::kTotp, std::move(judged));
    case TotpOutcome::kWrong:
      return wrong(FactorKind::kTotp, std::move(judged), "wrong or used code");
    case TotpOutcome::kLocked:
      return wrong(FactorKind::kTotp, std::move(judged), "locked after wrong codes");
  }
  std::unreachable();
}

}  // namespace counterfoil
