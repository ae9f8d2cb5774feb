#include "accounts/session.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/person.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/time.h"
#include "crypto/constant_time.h"
#include "crypto/digest.h"

namespace counterfoil {
namespace {

constexpr std::chrono::minutes kClockBackMax{1};

std::string printable(std::string_view text) {
  std::string made(text.substr(0, kDeviceBytesMax));
  std::ranges::replace_if(made, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return made;
}

std::chrono::minutes life_of(SessionStage stage, Role role) {
  if (stage == SessionStage::kNeedsFactorSetup) {
    return kEnrolmentLife;
  }
  return is_admin(role) ? kAdminSessionLife : kSessionLife;
}

// Whoever must add a factor, because they enrol or need another one, has a session for that alone.
bool is_open_to(const Session& session, const Person& person) {
  if (person.state == PersonState::kDisabled) {
    return false;
  }
  if (session.stage == SessionStage::kNeedsFactorSetup) {
    return person.state == PersonState::kEnrolling || person.must_renew_factors ||
           session.needs_passkey;
  }
  return may_sign_in(person) && !person.must_renew_factors;
}

}  // namespace

Session new_session(std::string id, const Person& person, std::string_view source,
                    std::string_view device, Timestamp now, PasskeyNeed need) {
  const SessionStage stage =
      need == PasskeyNeed::kNone && may_sign_in(person) && !person.must_renew_factors
          ? SessionStage::kFull
          : SessionStage::kNeedsFactorSetup;
  return {.id = std::move(id),
          .person = person.id,
          .stage = stage,
          .created = now,
          .last_seen = now,
          .ends_at = now + life_of(stage, person.role),
          .source = std::string(source),
          .device = printable(device),
          .needs_passkey = need == PasskeyNeed::kPasskey};
}

SessionVerdict judge_session(const Session& session, const Person& person, Timestamp now) {
  if (now >= session.ends_at || now < session.last_seen - kClockBackMax ||
      session.person != person.id || !is_open_to(session, person)) {
    return SessionVerdict::kEnded;
  }
  return now < idle_until(session) ? SessionVerdict::kAlive : SessionVerdict::kIdle;
}

Timestamp idle_until(const Session& session) {
  return std::min(session.last_seen + kSessionIdle, session.ends_at);
}

std::optional<Session> touched(const Session& session, Timestamp now) {
  if (now < session.last_seen + kTouchEvery) {
    return std::nullopt;
  }
  Session made = session;
  made.last_seen = now;
  return made;
}

std::optional<std::size_t> one_too_many(const std::vector<Session>& sessions) {
  if (sessions.size() < kSessionsMax) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(std::ranges::min_element(sessions, {}, &Session::last_seen) -
                                  sessions.begin());
}

std::string csrf_token(std::string_view session_token) {
  Sha256 hash;
  hash.update(as_bytes("counterfoil-csrf-v1"));
  hash.update(as_bytes(session_token));
  return to_base64url(hash.finish());
}

bool is_csrf_token(std::string_view session_token, std::string_view given) {
  return constant_time_equal(as_bytes(csrf_token(session_token)), as_bytes(given));
}

Session granted(Session session, const Digest& token_hash, const Digest& change, Timestamp now) {
  std::erase_if(session.grants, [&](const StepUpGrant& grant) { return now >= grant.ends_at; });
  if (session.grants.size() >= kGrantsMax) {
    session.grants.erase(session.grants.begin());
  }
  session.grants.push_back(
      {.token_hash = token_hash, .change = change, .ends_at = now + kGrantLife});
  return session;
}

bool spend_grant(Session& session, const Digest& token_hash, const Digest& change, Timestamp now) {
  const auto found = std::ranges::find_if(session.grants, [&](const StepUpGrant& grant) {
    return constant_time_equal(grant.token_hash, token_hash);
  });
  if (found == session.grants.end()) {
    return false;
  }
  const StepUpGrant grant = *found;
  session.grants.erase(found);
  return grant.change == change && now < grant.ends_at;
}

}  // namespace counterfoil
