#pragma once

#include <string>
#include <utility>

#include "accounts/person_id.h"
#include "authority/audit_chain.h"
#include "authority/issuer.h"
#include "base/ip_address.h"

namespace counterfoil {

// person_actor names a person in the audit log.
[[nodiscard]] inline Actor person_actor(const PersonId& person, const IpAddress& source) {
  return {.name = "person:" + person.text(), .source = source.to_string()};
}

// fact_of gives what an actor did to `object`.
[[nodiscard]] inline AuditFact fact_of(const Actor& actor, std::string action, std::string object) {
  return {.actor = actor.name,
          .source = actor.source,
          .action = std::move(action),
          .object = std::move(object)};
}

}  // namespace counterfoil
