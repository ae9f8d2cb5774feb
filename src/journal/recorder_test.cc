#include "journal/recorder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/ip_address.h"
#include "base/time.h"
#include "journal/journal.h"
#include "journal/memory_journal.h"
#include "journal/test_allocations.h"

namespace counterfoil {
namespace {

using std::chrono::seconds;

constexpr Timestamp kNoon = from_unix_ms(1'700'049'600'000);
const std::string kKey(64, 'K');
const std::string kOther(64, 'O');

AcceptedUse use(Timestamp now = kNoon) {
  return {.api_key = kKey,
          .pair = 1,
          .address = IpAddress::v4({192, 0, 2, 1}),
          .client = "bot/1.0 (a name too long for the short string)",
          .route = "POST /api/v3/order",
          .now = now,
          .request_id = "00112233445566770000000000000001"};
}

RefusalRow refusal(std::string id) {
  return {.request_id = std::move(id),
          .time = kNoon,
          .api_key = kKey,
          .account = "ac-1",
          .reason = 7,
          .route = "POST /api/v3/order",
          .address = IpAddress::v4({192, 0, 2, 1}),
          .sealed_request = {1, 2, 3}};
}

RefusalRow stranger(std::string id) {
  RefusalRow row = refusal(std::move(id));
  row.account.clear();
  return row;
}

// BusyJournal takes nothing until it is told to, and counts the rows of each call.
class BusyJournal final : public Journal {
 public:
  bool is_busy = false;
  std::size_t largest_call = 0;

  std::expected<void, JournalError> record_usage(std::span<const UsageRow> rows) override {
    largest_call = std::max(largest_call, rows.size());
    return is_busy ? std::unexpected(JournalError::kUnavailable) : inner_->record_usage(rows);
  }
  std::expected<void, JournalError> record_refusals(std::span<const RefusalRow> rows) override {
    largest_call = std::max(largest_call, rows.size());
    return is_busy ? std::unexpected(JournalError::kUnavailable) : inner_->record_refusals(rows);
  }
  std::expected<LastUses, JournalError> last_uses(std::string_view api_key) const override {
    return inner_->last_uses(api_key);
  }
  std::expected<std::vector<RefusalRow>, JournalError> refusals(
      const RefusalFilter& filter) const override {
    return inner_->refusals(filter);
  }
  std::expected<std::optional<RefusalRow>, JournalError> refusal(
      std::string_view request_id) const override {
    return inner_->refusal(request_id);
  }

  // A recorder asks for none of these.
  std::expected<std::vector<AcceptedRow>, JournalError> accepted(
      std::string_view /*api_key*/, const std::optional<JournalPlace>& /*before*/,
      std::size_t /*limit*/) const override {
    return refused();
  }
  std::expected<void, JournalError> append_audit(std::span<const AuditRow> /*rows*/) override {
    return refused();
  }
  std::expected<std::vector<AuditRow>, JournalError> audit(std::uint64_t /*after_seq*/,
                                                           std::size_t /*limit*/) const override {
    return refused();
  }
  std::expected<std::optional<AuditRow>, JournalError> audit_head() const override {
    return refused();
  }
  std::expected<std::uint64_t, JournalError> add_checkpoint(std::string_view /*bytes*/) override {
    return refused();
  }
  std::expected<std::vector<CheckpointRow>, JournalError> checkpoints(
      std::uint64_t /*after_position*/, std::size_t /*limit*/) const override {
    return refused();
  }
  std::expected<std::optional<CheckpointRow>, JournalError> checkpoint_head() const override {
    return refused();
  }
  std::expected<void, JournalError> keep_receipts(std::span<const ReceiptRow> /*rows*/) override {
    return refused();
  }
  std::expected<std::optional<ReceiptRow>, JournalError> receipt(
      std::string_view /*id*/) const override {
    return refused();
  }
  std::expected<std::vector<ReceiptRow>, JournalError> receipts(
      std::string_view /*object*/, std::size_t /*limit*/) const override {
    return refused();
  }
  std::expected<std::vector<std::string>, JournalError> users_of(
      const Cidr& /*network*/, Timestamp /*since*/, std::string_view /*after*/,
      std::size_t /*limit*/) const override {
    return refused();
  }
  std::expected<std::vector<UsageCount>, JournalError> usage(
      std::string_view /*api_key*/, Timestamp /*since*/, UsageBucket /*bucket*/) const override {
    return refused();
  }
  std::expected<void, JournalError> record_autopsies(
      std::span<const AutopsyRow> /*rows*/) override {
    return refused();
  }
  std::expected<std::optional<AutopsyRow>, JournalError> autopsy(
      std::string_view /*request_id*/) const override {
    return refused();
  }
  std::expected<std::vector<CauseSum>, JournalError> cause_sums(
      std::string_view /*api_key*/) const override {
    return refused();
  }
  std::expected<std::optional<std::string>, JournalError> renew_sealed(
      Sealed /*which*/, std::string_view /*after*/, std::size_t /*limit*/,
      const SealedRenewal& /*renew*/) override {
    return refused();
  }
  std::expected<void, JournalError> prune(Timestamp /*now*/) override { return refused(); }

