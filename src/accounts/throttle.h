#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ip_address.h"
#include "base/time.h"

namespace counterfoil {

// The throttle of sign-ins (control S-54): counters that are stored, and what they say of one more
// try. Tries are counted before anything is checked; one that was right is taken back.

// TryCounter counts the tries of the last hour by the minute, so it never forgives one early.
struct TryCounter {
  struct Minute {
    std::int64_t minute = 0;  // since 1970
    std::uint32_t tries = 0;
    bool operator==(const Minute&) const = default;
  };
  std::vector<Minute> minutes;        // rising, without those that are older than an hour
  std::vector<Timestamp> wrong = {};  // the newest tries that were not taken back
  bool operator==(const TryCounter&) const = default;
};
inline constexpr std::size_t kWrongKept = 16;

// TryLimit is what one kind of counter allows.
struct TryLimit {
  std::uint32_t per_hour = 0;
  bool delays = false;  // after 5 wrong within 15 min: 1, 2, 4 ... 60 s between tries
};

// Whose tries are counted. Known devices have a counter of their own and no other, so that a
// stranger cannot lock anybody out of the device they sign in from.
// clang-format off
inline constexpr TryLimit kTriesOfName   {.per_hour = 20,    .delays = true};   // from unknown devices
inline constexpr TryLimit kTriesOfDevice {.per_hour = 20,    .delays = true};
inline constexpr TryLimit kTriesOfPair   {.per_hour = 10,    .delays = false};  // a name and a source
inline constexpr TryLimit kTriesOfSource {.per_hour = 60,    .delays = false};  // an address, a /64
inline constexpr TryLimit kTriesOfNetwork{.per_hour = 240,   .delays = false};  // a /24, a /48
inline constexpr TryLimit kTriesOfAll    {.per_hour = 3'000, .delays = false};
// clang-format on

// wait_before_try: how long until one more try is looked at; nullopt: now.
[[nodiscard]] std::optional<std::chrono::seconds> wait_before_try(const TryCounter& counter,
                                                                  const TryLimit& limit,
                                                                  Timestamp now);
// counted adds a try, taken_back takes the one of `then` back: it was right.
[[nodiscard]] TryCounter counted(TryCounter counter, Timestamp now);
[[nodiscard]] TryCounter taken_back(TryCounter counter, Timestamp then);
// is_spent: it says nothing any more and may be erased.
[[nodiscard]] bool is_spent(const TryCounter& counter, Timestamp now);

// TrySource names the address and the network that a try came from.
struct TrySource {
  std::string address;
  std::string network;
};
[[nodiscard]] TrySource try_source(const IpAddress& peer);

}  // namespace counterfoil
