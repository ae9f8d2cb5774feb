#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/passkey.h"
#include "accounts/person.h"
#include "accounts/recovery_codes.h"
#include "accounts/session.h"
#include "accounts/totp.h"
#include "authority/audit_chain.h"
#include "authority/new_session.h"
#include "authority/passkey_challenges.h"
#include "authority/people.h"
#include "authority/people_checks.h"
#include "authority/people_records.h"
#include "authority/person_actor.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/second_factor.h"
#include "authority/sessions.h"
#include "base/base32.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/time.h"
#include "base/wiped_text.h"
#include "crypto/crypto_error.h"
#include "crypto/secret_bytes.h"
#include "crypto/wipe.h"
#include "registry/index_names.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;

std::unexpected<Problem> last_factor() {
  return problem(Kind::kConflict, "last_factor",
                 "this is your last second factor; add another one first");
}
std::unexpected<Problem> too_many_passkeys() {
  return problem(Kind::kConflict, "too_many_passkeys",
                 "you have 10 passkeys; remove one that you do not use");
}

AuditFact own_fact(const Caller& caller, std::string action) {
  AuditFact fact = fact_of(caller.actor(), std::move(action), caller.person.value.id.text());
  fact.detail = {{"session", caller.session.value.id}};
  return fact;
}

std::string registration_purpose(const Caller& caller) {
  return "register:" + caller.session.value.id;
}

std::string setting_of(const std::optional<std::string>& wanted, const std::string& present) {
  return wanted.value_or(present);
}
// A word of the page: "zh-CN", "Europe/Berlin", "dark".
bool is_setting(std::string_view text) {
  constexpr std::size_t kBytesMax = 64;
  return text.size() <= kBytesMax && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view("-_/+").contains(c);
         });
}

}  // namespace

People::Result<PersonSession> People::finish(const Caller& caller, Person changed,
                                             const AuditFact& fact) {
  const Timestamp now = parts_.audited.now();
  Session session = caller.session.value;
  std::vector<Write> more;
  if (session.stage == SessionStage::kNeedsFactorSetup && may_sign_in(changed)) {
    const auto need = parts_.factors.passkey_need(changed);
    if (!need) {
      return std::unexpected(need.error());
    }
    session =
        new_session(session.id, changed, session.source, session.device, now,
                    has_other_passkey(changed, caller.person.value) ? PasskeyNeed::kNone : *need);
  }
  if (caller.person.value.state == PersonState::kEnrolling) {
    // The invitation is used up with the first factor, and by nobody else.
    const auto begun = parts_.audited.read().find_by_index(kBegunIndex, changed.id.text());
    if (!begun) {
      return problem_of(begun.error());
    }
    if (begun->empty()) {
      return not_signed_in();
    }
    more.push_back(invitation_erase(begun->front().id, begun->front().modified));
  }
  auto next = replace_session(parts_.audited.read(), caller.session, std::move(session),
                              OtherSessions::kEnd, parts_.random);
  if (!next) {
    return std::unexpected(next.error());
  }
  next->writes.push_back(person_write(changed, caller.person.modified));
  next->writes.insert(next->writes.end(), more.begin(), more.end());
  const auto stored = parts_.audited.commit(std::move(next->writes), fact);
  if (!stored) {
    return problem_of(stored.error());
  }
  return PersonSession{.person = std::move(changed),
                       .session = std::move(next->session),
                       .token = std::move(next->token)};
}

People::Result<Person> People::store(const Caller& caller, const Person& changed,
                                     const AuditFact& fact) {
  const auto stored = parts_.audited.commit({person_write(changed, caller.person.modified)}, fact);
  return stored ? Result<Person>(changed) : problem_of(stored.error());
}

