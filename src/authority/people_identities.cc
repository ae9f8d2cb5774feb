#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/person.h"
#include "authority/audit_chain.h"
#include "authority/issuer.h"
#include "authority/people.h"
#include "authority/person_actor.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/sessions.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;

AuditFact identity_fact(const Caller& caller, std::string action, const LinkedIdentity& identity) {
  AuditFact fact = fact_of(caller.actor(), std::move(action), caller.person.value.id.text());
  fact.detail = {{"session", caller.session.value.id},
                 {"issuer", identity.issuer},
                 {"identity", identity_id(identity.issuer, identity.subject)}};
  return fact;
}

void erase_identity(Person& person, std::string_view id) {
  std::erase_if(person.identities, [&](const LinkedIdentity& linked) {
    return identity_id(linked.issuer, linked.subject) == id;
  });
}

}  // namespace

People::Result<PersonSession> People::link_identity(const Caller& caller, LinkedIdentity identity) {
  Person changed = caller.person.value;
  if (find_identity(changed, identity_id(identity.issuer, identity.subject)) != nullptr) {
    return problem(Kind::kConflict, "identity_known", "you have linked this account already");
  }
  if (changed.identities.size() >= kIdentitiesMax) {
    return problem(Kind::kConflict, "too_many_identities",
                   "you have linked 5 accounts; unlink one that you do not use");
  }
  const AuditFact fact = identity_fact(caller, "identity.link", identity);
  identity.created = parts_.audited.now();
  changed.identities.push_back(std::move(identity));
  auto linked = finish(caller, std::move(changed), fact);
  if (!linked && linked.error().reason == "already_registered") {
    return problem(Kind::kConflict, "identity_taken",
                   "somebody else here has linked this account; they must unlink it first");
  }
  return linked;
}

People::Result<PersonSession> People::unlink_identity(const Caller& caller,
                                                      const SteppedUp& /*proof*/,
                                                      std::string_view id) {
  Person changed = caller.person.value;
  const LinkedIdentity* const identity = find_identity(changed, id);
  if (identity == nullptr) {
    return problem(Kind::kNotFound, "no_such_identity", "you have no such linked account");
  }
  const AuditFact fact = identity_fact(caller, "identity.unlink", *identity);
  erase_identity(changed, id);
  return finish(caller, std::move(changed), fact);
}

People::Result<Person> People::unlink_other(const Caller& caller, const SteppedUp& /*proof*/,
                                            std::string_view id, std::string_view identity) {
  return unlink_by({.actor = caller.actor(), .caller = &caller}, id, identity);
}

People::Result<Person> People::unlink_other(const Actor& by, std::string_view id,
                                            std::string_view identity) {
  return unlink_by({.actor = by}, id, identity);
}

People::Result<Person> People::unlink_by(const By& by, std::string_view id,
                                         std::string_view identity) {
  AuditFact fact = fact_of(by.actor, "identity.unlink", {});
  fact.detail = {{"identity", std::string(identity)}};
  return change_other(by, id, std::move(fact), Urgency::kRevocation,
                      [&](Person& person) -> std::expected<void, Problem> {
                        if (find_identity(person, identity) == nullptr) {
                          return problem(Kind::kNotFound, "no_such_identity",
                                         "this person has no such linked account");
                        }
                        erase_identity(person, identity);
                        return {};
                      });
}

}  // namespace counterfoil
