#include "authority/replay_horizon.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>

#include "base/time.h"
#include "verify/claims.h"

namespace counterfoil {
namespace {

// window_at reads the milliseconds at the front of `text`, rounded up; at most kRecvWindowMax,
// which also stands for whatever cannot be read as a number but might be in part.
std::chrono::microseconds window_at(std::string_view text) {
  std::uint64_t ms = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
  const std::chrono::milliseconds max =
      std::chrono::duration_cast<std::chrono::milliseconds>(kRecvWindowMax);
  if (error == std::errc::result_out_of_range || ms >= static_cast<std::uint64_t>(max.count())) {
    return kRecvWindowMax;
  }
  return std::chrono::milliseconds(static_cast<std::int64_t>(ms) + 1);  // decimals may follow
}

}  // namespace

Timestamp replay_horizon(const Claims& claims, std::string_view payload,
                         std::string_view recv_window_parameter) {
  std::chrono::microseconds longest = std::max(claims.recv_window, kDefaultRecvWindow);
  std::size_t at = payload.find(recv_window_parameter);
  while (at != std::string_view::npos) {
    const std::string_view rest = payload.substr(at + recv_window_parameter.size());
    if (rest.starts_with('=')) {
      longest = std::max(longest, window_at(rest.substr(1)));
    }
    at = payload.find(recv_window_parameter, at + 1);
  }
  return claims.timestamp + longest;
}

}  // namespace counterfoil
