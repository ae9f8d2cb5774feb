#include "authority/sessions.h"

#include <algorithm>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/passkey.h"
#include "accounts/person.h"
#include "accounts/session.h"
#include "authority/audit_chain.h"
#include "authority/issuer.h"
#include "authority/issuer_limits.h"
#include "authority/new_session.h"
#include "authority/people_records.h"
#include "authority/person_actor.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/second_factor.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "crypto/random_token.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;

std::unexpected<Problem> step_up_failed() {
  return problem(Kind::kNotAllowed, "step_up_failed",
                 "the second factor is wrong, or there were too many tries; nothing was changed");
}

AuditFact step_up_fact(const Caller& caller, const Session& session, const Digest& change,
                       const FactorVerdict& verdict) {
  AuditFact fact = fact_of(caller.actor(), "step_up.grant", session.id);
  fact.detail = {{"change", to_hex(change)}, {"factor", std::string(to_string(verdict.kind))}};
  if (!verdict.is_right) {
    fact.action = "step_up.refuse";
    fact.outcome = "refused";
    fact.detail.emplace("why", std::string(verdict.why));
  }
  return fact;
}

const StoredSession* with_id(const std::vector<StoredSession>& sessions, std::string_view id) {
  const auto found = std::ranges::find(
      sessions, id,
      [](const StoredSession& stored) -> std::string_view { return stored.value.id; });
  return found == sessions.end() ? nullptr : &*found;
}

}  // namespace

std::unexpected<Problem> not_signed_in() {
  return problem(Kind::kNotSignedIn, "not_signed_in", "you are not signed in; sign in first");
}

std::unexpected<Problem> step_up_required() {
  return problem(Kind::kNotAllowed, "step_up_required",
                 "this change needs your second factor once more");
}

Actor Caller::actor() const {
  Actor actor = person_actor(person.value.id, source);
  actor.role = person.value.role;
  return actor;
}

Sessions::Result<Caller> Sessions::caller(std::string_view token, const IpAddress& source) {
  const auto hash = token_hash(token);
  if (!hash) {
    return not_signed_in();
  }
  const auto session = find_session(parts_.audited.read(), *hash);
  if (!session) {
    return std::unexpected(session.error());
  }
  if (!*session) {
    return not_signed_in();
  }
  const auto person = find_person(parts_.audited.read(), (*session)->value.person);
  if (!person) {
    return std::unexpected(person.error());
  }
  const Timestamp now = parts_.audited.now();
  if (!*person ||
      judge_session((*session)->value, (*person)->value, now) != SessionVerdict::kAlive) {
    return not_signed_in();
  }
  Caller caller{.person = **person, .session = **session, .source = source};
  if (auto used = touched(caller.session.value, now)) {
    const auto stored =
        parts_.registry.commit({.writes = {session_rewrite(*used, caller.session)}});
    // Who lost the race finds it written down by the other, or ended: the next call sees.
    if (stored) {
      caller.session.value = std::move(*used);
      caller.session.modified = stored->number;
    }
  }
  return caller;
}

Sessions::Result<void> Sessions::sign_out(const Caller& caller) {
  return end(caller, caller.session.value.id);
}

Sessions::Result<std::vector<Session>> Sessions::of(const Caller& caller) const {
  const auto stored = sessions_of(parts_.audited.read(), caller.person.value.id);
  if (!stored) {
    return std::unexpected(stored.error());
  }
  std::vector<Session> alive;
  for (const StoredSession& session : *stored) {
    if (judge_session(session.value, caller.person.value, parts_.audited.now()) ==
        SessionVerdict::kAlive) {
      alive.push_back(session.value);
    }
  }
  return alive;
}

Sessions::Result<void> Sessions::end(const Caller& caller, std::string_view id) {
  for (int attempt = 1;; ++attempt) {
    const auto stored = sessions_of(parts_.audited.read(), caller.person.value.id);
    if (!stored) {
      return std::unexpected(stored.error());
    }
    const StoredSession* const found = with_id(*stored, id);
    if (found == nullptr) {
      return problem(Kind::kNotFound, "no_such_session", "there is no such session of yours");
    }
    const auto ended = parts_.audited.commit(
        {session_erase(*found)}, fact_of(caller.actor(), "session.end", found->value.id),
        Urgency::kRevocation);
    if (ended) {
      return {};
    }
    if (ended.error() != RegistryError::kConflict || attempt == kAttemptsMax) {
      return problem_of(ended.error());
    }
  }
}

Sessions::Result<void> Sessions::end_others(const Caller& caller) {
  const auto stored = sessions_of(parts_.audited.read(), caller.person.value.id);
  if (!stored) {
    return std::unexpected(stored.error());
  }
  for (const StoredSession& session : *stored) {
    if (session.value.id == caller.session.value.id) {
      continue;
    }
    const auto ended = end(caller, session.value.id);
    if (!ended && ended.error().kind != Kind::kNotFound) {
      return ended;
    }
  }
  return {};
}

Digest Sessions::change_hash(std::string_view method, std::string_view path,
                             std::string_view canonical_body) {
  Sha256 hash;
  hash.update(as_bytes(method));
  hash.update(as_bytes("\n"));
  hash.update(as_bytes(path));
  hash.update(as_bytes("\n"));
  hash.update(as_bytes(canonical_body));
  return hash.finish();
}

std::string Sessions::step_up_purpose(const Caller& caller, const Digest& change) {
  return "step-up:" + caller.session.value.id + ":" + to_hex(change);
}

