#include "authority/live_feed.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/ip_address.h"
#include "base/manual_clock.h"
#include "base/time.h"
#include "journal/journal.h"
#include "journal/memory_journal.h"
#include "journal/recorder.h"

namespace counterfoil {
namespace {

using std::chrono::steady_clock;

class LiveFeedTest : public testing::Test {
 protected:
  static LiveFeed::Instant never() { return steady_clock::now() + std::chrono::hours(1); }
  static LiveFeed::Instant now() { return steady_clock::now(); }
  static RefusalRow refused(std::string account) {
    RefusalRow row;
    row.request_id = "r1";
    row.api_key = "key";
    row.account = std::move(account);
    row.reason_name = "timestamp_behind";
    return row;
  }

  ManualClock clock_{from_unix_ms(1'700'000'000'000)};
  LiveFeed feed_{clock_};
};

TEST_F(LiveFeedTest, HandsOnWhatTheJournalHasTaken) {
  const auto journal = make_memory_journal();
  Recorder recorder;
  recorder.tell_kept([this](auto uses, auto refusals) { feed_.publish(uses, refusals); });
  Recorder::Lane& lane = recorder.add_lane();
  const auto before = feed_.head();
  const std::string api_key(64, 'k');
  lane.count({.api_key = api_key,
              .pair = 1,
              .address = *IpAddress::parse("192.0.2.7"),
              .client = "client/1",
              .route = "GET /api/v3/account",
              .now = clock_.now(),
              .request_id = "a1"});
  lane.refuse(refused("acme"));
  ASSERT_TRUE(recorder.drain(*journal).has_value());
  const auto seen = feed_.after(before, now());
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_TRUE(seen[0].is_accepted);
  EXPECT_EQ(seen[0].api_key, api_key);
  EXPECT_EQ(seen[0].request_id, "a1");
  EXPECT_FALSE(seen[1].is_accepted);
  EXPECT_EQ(seen[1].reason, "timestamp_behind");
  EXPECT_LT(seen[0].id, seen[1].id);
  EXPECT_TRUE(feed_.after(seen[1].id, now()).empty());
}

TEST_F(LiveFeedTest, LeavesOutApiKeysThatAreNotOurs) {
  const std::vector<RefusalRow> rows{refused("")};
  feed_.publish({}, rows);
  EXPECT_TRUE(feed_.after(0, now()).empty());
}

TEST_F(LiveFeedTest, WakesWhoeverWaits) {
  const auto before = feed_.head();
  std::vector<LiveRequest> seen;
  std::thread waiting([&] { seen = feed_.after(before, never()); });
  const std::vector<RefusalRow> rows{refused("acme")};
  feed_.publish({}, rows);
  waiting.join();
  EXPECT_EQ(seen.size(), 1U);
}

TEST_F(LiveFeedTest, KeepsTheLatestOnly) {
  const std::vector<RefusalRow> rows(LiveFeed::kKept + 1, refused("acme"));
  const auto before = feed_.head();
  feed_.publish({}, rows);
  const auto seen = feed_.after(before, now());
  ASSERT_EQ(seen.size(), LiveFeed::kKept);
  EXPECT_EQ(seen.front().id, before + 2);
}

TEST_F(LiveFeedTest, BeginsAboveTheIdsOfAProcessBefore) {
  const std::vector<RefusalRow> rows(1'000, refused("acme"));
  feed_.publish({}, rows);
  clock_.advance(std::chrono::seconds(1));
  EXPECT_GT(LiveFeed(clock_).head(), feed_.head());
}

}  // namespace
}  // namespace counterfoil
