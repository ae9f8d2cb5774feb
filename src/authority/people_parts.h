#pragma once

#include <string>

#include "authority/audited_registry.h"
#include "authority/password_desk.h"
#include "authority/sealer.h"
#include "authority/second_factor.h"
#include "base/random.h"
#include "registry/registry.h"

namespace counterfoil {

// PeopleParts is what Enrolment, Sessions and People work with. Everything must outlive them.
struct PeopleParts {
  AuditedRegistry& audited;
  Registry& registry;  // for what is no change anybody decided: when a session was last seen
  Sealer& sealer;
  PasswordDesk& desk;
  SecondFactors& factors;
  RandomSource& random;
  std::string issuer;  // by which authenticator apps name us: "Counterfoil (gate.example.com)"
};

}  // namespace counterfoil