Sessions::Result<PasskeyNeed> Sessions::usable_need(const Person& person) const {
  auto need = parts_.factors.passkey_need(person);
  if (need && *need == PasskeyNeed::kPasskey && person.passkeys.empty()) {
    return problem(Kind::kNotAllowed, "passkey_needed",
                   "this change needs a passkey, and you have none: sign in again and add one");
  }
  return need;
}

Sessions::Result<Sessions::StepUpQuestion> Sessions::step_up_question(const Caller& caller,
                                                                      const Digest& change) {
  const Person& person = caller.person.value;
  const auto need = usable_need(person);
  if (!need) {
    return std::unexpected(need.error());
  }
  StepUpQuestion question{.challenge = std::nullopt,
                          .allowed = {},
                          .totp = person.totp.has_value() && *need == PasskeyNeed::kNone};
  if (person.passkeys.empty()) {
    return question;
  }
  question.challenge = parts_.factors.challenges().ask(step_up_purpose(caller, change));
  if (!question.challenge) {
    return no_randomness();
  }
  for (const Passkey& passkey : person.passkeys) {
    question.allowed.push_back(passkey.id);
  }
  return question;
}

Sessions::Result<Sessions::StepUp> Sessions::step_up(const Caller& caller, const Digest& change,
                                                     const FactorAnswer& answer) {
  if (caller.session.value.stage != SessionStage::kFull) {
    return step_up_required();
  }
  if (const auto need = usable_need(caller.person.value); !need) {
    return std::unexpected(need.error());
  }
  const Timestamp now = parts_.audited.now();
  const auto challenge = parts_.factors.take_challenge(answer, step_up_purpose(caller, change));
  Stored<Person> person = caller.person;
  StoredSession session = caller.session;
  for (int attempt = 1;; ++attempt) {
    auto verdict = parts_.factors.judge(person.value, answer, challenge, now);
    auto grant = new_token(parts_.random);
    if (!verdict || !grant) {
      return verdict ? no_randomness() : std::unexpected(verdict.error());
    }
    std::vector<Write> writes;
    std::optional<PreparedSession> next;
    if (verdict->is_right) {
      auto prepared = replace_session(parts_.audited.read(), session,
                                      granted(session.value, grant->hash, change, now),
                                      OtherSessions::kStay, parts_.random);
      if (!prepared) {
        return std::unexpected(prepared.error());
      }
      next = std::move(*prepared);
      writes = next->writes;
    }
    if (verdict->person != person.value) {
      writes.push_back(person_write(verdict->person, person.modified));
    }
    const auto stored = parts_.audited.commit(
        std::move(writes), step_up_fact(caller, session.value, change, *verdict));
    if (stored) {
      if (!next) {
        return step_up_failed();
      }
      return StepUp{.grant = std::move(grant->text),
                    .token = std::move(next->token),
                    .session = std::move(next->session)};
    }
    if (stored.error() != RegistryError::kConflict || attempt == kAttemptsMax) {
      return problem_of(stored.error());
    }
    // Somebody changed the person or the session: judge what is there now.
    if (const auto again = read_again(person, session); !again) {
      return std::unexpected(again.error());
    }
  }
}

Sessions::Result<void> Sessions::read_again(Stored<Person>& person, StoredSession& session) const {
  const auto again = find_person(parts_.audited.read(), person.value.id);
  const auto sessions = sessions_of(parts_.audited.read(), person.value.id);
  if (!again || !sessions) {
    return std::unexpected(again ? sessions.error() : again.error());
  }
  const StoredSession* const found = with_id(*sessions, session.value.id);
  if (!*again || found == nullptr) {
    return not_signed_in();
  }
  person = **again;
  session = *found;
  return {};
}

Sessions::Result<SteppedUp> Sessions::spend(const Caller& caller, const Digest& change,
                                            std::string_view grant) {
  const auto hash = token_hash(grant);
  if (!hash || caller.session.value.stage != SessionStage::kFull) {
    return step_up_required();
  }
  Session session = caller.session.value;
  const bool is_granted = spend_grant(session, *hash, change, parts_.audited.now());
  if (session == caller.session.value) {
    return step_up_required();
  }
  AuditFact fact = fact_of(caller.actor(), "step_up.spend", session.id);
  fact.outcome = is_granted ? "done" : "refused";
  fact.detail = {{"change", to_hex(change)}};
  const auto stored = parts_.audited.commit({session_rewrite(session, caller.session)}, fact);
  if (!stored) {
    // Of two who bring one grant at the same moment, the later has none.
    return stored.error() == RegistryError::kConflict ? step_up_required()
                                                      : problem_of(stored.error());
  }
  return is_granted ? Result<SteppedUp>(SteppedUp()) : step_up_required();
}

Sessions::Result<SteppedUp> Sessions::enrolling(const Caller& caller) {
  if (caller.session.value.stage != SessionStage::kNeedsFactorSetup) {
    return step_up_required();
  }
  return SteppedUp();
}

Sessions::Result<SteppedUp> Sessions::without_codes(const Caller& caller) const {
  const Person& person = caller.person.value;
  if (caller.session.value.stage != SessionStage::kFull || !person.recovery_codes.empty() ||
      parts_.audited.now() >= person.factors_changed + kFirstCodesFor) {
    return step_up_required();
  }
  return SteppedUp();
}

}  // namespace counterfoil
