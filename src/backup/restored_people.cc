#include "backup/restored_people.h"

#include <string_view>
#include <utility>

#include "accounts/person.h"
#include "backup/revocation_lines.h"
#include "base/time.h"

namespace counterfoil {
namespace {

Person disabled(Person person, std::string_view cause, Timestamp now) {
  if (person.state != PersonState::kDisabled) {
    person.state = PersonState::kDisabled;
    person.state_cause = cause;
    person.state_since = now;
  }
  return person;
}

}  // namespace

Person restored(Person person) {
  person.recovery_codes.clear();
  person.pending_totp.reset();
  person.reset.reset();
  return person;
}

Person ended(Person person, const Ending& ending) {
  switch (ending.kind) {
    case EndingKind::kDisablePerson:
      return disabled(std::move(person), ending.cause, ending.ends_at);
    case EndingKind::kUnlinkIdentity:
      person.identities.clear();  // whichever it was: the others are linked anew by their owner
      return person;
    case EndingKind::kForceNewFactor:
      person.identities.clear();
      person.must_renew_factors = true;
      return disabled(std::move(person), kFactorsEndedCause, ending.ends_at);
    case EndingKind::kChangePassword:
    case EndingKind::kResetPassword:
    case EndingKind::kReplaceTotp:
    case EndingKind::kRemoveTotp:
    case EndingKind::kRemovePasskey:
      person.must_renew_factors = true;
      return disabled(std::move(person), kFactorsEndedCause, ending.ends_at);
    case EndingKind::kRevoke:
    case EndingKind::kSuspend:
    case EndingKind::kRotate:
    case EndingKind::kEndRetiring:
    case EndingKind::kSuspendAccount:
      return person;
  }
  std::unreachable();
}

Person disabled_until_confirmed(Person person, Timestamp now) {
  person.identities.clear();  // it is not known which of them were unlinked
  return disabled(std::move(person), kUnconfirmedPersonCause, now);
}

}  // namespace counterfoil
