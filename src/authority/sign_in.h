#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/person.h"
#include "accounts/person_id.h"
#include "accounts/session.h"
#include "authority/audited_registry.h"
#include "authority/password_desk.h"
#include "authority/people_records.h"
#include "authority/problem.h"
#include "authority/second_factor.h"
#include "authority/sign_in_throttle.h"
#include "base/ip_address.h"
#include "base/random.h"
#include "base/time.h"
#include "base/wiped_text.h"
#include "crypto/hmac.h"

namespace counterfoil {

// ProvenIdentity says that an identity provider has just told us who somebody is, and that this
// person has linked it. Only OidcDesk makes one.
class ProvenIdentity {
 public:
  [[nodiscard]] const PersonId& person() const { return person_; }
  [[nodiscard]] const std::string& id() const { return id_; }  // identity_id
  // has_second_factor: the provider asked for one, and the operator lets that count.
  [[nodiscard]] bool has_second_factor() const { return has_second_factor_; }

 private:
  friend class OidcDesk;
  ProvenIdentity(PersonId person, std::string id, bool has_second_factor)
      : person_(std::move(person)), id_(std::move(id)), has_second_factor_(has_second_factor) {}

  PersonId person_;
  std::string id_;
  bool has_second_factor_;
};

// SignInTry is what somebody gives who wants to sign in.
struct SignInTry {
  std::string email;   // as typed; may be empty with a passkey, which says whose it is
  WipedText password;  // may be empty with a passkey
  FactorAnswer factor;
  IpAddress source;
  std::string device;         // what the browser calls itself
  std::string device_cookie;  // as this class made it, or anything
  // identity stands in the place of e-mail and password, which are empty then.
  std::optional<ProvenIdentity> identity = std::nullopt;
};

// PasswordResetTry is what somebody gives who has forgotten their password.
struct PasswordResetTry {
  WipedText token;
  WipedText password;  // the new one
  FactorAnswer factor;
  IpAddress source;
};

// SignedIn is a new session. The token is its bearer's alone; the store has its hash.
struct SignedIn {
  Person person;
  Session session;
  WipedText token;
  std::string device_cookie;  // by which this device is known from now on
};

// SignIn opens sessions. The order is part of the contract (control S-57): throttle, then password
// and second factor judged together, then one text for everything that may be wrong. Whether a name
// exists cannot be told from the answer, nor from its time: for an unknown one a hash is computed
// as well, and every failure writes one audit record (S-56).
//
// A passkey is both factors in one, for its owner's PIN or finger was checked; it may come alone.
// An identity of a provider is the first factor alone, unless the operator lets the provider's
// second one count; it never does for whoever needs a passkey.
//
// Safe to call from any thread; calls take some tenths of a second and block on the store.
class SignIn {
 public:
  struct Parts {
    AuditedRegistry& audited;
    SignInThrottle& throttle;
    PasswordDesk& desk;
    SecondFactors& factors;
    RandomSource& random;
    // Called once a password was reset, on the caller's thread; it must not block.
    std::function<void()> on_reset = [] {};
  };
  // Everything must outlive it. `devices` signs the cookies of known devices, `fakes` makes up the
  // passkeys of people that do not exist.
  SignIn(const Parts& parts, HmacKey devices, HmacKey fakes)
      : parts_(parts), devices_(std::move(devices)), fakes_(std::move(fakes)) {}

  // sign_in: sign_in_failed, with the wait before the next try if there is one; too_many_sign_ins;
  // password_too_long, sign_in_incomplete (nothing that could be right); and the store's faults.
  [[nodiscard]] std::expected<SignedIn, Problem> sign_in(const SignInTry& wanted);

  // reset_password sets a new password for whoever has the token that an owner gave them
  // (People::offer_reset) and a second factor, which is never skipped (control S-59); a passkey is
  // asked for by question(). It ends every session of the person and opens none. reset_failed, one
  // text for everything that may be wrong; password_refused; password_too_long, reset_incomplete,
  // too_many_sign_ins, and the store's faults.
  [[nodiscard]] std::expected<Person, Problem> reset_password(const PasswordResetTry& wanted);

  // PasskeyQuestion is what a page asks an authenticator.
  struct PasskeyQuestion {
    PasskeyChallenges::Challenge challenge;
    std::vector<std::vector<std::uint8_t>> allowed;  // ids; empty: whichever it has of ours
  };
  // question: for an e-mail, kPasskeysMax ids: the passkeys of that person among made-up ones,
  // which are always the same for one e-mail. Who does not exist has as many, and costs as much;
  // what a page does with the answer is the same (control S-56). Changes nothing.
  [[nodiscard]] std::expected<PasskeyQuestion, Problem> question(std::string_view email);

  static constexpr std::string_view kPurpose = "sign-in";

 private:
  struct Judged {
    bool is_right = false;
    std::optional<Stored<Person>> person;  // who it may be; as stored
    std::optional<Person> after;           // as it must be stored; only with `person`
    FactorKind kind = FactorKind::kNone;
    std::string_view why;
    // What is missing for all but adding a factor: a passkey, where none was used.
    PasskeyNeed need = PasskeyNeed::kNone;
  };
  [[nodiscard]] Found<Person> person_as_long_as_nobody(const std::string& name) const;
  [[nodiscard]] std::vector<std::uint8_t> made_up(std::string_view name, std::size_t number) const;
  [[nodiscard]] std::expected<FactorVerdict, Problem> judge_factor(
      const SignInTry& wanted, const Person& person,
      const std::optional<std::vector<std::uint8_t>>& challenge, Timestamp now) const;
  [[nodiscard]] Found<Person> person_of(const SignInTry& wanted, const std::string& name) const;
  [[nodiscard]] std::optional<std::string> known_device(const SignInTry& wanted,
                                                        const Found<Person>& person) const;
  [[nodiscard]] std::string device_cookie(const Person& person, std::string_view device_id) const;
  // judge looks at everything; `challenge` is of a passkey.
  [[nodiscard]] std::expected<Judged, Problem> judge(
      const SignInTry& wanted, const std::optional<Stored<Person>>& person,
      const std::optional<std::vector<std::uint8_t>>& challenge, Timestamp now);
  [[nodiscard]] std::expected<SignedIn, Problem> open_session(
      const SignInTry& wanted, Judged judged, const std::optional<std::string>& device,
      Timestamp now);
  [[nodiscard]] std::expected<void, Problem> record_failure(std::string action,
                                                            const IpAddress& source,
                                                            const Judged& judged);
  [[nodiscard]] std::expected<Person, Problem> store_password(const PasswordResetTry& wanted,
                                                              const Judged& judged, Timestamp now);

  Parts parts_;
  HmacKey devices_;
  HmacKey fakes_;
};

}  // namespace counterfoil
