#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "accounts/person.h"
#include "accounts/session.h"
#include "authority/people_records.h"
#include "authority/problem.h"
#include "base/ip_address.h"
#include "base/random.h"
#include "base/time.h"
#include "base/wiped_text.h"
#include "registry/registry.h"

namespace counterfoil {

// Browser is where a session is opened from.
struct Browser {
  IpAddress source;
  std::string device;  // what it calls itself
};

// PreparedSession is a session that exists once `writes` are committed.
struct PreparedSession {
  Session session;
  WipedText token;
  std::vector<Write> writes;
};

// prepare_session opens a session; the one longest unused ends when there are too many, and those
// that have run out are erased. `need`: as in new_session (accounts/session.h). Problem:
// no_randomness, of the store.
[[nodiscard]] std::expected<PreparedSession, Problem> prepare_session(
    const Registry& registry, const Person& person, const Browser& browser, RandomSource& random,
    Timestamp now, PasskeyNeed need = PasskeyNeed::kNone);

// replace_session gives a session a new token (control S-58) and, as it is now, writes it in place
// of `old`; every other session of the person ends when `others` says so.
enum class OtherSessions : std::uint8_t { kStay, kEnd };
[[nodiscard]] std::expected<PreparedSession, Problem> replace_session(const Registry& registry,
                                                                      const StoredSession& old,
                                                                      Session now,
                                                                      OtherSessions others,
                                                                      RandomSource& random);

// new_id gives 32 random hex digits. nullopt: no randomness.
[[nodiscard]] std::optional<std::string> new_id(RandomSource& random);

}  // namespace counterfoil
