#include "authority/problems.h"

#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "accounts/account.h"
#include "authority/problem.h"
#include "keys/life.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;

std::string_view name_of(LifeError error) {
  switch (error) {
    case LifeError::kRevoked:
      return "api_key_revoked";
    case LifeError::kNotSuspended:
      return "not_suspended";
    case LifeError::kAlreadySuspended:
      return "already_suspended";
    case LifeError::kExpired:
      return "api_key_expired";
    case LifeError::kAlreadyRotating:
      return "already_rotating";
    case LifeError::kNoSuchPair:
      return "no_such_pair";
    case LifeError::kLastPair:
      return "last_pair";
    case LifeError::kExpiryInThePast:
      return "expiry_in_the_past";
    case LifeError::kAllowListRequired:
      return "allow_list_required";
    case LifeError::kLabelInvalid:
      return "label_invalid";
    case LifeError::kSymbolsInvalid:
      return "symbols_invalid";
  }
  std::unreachable();
}

Kind kind_of(LifeError error) {
  switch (error) {
    case LifeError::kExpiryInThePast:
    case LifeError::kAllowListRequired:
    case LifeError::kLabelInvalid:
    case LifeError::kSymbolsInvalid:
      return Kind::kInvalid;
    case LifeError::kRevoked:
    case LifeError::kNotSuspended:
    case LifeError::kAlreadySuspended:
    case LifeError::kExpired:
    case LifeError::kAlreadyRotating:
    case LifeError::kNoSuchPair:
    case LifeError::kLastPair:
      return Kind::kConflict;
  }
  std::unreachable();
}

}  // namespace

std::unexpected<Problem> problem(Kind kind, std::string_view reason, std::string_view detail) {
  return std::unexpected(
      Problem{.kind = kind, .reason = std::string(reason), .detail = std::string(detail)});
}

std::unexpected<Problem> problem_of(RegistryError error) {
  switch (error) {
    case RegistryError::kConflict:
      return problem(Kind::kConflict, "conflict",
                     "somebody else changed this at the same moment and nothing was changed now; "
                     "look at it again and repeat");
    case RegistryError::kDuplicate:
      return problem(Kind::kConflict, "already_registered",
                     "this is registered already; nothing was changed");
    case RegistryError::kFull:
      return problem(
          Kind::kUnavailable, "disk_full",
          "the registry's disk is full and nothing was changed; free some space and repeat");
    case RegistryError::kTooLarge:
    case RegistryError::kInvalid:
    case RegistryError::kGap:
    case RegistryError::kUnavailable:
    case RegistryError::kCorrupt:
      return problem(Kind::kUnavailable, "registry_unavailable",
                     "the registry did not answer (" + std::string(describe(error)) +
                         "); look whether the change was made before repeating it");
  }
  std::unreachable();
}

std::unexpected<Problem> problem_of(LifeError error) {
  return problem(kind_of(error), name_of(error), describe(error));
}

std::unexpected<Problem> problem_of(AccountError error) {
  switch (error) {
    case AccountError::kAlreadySuspended:
      return problem(Kind::kConflict, "already_suspended", describe(error));
    case AccountError::kNotSuspended:
      return problem(Kind::kConflict, "not_suspended", describe(error));
  }
  std::unreachable();
}

std::unexpected<Problem> no_such_key() {
  return problem(Kind::kNotFound, "no_such_key",
                 "there is no such API key here; `counterfoil keys list` shows all");
}

std::unexpected<Problem> no_randomness() {
  return problem(Kind::kUnavailable, "no_randomness",
                 "the system's random source failed; nothing was made");
}

std::unexpected<Problem> pair_taken() {
  return problem(Kind::kConflict, "pair_taken",
                 "this key pair cannot be registered here; make a new one");
}

}  // namespace counterfoil
