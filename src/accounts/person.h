#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/passkey.h"
#include "accounts/person_id.h"
#include "accounts/totp.h"
#include "base/account_id.h"
#include "base/bytes.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "crypto/password_hash.h"

namespace counterfoil {

// Role is what a person may do (control S-64). Values are stored: append, never renumber.
enum class Role : std::uint8_t {
  kOwner = 1,     // everything, people included; never another account's secrets
  kOperator = 2,  // suspends, revokes and reads the metadata of all API keys
  kAuditor = 3,   // reads, changes nothing
  kHolder = 4,    // the API keys of one account and its sub-accounts
};
[[nodiscard]] std::string_view to_string(Role role);
[[nodiscard]] std::optional<Role> parse_role(std::string_view text);
// is_admin: acts beyond one account, so that sessions are shorter.
[[nodiscard]] constexpr bool is_admin(Role role) { return role != Role::kHolder; }

// PersonState: values are stored.
enum class PersonState : std::uint8_t {
  kEnrolling = 1,  // has a password and no second factor yet, so nobody can sign in
  kActive = 2,
  kDisabled = 3,
};
[[nodiscard]] std::string_view to_string(PersonState state);

// PendingTotp is an authenticator app that was shown its seed and has not given a code yet.
struct PendingTotp {
  std::string sealed_seed;
  Timestamp created{};
  bool operator==(const PendingTotp&) const = default;
};
inline constexpr std::chrono::minutes kPendingTotpLife{15};

inline constexpr std::size_t kPasskeysMax = 10;
inline constexpr std::size_t kPersonNameCharactersMax = 64;
inline constexpr std::size_t kPasskeyNameCharactersMax = 64;

// PasswordReset lets a person set a new password without the old one (control S-59): once, with
// the token that an owner gave them and with their second factor.
struct PasswordReset {
  Digest token_hash{};
  Timestamp ends_at{};
  bool operator==(const PasswordReset&) const = default;
};
inline constexpr std::chrono::minutes kPasswordResetLife{15};

// PasskeyNeed says whether a second factor that can be phished will do for a person (control S-53).
enum class PasskeyNeed : std::uint8_t { kNone, kPasskey };

// LinkedIdentity is an account at an identity provider with which a person signs in in place of
// their password. Issuer and subject together are the account (protocol: OpenID Connect Core 1.0,
// section 5.7): an e-mail there may pass to somebody else.
struct LinkedIdentity {
  std::string issuer;
  std::string subject;
  std::string shown;  // what its owner knows it by; printable ASCII, or empty
  Timestamp created{};
  Timestamp last_used{};
  bool operator==(const LinkedIdentity&) const = default;
};
inline constexpr std::size_t kIdentitiesMax = 5;
// identity_id names one: 64 hex digits, the SHA-256 of issuer, NUL and subject.
[[nodiscard]] std::string identity_id(std::string_view issuer, std::string_view subject);

// PersonSettings is how the console looks to a person; words of the page, each at most 64 bytes.
struct PersonSettings {
  std::string language;
  std::string time_zone;
  std::string theme;
  bool operator==(const PersonSettings&) const = default;
};

// Person is somebody who signs in. Everything that a theft of it would be worth is hashed or
// sealed.
struct Person {
  PersonId id;
  std::string email;  // normal_email
  std::string name;
  Role role = Role::kHolder;
  std::optional<AccountId> account = std::nullopt;  // whose API keys they hold; a holder has one
  PersonState state = PersonState::kEnrolling;
  Timestamp state_since{};
  std::string state_cause = {};
  Timestamp created{};
  Timestamp last_sign_in{};
  PasswordHash password = {};
  Timestamp password_changed{};
  std::optional<TotpFactor> totp = std::nullopt;
  std::optional<PendingTotp> pending_totp = std::nullopt;
  std::vector<Passkey> passkeys = {};
  std::vector<Digest> recovery_codes = {};
  Timestamp factors_changed{};
  // A new factor is wanted from this person before they may do anything else.
  bool must_renew_factors = false;
  PersonSettings settings = {};
  std::optional<PasswordReset> reset = std::nullopt;
  Timestamp notices_seen{};    // newer notices have not been seen
  Timestamp password_reset{};  // when a password was last set with a link; none: never
  std::vector<LinkedIdentity> identities = {};
  bool operator==(const Person&) const = default;
};

// factor_count counts what serves again and again: recovery codes do not.
[[nodiscard]] inline std::size_t factor_count(const Person& person) {
  return person.passkeys.size() + (person.totp ? 1U : 0U);
}

// find_passkey gives the person's passkey of this id, or nullptr.
[[nodiscard]] Passkey* find_passkey(Person& person, ByteView id);
// find_identity gives the person's linked identity of this id, or nullptr.
[[nodiscard]] LinkedIdentity* find_identity(Person& person, std::string_view id);
// has_other_passkey: one that was not there `before`.
[[nodiscard]] bool has_other_passkey(const Person& person, const Person& before);

// may_sign_in: active, with a second factor.
[[nodiscard]] inline bool may_sign_in(const Person& person) {
  return person.state == PersonState::kActive && factor_count(person) > 0;
}

// with_factor takes a person who has just got a factor: enrolling ends, and where a new one was
// wanted, the older ones go. The new factor must be among them already, made at `now`.
[[nodiscard]] Person with_factor(Person person, Timestamp now);

}  // namespace counterfoil
