#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/person.h"
#include "accounts/session.h"
#include "authority/issuer.h"
#include "authority/new_session.h"
#include "authority/passkey_challenges.h"
#include "authority/people_parts.h"
#include "authority/people_records.h"
#include "authority/problem.h"
#include "authority/second_factor.h"
#include "base/ip_address.h"
#include "base/wiped_text.h"
#include "crypto/digest.h"

namespace counterfoil {

// Caller is who asks: a person in a session that is alive, as both are stored.
struct Caller {
  Stored<Person> person;
  StoredSession session;
  IpAddress source;

  [[nodiscard]] Actor actor() const;
};

// SteppedUp says that the caller has just proved again that it is them, for this one change
// (control S-62). Only Sessions makes one, so a function that takes one cannot be called without.
class SteppedUp {
 private:
  friend class Sessions;
  friend class TestSteppedUp;  // tests alone
  SteppedUp() = default;
};

// Sessions knows who asks, ends sessions, and has people prove themselves anew. Safe to call from
// any thread; calls block on the store.
class Sessions {
 public:
  explicit Sessions(const PeopleParts& parts) : parts_(parts) {}

  template <typename T>
  using Result = std::expected<T, Problem>;

  // caller: not_signed_in, whatever is wrong with the token. It writes down now and then that the
  // session is in use.
  [[nodiscard]] Result<Caller> caller(std::string_view token, const IpAddress& source);

  [[nodiscard]] Result<void> sign_out(const Caller& caller);
  // of gives the sessions of the caller that are alive.
  [[nodiscard]] Result<std::vector<Session>> of(const Caller& caller) const;
  // end: no_such_session, also for another person's.
  [[nodiscard]] Result<void> end(const Caller& caller, std::string_view id);
  [[nodiscard]] Result<void> end_others(const Caller& caller);

  // ---- step-up

  // change_hash is what a grant is for: SHA-256 over method LF path LF body, which is in its
  // canonical form.
  [[nodiscard]] static Digest change_hash(std::string_view method, std::string_view path,
                                          std::string_view canonical_body);

  struct StepUpQuestion {
    std::optional<PasskeyChallenges::Challenge> challenge;  // when the person has passkeys
    std::vector<std::vector<std::uint8_t>> allowed;
    bool totp = false;
  };
  // step_up_question: passkey_needed (control S-53).
  [[nodiscard]] Result<StepUpQuestion> step_up_question(const Caller& caller, const Digest& change);

  // StepUp is a grant, and the session's new token (control S-58).
  struct StepUp {
    WipedText grant;
    WipedText token;
    Session session;
  };
  // step_up: step_up_failed, whatever is wrong; passkey_needed.
  [[nodiscard]] Result<StepUp> step_up(const Caller& caller, const Digest& change,
                                       const FactorAnswer& answer);
  // spend uses a grant up: step_up_required. A session in which somebody enrols needs none to
  // add their first factor.
  [[nodiscard]] Result<SteppedUp> spend(const Caller& caller, const Digest& change,
                                        std::string_view grant);
  [[nodiscard]] static Result<SteppedUp> enrolling(const Caller& caller);
  // Nor does the first set of recovery codes, right after a factor was added.
  static constexpr std::chrono::minutes kFirstCodesFor{10};
  [[nodiscard]] Result<SteppedUp> without_codes(const Caller& caller) const;

 private:
  // usable_need: passkey_needed, when the person has none to step up with.
  [[nodiscard]] Result<PasskeyNeed> usable_need(const Person& person) const;
  [[nodiscard]] static std::string step_up_purpose(const Caller& caller, const Digest& change);

  // read_again reads both as they are now: not_signed_in, of the store.
  [[nodiscard]] Result<void> read_again(Stored<Person>& person, StoredSession& session) const;

  PeopleParts parts_;
};

[[nodiscard]] std::unexpected<Problem> not_signed_in();
[[nodiscard]] std::unexpected<Problem> step_up_required();

}  // namespace counterfoil