 private:
  static std::unexpected<JournalError> refused() {
    ADD_FAILURE() << "a recorder asked for what is not its business";
    return std::unexpected(JournalError::kUnavailable);
  }
  std::unique_ptr<Journal> inner_ = make_memory_journal();
};

class RecorderTest : public testing::Test {
 protected:
  [[nodiscard]] std::uint64_t counted(const std::string& api_key = kKey) const {
    const LastUses uses = journal_.last_uses(api_key).value();
    return uses.pairs.empty() ? 0 : uses.pairs.front().count;
  }
  [[nodiscard]] std::size_t refused() const {
    return journal_.refusals({.limit = kJournalListMax}).value().size();
  }

  BusyJournal journal_;
};

TEST_F(RecorderTest, TellsTheDelayOfTheLatestUse) {
  Recorder recorder;
  Recorder::Lane& lane = recorder.add_lane();
  std::vector<UsageRow> told;
  recorder.tell_kept([&](std::span<const UsageRow> uses, std::span<const RefusalRow>) {
    told.insert(told.end(), uses.begin(), uses.end());
  });
  for (const std::chrono::milliseconds delay :
       {std::chrono::milliseconds(30), std::chrono::milliseconds(-400)}) {
    AcceptedUse made = use();
    made.delay = delay;
    lane.count(made);
  }

  ASSERT_TRUE(recorder.drain(journal_));

  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].last_delay, std::chrono::milliseconds(-400));
}

TEST_F(RecorderTest, SumsUpUsesThatAreAlike) {
  Recorder recorder;
  Recorder::Lane& lane = recorder.add_lane();
  lane.count(use(kNoon + seconds(1)));
  AcceptedUse last = use(kNoon + seconds(2));
  last.request_id = "the last one";
  lane.count(last);
  lane.count(use(kNoon));

  ASSERT_TRUE(recorder.drain(journal_));

  const LastUses uses = journal_.last_uses(kKey).value();
  ASSERT_EQ(uses.pairs.size(), 1U);
  EXPECT_EQ(uses.pairs[0].count, 3U);
  EXPECT_EQ(uses.pairs[0].first, kNoon);
  EXPECT_EQ(uses.pairs[0].last, kNoon + seconds(2));
  ASSERT_EQ(uses.clients.size(), 1U);
  EXPECT_EQ(uses.clients[0].client, use().client);
  EXPECT_EQ(uses.clients[0].address, use().address);
  ASSERT_EQ(uses.routes.size(), 1U);
  EXPECT_EQ(uses.routes[0].route, use().route);
}

TEST_F(RecorderTest, NamesTheRequestOfTheLastUse) {
  Recorder recorder;
  Recorder::Lane& lane = recorder.add_lane();
  lane.count(use(kNoon));
  AcceptedUse last = use(kNoon + seconds(2));
  last.request_id = "the last one";
  lane.count(last);

  ASSERT_TRUE(recorder.drain(journal_));

  EXPECT_EQ(journal_.last_uses(kKey).value().pairs[0].last_request_id, "the last one");
}

TEST_F(RecorderTest, TellsUsesApartByEachOfTheirFields) {
  Recorder recorder;
  Recorder::Lane& lane = recorder.add_lane();
  AcceptedUse other_key = use();
  other_key.api_key = kOther;
  AcceptedUse other_pair = use();
  other_pair.pair = 2;
  AcceptedUse other_address = use();
  other_address.address = IpAddress::v4({192, 0, 2, 2});
  AcceptedUse other_client = use();
  other_client.client = "bot/2.0";
  AcceptedUse other_route = use();
  other_route.route = "GET /api/v3/order";
  for (const AcceptedUse& one :
       {use(), other_key, other_pair, other_address, other_client, other_route}) {
    lane.count(one);
    lane.count(one);
  }

  ASSERT_TRUE(recorder.drain(journal_));

  const LastUses uses = journal_.last_uses(kKey).value();
  EXPECT_EQ(uses.pairs.size(), 2U);
  EXPECT_EQ(uses.clients.size(), 4U);
  EXPECT_EQ(uses.routes.size(), 2U);
  EXPECT_EQ(uses.routes[0].count + uses.routes[1].count, 10U);
  EXPECT_EQ(counted(kOther), 2U);
}

