#include "venue/standalone.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/verification_key.h"
#include "venue/api_error.h"
#include "venue/parameters.h"
#include "wire/rest/signed_parameters.h"

namespace counterfoil::venue {
namespace {

using std::chrono::microseconds;

constexpr std::size_t kApiKeySize = 64;
constexpr std::size_t kMicrosecondDigits = 16;
constexpr microseconds kWindowDefault = std::chrono::seconds(5);
constexpr microseconds kWindowMax = std::chrono::seconds(60);
constexpr microseconds kAheadMax = std::chrono::seconds(1);

// read_digits reads 1 to 18 decimal digits, which always fit.
std::optional<std::int64_t> read_digits(std::string_view text) {
  constexpr std::size_t kDigitsMax = 18;
  std::int64_t number = 0;
  if (text.empty() || text.size() > kDigitsMax ||
      text.find_first_not_of("0123456789") != std::string_view::npos ||
      std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc{}) {
    return std::nullopt;
  }
  return number;
}

// read_timestamp: "timestamp" is milliseconds or, with 16 digits, microseconds.
std::expected<Timestamp, ApiError> read_timestamp(std::string_view text) {
  const auto number = read_digits(text);
  if (!number || text.size() > kMicrosecondDigits) {
    return std::unexpected(illegal_characters("timestamp", "^[0-9]{1,20}$"));
  }
  return text.size() == kMicrosecondDigits ? from_unix_us(*number) : from_unix_ms(*number);
}

// read_window: "recvWindow" is milliseconds with up to three decimals, 60000 at most.
std::expected<microseconds, ApiError> read_window(std::optional<std::string_view> text) {
  constexpr std::size_t kDecimalsMax = 3;
  if (!text) {
    return kWindowDefault;
  }
  const std::size_t point = std::min(text->find('.'), text->size());
  const bool has_decimals = point < text->size();
  std::string decimals(has_decimals ? text->substr(point + 1) : "0");
  const auto whole = read_digits(text->substr(0, point));
  if (!whole || !read_digits(decimals)) {
    return std::unexpected(invalid_data("recvWindow"));
  }
  if (decimals.size() > kDecimalsMax) {
    return std::unexpected(too_precise("recvWindow"));
  }
  decimals.resize(kDecimalsMax, '0');
  const bool too_large = *whole > std::chrono::milliseconds(std::chrono::seconds(60)).count();
  const microseconds window = std::chrono::milliseconds(too_large ? 0 : *whole) +
                              microseconds(read_digits(decimals).value_or(0));
  if (too_large || window > kWindowMax) {
    return std::unexpected(ApiError{.code = -1131, .text = "recvWindow must be less than 60000"});
  }
  return window;
}

// judge_time: "timestamp < serverTime + 1 second && serverTime - timestamp <= recvWindow"
// (rest-api.md, "Timing security").
ApiResult judge_time(const rest::SignedParameters& parameters, Timestamp now) {
  const auto window = read_window(parameters.recv_window());
  if (!window) {
    return std::unexpected(window.error());
  }
  const auto stamped = read_timestamp(parameters.timestamp().value_or(""));
  if (!stamped) {
    return std::unexpected(stamped.error());
  }
  if (*stamped - now >= kAheadMax) {
    return std::unexpected(
        ApiError{.code = -1021,
                 .text = "Timestamp for this request was 1000ms ahead of the server's time."});
  }
  if (now - *stamped > *window) {
    return std::unexpected(ApiError{
        .code = -1021, .text = "Timestamp for this request is outside of the recvWindow."});
  }
  return {};
}

// judge_form: what every signed request has to bring, whoever sent it.
ApiResult judge_form(const rest::SignedParameters& parameters, const SignedCall& call) {
  for (const auto& [name, value] :
       {std::pair("timestamp", parameters.timestamp()), {"signature", parameters.signature()}}) {
    if (!value || value->empty()) {
      return std::unexpected(parameter_missing(name));
    }
  }
  if (parameters.fault()) {
    const auto read = Parameters::read(call.query, call.body);
    return std::unexpected(read ? illegal_characters() : read.error());
  }
  return {};
}

}  // namespace

bool is_api_key(std::string_view text) {
  return text.size() == kApiKeySize && std::ranges::all_of(text, [](char letter) {
           return (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z') ||
                  (letter >= 'a' && letter <= 'z');
         });
}

std::expected<const StandaloneKey*, ApiError> check_signed_call(std::span<const StandaloneKey> keys,
                                                                const SignedCall& call,
                                                                Timestamp now) {
  if (!call.api_key || !is_api_key(*call.api_key)) {
    return std::unexpected(
        ApiError{.status = 401, .code = -2014, .text = "API-key format invalid."});
  }
  rest::SignedParameters parameters;
  parameters.read(call.query, call.body, rest::BodyKind::kForm, {});
  if (const auto judged = judge_form(parameters, call); !judged) {
    return std::unexpected(judged.error());
  }
  if (const auto judged = judge_time(parameters, now); !judged) {
    return std::unexpected(judged.error());
  }
  const auto key = std::ranges::find(keys, *call.api_key, &StandaloneKey::api_key);
  if (key == keys.end()) {
    return std::unexpected(key_rejected());
  }
  if (!key->key.verify_text(as_bytes(parameters.payload()), parameters.signature().value_or(""))) {
    return std::unexpected(
        ApiError{.code = -1022, .text = "Signature for this request is not valid."});
  }
  return std::to_address(key);
}

}  // namespace counterfoil::venue
