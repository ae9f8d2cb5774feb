#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/problem.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/hmac.h"

namespace counterfoil {

// PasskeyChallenges asks the questions that passkeys sign (control S-63): 32 bytes nobody can
// guess, good for one purpose, once, for five minutes. What a browser takes along to an identity
// provider and brings back is made in the same way (OidcDesk).
//
// A challenge that nobody has answered takes no memory, so a stranger who asks for many pushes
// nobody's out: its id says when it runs out, under a MAC, and the challenge is another MAC over
// the id. Only answered ones are remembered until they run out. The key is this process's; after a
// restart one asks again. Safe to call from any thread.
class PasskeyChallenges {
 public:
  static constexpr std::chrono::minutes kLife{5};
  static constexpr std::size_t kAnsweredMax = 100'000;

  // make: no_randomness, no_secret_memory. `random` and `clock` must outlive it.
  [[nodiscard]] static std::expected<PasskeyChallenges, Problem> make(
      RandomSource& random, const Clock& clock, std::chrono::minutes life = kLife);

  struct Challenge {
    std::string id;
    std::vector<std::uint8_t> bytes;
  };
  // ask: `purpose` says what the answer is for, and whose. nullopt: no randomness.
  [[nodiscard]] std::optional<Challenge> ask(std::string_view purpose);
  // take gives the challenge of this id back, if it was asked for this purpose, lately, and not
  // taken before. From then on it is used up, whatever the answer is worth.
  [[nodiscard]] std::optional<std::vector<std::uint8_t>> take(std::string_view id,
                                                              std::string_view purpose);
  // holds says whether take would give it now, and leaves it.
  [[nodiscard]] bool holds(std::string_view id, std::string_view purpose) const;

 private:
  struct Answered {
    std::mutex mutex;
    std::deque<std::pair<std::int64_t, std::string>> by_end;  // oldest first
    std::set<std::string, std::less<>> ids;
  };
  PasskeyChallenges(HmacKey key, RandomSource& random, const Clock& clock,
                    std::chrono::minutes life)
      : key_(std::move(key)), random_(random), clock_(clock), life_(life) {}
  // stamp_of gives the bytes of an id that is ours, for this purpose, and has not run out.
  [[nodiscard]] std::optional<std::vector<std::uint8_t>> stamp_of(std::string_view id,
                                                                  std::string_view purpose) const;

  HmacKey key_;
  RandomSource& random_;
  const Clock& clock_;
  std::chrono::minutes life_;
  std::unique_ptr<Answered> answered_ = std::make_unique<Answered>();
};

}  // namespace counterfoil
