// The time of the request.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "autopsy/cause.h"
#include "autopsy/evidence.h"
#include "autopsy/form.h"
#include "autopsy/scene.h"

namespace counterfoil::autopsy {
namespace {

constexpr std::int64_t kAheadMs = 1000;  // refused from here on
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kQuarterMs = 900'000;
constexpr std::int64_t kZonesMax = 56;  // quarters of an hour: 14 h
constexpr double kWindowDefault = 5000;
constexpr double kWindowMax = 60'000;
constexpr double kWindowSmall = 1000;
constexpr std::size_t kSeriesMin = 3;

bool on_fix(const Scene& scene) { return scene.request.transport == Transport::kFix; }

std::optional<std::string> seen(std::string text) { return text; }

// raw_number is the timestamp as a number, whatever its unit.
std::optional<std::int64_t> raw_number(const Scene& scene) {
  const auto& text = scene.reading.timestamp;
  return text && is_digits(*text) && text->size() <= 19
             ? std::optional<std::int64_t>(std::strtoll(text->c_str(), nullptr, 10))
             : std::nullopt;
}

bool near(std::int64_t ms, std::int64_t now) { return std::llabs(ms - now) <= kMinuteMs; }

std::optional<std::string> missing(const Scene& scene) {
  const bool absent = !scene.reading.timestamp || scene.reading.timestamp->empty();
  // A request that was meant for a session without one lacks it for another reason.
  return absent && !on_fix(scene) ? seen("") : std::nullopt;
}

std::optional<std::string> not_integer(const Scene& scene) {
  const auto& text = scene.reading.timestamp;
  return text && !text->empty() && !on_fix(scene) && (!is_digits(*text) || text->size() > 20)
             ? seen("timestamp=" + text->substr(0, 64))
             : std::nullopt;
}

std::optional<std::string> in_seconds(const Scene& scene) {
  const auto number = raw_number(scene);
  return number && *number < 100'000'000'000 && near(*number * 1000, scene.now_ms) ? seen("")
                                                                                   : std::nullopt;
}

std::optional<std::string> in_microseconds(const Scene& scene) {
  const auto number = raw_number(scene);
  return number && scene.rules.microseconds_refused && near(*number / 1000, scene.now_ms)
             ? seen("")
             : std::nullopt;
}

std::optional<std::string> in_nanoseconds(const Scene& scene) {
  const auto number = raw_number(scene);
  return number && near(*number / 1'000'000, scene.now_ms) ? seen("") : std::nullopt;
}

// Skew is how far the timestamp is from our clock, where it is one in a unit that is read.
struct Skew {
  std::int64_t ahead_ms;
  bool refused_ahead;
  bool refused_late;
};
std::optional<Skew> skew_of(const Scene& scene) {
  const auto stamp = scene.stamp_ms();
  if (!stamp || in_seconds(scene) || in_nanoseconds(scene)) {
    return std::nullopt;
  }
  const std::int64_t ahead = *stamp - scene.now_ms;
  return Skew{.ahead_ms = ahead,
              .refused_ahead = ahead >= kAheadMs,
              .refused_late = static_cast<double>(-ahead) > scene.window_ms()};
}

std::string away(const Skew& skew) {
  return std::to_string(std::llabs(skew.ahead_ms)) + " ms " +
         (skew.ahead_ms > 0 ? "ahead of" : "behind") + " the server";
}

bool is_zone(const Scene& scene) {
  const auto skew = skew_of(scene);
  if (!skew || (!skew->refused_ahead && !skew->refused_late)) {
    return false;
  }
  // The usual delay comes on top of whole quarters of an hour.
  const auto quarters = static_cast<std::int64_t>(
      std::llround(static_cast<double>(skew->ahead_ms + 500) / kQuarterMs));
  const std::int64_t rest = skew->ahead_ms - (quarters * kQuarterMs);
  return quarters != 0 && std::llabs(quarters) <= kZonesMax && rest < kAheadMs &&
         static_cast<double>(-rest) <= kWindowDefault;
}

std::optional<std::string> zone(const Scene& scene) {
  return is_zone(scene) && !on_fix(scene) ? seen(away(*skew_of(scene))) : std::nullopt;
}
std::optional<std::string> fix_zone(const Scene& scene) {
  return is_zone(scene) && on_fix(scene) ? seen(away(*skew_of(scene))) : std::nullopt;
}

std::optional<std::string> ahead(const Scene& scene) {
  const auto skew = skew_of(scene);
  return skew && skew->refused_ahead && !is_zone(scene) ? seen(away(*skew)) : std::nullopt;
}

bool is_small_window(const Scene& scene) {
  const auto skew = skew_of(scene);
  return skew && skew->refused_late && scene.window_ms() < kWindowSmall &&
         static_cast<double>(-skew->ahead_ms) < kWindowDefault;
}

bool is_whole_second(const Scene& scene) {
  const auto skew = skew_of(scene);
  const auto stamp = scene.stamp_ms();
  return skew && skew->refused_late && *stamp % 1000 == 0 &&
         static_cast<double>(-skew->ahead_ms) <= scene.window_ms() + 1000;
}

// Series is what the key's last requests say about its clock.
enum class Series : std::uint8_t { kNone, kSteady, kFine, kWandering };
Series series_of(const Scene& scene, std::int64_t delay_ms) {
  const auto& delays = scene.history.delays_ms;
  if (delays.size() < kSeriesMin) {
    return Series::kNone;
  }
  const auto [low, high] = std::ranges::minmax(delays);
  if (high < 1000 && low > -kAheadMs) {
    return Series::kFine;
  }
  return high - low < 2000 && std::llabs(high - delay_ms) < 2000 ? Series::kSteady
                                                                 : Series::kWandering;
}

bool is_late(const Scene& scene) {
  const auto skew = skew_of(scene);
  return skew && skew->refused_late && !is_zone(scene) && !is_small_window(scene) &&
         !is_whole_second(scene);
}

std::optional<std::string> delayed(const Scene& scene) {
  return is_late(scene) && series_of(scene, -skew_of(scene)->ahead_ms) == Series::kFine
             ? seen(away(*skew_of(scene)))
             : std::nullopt;
}
std::optional<std::string> drift(const Scene& scene) {
  return is_late(scene) && series_of(scene, -skew_of(scene)->ahead_ms) == Series::kWandering
             ? seen(away(*skew_of(scene)))
             : std::nullopt;
}
std::optional<std::string> behind(const Scene& scene) {
  return is_late(scene) && !delayed(scene) && !drift(scene) ? seen(away(*skew_of(scene)))
                                                            : std::nullopt;
}

std::optional<std::string> small_window(const Scene& scene) {
  return is_small_window(scene)
             ? seen(scene.request.names.recv_window + "=" + *scene.reading.recv_window)
             : std::nullopt;
}
std::optional<std::string> whole_second(const Scene& scene) {
  return is_whole_second(scene) && !is_small_window(scene) ? seen("") : std::nullopt;
}

bool is_window(std::string_view text) {
  const std::size_t point = text.find('.');
  return is_digits(text.substr(0, point)) && text.size() <= 20 &&
         (point == std::string_view::npos ||
          (is_digits(text.substr(point + 1)) && text.size() - point <= 4));
}

std::optional<std::string> malformed_window(const Scene& scene) {
  const auto& text = scene.reading.recv_window;
  return text && (!is_window(*text) || std::strtod(text->c_str(), nullptr) <= 0)
             ? seen(scene.request.names.recv_window + "=" + text->substr(0, 64))
             : std::nullopt;
}
std::optional<std::string> large_window(const Scene& scene) {
  const auto& text = scene.reading.recv_window;
  return text && is_window(*text) && std::strtod(text->c_str(), nullptr) > kWindowMax
             ? seen(scene.request.names.recv_window + "=" + text->substr(0, 64))
             : std::nullopt;
}

std::optional<std::string> replayed(const Scene& scene) {
  return scene.history.signature_seen_before ? seen("") : std::nullopt;
}

using enum Confidence;

// clang-format off
constexpr auto kRows = std::to_array<CauseRow>({
    {"timestamp-missing", kProved, kOnRest | kOnWebSocket, "The request carries no timestamp.", "absence",
     "Add timestamp, in milliseconds, before signing.", Remedy::kStampNow, SeeFact{missing}},
    {"timestamp-not-integer", kProved, kOnRest | kOnWebSocket, "The timestamp is not a whole number.", "its text",
     "Send milliseconds since 1970 as digits only.", Remedy::kStampNow, SeeFact{not_integer}},
    {"timestamp-in-seconds", kProved, kOnRest | kOnWebSocket, "The timestamp is in seconds.", "times 1000 it is the time now",
     "Multiply it by 1000: milliseconds have 13 digits.", Remedy::kStampNow, SeeFact{in_seconds}},
    {"timestamp-in-microseconds", kProved, kOnRest | kOnWebSocket, "The timestamp is in microseconds, which this server does not take.", "divided by 1000 it is the time now",
     "Divide it by 1000.", Remedy::kStampNow, SeeFact{in_microseconds}},
    {"timestamp-in-nanoseconds", kProved, kOnRest | kOnWebSocket, "The timestamp is in nanoseconds.", "divided by 1,000,000 it is the time now",
     "Divide it by 1,000,000.", Remedy::kStampNow, SeeFact{in_nanoseconds}},
    {"timestamp-timezone-offset", kStrong, kOnRest | kOnWebSocket, "Local time was taken for UTC.", "the difference to the server is whole quarters of an hour",
     "Use UTC: the functions for Unix time.", Remedy::kStampNow, SeeFact{zone}},
    {"fix-local-time", kStrong, kOnFix, "SendingTime (52) is local time.", "the difference to the server is whole quarters of an hour",
     "Write 52 in UTC.", Remedy::kFixLogon, SeeFact{fix_zone}},
    {"clock-ahead", kProved, kOnAll, "The client's clock is fast.", "the timestamp is 1000 ms or more ahead of the server",
     "Run a time service, or measure the offset to the server's time once a minute and apply it.", Remedy::kSyncClock, SeeFact{ahead}},
    {"recv-window-malformed", kProved, kOnAll, "recvWindow is not a number of milliseconds.", "its text",
     "Send plain milliseconds, with at most three decimals.", Remedy::kRecvWindow, SeeFact{malformed_window}},
    {"recv-window-too-large", kProved, kOnAll, "recvWindow is above 60000.", "its value",
     "Send 5000, and set the clock instead of widening the window.", Remedy::kRecvWindow, SeeFact{large_window}},
    {"recv-window-too-small", kStrong, kOnAll, "recvWindow is so small that the usual delay is longer.", "the request is older than its own window and younger than 5 s",
     "Leave recvWindow out: 5000 holds then.", Remedy::kRecvWindow, SeeFact{small_window}},
    {"timestamp-truncated-to-second", kStrong, kOnAll, "The timestamp is cut to whole seconds, so it is up to 999 ms old when it is made.", "it ends in 000, and the request is late by less than a second",
     "Take a clock with milliseconds.", Remedy::kStampNow, SeeFact{whole_second}},
    {"request-delayed", kStrong, kOnAll, "The request waited between signing and sending: a queue, a retry, a slow network.", "the other requests of this key are in time",
     "Sign directly before sending, and sign every retry anew.", Remedy::kStampNow, SeeFact{delayed}},
    {"clock-drift-vm", kStrong, kOnAll, "The clock of a container or virtual machine stands still while its host sleeps.", "the skew of this key's requests jumps or grows",
     "Synchronise the clock inside the machine, not only on the host.", Remedy::kSyncClock, SeeFact{drift}},
    {"clock-behind", kStrong, kOnAll, "The client's clock is slow, or the request was delayed.", "the timestamp is older than the window allows",
     "Run a time service, or measure the offset to the server's time once a minute and apply it.", Remedy::kSyncClock, SeeFact{behind}},
    {"server-offset-stale", kPossible, kOnAll, "The offset to the server's time may have been measured once, or with a slow round trip.", "steps in the key's skew",
     "Measure it every few minutes and subtract half of the round trip.", Remedy::kSyncClock, {}},
    {"request-replayed", kProved, kOnAll, "The same signed request was sent before.", "its signature is in the replay memory",
     "Make a new timestamp and signature for every attempt.", Remedy::kStampNow, SeeFact{replayed}},
});
// clang-format on

}  // namespace

std::span<const CauseRow> clock_causes() { return kRows; }

}  // namespace counterfoil::autopsy
