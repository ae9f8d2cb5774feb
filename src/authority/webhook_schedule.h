#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace counterfoil {

// When a delivery is tried again, as Standard Webhooks proposes: at once, then after 5 s, 5 min,
// 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h more. Pure.
inline constexpr std::uint32_t kWebhookAttemptsMax = 10;

// webhook_pause is how long after the attempt number `attempts` the next one comes: the time of the
// list and up to a tenth more, by `jitter`, so that what failed together does not come back
// together. nullopt: that was the last one.
[[nodiscard]] std::optional<std::chrono::milliseconds> webhook_pause(std::uint32_t attempts,
                                                                     std::uint8_t jitter);

// webhook_hold is how long a receiver that failed `failures` times in a row is left alone, whatever
// waits for it: 5 s, then twice as long each time, five minutes at most. So many dead receivers
// cost little, and those that live do not wait for them.
[[nodiscard]] std::chrono::milliseconds webhook_hold(std::uint32_t failures);

// retry_after_in reads the header Retry-After: seconds alone, as many as a day has at most. 0: it
// says nothing of use.
inline constexpr std::chrono::seconds kRetryAfterMax{24L * 60 * 60};
[[nodiscard]] std::chrono::seconds retry_after_in(std::string_view header);

}  // namespace counterfoil
