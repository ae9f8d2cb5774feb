#include <algorithm>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/people_codec.h"
#include "accounts/person.h"
#include "accounts/person_id.h"
#include "accounts/session.h"
#include "authority/audit_chain.h"
#include "authority/issuer.h"
#include "authority/issuer_limits.h"
#include "authority/people.h"
#include "authority/people_checks.h"
#include "authority/people_records.h"
#include "authority/person_actor.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/sessions.h"
#include "crypto/random_token.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;

std::unexpected<Problem> no_such_person() {
  return problem(Kind::kNotFound, "no_such_person", "there is no such person");
}

}  // namespace

People::Result<std::vector<Person>> People::page(const Caller& caller, std::string_view after,
                                                 std::size_t limit) const {
  if (const auto fine = check_reader(caller); !fine) {
    return std::unexpected(fine.error());
  }
  return page(after, limit);
}

People::Result<std::vector<Person>> People::page(std::string_view after, std::size_t limit) const {
  const auto records = parts_.audited.read().list(RecordKind::kPerson, after, limit);
  if (!records) {
    return problem_of(records.error());
  }
  std::vector<Person> people;
  for (const Record& record : *records) {
    auto person = decode_person(record.bytes);
    if (!person) {
      return problem(Kind::kUnavailable, "record_unreadable",
                     "the record of a person cannot be read by this version");
    }
    people.push_back(std::move(*person));
  }
  return people;
}

People::Result<Person> People::person(const Caller& caller, std::string_view id) const {
  if (const auto fine = check_reader(caller); !fine) {
    return std::unexpected(fine.error());
  }
  const auto parsed = PersonId::parse(id);
  const auto found =
      parsed ? find_person(parts_.audited.read(), *parsed) : Found<Person>(std::nullopt);
  if (!found) {
    return std::unexpected(found.error());
  }
  return *found ? Result<Person>((*found)->value) : no_such_person();
}

People::Result<std::size_t> People::session_count(const Person& person) const {
  const auto sessions = sessions_of(parts_.audited.read(), person.id);
  if (!sessions) {
    return std::unexpected(sessions.error());
  }
  return static_cast<std::size_t>(std::ranges::count_if(*sessions, [&](const auto& session) {
    return judge_session(session.value, person, parts_.audited.now()) == SessionVerdict::kAlive;
  }));
}

People::Result<Person> People::change_other(const By& by, std::string_view id, AuditFact fact,
                                            Urgency urgency, const Change& change) {
  if (by.caller != nullptr) {
    if (const auto fine = check_owner(*by.caller); !fine) {
      return std::unexpected(fine.error());
    }
    if (id == by.caller->person.value.id.text()) {
      return problem(Kind::kConflict, "not_yourself", "another owner has to do this to you");
    }
  }
  const auto parsed = PersonId::parse(id);
  const auto found =
      parsed ? find_person(parts_.audited.read(), *parsed) : Found<Person>(std::nullopt);
  if (!found) {
    return std::unexpected(found.error());
  }
  if (!*found || (*found)->value.state == PersonState::kEnrolling) {
    return no_such_person();
  }
  Person changed = (*found)->value;
  if (const auto fine = change(changed); !fine) {
    return std::unexpected(fine.error());
  }
  std::vector<Write> writes{person_write(changed, (*found)->modified)};
  const auto sessions = sessions_of(parts_.audited.read(), changed.id);
  if (!sessions) {
    return std::unexpected(sessions.error());
  }
  for (const StoredSession& session : *sessions) {
    writes.push_back(session_erase(session));
  }
  if (by.caller != nullptr) {
    // The caller's own record is written as it is: if somebody took their right away at this
    // moment, nothing happens. So two owners cannot disable each other, and an active owner always
    // stays.
    writes.push_back(person_write(by.caller->person.value, by.caller->person.modified));
    fact.detail.emplace("session", by.caller->session.value.id);
  }
  fact.object = changed.id.text();
  const auto stored = parts_.audited.commit(std::move(writes), fact, urgency);
  return stored ? Result<Person>(std::move(changed)) : problem_of(stored.error());
}

