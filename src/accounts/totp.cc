#include "accounts/totp.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/percent.h"
#include "base/time.h"
#include "crypto/constant_time.h"
#include "crypto/hmac_sha1.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {
namespace {

constexpr std::size_t kDigits = 6;
constexpr std::uint32_t kCodes = 1'000'000;

// RFC 4226 section 5.3: "dynamic truncation".
std::uint32_t truncated(const HmacSha1::Tag& tag) {
  const std::size_t at = tag.back() & 0x0fU;
  std::uint32_t number = tag[at] & 0x7fU;
  for (std::size_t i = 1; i < 4; ++i) {
    number = (number << 8U) | tag[at + i];
  }
  return number % kCodes;
}

bool is_code(std::string_view code) {
  return code.size() == kDigits &&
         std::ranges::all_of(code, [](char c) { return c >= '0' && c <= '9'; });
}

// The step whose code it is, of the three that are valid. All three are always looked at.
std::optional<std::uint64_t> step_of(const SecretBytes& seed, std::string_view code,
                                     std::uint64_t present) {
  std::optional<std::uint64_t> found;
  for (const std::uint64_t step : {present + 1, present, present - std::min(present, 1UL)}) {
    if (constant_time_equal(as_bytes(totp_code(seed, step)), as_bytes(code))) {
      found = step;
    }
  }
  return found;
}

std::chrono::seconds lock_of(std::uint32_t locks_before) {
  constexpr std::uint32_t kDoublingsMax = 7;  // 15 min << 7 is beyond 24 h
  const std::chrono::seconds lock =
      kTotpLockFirst * (std::int64_t{1} << std::min(locks_before, kDoublingsMax));
  return std::min<std::chrono::seconds>(lock, kTotpLockMax);
}

}  // namespace

std::uint64_t totp_step(Timestamp time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch();
  return seconds.count() < 0 ? 0 : static_cast<std::uint64_t>(seconds / kTotpStep);
}

std::string totp_code(const SecretBytes& seed, std::uint64_t step) {
  std::array<std::uint8_t, 8> message{};
  for (std::size_t i = message.size(); i > 0; --i) {
    message[i - 1] = static_cast<std::uint8_t>(step & 0xffU);
    step >>= 8U;
  }
  const std::string number = std::to_string(truncated(HmacSha1::mac(seed, message)));
  return std::string(kDigits - number.size(), '0') + number;
}

TotpJudged judge_totp(TotpFactor factor, const SecretBytes& seed, std::string_view code,
                      Timestamp now) {
  if (now < factor.locked_until) {
    return {.outcome = TotpOutcome::kLocked, .factor = std::move(factor)};
  }
  const auto step = is_code(code) ? step_of(seed, code, totp_step(now)) : std::nullopt;
  if (step && *step > factor.last_step) {
    factor.last_step = *step;
    factor.wrong = 0;
    factor.locks = 0;
    factor.locked_until = {};
    return {.outcome = TotpOutcome::kRight, .factor = std::move(factor)};
  }
  ++factor.wrong;
  if (factor.wrong >= kTotpWrongMax) {
    factor.locked_until = now + lock_of(factor.locks);
    ++factor.locks;
    factor.wrong = 0;
  }
  return {.outcome = TotpOutcome::kWrong, .factor = std::move(factor)};
}

std::string totp_uri(std::string_view issuer, std::string_view email,
                     std::string_view seed_base32) {
  std::string uri = "otpauth://totp/";
  uri += percent_encode(issuer) + ":" + percent_encode(email);
  uri += "?secret=" + std::string(seed_base32) + "&issuer=" + percent_encode(issuer);
  return uri + "&algorithm=SHA1&digits=6&period=30";
}

}  // namespace counterfoil
