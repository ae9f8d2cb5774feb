#include <gtest/gtest.h>

#include <cctype>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "authority/authority_fixture.h"
#include "authority/gatekeeper_fixture.h"
#include "authority/replay_memory.h"
#include "base/time.h"
#include "verify/reason.h"

namespace counterfoil {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// The vendor's signature covers neither method nor path.

TEST_F(GatekeeperTest, ACapturedGetCannotComeBackAsADelete) {
  const Sent captured = sign("orderId=7&");
  ASSERT_EQ(reason_of(captured, reading()), std::nullopt);

  EXPECT_EQ(reason_of(captured, cancelling()), Reason::kReplayed);
}

TEST_F(GatekeeperTest, ACapturedGetCannotComeBackAsAPost) {
  const Sent captured = sign("symbol=BTCUSDT&side=BUY&");
  ASSERT_EQ(reason_of(captured, reading()), std::nullopt);

  EXPECT_EQ(reason_of(captured, ordering()), Reason::kReplayed);
}

TEST_F(GatekeeperTest, ACapturedGetCannotComeBackAsASelfRevoke) {
  const Sent captured = sign("action=self-revoke&apiKey=" + key_.id() + "&");
  ASSERT_EQ(reason_of(captured, reading()), std::nullopt);

  EXPECT_EQ(reason_of(captured, self_revoking()), Reason::kReplayed);
}

TEST_F(GatekeeperTest, AReadingMayBeRepeatedAndAnOrderMayBeReadBack) {
  const Sent sent = sign("symbol=BTCUSDT&");

  EXPECT_EQ(reason_of(sent, ordering()), std::nullopt);
  EXPECT_EQ(reason_of(sent, reading()), std::nullopt);
  EXPECT_EQ(reason_of(sent, reading()), std::nullopt);
  EXPECT_EQ(reason_of(sent, ordering()), Reason::kReplayed);
}

TEST_F(GatekeeperTest, TheCaseOfTheHexDoesNotMakeARequestNew) {
  Sent sent = sign("symbol=BTCUSDT&");
  ASSERT_EQ(reason_of(sent, ordering()), std::nullopt);
  for (char& c : sent.signature) {
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }

  EXPECT_EQ(reason_of(sent, ordering()), Reason::kReplayed);
}

TEST_F(GatekeeperTest, TheSamePayloadOfAnotherKeyIsAnotherRequest) {
  const auto other = house_.new_key("TRADE", "203.0.113.0/24");
  const Sent sent = sign("symbol=BTCUSDT&");
  Sent others = sent;
  others.api_key = other.id();
  others.signature = hmac_hex(other.secret, others.payload);

  EXPECT_EQ(reason_of(sent, ordering()), std::nullopt);
  EXPECT_EQ(reason_of(others, ordering()), std::nullopt);
}

TEST_F(GatekeeperTest, AfterARestartNothingStampedBeforeItChangesAnything) {
  const Sent before = sign("symbol=BTCUSDT&");
  ASSERT_EQ(reason_of(before, ordering()), std::nullopt);
  house_.clock.advance(milliseconds(500));
  start();
  const Timestamp started = house_.clock.now();

  EXPECT_EQ(reason_of(before, ordering()), Reason::kStampedBeforeStart);
  EXPECT_EQ(reason_of(before, cancelling()), Reason::kStampedBeforeStart);
  EXPECT_EQ(reason_of(before, self_revoking()), Reason::kStampedBeforeStart);
  EXPECT_EQ(reason_of(before, reading()), std::nullopt);
  // A stamp may be ahead of the clock by up to a second, so that second is part of "before".
  EXPECT_EQ(reason_of(sign("a=1&", started + milliseconds(999)), ordering()),
            Reason::kStampedBeforeStart);
  house_.clock.advance(milliseconds(1));
  EXPECT_EQ(reason_of(sign("a=1&", started + milliseconds(1000)), ordering()), std::nullopt);
}

TEST_F(GatekeeperTest, ARequestAheadOfTheClockIsRememberedUntilItsOwnWindowEnds) {
  const Sent ahead = sign("a=1&", kNow + milliseconds(999));
  ASSERT_EQ(reason_of(ahead, reading()), std::nullopt);

  house_.clock.advance(milliseconds(5999));

  EXPECT_EQ(reason_of(ahead, cancelling()), Reason::kReplayed);
  house_.clock.advance(milliseconds(1));
  EXPECT_EQ(reason_of(ahead, cancelling()), Reason::kTimestampLate);
}

// The signed bytes are query and body with nothing in between, so a thief may divide them elsewhere
// and hide the window's name: then the default window holds.
TEST_F(GatekeeperTest, AWindowHiddenByDividingThePayloadElsewhereDoesNotOutliveTheMemory) {
  Sent captured = sign("recvWindow=1000&");
  captured.recv_window = "1000";
  ASSERT_EQ(reason_of(captured, reading()), std::nullopt);
  house_.clock.advance(milliseconds(3000));
  ASSERT_EQ(reason_of(captured, cancelling()), Reason::kTimestampLate);
  Sent divided = captured;
  divided.recv_window = std::nullopt;  // query "recvW", body "indow=1000&timestamp=..."

  EXPECT_EQ(reason_of(divided, cancelling()), Reason::kReplayed);
}

TEST_F(GatekeeperTest, AWindowCutShortByDividingThePayloadElsewhereDoesNotShortenTheMemory) {
  Sent captured = sign("recvWindow=60000&");
  captured.recv_window = "6000";  // query "recvWindow=6000", body "0&timestamp=..."
  ASSERT_EQ(reason_of(captured, reading()), std::nullopt);
  house_.clock.advance(seconds(30));
  Sent whole = captured;
  whole.recv_window = "60000";

  EXPECT_EQ(reason_of(whole, cancelling()), Reason::kReplayed);
}

TEST_F(GatekeeperTest, AFullMemoryRefusesRatherThanForgets) {
  for (int i = 0; i < 2000; ++i) {
    (void)replays_->admit(fingerprint(key_.key.id, std::to_string(i)), ReplayRule::kOnce,
                          {.at = kNow, .forget_at = kNow + seconds(5)}, kNow);
  }

  EXPECT_EQ(reason_of(sign("a=1&"), reading()), Reason::kReplayMemoryFull);
}

class PassedOrdersTest : public GatekeeperTest {
 protected:
  PassedOrdersTest() : GatekeeperTest(test_profile("format = \"binance\"\n", "pass")) {}
};

TEST_F(PassedOrdersTest, AnOperatorMayLetOrdersRepeatButNothingElse) {
  const Sent sent = sign("symbol=BTCUSDT&");

  EXPECT_EQ(reason_of(sent, ordering()), std::nullopt);
  EXPECT_EQ(reason_of(sent, ordering()), std::nullopt);
  EXPECT_EQ(reason_of(sent, cancelling()), std::nullopt);  // it goes with them
  EXPECT_EQ(reason_of(sent, self_revoking()), Reason::kReplayed);
}

}  // namespace
}  // namespace counterfoil
