#include "autopsy/pasted_request.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "autopsy/evidence.h"
#include "autopsy/fix_time.h"
#include "autopsy/reading.h"
#include "base/time.h"
#include "crypto/signature_scheme.h"
#include "wire/pasted/pasted.h"

namespace counterfoil::autopsy {
namespace {

struct Unit {
  std::size_t digits;  // of an instant of these years
  std::int64_t in_a_second;
};
constexpr std::int64_t kMicrosecondsInASecond = 1'000'000;
constexpr auto kUnits =
    std::to_array<Unit>({{10, 1}, {13, 1'000}, {16, kMicrosecondsInASecond}, {19, 1'000'000'000}});

Transport transport_of(pasted::Form form) {
  return form == pasted::Form::kWebSocketFrame ? Transport::kWebSocket
         : form == pasted::Form::kFixMessage   ? Transport::kFix
                                               : Transport::kRest;
}

// within gives the instant in the second that begins at `told` that is nearest to `own`: a Date
// tells whole seconds.
Timestamp within(Timestamp told, std::optional<Timestamp> own) {
  constexpr std::chrono::milliseconds kRestOfSecond{999};
  return own ? std::clamp(*own, told, told + kRestOfSecond) : told;
}

}  // namespace

RefusedRequest take_evidence(pasted::Request& request) {
  return {.transport = transport_of(request.form),
          .method = request.method,
          .path = request.path,
          .query = std::move(request.query),
          .body = std::move(request.body),
          .headers = std::move(request.headers),
          .message = std::move(request.message),
          .source_ip = {},
          .required_permission = {},
          .session_api_key = {}};
}

std::string api_key_of(const RefusedRequest& request) { return read_request(request).api_key; }

bool tells_headers(pasted::Form form) {
  return form != pasted::Form::kUrl && form != pasted::Form::kQuery &&
         form != pasted::Form::kLogLine;
}

std::optional<Timestamp> stamp_of(const RefusedRequest& request) {
  const auto written = read_request(request).timestamp;
  if (!written) {
    return std::nullopt;
  }
  if (request.transport == Transport::kFix) {
    const auto us = fix_time_us(*written);
    return us ? std::optional(from_unix_us(*us)) : std::nullopt;
  }
  const auto unit = std::ranges::find(kUnits, written->size(), &Unit::digits);
  std::int64_t number = 0;
  const auto [end, error] =
      std::from_chars(written->data(), written->data() + written->size(), number);
  if (unit == kUnits.end() || error != std::errc() || end != written->data() + written->size() ||
      number < 0) {
    return std::nullopt;
  }
  return from_unix_us(unit->in_a_second >= kMicrosecondsInASecond
                          ? number / (unit->in_a_second / kMicrosecondsInASecond)
                          : number * (kMicrosecondsInASecond / unit->in_a_second));
}

JudgedAt judged_at(const RefusedRequest& request, const pasted::Request& text,
                   std::optional<Timestamp> at) {
  if (at) {
    return {.time = *at, .is_told = true};
  }
  const std::optional<Timestamp> own = stamp_of(request);
  if (text.answered_at) {
    return {.time = within(*text.answered_at, own), .is_told = true};
  }
  return {.time = text.sent_at ? *text.sent_at : own.value_or(Timestamp{}),
          .is_told = text.sent_at.has_value()};
}

Scheme guess_scheme(const RefusedRequest& request) {
  constexpr std::size_t kEd25519SizeMax = 100;  // 88 characters of base64, and what is around them
  constexpr std::size_t kHexSize = 64;
  const std::string signature = read_request(request).signature.value_or("");
  if (signature.size() <= kHexSize) {
    return Scheme::kHmacSha256;
  }
  return signature.size() <= kEd25519SizeMax ? Scheme::kEd25519 : Scheme::kRsaPkcs1Sha256;
}

}  // namespace counterfoil::autopsy
