#include "authority/webhook_schedule.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

namespace counterfoil {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr auto kPauses =
    std::to_array<milliseconds>({seconds(5), minutes(5), minutes(30), hours(2), hours(5), hours(10),
                                 hours(14), hours(20), hours(24)});
static_assert(kPauses.size() + 1 == kWebhookAttemptsMax);

constexpr std::int64_t kJitterPart = 10;  // a tenth
constexpr std::int64_t kJitterMax = 255;
constexpr milliseconds kHoldMin{5'000};
constexpr milliseconds kHoldMax = minutes(5);
constexpr std::uint32_t kDoublingsMax = 6;  // then it is past kHoldMax

}  // namespace

std::optional<milliseconds> webhook_pause(std::uint32_t attempts, std::uint8_t jitter) {
  if (attempts == 0) {
    return milliseconds(0);
  }
  if (attempts > kPauses.size()) {
    return std::nullopt;
  }
  const milliseconds pause = kPauses[attempts - 1];
  return pause + pause * jitter / (kJitterPart * kJitterMax);
}

milliseconds webhook_hold(std::uint32_t failures) {
  if (failures == 0) {
    return milliseconds(0);
  }
  return std::min(kHoldMax, kHoldMin * (1U << std::min(failures - 1, kDoublingsMax)));
}

seconds retry_after_in(std::string_view header) {
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), count);
  if (header.empty() || end != header.data() + header.size()) {
    return seconds(0);
  }
  return error == std::errc{} ? std::min(seconds(count), kRetryAfterMax) : kRetryAfterMax;
}

}  // namespace counterfoil
