#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/password_rules.h"
#include "accounts/person.h"
#include "authority/audit_chain.h"
#include "authority/issuer_limits.h"
#include "authority/people_checks.h"
#include "authority/people_records.h"
#include "authority/person_actor.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/second_factor.h"
#include "authority/sign_in.h"
#include "authority/sign_in_throttle.h"
#include "base/bytes.h"
#include "base/time.h"
#include "crypto/random_token.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;

std::unexpected<Problem> reset_failed(std::chrono::seconds wait) {
  return std::unexpected(
      Problem{.kind = Kind::kNotSignedIn,
              .reason = "reset_failed",
              .detail = "the password was not changed: the link was used or has run out, the "
                        "second factor is wrong, or there were too many tries; ask an owner for "
                        "another link",
              .retry_after = wait});
}

std::expected<void, Problem> check_form(const PasswordResetTry& wanted) {
  if (wanted.password.size() > kPasswordBytesMax) {
    return problem(Kind::kInvalid, "password_too_long",
                   "a password has at most 256 characters and 1,024 bytes");
  }
  if (wanted.password.empty() || wanted.factor.is_empty()) {
    return problem(Kind::kInvalid, "reset_incomplete", "give the new password and a second factor");
  }
  return {};
}

// Who may set a new password with this token at `now`.
Found<Person> find_by_token(const Registry& registry, std::string_view token, Timestamp now) {
  const auto hash = token_hash(token);
  auto person = hash ? find_person_by_reset(registry, *hash) : Found<Person>(std::nullopt);
  if (person && *person && now >= (*person)->value.reset->ends_at) {
    return std::nullopt;
  }
  return person;
}

}  // namespace

std::expected<Person, Problem> SignIn::reset_password(const PasswordResetTry& wanted) {
  if (const auto fine = check_form(wanted); !fine) {
    return std::unexpected(fine.error());
  }
  const Timestamp now = parts_.audited.now();
  auto person = find_by_token(parts_.audited.read(), wanted.token, now);
  if (!person) {
    return std::unexpected(person.error());
  }
  // Without the token nobody's name is counted: a stranger holds nobody off.
  const auto counted = parts_.throttle.count(
      {.name = *person ? (*person)->value.email : std::string(), .source = wanted.source}, now);
  if (!counted) {
    return std::unexpected(counted.error());
  }
  if (!*counted) {
    return reset_failed(counted->error().wait);
  }
  if (*person) {
    const Person& known = (*person)->value;
    if (auto fine = check_password(wanted.password, known.email, known.name, known.account);
        !fine) {
      (void)parts_.throttle.take_back(**counted);
      return std::unexpected(fine.error());
    }
  }
  const auto challenge = parts_.factors.take_challenge(wanted.factor, kPurpose);
  // Whoever loses a race is judged anew, as at a sign-in.
  for (int attempt = 1;; ++attempt) {
    if (!person) {
      return std::unexpected(person.error());
    }
    Judged judged{.person = *person, .after = std::nullopt, .why = "no such token"};
    if (*person) {
      auto factor = parts_.factors.judge((*person)->value, wanted.factor, challenge, now);
      if (!factor) {
        return std::unexpected(factor.error());
      }
      judged.is_right = factor->is_right && may_sign_in((*person)->value);
      judged.kind = factor->kind;
      judged.why = factor->is_right ? to_string((*person)->value.state) : factor->why;
      judged.after = std::move(factor->person);
    }
    std::expected<Person, Problem> answer = reset_failed((*counted)->next_wait);
    if (judged.is_right) {
      answer = store_password(wanted, judged, now);
    } else if (const auto recorded = record_failure("password.refuse_reset", wanted.source, judged);
               !recorded) {
      answer = std::unexpected(recorded.error());
    }
    if (answer) {
      (void)parts_.throttle.take_back(**counted);
      return answer;
    }
    if (answer.error().kind != Kind::kConflict || attempt == kAttemptsMax) {
      return answer;
    }
    person = find_by_token(parts_.audited.read(), wanted.token, now);
  }
}

std::expected<Person, Problem> SignIn::store_password(const PasswordResetTry& wanted,
                                                      const Judged& judged, Timestamp now) {
  const auto hash = parts_.desk.hash(as_bytes(wanted.password));
  if (!hash) {
    return std::unexpected(hash.error());
  }
  Person changed = *judged.after;
  changed.password = *hash;
  changed.password_changed = now;
  changed.password_reset = now;
  changed.reset.reset();
  const auto sessions = sessions_of(parts_.audited.read(), changed.id);
  if (!sessions) {
    return std::unexpected(sessions.error());
  }
  std::vector<Write> writes{person_write(changed, judged.person->modified)};
  for (const StoredSession& session : *sessions) {
    writes.push_back(session_erase(session));
  }
  AuditFact fact =
      fact_of(person_actor(changed.id, wanted.source), "password.reset", changed.id.text());
  fact.detail = {{"factor", std::string(to_string(judged.kind))}};
  const auto stored = parts_.audited.commit(std::move(writes), fact);
  if (!stored) {
    return problem_of(stored.error());
  }
  parts_.on_reset();
  return changed;
}

}  // namespace counterfoil
