#include "accounts/throttle.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/hex.h"
#include "base/ip_address.h"
#include "base/time.h"

namespace counterfoil {
namespace {

using std::chrono::seconds;

constexpr std::int64_t kMinutes = 60;
constexpr std::chrono::minutes kWrongCountsFor{15};
constexpr std::size_t kWrongFree = 5;
constexpr seconds kDelayMax{60};

std::int64_t minute_of(Timestamp time) {
  return std::chrono::floor<std::chrono::minutes>(time).time_since_epoch().count();
}

bool is_counted(const TryCounter::Minute& minute, std::int64_t now) {
  return minute.minute >= now - kMinutes;
}

// The instant before which no try is looked at, so that the hour's limit is kept.
std::optional<Timestamp> full_until(const TryCounter& counter, std::uint32_t per_hour,
                                    std::int64_t now) {
  std::uint64_t tries = 0;
  for (auto minute = counter.minutes.rbegin(); minute != counter.minutes.rend(); ++minute) {
    if (!is_counted(*minute, now)) {
      continue;
    }
    tries += minute->tries;
    if (tries >= per_hour) {
      return Timestamp(std::chrono::minutes(minute->minute + kMinutes + 1));
    }
  }
  return std::nullopt;
}

std::optional<Timestamp> delayed_until(const TryCounter& counter, Timestamp now) {
  const auto wrong = static_cast<std::size_t>(std::ranges::count_if(
      counter.wrong, [&](Timestamp time) { return time > now - kWrongCountsFor; }));
  if (wrong < kWrongFree) {
    return std::nullopt;
  }
  constexpr std::size_t kDoublingsMax = 6;
  const seconds delay =
      std::min(seconds(std::int64_t{1} << std::min(wrong - kWrongFree, kDoublingsMax)), kDelayMax);
  return counter.wrong.back() + delay;
}

}  // namespace

std::optional<seconds> wait_before_try(const TryCounter& counter, const TryLimit& limit,
                                       Timestamp now) {
  Timestamp next = full_until(counter, limit.per_hour, minute_of(now)).value_or(now);
  if (limit.delays) {
    next = std::max(next, delayed_until(counter, now).value_or(now));
  }
  return next > now ? std::optional(std::chrono::ceil<seconds>(next - now)) : std::nullopt;
}

TryCounter counted(TryCounter counter, Timestamp now) {
  const std::int64_t minute = minute_of(now);
  std::erase_if(counter.minutes, [&](const auto& old) { return !is_counted(old, minute); });
  // After the clock was set back the newest minute goes on counting: none is lost.
  if (counter.minutes.empty() || counter.minutes.back().minute < minute) {
    counter.minutes.push_back({.minute = minute, .tries = 0});
  }
  ++counter.minutes.back().tries;
  if (counter.wrong.size() >= kWrongKept) {
    counter.wrong.erase(counter.wrong.begin());
  }
  counter.wrong.push_back(now);
  return counter;
}

TryCounter taken_back(TryCounter counter, Timestamp then) {
  const auto wrong = std::ranges::find(counter.wrong, then);
  if (wrong != counter.wrong.end()) {
    counter.wrong.erase(wrong);
  }
  const auto minute =
      std::ranges::find(counter.minutes, minute_of(then), &TryCounter::Minute::minute);
  if (minute != counter.minutes.end() && --minute->tries == 0) {
    counter.minutes.erase(minute);
  }
  return counter;
}

bool is_spent(const TryCounter& counter, Timestamp now) {
  return std::ranges::none_of(
      counter.minutes, [&](const auto& minute) { return is_counted(minute, minute_of(now)); });
}

TrySource try_source(const IpAddress& peer) {
  if (peer.is_v4()) {
    const std::string text = peer.to_string();
    return {.address = text, .network = text.substr(0, text.rfind('.')) + ".0/24"};
  }
  // One customer has at least a /64, often a /48.
  const ByteView bytes(peer.bytes());
  return {.address = to_hex(bytes.first(8)) + "/64", .network = to_hex(bytes.first(6)) + "/48"};
}

}  // namespace counterfoil
