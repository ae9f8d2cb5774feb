#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/passkey.h"
#include "accounts/person.h"
#include "authority/passkey_challenges.h"
#include "authority/passkey_rule.h"
#include "authority/problem.h"
#include "authority/sealer.h"
#include "base/time.h"

namespace counterfoil {

// What somebody gives to prove that it is them, besides a password. At most one of them.
struct PasskeyAnswer {
  std::string challenge_id;
  PasskeyAssertion assertion;
};
struct FactorAnswer {
  std::string totp = {};
  std::string recovery_code = {};
  std::optional<PasskeyAnswer> passkey = std::nullopt;

  [[nodiscard]] bool is_empty() const { return totp.empty() && recovery_code.empty() && !passkey; }
};

// FactorKind names a factor in the audit log. kProvider: the identity provider has asked for one,
// and the operator lets that count.
enum class FactorKind : std::uint8_t { kNone, kTotp, kRecoveryCode, kPasskey, kProvider };
[[nodiscard]] std::string_view to_string(FactorKind kind);

// FactorVerdict is what came of an answer. `person` is as it must be stored, wrong or right: the
// step of a code, the counter of a passkey, a code that is used up, a lock.
struct FactorVerdict {
  bool is_right = false;
  FactorKind kind = FactorKind::kNone;
  Person person;
  std::string_view why = {};              // for the audit log alone, when it is wrong
  PasskeyNeed need = PasskeyNeed::kNone;  // set when it is right
};

// SecondFactors judges answers. It changes nothing but the challenge it takes. Safe to call from
// any thread.
class SecondFactors {
 public:
  // All must outlive it. `rule` says who needs a passkey.
  SecondFactors(const Sealer& sealer, PasskeyChallenges& challenges, const RelyingParty& party,
                PasskeyRule rule = {})
      : sealer_(sealer), challenges_(challenges), party_(party), rule_(rule) {}

  // judge: of somebody who needs a passkey and has one, the code of an app is wrong whatever it is;
  // a recovery code is for those who have lost theirs. Problem: sealed_value_unreadable, a fault of
  // the store. `challenge`: of a passkey, taken by take_challenge.
  [[nodiscard]] std::expected<FactorVerdict, Problem> judge(
      const Person& person, const FactorAnswer& answer,
      const std::optional<std::vector<std::uint8_t>>& challenge, Timestamp now) const;

  // take_challenge uses the challenge of an answer up; nullopt: it has none that is good for this.
  [[nodiscard]] std::optional<std::vector<std::uint8_t>> take_challenge(const FactorAnswer& answer,
                                                                        std::string_view purpose);

  [[nodiscard]] std::expected<PasskeyNeed, Problem> passkey_need(const Person& person) const {
    return rule_.need_of(person);
  }
  [[nodiscard]] PasskeyChallenges& challenges() { return challenges_; }
  [[nodiscard]] const RelyingParty& party() const { return party_; }

 private:
  [[nodiscard]] std::expected<FactorVerdict, Problem> judge_answer(
      const Person& person, const FactorAnswer& answer,
      const std::optional<std::vector<std::uint8_t>>& challenge, Timestamp now) const;

  const Sealer& sealer_;
  PasskeyChallenges& challenges_;
  const RelyingParty& party_;
  PasskeyRule rule_;
};

// totp_seal_name is what the seed of a person's app is sealed as (Sealer::seal_own).
[[nodiscard]] std::string totp_seal_name(const PersonId& person);

}  // namespace counterfoil