TEST_F(RecorderTest, AllocatesNothingForARepeatedUse) {
  Recorder recorder;
  Recorder::Lane& lane = recorder.add_lane();
  lane.count(use());
  const std::size_t before = allocations_of_this_thread();

  for (int i = 0; i < 100; ++i) {
    lane.count(use(kNoon + seconds(i)));
  }

  EXPECT_EQ(allocations_of_this_thread(), before);
}

TEST_F(RecorderTest, DropsUsesPastItsLimitAndCountsThem) {
  Recorder recorder({.usage_rows_max = 4});
  Recorder::Lane& lane = recorder.add_lane();
  std::vector<std::string> routes;
  for (int i = 0; i < 6; ++i) {
    routes.push_back("GET /" + std::to_string(i));
  }
  for (const std::string& route : routes) {
    AcceptedUse one = use();
    one.route = route;
    lane.count(one);
  }
  AcceptedUse known = use();
  known.route = routes[0];
  lane.count(known);

  ASSERT_TRUE(recorder.drain(journal_));

  EXPECT_EQ(counted(), 5U);
  EXPECT_EQ(recorder.counters().uses_dropped, 2U);
  lane.count(use());  // There is room again.
  ASSERT_TRUE(recorder.drain(journal_));
  EXPECT_EQ(counted(), 6U);
}

TEST_F(RecorderTest, KeepsRefusalsOneByOneAndThenTheirCount) {
  Recorder recorder({.refusals_max = 4});
  Recorder::Lane& lane = recorder.add_lane();
  for (int i = 0; i < 7; ++i) {
    lane.refuse(refusal("r-" + std::to_string(i)));
  }
  RefusalRow unlike = refusal("unlike");
  unlike.reason = 9;
  lane.refuse(std::move(unlike));

  ASSERT_TRUE(recorder.drain(journal_));

  EXPECT_EQ(refused(), 4U);
  EXPECT_EQ(journal_.refusal("r-0").value().value().count, 4U);
  EXPECT_EQ(journal_.refusal("r-3").value().value().count, 1U);
  EXPECT_EQ(recorder.counters().refusals_dropped, 4U);
}

TEST_F(RecorderTest, LeavesStrangersAQuarterOfTheRoom) {
  Recorder recorder({.refusals_max = 8});
  Recorder::Lane& lane = recorder.add_lane();
  for (int i = 0; i < 20; ++i) {
    lane.refuse(stranger("stranger-" + std::to_string(i)));
  }
  for (int i = 0; i < 6; ++i) {
    lane.refuse(refusal("ours-" + std::to_string(i)));
  }

  ASSERT_TRUE(recorder.drain(journal_));

  EXPECT_EQ(journal_.refusals({.account = "ac-1"}).value().size(), 6U);
  EXPECT_EQ(refused(), 8U);
  EXPECT_EQ(journal_.refusal("stranger-0").value().value().count, 19U);
}

