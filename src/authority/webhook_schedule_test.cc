#include "authority/webhook_schedule.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace counterfoil {
namespace {

using namespace std::chrono_literals;

TEST(WebhookSchedule, IsTheOneOfStandardWebhooks) {
  EXPECT_EQ(webhook_pause(0, 0), 0ms);
  EXPECT_EQ(webhook_pause(1, 0), 5s);
  EXPECT_EQ(webhook_pause(2, 0), 5min);
  EXPECT_EQ(webhook_pause(5, 0), 5h);
  EXPECT_EQ(webhook_pause(9, 0), 24h);
  EXPECT_EQ(webhook_pause(kWebhookAttemptsMax, 0), std::nullopt);
  EXPECT_EQ(webhook_pause(UINT32_MAX, 0), std::nullopt);
}

TEST(WebhookSchedule, WaitsUpToATenthLonger) {
  EXPECT_GT(webhook_pause(1, 128), 5s);
  EXPECT_EQ(webhook_pause(1, 255), 5500ms);
  EXPECT_EQ(webhook_pause(9, 255), 24h + 144min);
}

TEST(WebhookSchedule, LeavesAReceiverAloneForFiveMinutesAtMost) {
  EXPECT_EQ(webhook_hold(0), 0ms);
  EXPECT_EQ(webhook_hold(1), 5s);
  EXPECT_EQ(webhook_hold(2), 10s);
  EXPECT_EQ(webhook_hold(6), 160s);
  EXPECT_EQ(webhook_hold(7), 5min);
  EXPECT_EQ(webhook_hold(UINT32_MAX), 5min);
}

struct RetryCase {
  std::string_view header;
  std::chrono::seconds wait;
};

TEST(WebhookSchedule, ReadsSecondsOutOfRetryAfterAndNothingElse) {
  for (const RetryCase& one :
       {RetryCase{"0", 0s}, RetryCase{"7", 7s}, RetryCase{"86400", 24h}, RetryCase{"86401", 24h},
        RetryCase{"99999999999999999999", 24h}, RetryCase{"", 0s}, RetryCase{"-1", 0s},
        RetryCase{"7 ", 0s}, RetryCase{"1.5", 0s},
        RetryCase{"Wed, 21 Oct 2026 07:28:00 GMT", 0s}}) {
    EXPECT_EQ(retry_after_in(one.header), one.wait) << one.header;
  }
}

}  // namespace
}  // namespace counterfoil