People::Result<People::NewTotp> People::begin_totp(const Caller& caller,
                                                   const SteppedUp& /*proof*/) {
  std::array<std::uint8_t, kTotpSeedBytes> bytes{};
  if (!parts_.random.fill(bytes)) {
    return no_randomness();
  }
  auto seed = SecretBytes::copy_of(bytes);
  std::string base32 = to_base32(bytes);
  wipe(bytes);
  NewTotp made{.secret_base32 = WipedText(base32), .uri = {}};
  std::string uri = totp_uri(parts_.issuer, caller.person.value.email, base32);
  made.uri = WipedText(uri);
  wipe(uri);
  wipe(base32);
  if (!seed) {
    return problem(Kind::kUnavailable, "no_secret_memory", describe(seed.error()));
  }
  const auto in_flight = parts_.sealer.hold_keys();
  const auto sealed = parts_.sealer.seal_own(totp_seal_name(caller.person.value.id), *seed);
  if (!sealed) {
    return std::unexpected(sealed.error());
  }
  Person changed = caller.person.value;
  changed.pending_totp = {.sealed_seed = std::string(as_text(*sealed)),
                          .created = parts_.audited.now()};
  if (const auto stored = store(caller, changed, own_fact(caller, "totp.begin")); !stored) {
    return std::unexpected(stored.error());
  }
  return made;
}

People::Result<PersonSession> People::confirm_totp(const Caller& caller, std::string_view code) {
  const Timestamp now = parts_.audited.now();
  Person changed = caller.person.value;
  if (!changed.pending_totp || now >= changed.pending_totp->created + kPendingTotpLife) {
    return problem(Kind::kConflict, "nothing_to_confirm",
                   "there is no new authenticator app to confirm; begin again");
  }
  const std::string& sealed = changed.pending_totp->sealed_seed;
  const auto seed = parts_.sealer.open_own(totp_seal_name(changed.id), as_bytes(sealed));
  if (!seed) {
    return std::unexpected(seed.error());
  }
  TotpJudged judged = judge_totp({.sealed_seed = sealed, .created = now}, *seed, code, now);
  if (judged.outcome != TotpOutcome::kRight) {
    return problem(Kind::kInvalid, "code_wrong",
                   "the code does not fit; look at the app once more, and at its clock");
  }
  // Replacing an app ends the older one, which a restore must not bring back.
  const AuditFact fact = own_fact(caller, changed.totp ? "totp.replace" : "totp.add");
  changed.totp = std::move(judged.factor);
  changed.pending_totp.reset();
  return finish(caller, with_factor(std::move(changed), now), fact);
}

People::Result<PersonSession> People::remove_totp(const Caller& caller,
                                                  const SteppedUp& /*proof*/) {
  Person changed = caller.person.value;
  if (!changed.totp) {
    return problem(Kind::kNotFound, "no_totp", "you have no authenticator app here");
  }
  if (factor_count(changed) == 1) {
    return last_factor();
  }
  changed.totp.reset();
  changed.factors_changed = parts_.audited.now();
  return finish(caller, std::move(changed), own_fact(caller, "totp.remove"));
}

People::Result<PasskeyChallenges::Challenge> People::passkey_question(const Caller& caller) {
  if (caller.person.value.passkeys.size() >= kPasskeysMax) {
    return too_many_passkeys();
  }
  auto challenge = parts_.factors.challenges().ask(registration_purpose(caller));
  return challenge ? Result<PasskeyChallenges::Challenge>(std::move(*challenge)) : no_randomness();
}

People::Result<PersonSession> People::add_passkey(const Caller& caller, const SteppedUp& /*proof*/,
                                                  std::string_view name,
                                                  std::string_view challenge_id,
                                                  const PasskeyRegistration& made) {
  if (const auto fine = check_name(name); !fine) {
    return std::unexpected(fine.error());
  }
  if (caller.person.value.passkeys.size() >= kPasskeysMax) {
    return too_many_passkeys();
  }
  const Timestamp now = parts_.audited.now();
  const auto challenge =
      parts_.factors.challenges().take(challenge_id, registration_purpose(caller));
  auto passkey = challenge ? verify_registration(parts_.factors.party(), *challenge, made, now)
                           : std::unexpected(PasskeyFault::kWrongChallenge);
  if (!passkey) {
    return problem(Kind::kInvalid, "passkey_refused", describe(passkey.error()));
  }
  passkey->name = name;
  Person changed = caller.person.value;
  AuditFact fact = own_fact(caller, "passkey.add");
  fact.detail.emplace("passkey", to_base64url(passkey->id));
  changed.passkeys.push_back(std::move(*passkey));
  auto added = finish(caller, with_factor(std::move(changed), now), fact);
  if (!added && added.error().reason == "already_registered") {
    return problem(Kind::kConflict, "passkey_known", "this passkey is registered already");
  }
  return added;
}

