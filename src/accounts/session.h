#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/person.h"
#include "accounts/person_id.h"
#include "base/time.h"
#include "crypto/digest.h"

namespace counterfoil {

// Sessions of people (control S-58) and the grants of a step-up (S-62), as functions on values.

inline constexpr std::chrono::minutes kSessionIdle{15};
inline constexpr std::chrono::hours kSessionLife{12};
inline constexpr std::chrono::hours kAdminSessionLife{4};
inline constexpr std::chrono::minutes kEnrolmentLife{30};
inline constexpr std::size_t kSessionsMax =
    5;  // of one person; a sixth ends the one longest unused
inline constexpr std::size_t kDeviceBytesMax = 200;

// SessionStage: values are stored.
enum class SessionStage : std::uint8_t {
  kFull = 1,
  kNeedsFactorSetup = 2,  // may add a second factor and sign out, and nothing else
};

// StepUpGrant allows one change, once.
struct StepUpGrant {
  Digest token_hash{};
  Digest change{};
  Timestamp ends_at{};
  bool operator==(const StepUpGrant&) const = default;
};
inline constexpr std::chrono::minutes kGrantLife{5};
inline constexpr std::size_t kGrantsMax = 8;  // of one session; a ninth ends the oldest

// Session is one browser that is signed in. It is found by the hash of its token, which changes
// with each step-up; its id stays.
struct Session {
  std::string id;  // 32 hex digits
  PersonId person;
  SessionStage stage = SessionStage::kFull;
  Timestamp created{};
  Timestamp last_seen{};
  Timestamp ends_at{};
  std::string source = {};  // the address it was opened from
  std::string device = {};  // what the browser calls itself: hostile text, printable ASCII
  std::vector<StepUpGrant> grants = {};
  bool needs_passkey = false;  // kNeedsFactorSetup until one is added, whatever else there is
  bool operator==(const Session&) const = default;
};

// new_session: `source` and `device` are of the request that opened it. It is for adding
// a factor alone when the person has none or must renew theirs, or where a passkey is needed and
// was not used.
[[nodiscard]] Session new_session(std::string id, const Person& person, std::string_view source,
                                  std::string_view device, Timestamp now,
                                  PasskeyNeed need = PasskeyNeed::kNone);

enum class SessionVerdict : std::uint8_t { kAlive, kIdle, kEnded };
// judge_session: kEnded also for a person who may not sign in any more, and when the clock was set
// back by more than a minute. What else ends a session erases its record.
[[nodiscard]] SessionVerdict judge_session(const Session& session, const Person& person,
                                           Timestamp now);
[[nodiscard]] Timestamp idle_until(const Session& session);

// touched gives the session as it must be stored after a use; nullopt: it was stored so lately that
// writing it again is not worth it. Idle time is measured from what is stored.
inline constexpr std::chrono::seconds kTouchEvery{30};
[[nodiscard]] std::optional<Session> touched(const Session& session, Timestamp now);

// one_too_many gives the place of the session to end before another is opened, or nullopt.
[[nodiscard]] std::optional<std::size_t> one_too_many(const std::vector<Session>& sessions);

// csrf_token is what a page of this session sends with each change (control S-70). It says nothing
// of the token.
[[nodiscard]] std::string csrf_token(std::string_view session_token);
[[nodiscard]] bool is_csrf_token(std::string_view session_token, std::string_view given);

// granted adds a grant; spend_grant takes one away and tells whether it was there, for this change
// and not too old. A grant that is tried for another change is gone, too.
[[nodiscard]] Session granted(Session session, const Digest& token_hash, const Digest& change,
                              Timestamp now);
[[nodiscard]] bool spend_grant(Session& session, const Digest& token_hash, const Digest& change,
                               Timestamp now);

}  // namespace counterfoil