People::Result<Person> People::disable(const Caller& caller, const SteppedUp& /*proof*/,
                                       std::string_view id, std::string_view cause) {
  return disable_by({.actor = caller.actor(), .caller = &caller}, id, cause);
}

People::Result<Person> People::disable(const Actor& by, std::string_view id,
                                       std::string_view cause) {
  return disable_by({.actor = by}, id, cause);
}

People::Result<Person> People::disable_by(const By& by, std::string_view id,
                                          std::string_view cause) {
  if (const auto fine = check_cause(cause); !fine) {
    return std::unexpected(fine.error());
  }
  AuditFact fact = fact_of(by.actor, "person.disable", {});
  fact.detail = {{"cause", std::string(cause)}};
  return change_other(by, id, std::move(fact), Urgency::kRevocation,
                      [&](Person& person) -> std::expected<void, Problem> {
                        if (person.state == PersonState::kDisabled) {
                          // Whoever repeats it because it was not answered must not hear that all
                          // is well while it is not in the revocation log.
                          if (const auto revision = parts_.audited.read().revision(); !revision) {
                            return problem_of(revision.error());
                          }
                          return problem(Kind::kConflict, "already_disabled",
                                         "this person is disabled already");
                        }
                        person.state = PersonState::kDisabled;
                        person.state_since = parts_.audited.now();
                        person.state_cause = cause;
                        person.reset.reset();
                        return {};
                      });
}

People::Result<Person> People::enable(const Caller& caller, const SteppedUp& /*proof*/,
                                      std::string_view id) {
  return enable_by({.actor = caller.actor(), .caller = &caller}, id);
}

People::Result<Person> People::enable(const Actor& by, std::string_view id) {
  return enable_by({.actor = by}, id);
}

People::Result<Person> People::enable_by(const By& by, std::string_view id) {
  return change_other(by, id, fact_of(by.actor, "person.enable", {}), Urgency::kNormal,
                      [&](Person& person) -> std::expected<void, Problem> {
                        if (person.state != PersonState::kDisabled) {
                          return problem(Kind::kConflict, "not_disabled",
                                         "this person is not disabled");
                        }
                        person.state = PersonState::kActive;
                        person.state_since = parts_.audited.now();
                        person.state_cause.clear();
                        return {};
                      });
}

People::Result<Person> People::force_new_factor(const Caller& caller, const SteppedUp& /*proof*/,
                                                std::string_view id) {
  return change_other({.actor = caller.actor(), .caller = &caller}, id,
                      fact_of(caller.actor(), "person.force_new_factor", {}), Urgency::kRevocation,
                      [](Person& person) -> std::expected<void, Problem> {
                        person.must_renew_factors = true;
                        person.identities.clear();
                        return {};
                      });
}

People::Result<People::ResetOffer> People::offer_reset(const Caller& caller,
                                                       const SteppedUp& /*proof*/,
                                                       std::string_view id) {
  return offer_reset_by({.actor = caller.actor(), .caller = &caller}, id);
}

People::Result<People::ResetOffer> People::offer_reset(const Actor& by, std::string_view id) {
  return offer_reset_by({.actor = by}, id);
}

People::Result<People::ResetOffer> People::offer_reset_by(const By& by, std::string_view id) {
  auto token = new_token(parts_.random);
  if (!token) {
    return no_randomness();
  }
  auto changed =
      change_other(by, id, fact_of(by.actor, "password.offer_reset", {}), Urgency::kNormal,
                   [&](Person& person) -> std::expected<void, Problem> {
                     if (person.state != PersonState::kActive) {
                       return problem(Kind::kConflict, "person_disabled",
                                      "this person is disabled; enable them first");
                     }
                     person.reset = {.token_hash = token->hash,
                                     .ends_at = parts_.audited.now() + kPasswordResetLife};
                     return {};
                   });
  if (!changed) {
    return std::unexpected(changed.error());
  }
  return ResetOffer{.person = std::move(*changed), .token = std::move(token->text)};
}

}  // namespace counterfoil
