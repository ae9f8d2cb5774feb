#include "authority/activity.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/ip_address.h"
#include "base/time.h"
#include "journal/journal.h"
#include "journal/memory_journal.h"

namespace counterfoil {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Timestamp kNoon = from_unix_ms(1'700'049'600'000);

RefusalRow refusal(const std::string& id, Timestamp time) {
  return {.request_id = id,
          .time = time,
          .api_key = "key",
          .account = "ac-1",
          .reason = 7,
          .reason_name = "bad_signature",
          .method = "POST",
          .route = "POST /api/v3/order",
          .path = "/api/v3/order",
          .address = IpAddress::v4({192, 0, 2, 1}),
          .client = "bot/1.0",
          .clock_offset_us = -5,
          .sealed_request = {1, 2, 3},
          .signature_half = "secret enough",
          .count = 4};
}

class ActivityTest : public testing::Test {
 protected:
  std::unique_ptr<Journal> journal_ = make_memory_journal();
  Activity activity_{*journal_};
};

TEST_F(ActivityTest, ShowsTheUseOfAnApiKey) {
  const UsageRow row{.api_key = "key",
                     .pair = 2,
                     .address = IpAddress::v4({192, 0, 2, 1}),
                     .client = "bot/1.0",
                     .route = "GET /api/v3/account",
                     .first = kNoon,
                     .last = kNoon + minutes(1),
                     .count = 3,
                     .last_request_id = "r-1"};
  ASSERT_TRUE(journal_->record_usage(std::array{row}));

  const KeyActivity shown = activity_.of_key("key").value();

  ASSERT_EQ(shown.pairs.size(), 1U);
  EXPECT_EQ(shown.pairs[0].pair, 2U);
  EXPECT_EQ(shown.pairs[0].first, kNoon);
  EXPECT_EQ(shown.pairs[0].last, kNoon + minutes(1));
  EXPECT_EQ(shown.pairs[0].count, 3U);
  EXPECT_EQ(shown.pairs[0].last_request_id, "r-1");
  ASSERT_EQ(shown.clients.size(), 1U);
  EXPECT_EQ(shown.clients[0].pair, 2U);
  EXPECT_EQ(shown.clients[0].address, row.address);
  EXPECT_EQ(shown.clients[0].client, "bot/1.0");
  EXPECT_EQ(shown.clients[0].count, 3U);
  EXPECT_EQ(shown.clients[0].route, row.route);
  ASSERT_EQ(shown.routes.size(), 1U);
  EXPECT_EQ(shown.routes[0].route, row.route);
  EXPECT_EQ(shown.routes[0].count, 3U);
  EXPECT_TRUE(activity_.of_key("another").value().pairs.empty());

  const auto by_minute = activity_.usage("key", kNoon, UsageStep::kMinute).value();
  const auto by_hour = activity_.usage("key", kNoon, UsageStep::kHour).value();
  ASSERT_EQ(by_minute.size(), 1U);
  EXPECT_EQ(by_minute[0].start, kNoon + minutes(1));
  EXPECT_EQ(by_minute[0].accepted, 3U);
  ASSERT_EQ(by_hour.size(), 1U);
  EXPECT_EQ(by_hour[0].start, kNoon);
}

TEST_F(ActivityTest, ShowsRefusalsWithoutWhatWasKeptForTheOwner) {
  RefusalRow bare = refusal("r-2", kNoon + seconds(1));
  bare.sealed_request.clear();
  ASSERT_TRUE(journal_->record_refusals(std::array{refusal("r-1", kNoon), bare}));

  const auto listed = activity_.refusals({.api_key = "key", .account = "ac-1"}).value();
  const auto shown = activity_.refusal("r-1").value();

  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].request_id, "r-2");
  EXPECT_FALSE(listed[0].has_payload);
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->request_id, "r-1");
  EXPECT_EQ(shown->time, kNoon);
  EXPECT_EQ(shown->api_key, "key");
  EXPECT_EQ(shown->account, "ac-1");
  EXPECT_EQ(shown->reason, 7U);
  EXPECT_EQ(shown->reason_name, "bad_signature");
  EXPECT_EQ(shown->method, "POST");
  EXPECT_EQ(shown->route, "POST /api/v3/order");
  EXPECT_EQ(shown->path, "/api/v3/order");
  EXPECT_EQ(shown->address, IpAddress::v4({192, 0, 2, 1}));
  EXPECT_EQ(shown->client, "bot/1.0");
  EXPECT_EQ(shown->clock_offset_us, -5);
  EXPECT_EQ(shown->count, 4U);
  EXPECT_TRUE(shown->has_payload);
  EXPECT_FALSE(activity_.refusal("r-3").value());
}

TEST_F(ActivityTest, FiltersAndBoundsRefusals) {
  std::vector<RefusalRow> rows;
  for (std::size_t i = 0; i <= Activity::kListMax; ++i) {
    rows.push_back(refusal("r-" + std::to_string(i), kNoon + seconds(i)));
  }
  rows.front().reason = 9;
  ASSERT_TRUE(journal_->record_refusals(rows));

  EXPECT_EQ(activity_.refusals({.limit = SIZE_MAX}).value().size(), Activity::kListMax);
  EXPECT_EQ(activity_.refusals({}).value().size(), 100U);
  EXPECT_EQ(activity_.refusals({.reason = 9}).value().size(), 1U);
  EXPECT_EQ(activity_.refusals({.since = kNoon + seconds(Activity::kListMax)}).value().size(), 1U);
  EXPECT_TRUE(activity_.refusals({.api_key = "another"}).value().empty());
  EXPECT_TRUE(activity_.refusals({.account = "another"}).value().empty());
}

}  // namespace
}  // namespace counterfoil
