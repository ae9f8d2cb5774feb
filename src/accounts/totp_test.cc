#include "accounts/totp.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNow = from_unix_ms(1'700'000'010'000);  // ten seconds into a step

SecretBytes seed() { return SecretBytes::copy_of(as_bytes("12345678901234567890")).value(); }
std::string code_at(Timestamp time) { return totp_code(seed(), totp_step(time)); }
TotpJudged judge(const TotpFactor& factor, std::string_view code, Timestamp now = kNow) {
  return judge_totp(factor, seed(), code, now);
}

// RFC 6238 appendix B, the rows of SHA-1, cut to six digits.
TEST(Totp, GivesTheCodesOfTheRfc) {
  struct Row {
    std::int64_t seconds;
    std::string_view code;
  };
  for (const Row& row : {Row{59, "287082"}, Row{1'111'111'109, "081804"},
                         Row{1'111'111'111, "050471"}, Row{1'234'567'890, "005924"},
                         Row{2'000'000'000, "279037"}, Row{20'000'000'000, "353130"}}) {
    EXPECT_EQ(code_at(from_unix_ms(row.seconds * 1000)), row.code);
  }
}

TEST(Totp, AllowsOneStepOfDrift) {
  for (const auto drift : {-30s, 0s, 30s}) {
    EXPECT_EQ(judge({}, code_at(kNow + drift)).outcome, TotpOutcome::kRight) << drift.count();
  }
  for (const auto drift : {-60s, 60s}) {
    EXPECT_EQ(judge({}, code_at(kNow + drift)).outcome, TotpOutcome::kWrong) << drift.count();
  }
}

// Control S-61: also the codes before one that was accepted are used up.
TEST(Totp, AcceptsACodeOnce) {
  const TotpJudged first = judge({}, code_at(kNow));

  ASSERT_EQ(first.outcome, TotpOutcome::kRight);
  EXPECT_EQ(judge(first.factor, code_at(kNow)).outcome, TotpOutcome::kWrong);
  EXPECT_EQ(judge(first.factor, code_at(kNow - 30s)).outcome, TotpOutcome::kWrong);
  EXPECT_EQ(judge(first.factor, code_at(kNow + 30s)).outcome, TotpOutcome::kRight);
}

// Control S-60.
TEST(Totp, TakesSixAsciiDigitsAndNothingElse) {
  const std::string right = code_at(kNow);
  std::string wide;
  for (const char digit : right) {
    wide += std::string("\xef\xbc") + static_cast<char>(0x90 + (digit - '0'));
  }
  for (const std::string& bad : {right + " ", " " + right, right.substr(0, 5), right + "0",
                                 right.substr(0, 3) + " " + right.substr(3), "+" + right.substr(1),
                                 wide, std::string(), right + std::string(1, '\0')}) {
    const TotpJudged judged = judge({}, bad);
    EXPECT_EQ(judged.outcome, TotpOutcome::kWrong) << bad;
    EXPECT_EQ(judged.factor.wrong, 1U) << "it counts as a guess";
  }
}

TotpFactor guessed_wrong(TotpFactor factor, int times, Timestamp now) {
  for (int i = 0; i < times; ++i) {
    factor = judge(factor, "x", now).factor;
  }
  return factor;
}

TEST(Totp, LocksAfterFiveWrongCodes) {
  const TotpFactor four = guessed_wrong({}, 4, kNow);
  EXPECT_EQ(judge(four, code_at(kNow)).outcome, TotpOutcome::kRight);

  const TotpFactor five = guessed_wrong({}, 5, kNow);
  EXPECT_EQ(judge(five, code_at(kNow)).outcome, TotpOutcome::kLocked) << "even the right code";
  const Timestamp last = kNow + 15min - 1us;
  EXPECT_EQ(judge(five, code_at(last), last).outcome, TotpOutcome::kLocked);
  const Timestamp after = kNow + 15min;
  EXPECT_EQ(judge(five, code_at(after), after).outcome, TotpOutcome::kRight);
}

TEST(Totp, DoesNotCountTriesWhileItIsLocked) {
  const TotpFactor five = guessed_wrong({}, 5, kNow);

  EXPECT_EQ(guessed_wrong(five, 100, kNow), five);
}

// "35 tries on the first day and 5 a day later".
TEST(Totp, LocksLongerEachTime) {
  TotpFactor factor;
  std::array<int, 3> tries_of_day{};
  for (Timestamp now = kNow; now < kNow + 72h; now += 1min) {
    while (now >= factor.locked_until) {
      factor = judge(factor, "x", now).factor;
      ++tries_of_day.at(static_cast<std::size_t>((now - kNow) / 24h));
    }
  }

  EXPECT_EQ(tries_of_day, (std::array{35, 5, 5}));
}

TEST(Totp, ForgetsTheLadderAfterARightCode) {
  TotpFactor factor = guessed_wrong({}, 5, kNow);
  const Timestamp later = kNow + 16min;
  factor = judge(factor, code_at(later), later).factor;

  factor = guessed_wrong(factor, 5, later);

  EXPECT_EQ(factor.locked_until, later + 15min);
}

TEST(Totp, IsReadByAppsFromItsUri) {
  EXPECT_EQ(totp_uri("Counterfoil", "ann@example.com", "GEZDGNBV"),
            "otpauth://totp/Counterfoil:ann%40example.com?secret=GEZDGNBV&issuer=Counterfoil"
            "&algorithm=SHA1&digits=6&period=30");
}

}  // namespace
}  // namespace counterfoil
