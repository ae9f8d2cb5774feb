#include "accounts/person.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/passkey.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/time.h"
#include "crypto/digest.h"

namespace counterfoil {
namespace {

struct RoleRow {
  Role role;
  std::string_view name;
};
constexpr auto kRoles = std::to_array<RoleRow>({{Role::kOwner, "owner"},
                                                {Role::kOperator, "operator"},
                                                {Role::kAuditor, "auditor"},
                                                {Role::kHolder, "holder"}});

}  // namespace

std::string_view to_string(Role role) {
  return std::ranges::find(kRoles, role, &RoleRow::role)->name;
}

std::optional<Role> parse_role(std::string_view text) {
  const auto* const row = std::ranges::find(kRoles, text, &RoleRow::name);
  return row == kRoles.end() ? std::nullopt : std::optional(row->role);
}

std::string_view to_string(PersonState state) {
  switch (state) {
    case PersonState::kEnrolling:
      return "enrolling";
    case PersonState::kActive:
      return "active";
    case PersonState::kDisabled:
      return "disabled";
  }
  std::unreachable();
}

Passkey* find_passkey(Person& person, ByteView id) {
  const auto found = std::ranges::find_if(
      person.passkeys, [&](const Passkey& passkey) { return std::ranges::equal(passkey.id, id); });
  return found == person.passkeys.end() ? nullptr : &*found;
}

std::string identity_id(std::string_view issuer, std::string_view subject) {
  std::string both(issuer);
  both.append(1, '\0').append(subject);
  return to_hex(sha256(as_bytes(both)));
}

LinkedIdentity* find_identity(Person& person, std::string_view id) {
  const auto found = std::ranges::find_if(person.identities, [&](const LinkedIdentity& identity) {
    return identity_id(identity.issuer, identity.subject) == id;
  });
  return found == person.identities.end() ? nullptr : &*found;
}

bool has_other_passkey(const Person& person, const Person& before) {
  return std::ranges::any_of(person.passkeys, [&](const Passkey& passkey) {
    return std::ranges::find(before.passkeys, passkey.id, &Passkey::id) == before.passkeys.end();
  });
}

Person with_factor(Person person, Timestamp now) {
  if (person.must_renew_factors) {
    std::erase_if(person.passkeys, [&](const Passkey& passkey) { return passkey.created != now; });
    if (person.totp && person.totp->created != now) {
      person.totp.reset();
    }
    person.recovery_codes.clear();
    person.must_renew_factors = false;
  }
  if (person.state == PersonState::kEnrolling) {
    person.state = PersonState::kActive;
    person.state_since = now;
  }
  person.factors_changed = now;
  return person;
}

}  // namespace counterfoil
