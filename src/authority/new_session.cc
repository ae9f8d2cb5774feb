#include "authority/new_session.h"

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "accounts/person.h"
#include "accounts/session.h"
#include "authority/people_records.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "base/hex.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/random_token.h"
#include "registry/registry.h"

namespace counterfoil {

std::optional<std::string> new_id(RandomSource& random) {
  std::array<std::uint8_t, 16> bytes{};
  return random.fill(bytes) ? std::optional(to_hex(bytes)) : std::nullopt;
}

std::expected<PreparedSession, Problem> prepare_session(const Registry& registry,
                                                        const Person& person,
                                                        const Browser& browser,
                                                        RandomSource& random, Timestamp now,
                                                        PasskeyNeed need) {
  auto token = new_token(random);
  auto id = new_id(random);
  if (!token || !id) {
    return no_randomness();
  }
  const auto stored = sessions_of(registry, person.id);
  if (!stored) {
    return std::unexpected(stored.error());
  }
  PreparedSession made{.session = new_session(std::move(*id), person, browser.source.to_string(),
                                              browser.device, now, need),
                       .token = std::move(token->text),
                       .writes = {}};
  std::vector<Session> alive;
  std::vector<const StoredSession*> places;
  for (const StoredSession& session : *stored) {
    if (judge_session(session.value, person, now) == SessionVerdict::kAlive) {
      alive.push_back(session.value);
      places.push_back(&session);
    } else {
      made.writes.push_back(session_erase(session));
    }
  }
  if (const auto place = one_too_many(alive)) {
    made.writes.push_back(session_erase(*places[*place]));
  }
  made.writes.push_back(session_write(made.session, token->hash));
  return made;
}

std::expected<PreparedSession, Problem> replace_session(const Registry& registry,
                                                        const StoredSession& old, Session now,
                                                        OtherSessions others,
                                                        RandomSource& random) {
  auto token = new_token(random);
  if (!token) {
    return no_randomness();
  }
  PreparedSession made{
      .session = std::move(now), .token = std::move(token->text), .writes = {session_erase(old)}};
  if (others == OtherSessions::kEnd) {
    const auto stored = sessions_of(registry, old.value.person);
    if (!stored) {
      return std::unexpected(stored.error());
    }
    for (const StoredSession& session : *stored) {
      if (session.record_id != old.record_id) {
        made.writes.push_back(session_erase(session));
      }
    }
  }
  made.writes.push_back(session_write(made.session, token->hash));
  return made;
}

}  // namespace counterfoil
