#include "authority/pasted_request.h"

#include <algorithm>
#include <array>
#include <charconv>
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
#include "wire/pasted/pasted.h"

namespace counterfoil {
namespace {

struct Unit {
  std::size_t digits;  // of an instant of these years
  std::int64_t in_a_second;
};
constexpr std::int64_t kMicrosecondsInASecond = 1'000'000;
constexpr auto kUnits =
    std::to_array<Unit>({{10, 1}, {13, 1'000}, {16, kMicrosecondsInASecond}, {19, 1'000'000'000}});

autopsy::Transport transport_of(pasted::Form form) {
  switch (form) {
    case pasted::Form::kWebSocketFrame:
      return autopsy::Transport::kWebSocket;
    case pasted::Form::kFixMessage:
      return autopsy::Transport::kFix;
    case pasted::Form::kCurl:
    case pasted::Form::kHar:
    case pasted::Form::kHttp:
    case pasted::Form::kUrl:
    case pasted::Form::kQuery:
    case pasted::Form::kLogLine:
      break;
  }
  return autopsy::Transport::kRest;
}

}  // namespace

autopsy::RefusedRequest take_evidence(pasted::Request& request) {
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

std::optional<Timestamp> stamp_of(const autopsy::RefusedRequest& request) {
  const auto written = autopsy::read_request(request).timestamp;
  if (!written) {
    return std::nullopt;
  }
  if (request.transport == autopsy::Transport::kFix) {
    const auto us = autopsy::fix_time_us(*written);
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

std::string api_key_of(const autopsy::RefusedRequest& request) {
  return autopsy::read_request(request).api_key;
}

}  // namespace counterfoil
