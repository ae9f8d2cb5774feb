#include "autopsy/pasted_request.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "autopsy/evidence.h"
#include "autopsy/fix_time.h"
#include "autopsy/reading.h"
#include "base/time.h"
#include "crypto/signature_scheme.h"
#include "keys/api_key_id.h"
#include "wire/pasted/pasted.h"

namespace counterfoil::autopsy {
namespace {

using pasted::Form;

Transport transport_of(Form form) {
  return form == Form::kWebSocketFrame ? Transport::kWebSocket
         : form == Form::kFixMessage   ? Transport::kFix
                                       : Transport::kRest;
}

// shows_headers: the form is a whole message, so a header that is not there was not sent.
bool shows_headers(Form form) {
  return form != Form::kUrl && form != Form::kQuery && form != Form::kLogLine;
}

// own_time reads the request's timestamp in whatever unit it was written.
std::optional<Timestamp> own_time(const Reading& reading) {
  constexpr std::int64_t kMsMin = 100'000'000'000;      // 1973
  constexpr std::int64_t kMsMax = 100'000'000'000'000;  // 5138
  if (reading.transport == Transport::kFix) {
    const auto us = reading.timestamp ? fix_time_us(*reading.timestamp) : std::nullopt;
    return us ? std::optional(from_unix_us(*us)) : std::nullopt;
  }
  const std::string text = reading.timestamp.value_or("");
  std::int64_t number = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc() ||
      number <= 0) {
    return std::nullopt;
  }
  while (number >= kMsMax) {
    number /= 1000;
  }
  while (number < kMsMin && number > 0) {
    number *= 1000;
  }
  return from_unix_ms(number);
}

// within gives the instant in the second that begins at `told` that is nearest to `own`: a Date
// tells whole seconds.
Timestamp within(Timestamp told, std::optional<Timestamp> own) {
  constexpr std::chrono::milliseconds kRestOfSecond{999};
  return own ? std::clamp(*own, told, told + kRestOfSecond) : told;
}

}  // namespace

PastedRequest from_pasted(const pasted::Request& pasted, std::string_view api_key,
                          std::optional<Timestamp> at) {
  PastedRequest made;
  RefusedRequest& request = made.request;
  request.transport = transport_of(pasted.form);
  request.method = pasted.method;
  request.path = pasted.path;
  request.query = pasted.query;
  request.body = pasted.body;
  request.headers = pasted.headers;
  request.message = pasted.message;
  if (request.transport == Transport::kRest) {
    const auto told = header_of(request, kApiKeyHeader);
    made.api_key = std::string(told.value_or(""));
    if (!told && !shows_headers(pasted.form)) {
      const std::string stand_in(ApiKeyId::kSize, '0');
      request.headers.emplace_back(kApiKeyHeader, api_key.empty() ? stand_in : api_key);
    }
  }
  const Reading reading = read_request(request);
  if (request.transport != Transport::kRest) {
    made.api_key = reading.api_key;
  }
  const std::optional<Timestamp> own = own_time(reading);
  made.is_time_told = at || pasted.answered_at || pasted.sent_at;
  made.now = at                   ? *at
             : pasted.answered_at ? within(*pasted.answered_at, own)
             : pasted.sent_at     ? *pasted.sent_at
                                  : own.value_or(Timestamp{});
  return made;
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
