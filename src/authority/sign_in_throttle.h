#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/throttle.h"
#include "authority/problem.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "crypto/hmac.h"
#include "registry/registry.h"

namespace counterfoil {

// SignInThrottle keeps the counters of the throttle in the registry (control S-54): they survive a
// restart, and a try is counted before anything of it is checked. They are no change that anybody
// decided, so they have no audit record; that they held somebody off has one (SignIn).
//
// What was typed as a name is kept as a keyed hash alone: people type passwords there. A stranger
// cannot fill the store: tries of unknown devices are limited all together. Safe to call from any
// thread; calls block on the store.
class SignInThrottle {
 public:
  // `registry` must outlive it. `names` hashes names.
  SignInThrottle(Registry& registry, HmacKey names)
      : registry_(registry), names_(std::move(names)) {}

  // Who tries: a name in its normal form (empty: none was given), from where, and the id of the
  // known device it comes from, which then has its own counter and no other.
  struct Who {
    std::string name;
    IpAddress source;
    std::optional<std::string> device = std::nullopt;
  };
  // Counted is a try that may be looked at. `next_wait` is how long the next one will have to wait
  // if this one turns out wrong.
  struct Counted {
    std::vector<std::string> counters;
    Timestamp at{};
    std::chrono::seconds next_wait{};
  };
  struct Held {
    std::chrono::seconds wait{};
  };
  // count: Held when it must not be looked at; it is not counted then. Problem: of the store, and
  // then nothing is looked at either.
  [[nodiscard]] std::expected<std::expected<Counted, Held>, Problem> count(const Who& who,
                                                                           Timestamp now);
  // take_back says that a try was right.
  [[nodiscard]] std::expected<void, Problem> take_back(const Counted& counted);

  // sweep erases counters that say nothing any more. Call it every few minutes.
  [[nodiscard]] std::expected<std::size_t, Problem> sweep(Timestamp now);

 private:
  struct Row {
    std::string id;
    TryLimit limit;
  };
  [[nodiscard]] std::vector<Row> rows_of(const Who& who) const;

  Registry& registry_;
  HmacKey names_;
  std::mutex mutex_;  // one try at a time is counted: no two lose a race for one counter
};

}  // namespace counterfoil