TEST_F(RecorderTest, BoundsTheBytesOfSealedRequests) {
  Recorder recorder({.refusal_bytes_max = 1'000});
  Recorder::Lane& lane = recorder.add_lane();
  for (const char* const id : {"a", "b", "c"}) {
    RefusalRow row = refusal(id);
    row.sealed_request.assign(500, 1);
    lane.refuse(std::move(row));
  }

  ASSERT_TRUE(recorder.drain(journal_));

  EXPECT_EQ(journal_.refusal("b").value().value().sealed_request.size(), 500U);
  EXPECT_TRUE(journal_.refusal("c").value().value().sealed_request.empty());
}

TEST_F(RecorderTest, KeepsWhatTheJournalDidNotTake) {
  Recorder recorder;
  Recorder::Lane& lane = recorder.add_lane();
  lane.count(use());
  lane.refuse(refusal("r-1"));
  journal_.is_busy = true;

  EXPECT_EQ(recorder.drain(journal_).error(), JournalError::kUnavailable);
  lane.count(use());
  lane.refuse(refusal("r-2"));
  EXPECT_EQ(recorder.drain(journal_).error(), JournalError::kUnavailable);
  EXPECT_EQ(recorder.counters().drains_failed, 2U);

  journal_.is_busy = false;
  ASSERT_TRUE(recorder.drain(journal_));
  EXPECT_EQ(counted(), 2U);
  EXPECT_EQ(refused(), 2U);
  ASSERT_TRUE(recorder.drain(journal_));
  EXPECT_EQ(counted(), 2U);
}

// However long the journal is away: a batch that waits, and what the lanes hold.
TEST_F(RecorderTest, DoesNotGrowWhileTheJournalIsAway) {
  Recorder recorder({.usage_rows_max = 10, .refusals_max = 10});
  Recorder::Lane& lane = recorder.add_lane();
  journal_.is_busy = true;
  for (int i = 0; i < 200; ++i) {
    AcceptedUse one = use();
    const std::string route = "GET /" + std::to_string(i);
    one.route = route;
    lane.count(one);
    lane.refuse(refusal("r-" + std::to_string(i)));
    ASSERT_FALSE(recorder.drain(journal_));
  }

  journal_.is_busy = false;
  ASSERT_TRUE(recorder.drain(journal_));

  EXPECT_EQ(counted(), 1U + 10U);
  EXPECT_EQ(refused(), 1U + 10U);
  EXPECT_EQ(recorder.counters().uses_dropped, 189U);
}

TEST_F(RecorderTest, HandsOverInPartsThatDoNotHoldTheJournalLong) {
  Recorder recorder;
  Recorder::Lane& lane = recorder.add_lane();
  for (int i = 0; i < 5'000; ++i) {
    AcceptedUse one = use();
    const std::string key = "key-" + std::to_string(i);
    one.api_key = key;
    lane.count(one);
  }

  ASSERT_TRUE(recorder.drain(journal_));

  EXPECT_LE(journal_.largest_call, 2'000U);
  EXPECT_EQ(counted("key-4999"), 1U);
}

TEST_F(RecorderTest, WantsADrainWhenALaneIsMoreThanHalfFull) {
  Recorder recorder({.usage_rows_max = 4, .refusals_max = 4});
  (void)recorder.add_lane();
  Recorder::Lane& lane = recorder.add_lane();
  const auto count_route = [&](const std::string& route) {
    AcceptedUse one = use();
    one.route = route;
    lane.count(one);
  };
  count_route("a");
  count_route("b");
  EXPECT_FALSE(recorder.wants_drain());
  count_route("c");
  EXPECT_TRUE(recorder.wants_drain());
  ASSERT_TRUE(recorder.drain(journal_));
  EXPECT_FALSE(recorder.wants_drain());
  for (const char* const id : {"r-1", "r-2", "r-3"}) {
    EXPECT_FALSE(recorder.wants_drain());
    lane.refuse(refusal(id));
  }
  EXPECT_TRUE(recorder.wants_drain());
}

TEST_F(RecorderTest, CutsTheClientBeforeItSumsUp) {
  Recorder recorder;
  Recorder::Lane& lane = recorder.add_lane();
  const std::string first = std::string(kClientBytesMax, 'x') + "1";
  const std::string second = std::string(kClientBytesMax, 'x') + "2";
  for (const std::string& client : {first, second}) {
    AcceptedUse one = use();
    one.client = client;
    lane.count(one);
  }

  ASSERT_TRUE(recorder.drain(journal_));

  ASSERT_EQ(journal_.last_uses(kKey).value().clients.size(), 1U);
  EXPECT_EQ(journal_.last_uses(kKey).value().clients[0].count, 2U);
}

TEST_F(RecorderTest, LosesNothingWhileLanesAndDrainsRunAtOnce) {
  constexpr int kLanes = 3;
  constexpr int kUses = 5'000;
  Recorder recorder;
  std::atomic<int> running = kLanes;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kLanes; ++i) {
      threads.emplace_back([&, i, &lane = recorder.add_lane()] {
        for (int n = 0; n < kUses; ++n) {
          lane.count(use(kNoon + seconds(n)));
          if (n % 50 == 0) {
            lane.refuse(refusal(std::to_string(i) + "-" + std::to_string(n)));
          }
        }
        --running;
      });
    }
    while (running > 0) {
      ASSERT_TRUE(recorder.drain(journal_));
      std::this_thread::yield();
    }
  }
  ASSERT_TRUE(recorder.drain(journal_));

  EXPECT_EQ(counted(), static_cast<std::uint64_t>(kLanes) * kUses);
  EXPECT_EQ(refused(), static_cast<std::size_t>(kLanes) * kUses / 50);
  EXPECT_EQ(recorder.counters().uses_dropped, 0U);
}

}  // namespace
}  // namespace counterfoil
