#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {

// One-time codes by time (RFC 6238 with SHA-1, 6 digits, 30 s; controls S-60, S-61).

inline constexpr std::size_t kTotpSeedBytes = 20;  // "160 bits", RFC 4226 section 4
inline constexpr std::chrono::seconds kTotpStep{30};

// TotpFactor is one authenticator app of one person, without its seed, and how it was guessed at.
struct TotpFactor {
  std::string sealed_seed;
  Timestamp created{};
  std::uint64_t last_step = 0;  // of the newest code accepted; it and all before are used up
  std::uint32_t wrong = 0;      // codes in a row since the last right one or the last lock
  std::uint32_t locks = 0;      // in a row, since the last right code
  Timestamp locked_until{};
  bool operator==(const TotpFactor&) const = default;
};

// Five wrong codes lock the factor for 15 min, the next five for 30 min, and so on up to 24 h.
// Three codes are valid at a time, so who has the password guesses 35 times on the first day.
inline constexpr std::uint32_t kTotpWrongMax = 5;
inline constexpr std::chrono::minutes kTotpLockFirst{15};
inline constexpr std::chrono::hours kTotpLockMax{24};

enum class TotpOutcome : std::uint8_t {
  kRight,
  kWrong,   // not the code, not six ASCII digits, or a code that was used
  kLocked,  // not looked at
};
struct TotpJudged {
  TotpOutcome outcome = TotpOutcome::kWrong;
  TotpFactor factor;  // as it must be stored, in one transaction with what the code was for
};

// judge_totp looks at one code. `now` is the server's. One step of drift each way; a step is
// accepted once.
[[nodiscard]] TotpJudged judge_totp(TotpFactor factor, const SecretBytes& seed,
                                    std::string_view code, Timestamp now);

// totp_code gives the code of one step as six digits.
[[nodiscard]] std::string totp_code(const SecretBytes& seed, std::uint64_t step);
// totp_step counts steps since 1970 (0 before).
[[nodiscard]] std::uint64_t totp_step(Timestamp time);

// totp_uri is what an app reads out of the QR code. It holds the seed.
[[nodiscard]] std::string totp_uri(std::string_view issuer, std::string_view email,
                                   std::string_view seed_base32);

}  // namespace counterfoil
