#include "verify/claims.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>
#include <system_error>

#include "base/time.h"
#include "keys/api_key_id.h"
#include "keys/key_format.h"
#include "verify/reason.h"
#include "verify/signed_request.h"

namespace counterfoil {
namespace {

constexpr std::size_t kTimestampDigitsMax = 20;
constexpr std::uint64_t kFirstMicroseconds = 1'000'000'000'000'000;  // 10^15
constexpr std::uint64_t kTimestampUsMax = 9'000'000'000'000'000'000;
constexpr std::size_t kWindowDigitsMax = 9;
constexpr std::size_t kWindowDecimalsMax = 3;

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::uint64_t to_number(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc{} ? value : UINT64_MAX;
}

std::expected<ApiKeyId, Reason> read_api_key(const SignedRequest& request,
                                             const KeyFormat& format) {
  if (request.api_key_repeated) {
    return std::unexpected(Reason::kApiKeyRepeated);
  }
  if (request.api_key.empty()) {
    return std::unexpected(Reason::kApiKeyMissing);
  }
  const auto id = ApiKeyId::parse(request.api_key);
  if (!id) {
    return std::unexpected(Reason::kApiKeyMalformed);
  }
  if (format.classify_api_key(request.api_key) == KeyFormat::Kind::kBadChecksum) {
    return std::unexpected(Reason::kApiKeyChecksum);
  }
  return *id;
}

}  // namespace

std::expected<Timestamp, Reason> parse_timestamp(std::string_view text) {
  if (!is_digits(text) || text.size() > kTimestampDigitsMax) {
    return std::unexpected(Reason::kTimestampMalformed);
  }
  const std::uint64_t value = to_number(text);
  if (value >= kTimestampUsMax) {
    return std::unexpected(Reason::kTimestampImplausible);
  }
  const auto number = static_cast<std::int64_t>(value);
  return value < kFirstMicroseconds ? from_unix_ms(number) : from_unix_us(number);
}

std::expected<std::chrono::microseconds, Reason> parse_recv_window(std::string_view text) {
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view decimals =
      point == std::string_view::npos ? std::string_view("0") : text.substr(point + 1);
  if (!is_digits(whole) || !is_digits(decimals) || whole.size() > kWindowDigitsMax) {
    return std::unexpected(Reason::kRecvWindowMalformed);
  }
  if (decimals.size() > kWindowDecimalsMax) {
    return std::unexpected(Reason::kRecvWindowPrecision);
  }
  std::uint64_t micros = to_number(decimals);
  for (std::size_t i = decimals.size(); i < kWindowDecimalsMax; ++i) {
    micros *= 10;
  }
  const std::chrono::microseconds window(
      static_cast<std::int64_t>((to_number(whole) * 1000) + micros));
  if (window > kRecvWindowMax) {
    return std::unexpected(Reason::kRecvWindowTooLarge);
  }
  if (window == std::chrono::microseconds::zero()) {
    return std::unexpected(Reason::kRecvWindowMalformed);
  }
  return window;
}

std::expected<void, Reason> check_time(Timestamp timestamp, std::chrono::microseconds recv_window,
                                       Timestamp now) {
  // The documents: "if (timestamp < (serverTime + 1 second) && (serverTime - timestamp) <=
  // recvWindow)".
  if (timestamp >= now + kAheadPlausibleMax || timestamp < kEarliestPlausible) {
    return std::unexpected(Reason::kTimestampImplausible);
  }
  if (timestamp >= now + kAheadMax) {
    return std::unexpected(Reason::kTimestampAhead);
  }
  if (now - timestamp > recv_window) {
    return std::unexpected(Reason::kTimestampLate);
  }
  return {};
}

std::expected<Claims, Reason> read_claims(const SignedRequest& request, const KeyFormat& format,
                                          Timestamp now) {
  const auto api_key = read_api_key(request, format);
  if (!api_key) {
    return std::unexpected(api_key.error());
  }
  if (request.parameter_fault) {
    return std::unexpected(*request.parameter_fault);
  }
  if (!request.timestamp || request.timestamp->empty()) {
    return std::unexpected(Reason::kTimestampMissing);
  }
  if (!request.signature || request.signature->empty()) {
    return std::unexpected(Reason::kSignatureMissing);
  }
  const auto timestamp = parse_timestamp(*request.timestamp);
  if (!timestamp) {
    return std::unexpected(timestamp.error());
  }
  const auto window = request.recv_window
                          ? parse_recv_window(*request.recv_window)
                          : std::expected<std::chrono::microseconds, Reason>(kDefaultRecvWindow);
  if (!window) {
    return std::unexpected(window.error());
  }
  if (const auto in_time = check_time(*timestamp, *window, now); !in_time) {
    return std::unexpected(in_time.error());
  }
  return Claims{.api_key = *api_key, .timestamp = *timestamp, .recv_window = *window};
}

}  // namespace counterfoil
