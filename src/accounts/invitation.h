#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "accounts/person.h"
#include "accounts/person_id.h"
#include "base/account_id.h"
#include "base/time.h"

namespace counterfoil {

inline constexpr std::chrono::hours kInvitationLife{72};
inline constexpr std::chrono::minutes kSetupLife{30};

// Invitation lets one person enrol. It is found by the hash of its token and used up once that
// person has a second factor; until then the bearer may begin anew, and whoever began before is
// gone. The set-up token of an installation without an owner (control S-50) is one, too.
struct Invitation {
  std::string id;  // 32 hex digits
  bool is_setup = false;
  std::string email = {};  // normal_email; empty for the set-up: its bearer chooses
  Role role = Role::kHolder;
  std::optional<AccountId> account = std::nullopt;  // a holder's
  std::optional<PersonId> begun_by = std::nullopt;  // who enrols with it
  std::string made_by = {};                         // an actor of the audit log
  Timestamp created{};
  Timestamp ends_at{};
  bool operator==(const Invitation&) const = default;
};

// is_open: not run out at `now`. One that is used up is erased.
[[nodiscard]] inline bool is_open(const Invitation& invitation, Timestamp now) {
  return now < invitation.ends_at;
}

// has_fitting_account: a holder has an account; people of the other roles may hold one besides.
[[nodiscard]] inline bool has_fitting_account(Role role, const std::optional<AccountId>& account) {
  return role != Role::kHolder || account.has_value();
}

}  // namespace counterfoil