People::Result<Person> People::rename_passkey(const Caller& caller, ByteView id,
                                              std::string_view name) {
  if (const auto fine = check_name(name); !fine) {
    return std::unexpected(fine.error());
  }
  Person changed = caller.person.value;
  Passkey* const passkey = find_passkey(changed, id);
  if (passkey == nullptr) {
    return problem(Kind::kNotFound, "no_such_passkey", "you have no such passkey");
  }
  passkey->name = name;
  AuditFact fact = own_fact(caller, "passkey.rename");
  fact.detail.emplace("passkey", to_base64url(id));
  return store(caller, changed, fact);
}

People::Result<PersonSession> People::remove_passkey(const Caller& caller,
                                                     const SteppedUp& /*proof*/, ByteView id) {
  Person changed = caller.person.value;
  if (find_passkey(changed, id) == nullptr) {
    return problem(Kind::kNotFound, "no_such_passkey", "you have no such passkey");
  }
  if (factor_count(changed) == 1) {
    return last_factor();
  }
  const auto need = parts_.factors.passkey_need(changed);
  if (!need) {
    return std::unexpected(need.error());
  }
  if (*need == PasskeyNeed::kPasskey && changed.passkeys.size() == 1) {
    return problem(Kind::kConflict, "passkey_needed",
                   "this is your last passkey, and you need one here; add another one first");
  }
  std::erase_if(changed.passkeys,
                [&](const Passkey& passkey) { return std::ranges::equal(passkey.id, id); });
  changed.factors_changed = parts_.audited.now();
  AuditFact fact = own_fact(caller, "passkey.remove");
  fact.detail.emplace("passkey", to_base64url(id));
  return finish(caller, std::move(changed), fact);
}

People::Result<std::vector<WipedText>> People::new_codes(const Caller& caller,
                                                         const SteppedUp& /*proof*/) {
  auto codes = new_recovery_codes(parts_.random);
  if (!codes) {
    return no_randomness();
  }
  Person changed = caller.person.value;
  changed.recovery_codes = std::move(codes->hashes);
  const auto stored = store(caller, changed, own_fact(caller, "recovery_codes.make"));
  return stored ? Result<std::vector<WipedText>>(std::move(codes->texts))
                : std::unexpected(stored.error());
}

People::Result<PersonSession> People::change_password(const Caller& caller,
                                                      const SteppedUp& /*proof*/,
                                                      const WipedText& old_password,
                                                      const WipedText& new_password) {
  Person changed = caller.person.value;
  if (auto fine = check_password(new_password, changed.email, changed.name, changed.account);
      !fine) {
    return std::unexpected(fine.error());
  }
  const auto right = parts_.desk.check(as_bytes(old_password), &changed.password);
  if (!right) {
    return std::unexpected(right.error());
  }
  if (!*right) {
    return problem(Kind::kNotAllowed, "password_wrong", "the old password is wrong");
  }
  const auto hash = parts_.desk.hash(as_bytes(new_password));
  if (!hash) {
    return std::unexpected(hash.error());
  }
  changed.password = *hash;
  changed.password_changed = parts_.audited.now();
  return finish(caller, std::move(changed), own_fact(caller, "password.change"));
}

People::Result<Person> People::edit(const Caller& caller, const PersonEdit& edit) {
  Person changed = caller.person.value;
  if (edit.name) {
    if (const auto fine = check_name(*edit.name); !fine) {
      return std::unexpected(fine.error());
    }
    changed.name = *edit.name;
  }
  changed.settings = {.language = setting_of(edit.language, changed.settings.language),
                      .time_zone = setting_of(edit.time_zone, changed.settings.time_zone),
                      .theme = setting_of(edit.theme, changed.settings.theme)};
  for (const std::string& setting :
       {changed.settings.language, changed.settings.time_zone, changed.settings.theme}) {
    if (!is_setting(setting)) {
      return problem(Kind::kInvalid, "setting_invalid",
                     "language, time zone and theme are words of at most 64 letters, figures and "
                     "-_/+");
    }
  }
  return store(caller, changed, own_fact(caller, "person.edit"));
}

}  // namespace counterfoil
