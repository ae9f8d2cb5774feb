// Target: parse_timestamp, parse_recv_window and read_claims. The input is "timestamp|recvWindow",
// each as sent. Property: what is accepted is inside the window by the vendor's own rule, reckoned
// here a second time; text that is not digits (and one point) is never accepted.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "keys/key_format.h"
#include "verify/claims.h"
#include "verify/signed_request.h"

namespace {

using namespace counterfoil;  // NOLINT(google-build-using-namespace)

constexpr Timestamp kNow = from_unix_us(1'700'000'000'000'000);

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

bool is_made_of(std::string_view text, std::string_view allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

void check_texts(std::string_view timestamp, std::string_view window) {
  if (const auto read = parse_timestamp(timestamp)) {
    require(is_made_of(timestamp, "0123456789") && timestamp.size() <= 20);
    require(to_unix_us(*read) >= 0);
  }
  if (const auto read = parse_recv_window(window)) {
    require(is_made_of(window, "0123456789.") && std::ranges::count(window, '.') <= 1);
    require(read->count() > 0 && *read <= kRecvWindowMax);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t bar = text.find('|');
  const std::string_view timestamp = text.substr(0, bar);
  const std::optional<std::string_view> window =
      bar == std::string_view::npos ? std::nullopt : std::optional(text.substr(bar + 1));
  check_texts(timestamp, window.value_or(""));

  const std::string api_key(64, 'K');
  const SignedRequest request{.api_key = api_key,
                              .payload = text,
                              .signature = "00",
                              .timestamp = timestamp,
                              .recv_window = window};
  const auto claims = read_claims(request, KeyFormat(), kNow);
  if (claims) {
    const std::int64_t age_us = to_unix_us(kNow) - to_unix_us(claims->timestamp);
    require(age_us > -1'000'000 && age_us <= claims->recv_window.count());
    require(claims->recv_window.count() <= 60'000'000);
    require(claims->expires_at() >= kNow);
    require(window.has_value() || claims->recv_window == kDefaultRecvWindow);
  }
  return 0;
}
