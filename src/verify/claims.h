#pragma once

#include <chrono>
#include <expected>
#include <string_view>

#include "base/time.h"
#include "keys/api_key_id.h"
#include "keys/key_format.h"
#include "verify/reason.h"
#include "verify/signed_request.h"

namespace counterfoil {

inline constexpr std::chrono::microseconds kDefaultRecvWindow = std::chrono::seconds(5);
inline constexpr std::chrono::microseconds kRecvWindowMax = std::chrono::seconds(60);
inline constexpr std::chrono::microseconds kAheadMax =
    std::chrono::seconds(1);  // strict: at it is refused
inline constexpr std::chrono::microseconds kAheadPlausibleMax = std::chrono::seconds(10);
inline constexpr Timestamp kEarliestPlausible =
    from_unix_ms(1'483'228'800'000);  // 2017-01-01 00:00 UTC

// Claims is what a request says of itself, read and found to be well formed and in time.
struct Claims {
  ApiKeyId api_key;
  Timestamp timestamp;
  std::chrono::microseconds recv_window;
  // expires_at is the last instant at which the request may be accepted.
  [[nodiscard]] Timestamp expires_at() const { return timestamp + recv_window; }
};

// read_claims makes all checks that need no key: the API key's form, mandatory parameters, time. In
// this order.
[[nodiscard]] std::expected<Claims, Reason> read_claims(const SignedRequest& request,
                                                        const KeyFormat& format, Timestamp now);

// parse_timestamp reads 1 to 20 digits: below 10^15 milliseconds, else microseconds.
[[nodiscard]] std::expected<Timestamp, Reason> parse_timestamp(std::string_view text);

// parse_recv_window reads milliseconds with up to three decimals, above 0 and at most 60000.
[[nodiscard]] std::expected<std::chrono::microseconds, Reason> parse_recv_window(
    std::string_view text);

// check_time is the rule of the window: timestamp < now + 1 s, and now - timestamp <= recv_window.
// Source: the vendor's REST documents, "Timing security".
[[nodiscard]] std::expected<void, Reason> check_time(Timestamp timestamp,
                                                     std::chrono::microseconds recv_window,
                                                     Timestamp now);

}  // namespace counterfoil
