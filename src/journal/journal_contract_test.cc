// What every engine of the journal must do. memory_journal_test.cc and
// sqlite/sqlite_journal_test.cc say with which engine.

#include "journal/journal_contract.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
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

namespace counterfoil {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Timestamp kNoon = from_unix_ms(1'700'049'600'000);  // a whole hour
const std::string kKey(64, 'K');
const std::string kOther(64, 'O');

IpAddress address(std::string_view text) { return IpAddress::parse(text).value(); }

std::vector<AuditRow> audit_rows(std::uint64_t first, std::uint64_t last) {
  std::vector<AuditRow> rows;
  for (std::uint64_t seq = first; seq <= last; ++seq) {
    rows.push_back({.seq = seq, .bytes = "record " + std::to_string(seq)});
  }
  return rows;
}

UsageRow use(Timestamp at, std::uint64_t count = 1) {
  return {.api_key = kKey,
          .pair = 1,
          .address = address("192.0.2.1"),
          .client = "bot/1.0",
          .route = "POST /api/v3/order",
          .first = at,
          .last = at,
          .count = count,
          .last_request_id = "r-" + std::to_string(to_unix_ms(at))};
}

RefusalRow refusal(std::string id, Timestamp at) {
  return {.request_id = std::move(id),
          .time = at,
          .api_key = kKey,
          .account = "ac-1",
          .reason = 7,
          .reason_name = "bad_signature",
          .method = "POST",
          .route = "POST /api/v3/order",
          .path = "/api/v3/order",
          .address = address("2001:db8::1"),
          .client = "bot/1.0",
          .clock_offset_us = -1'500'000,
          .sealed_request = {0, 1, 0xff},
          .signature_half = "00ff",
          .count = 3};
}

std::vector<std::string> ids_of(const std::vector<RefusalRow>& rows) {
  std::vector<std::string> ids;
  for (const RefusalRow& row : rows) {
    ids.push_back(row.request_id);
  }
  return ids;
}

using Ids = std::vector<std::string>;

TEST_P(JournalContract, IsEmptyAtFirst) {
  EXPECT_EQ(journal().audit_head().value(), std::nullopt);
  EXPECT_TRUE(journal().audit(0, 10).value().empty());
  EXPECT_TRUE(journal().checkpoints(0, 10).value().empty());
  EXPECT_EQ(journal().checkpoint_head().value(), std::nullopt);
  EXPECT_EQ(journal().receipt("r").value(), std::nullopt);
  EXPECT_TRUE(journal().receipts(kKey, 10).value().empty());
  EXPECT_EQ(journal().last_uses(kKey).value(), LastUses{});
  EXPECT_TRUE(journal().usage(kKey, kNoon, UsageBucket::kMinute).value().empty());
  EXPECT_TRUE(journal().refusals({}).value().empty());
  EXPECT_EQ(journal().refusal("r").value(), std::nullopt);
  EXPECT_TRUE(journal().prune(kNoon));
}

TEST_P(JournalContract, FindsWhoUsedANetwork) {
  const auto used_by = [](const std::string& key, std::string_view from, Timestamp at) {
    UsageRow row = use(at);
    row.api_key = key;
    row.address = address(from);
    return row;
  };
  ASSERT_TRUE(journal().record_usage(std::array{
      used_by("key-a", "192.0.2.0", kNoon), used_by("key-a", "192.0.2.9", kNoon),
      used_by("key-b", "192.0.2.255", kNoon), used_by("key-c", "192.0.3.0", kNoon),
      used_by("key-d", "192.0.1.255", kNoon), used_by("key-e", "192.0.2.7", kNoon - hours(1)),
      used_by("key-f", "2001:db8::1", kNoon)}));
  const auto network = Cidr::parse("192.0.2.0/24").value();

  EXPECT_EQ(journal().users_of(network, {}, "", 10).value(), (Ids{"key-a", "key-b", "key-e"}));
  EXPECT_EQ(journal().users_of(network, kNoon, "", 10).value(), (Ids{"key-a", "key-b"}));
  EXPECT_EQ(journal().users_of(network, {}, "key-a", 1).value(), Ids{"key-b"});
  EXPECT_EQ(journal().users_of(Cidr::parse("2001:db8::/32").value(), {}, "", 10).value(),
            Ids{"key-f"});
  EXPECT_EQ(journal().users_of(Cidr::parse("192.0.3.0").value(), {}, "", 10).value(), Ids{"key-c"});
}

TEST_P(JournalContract, KeepsReceiptsByIdAndByObjectNewestFirst) {
  const ReceiptRow first{.id = "1", .object = "key-a", .time = kNoon, .bytes = {'{', '\0', '}'}};
  const ReceiptRow second{.id = "2", .object = "key-a", .time = kNoon, .bytes = "later, at once"};
  const ReceiptRow before{.id = "3", .object = "key-a", .time = kNoon - hours(1), .bytes = "old"};
  const ReceiptRow other{.id = "4", .object = "key-b", .time = kNoon, .bytes = "other"};
  ASSERT_TRUE(journal().keep_receipts(std::vector{first, second, before}));
  ASSERT_TRUE(journal().keep_receipts({&other, 1}));

  EXPECT_EQ(journal().receipt("1").value(), first);
  EXPECT_EQ(journal().receipts("key-a", 10).value(), (std::vector{second, first, before}));
  EXPECT_EQ(journal().receipts("key-a", 1).value(), std::vector{second});

  ReceiptRow amended = first;
  amended.bytes = "amended";
  ASSERT_TRUE(journal().keep_receipts({&amended, 1}));
  EXPECT_EQ(journal().receipt("1").value(), amended);
  EXPECT_EQ(journal().receipts("key-a", 10).value().size(), 3U);
}

TEST_P(JournalContract, KeepsAllReceiptsOrNone) {
  const ReceiptRow good{.id = "1", .object = "key-a", .time = kNoon, .bytes = "b"};
  const ReceiptRow bad{.id = "", .object = "key-a", .time = kNoon, .bytes = "b"};

  EXPECT_EQ(journal().keep_receipts(std::vector{good, bad}).error(), JournalError::kTooLarge);

  EXPECT_EQ(journal().receipt("1").value(), std::nullopt);
}

TEST_P(JournalContract, KeepsReceiptsUpToTheirLimitsAndNotPast) {
  ReceiptRow row{.id = std::string(kJournalIdBytesMax, 'i'),
                 .object = std::string(kJournalIdBytesMax, 'o'),
                 .time = kNoon,
                 .bytes = std::string(kReceiptRowBytesMax, 'b')};
  ASSERT_TRUE(journal().keep_receipts({&row, 1}));
  EXPECT_EQ(journal().receipt(row.id).value(), row);

  for (const auto& [member, size] : {std::pair(&ReceiptRow::id, kJournalIdBytesMax + 1),
                                     {&ReceiptRow::id, 0},
                                     {&ReceiptRow::object, kJournalIdBytesMax + 1},
                                     {&ReceiptRow::object, 0},
                                     {&ReceiptRow::bytes, kReceiptRowBytesMax + 1}}) {
    ReceiptRow past{.id = "past", .object = "o", .time = kNoon, .bytes = "b"};
    past.*member = std::string(size, 'x');
    EXPECT_EQ(journal().keep_receipts(std::vector{row, past}).error(), JournalError::kTooLarge)
        << size;
  }
}

TEST_P(JournalContract, KeepsTheAuditChainInOrder) {
  ASSERT_TRUE(journal().append_audit(audit_rows(1, 3)));
  ASSERT_TRUE(journal().append_audit(audit_rows(4, 6)));

  EXPECT_EQ(journal().audit(0, 100).value(), audit_rows(1, 6));
  EXPECT_EQ(journal().audit(2, 2).value(), audit_rows(3, 4));
  EXPECT_TRUE(journal().audit(6, 10).value().empty());
  EXPECT_TRUE(journal().audit(UINT64_MAX, 10).value().empty());
  EXPECT_EQ(journal().audit_head().value(), audit_rows(6, 6).front());
}

TEST_P(JournalContract, PassesOverAuditRowsThatAreThereAlready) {
  ASSERT_TRUE(journal().append_audit(audit_rows(1, 3)));
  ASSERT_TRUE(journal().append_audit(audit_rows(2, 5)));
  ASSERT_TRUE(journal().append_audit(audit_rows(1, 5)));
  ASSERT_TRUE(journal().append_audit({}));

  EXPECT_EQ(journal().audit(0, 100).value(), audit_rows(1, 5));
}

TEST_P(JournalContract, RefusesAGapInTheAuditChain) {
  ASSERT_TRUE(journal().append_audit(audit_rows(1, 3)));
  std::vector<AuditRow> gap_inside = audit_rows(4, 4);
  gap_inside.push_back({.seq = 6, .bytes = "record 6"});

  EXPECT_EQ(journal().append_audit(audit_rows(5, 6)).error(), JournalError::kGap);
  EXPECT_EQ(journal().append_audit(gap_inside).error(), JournalError::kGap);
  EXPECT_EQ(journal().append_audit(audit_rows(0, 0)).error(), JournalError::kGap);

  EXPECT_EQ(journal().audit(0, 100).value(), audit_rows(1, 3));
}

TEST_P(JournalContract, RefusesAnotherAuditRowUnderTheSameNumber) {
  ASSERT_TRUE(journal().append_audit(audit_rows(1, 3)));
  std::vector<AuditRow> forked = audit_rows(4, 4);
  forked.push_back({.seq = 2, .bytes = "another record 2"});

  EXPECT_EQ(journal().append_audit(forked).error(), JournalError::kConflict);

  EXPECT_EQ(journal().audit(0, 100).value(), audit_rows(1, 3));
}

TEST_P(JournalContract, TakesAuditRowsUpToTheirLimit) {
  const std::vector<AuditRow> largest = {{.seq = 1, .bytes = std::string(kAuditRowBytesMax, 'x')}};
  const std::vector<AuditRow> larger = {
      {.seq = 2, .bytes = "small"}, {.seq = 3, .bytes = std::string(kAuditRowBytesMax + 1, 'x')}};

  EXPECT_TRUE(journal().append_audit(largest));
  EXPECT_EQ(journal().append_audit(larger).error(), JournalError::kTooLarge);

  EXPECT_EQ(journal().audit(0, 100).value(), largest);
}

TEST_P(JournalContract, KeepsAuditBytesAsTheyAre) {
  const std::vector<AuditRow> rows = {{.seq = 1, .bytes = std::string("a\0\xff\n", 4)},
                                      {.seq = 2, .bytes = ""}};
  ASSERT_TRUE(journal().append_audit(rows));

  EXPECT_EQ(journal().audit(0, 100).value(), rows);
}

TEST_P(JournalContract, ListsAtMostItsLimit) {
  ASSERT_TRUE(journal().append_audit(audit_rows(1, kJournalListMax + 1)));

  EXPECT_EQ(journal().audit(0, SIZE_MAX).value().size(), kJournalListMax);
  EXPECT_EQ(journal().audit(0, 0).value().size(), 0U);
  EXPECT_EQ(journal().audit(kJournalListMax, SIZE_MAX).value().size(), 1U);
}

TEST_P(JournalContract, CountsCheckpoints) {
  EXPECT_EQ(journal().add_checkpoint("one").value(), 1U);
  EXPECT_EQ(journal().add_checkpoint("two").value(), 2U);
  EXPECT_EQ(journal().add_checkpoint(std::string(kCheckpointBytesMax + 1, 'x')).error(),
            JournalError::kTooLarge);
  EXPECT_EQ(journal().add_checkpoint(std::string(kCheckpointBytesMax, 'x')).value(), 3U);

  const std::vector<CheckpointRow> first_two = {{.position = 1, .bytes = "one"},
                                                {.position = 2, .bytes = "two"}};
  EXPECT_EQ(journal().checkpoints(0, 2).value(), first_two);
  EXPECT_EQ(journal().checkpoints(2, 10).value().size(), 1U);
  EXPECT_EQ(journal().checkpoint_head().value().value().position, 3U);
}

TEST_P(JournalContract, SumsUpUses) {
  UsageRow first = use(kNoon, 2);
  first.first = kNoon - seconds(3);
  UsageRow second = use(kNoon + seconds(10), 5);
  second.route = "GET /api/v3/account";
  ASSERT_TRUE(journal().record_usage(std::array{first}));
  ASSERT_TRUE(journal().record_usage(std::array{second}));

  const LastUses uses = journal().last_uses(kKey).value();

  const PairUse pair{.pair = 1,
                     .first = first.first,
                     .last = second.last,
                     .count = 7,
                     .last_request_id = second.last_request_id};
  const ClientUse client{.pair = 1,
                         .address = address("192.0.2.1"),
                         .client = "bot/1.0",
                         .first = first.first,
                         .last = second.last,
                         .count = 7,
                         .route = "GET /api/v3/account"};
  const std::vector<RouteUse> routes = {
      {.route = second.route, .first = second.first, .last = second.last, .count = 5},
      {.route = first.route, .first = first.first, .last = first.last, .count = 2}};
  EXPECT_EQ(uses.pairs, std::vector{pair});
  EXPECT_EQ(uses.clients, std::vector{client});
  EXPECT_EQ(uses.routes, routes);
  EXPECT_EQ(journal().last_uses(kOther).value(), LastUses{});
}

// Gateways flush when they can, so an older sum may come after a newer one.
TEST_P(JournalContract, DoesNotLetAnOlderUseReplaceANewerOne) {
  const UsageRow newer = use(kNoon + seconds(10));
  UsageRow older = use(kNoon);
  older.route = "GET /api/v3/account";
  ASSERT_TRUE(journal().record_usage(std::array{newer, older}));

  const LastUses uses = journal().last_uses(kKey).value();

  EXPECT_EQ(uses.pairs.front().first, kNoon);
  EXPECT_EQ(uses.pairs.front().last, newer.last);
  EXPECT_EQ(uses.pairs.front().last_request_id, newer.last_request_id);
  EXPECT_EQ(uses.clients.front().route, newer.route);
}

TEST_P(JournalContract, TellsPairsAndClientsApartLatestFirst) {
  const UsageRow base = use(kNoon);
  UsageRow other_pair = use(kNoon + seconds(3));
  other_pair.pair = 2;
  UsageRow other_address = use(kNoon + seconds(1));
  other_address.address = address("2001:db8::7");
  UsageRow other_client = use(kNoon + seconds(2));
  other_client.client = "bot/2.0";
  UsageRow other_key = use(kNoon + seconds(9));
  other_key.api_key = kOther;
  ASSERT_TRUE(
      journal().record_usage(std::array{base, other_pair, other_address, other_client, other_key}));

  const LastUses uses = journal().last_uses(kKey).value();

  ASSERT_EQ(uses.pairs.size(), 2U);
  EXPECT_EQ(uses.pairs[0].pair, 2U);
  EXPECT_EQ(uses.pairs[1].count, 3U);
  ASSERT_EQ(uses.clients.size(), 4U);
  EXPECT_EQ(uses.clients[0].pair, 2U);
  EXPECT_EQ(uses.clients[1].client, "bot/2.0");
  EXPECT_EQ(uses.clients[2].address, address("2001:db8::7"));
  EXPECT_EQ(uses.clients[3].last, kNoon);
}

TEST_P(JournalContract, CountsUsesByMinuteAndHour) {
  ASSERT_TRUE(journal().record_usage(
      std::array{use(kNoon - milliseconds(1), 1), use(kNoon, 2), use(kNoon + seconds(59), 4),
                 use(kNoon + minutes(1), 8), use(kNoon + minutes(59), 16)}));
  using Counts = std::vector<UsageCount>;

  EXPECT_EQ(journal().usage(kKey, kNoon, UsageBucket::kMinute).value(),
            (Counts{{.start = kNoon, .accepted = 6},
                    {.start = kNoon + minutes(1), .accepted = 8},
                    {.start = kNoon + minutes(59), .accepted = 16}}));
  EXPECT_EQ(journal().usage(kKey, kNoon - hours(1), UsageBucket::kHour).value(),
            (Counts{{.start = kNoon - hours(1), .accepted = 1}, {.start = kNoon, .accepted = 30}}));
  EXPECT_EQ(journal().usage(kKey, kNoon + seconds(1), UsageBucket::kHour).value(), Counts{});
  EXPECT_EQ(journal().usage(kOther, kNoon, UsageBucket::kHour).value(), Counts{});
}

TEST_P(JournalContract, CountsRefusalsBesideUses) {
  RefusalRow stranger = refusal("r-4", kNoon);
  stranger.account.clear();
  ASSERT_TRUE(journal().record_usage(std::array{use(kNoon, 6)}));
  ASSERT_TRUE(journal().record_refusals(std::array{refusal("r-1", kNoon + seconds(59)),
                                                   refusal("r-2", kNoon + minutes(1)),
                                                   refusal("r-3", kNoon - seconds(1)), stranger}));
  ASSERT_TRUE(journal().record_refusals(std::array{refusal("r-1", kNoon)}));  // it is there already

  using Counts = std::vector<UsageCount>;
  EXPECT_EQ(journal().usage(kKey, kNoon - hours(1), UsageBucket::kMinute).value(),
            (Counts{{.start = kNoon - minutes(1), .refused = 3},
                    {.start = kNoon, .accepted = 6, .refused = 3},
                    {.start = kNoon + minutes(1), .refused = 3}}));
  EXPECT_EQ(journal().usage(kKey, kNoon, UsageBucket::kHour).value(),
            (Counts{{.start = kNoon, .accepted = 6, .refused = 6}}));
  EXPECT_EQ(journal().last_uses(kOther).value(), LastUses{});
}

TEST_P(JournalContract, KeepsAcceptedRequestsAlikeOnesOfAMinuteAsOne) {
  UsageRow elsewhere = use(kNoon + seconds(2));
  elsewhere.address = address("192.0.2.2");
  elsewhere.last_request_id = "r-elsewhere";
  ASSERT_TRUE(journal().record_usage(std::array{use(kNoon, 2), elsewhere}));
  ASSERT_TRUE(
      journal().record_usage(std::array{use(kNoon + seconds(59)), use(kNoon + minutes(1))}));

  const auto kept = journal().accepted(kKey, std::nullopt, 10).value();

  const AcceptedRow first{.pair = 1,
                          .address = address("192.0.2.1"),
                          .client = "bot/1.0",
                          .route = "POST /api/v3/order",
                          .first = kNoon,
                          .last = kNoon + seconds(59),
                          .count = 3,
                          .last_request_id = use(kNoon + seconds(59)).last_request_id};
  ASSERT_EQ(kept.size(), 3U);
  EXPECT_EQ(kept[0].last, kNoon + minutes(1));
  EXPECT_EQ(kept[1], first);
  EXPECT_EQ(kept[2].last_request_id, "r-elsewhere");
  EXPECT_TRUE(journal().accepted(kOther, std::nullopt, 10).value().empty());
}

TEST_P(JournalContract, PagesThroughAcceptedRequestsNewestFirst) {
  for (int i = 0; i < 5; ++i) {
    UsageRow row = use(kNoon + minutes(i / 2));  // two of one time
    row.client = "bot/" + std::to_string(i);
    row.last_request_id = "r-" + std::to_string(i);
    ASSERT_TRUE(journal().record_usage(std::array{row}));
  }
  Ids ids;
  std::optional<JournalPlace> place;
  for (int page = 0; page < 3; ++page) {
    const auto rows = journal().accepted(kKey, place, 2).value();
    for (const AcceptedRow& row : rows) {
      ids.push_back(row.last_request_id);
      place = JournalPlace{.time = row.last, .request_id = row.last_request_id};
    }
  }
  EXPECT_EQ(ids, (Ids{"r-4", "r-3", "r-2", "r-1", "r-0"}));
  EXPECT_TRUE(journal().accepted(kKey, place, 2).value().empty());
}

TEST_P(JournalContract, KeepsTheNewestAcceptedRequestsOfAnApiKey) {
  std::vector<UsageRow> rows;
  for (std::size_t i = 0; i < kAcceptedPerKeyMax + 1; ++i) {
    rows.push_back(use(kNoon + minutes(i)));
  }
  UsageRow other = use(kNoon);
  other.api_key = kOther;
  ASSERT_TRUE(journal().record_usage(std::array{other}));
  ASSERT_TRUE(journal().record_usage(rows));

  const auto kept = journal().accepted(kKey, std::nullopt, SIZE_MAX).value();

  ASSERT_EQ(kept.size(), kAcceptedPerKeyMax);
  EXPECT_EQ(kept.back().last, kNoon + minutes(1));
  EXPECT_EQ(journal().accepted(kOther, std::nullopt, 10).value().size(), 1U);
}

TEST_P(JournalContract, PagesThroughRefusalsNewestFirst) {
  ASSERT_TRUE(
      journal().record_refusals(std::array{refusal("b", kNoon), refusal("c", kNoon + seconds(1)),
                                           refusal("a", kNoon), refusal("d", kNoon - seconds(1))}));
  const auto after = [this](const std::optional<JournalPlace>& place, std::string_view api_key) {
    return ids_of(
        journal().refusals({.api_key = std::string(api_key), .limit = 2, .before = place}).value());
  };
  for (const std::string_view api_key : {std::string_view(), std::string_view(kKey)}) {
    EXPECT_EQ(after(std::nullopt, api_key), (Ids{"c", "b"}));
    EXPECT_EQ(after(JournalPlace{.time = kNoon, .request_id = "b"}, api_key), (Ids{"a", "d"}));
    EXPECT_EQ(after(JournalPlace{.time = kNoon - seconds(1), .request_id = "d"}, api_key), Ids{});
  }
}

TEST_P(JournalContract, ForgetsTheClientsThatWereNotSeenForLongest) {
  constexpr std::size_t kMore = 5;
  std::vector<UsageRow> rows;
  for (std::size_t i = 0; i < kClientUsesPerKeyMax + kMore; ++i) {
    rows.push_back(use(kNoon + seconds(i)));
    rows.back().client = "bot/" + std::to_string(i);
    rows.back().route = "GET /" + std::to_string(i);
  }
  ASSERT_TRUE(journal().record_usage(rows));

  LastUses uses = journal().last_uses(kKey).value();

  ASSERT_EQ(uses.clients.size(), kClientUsesPerKeyMax);
  EXPECT_EQ(uses.clients.back().client, "bot/" + std::to_string(kMore));
  ASSERT_EQ(uses.routes.size(), kRouteUsesPerKeyMax);
  EXPECT_EQ(uses.routes.back().route, "GET /" + std::to_string(kMore));
  EXPECT_EQ(uses.pairs.front().count, kClientUsesPerKeyMax + kMore);
}

TEST_P(JournalContract, CutsTextsAtACharacter) {
  // The limit falls into the two bytes of the last character, and at another just behind it.
  const std::string cut(kClientBytesMax - 1, 'x');
  UsageRow split = use(kNoon);
  split.client = cut + "\u00e9";
  ASSERT_TRUE(journal().record_usage(std::array{split}));
  RefusalRow row = refusal("r", kNoon);
  row.path = std::string(kPathBytesMax - 2, 'p') + "\u00e9";
  row.method = std::string(1'000, 'M');
  row.client = cut + "\u00e9" + "more";
  row.sealed_request.assign(kSealedRequestBytesMax + 1, 1);
  ASSERT_TRUE(journal().record_refusals(std::array{row}));

  EXPECT_EQ(journal().last_uses(kKey).value().clients.front().client, cut);
  const RefusalRow kept = journal().refusal("r").value().value();
  EXPECT_EQ(kept.path, row.path);
  EXPECT_EQ(kept.method, std::string(kMethodBytesMax, 'M'));
  EXPECT_EQ(kept.client, cut);
  EXPECT_TRUE(kept.sealed_request.empty());
}

TEST_P(JournalContract, KeepsRefusalsWhole) {
  const RefusalRow row = refusal("r-1", kNoon);
  RefusalRow hostile = refusal("r-2", kNoon + seconds(1));
  hostile.client = std::string("\xff\xfe\0'; DROP TABLE refusals;--", 28);
  hostile.api_key.clear();
  hostile.account.clear();
  hostile.sealed_request.assign(kSealedRequestBytesMax, 0xaa);
  ASSERT_TRUE(journal().record_refusals(std::array{row, hostile}));

  EXPECT_EQ(journal().refusal("r-1").value(), row);
  EXPECT_EQ(journal().refusal("r-2").value(), hostile);
  EXPECT_EQ(journal().refusals({}).value(), (std::vector{hostile, row}));
}

TEST_P(JournalContract, PassesOverARefusalThatIsThereAlready) {
  const RefusalRow row = refusal("r-1", kNoon);
  RefusalRow again = row;
  again.reason = 9;
  ASSERT_TRUE(journal().record_refusals(std::array{row, again}));
  ASSERT_TRUE(journal().record_refusals(std::array{again}));

  EXPECT_EQ(journal().refusals({}).value(), std::vector{row});
}

TEST_P(JournalContract, RenewsWhatIsSealedPieceByPieceInTheOrderOfTheIds) {
  std::vector<RefusalRow> rows;
  for (const char* const id : {"r-3", "r-1", "r-4", "r-2"}) {
    rows.push_back(refusal(id, kNoon));
  }
  rows[2].sealed_request.clear();  // r-4 was kept without
  ASSERT_TRUE(journal().record_refusals(rows));
  Ids seen;
  const SealedRenewal renew =
      [&](std::string_view id,
          std::span<const std::uint8_t> sealed) -> std::optional<std::vector<std::uint8_t>> {
    seen.emplace_back(id);
    EXPECT_EQ(std::vector(sealed.begin(), sealed.end()), (std::vector<std::uint8_t>{0, 1, 0xff}));
    return id == "r-2" ? std::nullopt : std::optional(std::vector<std::uint8_t>{7});
  };

  EXPECT_EQ(journal().renew_sealed(Sealed::kRequests, "", 2, renew).value(), "r-2");
  EXPECT_EQ(journal().renew_sealed(Sealed::kRequests, "r-2", 2, renew).value(), "r-3");
  EXPECT_EQ(journal().renew_sealed(Sealed::kRequests, "r-3", 2, renew).value(), std::nullopt);

  EXPECT_EQ(seen, (Ids{"r-1", "r-2", "r-3"}));
  EXPECT_EQ(journal().refusal("r-1").value()->sealed_request, std::vector<std::uint8_t>{7});
  EXPECT_EQ(journal().refusal("r-2").value()->sealed_request,
            (std::vector<std::uint8_t>{0, 1, 0xff}));
  EXPECT_EQ(journal().refusal("r-3").value()->sealed_request, std::vector<std::uint8_t>{7});
  EXPECT_TRUE(journal().refusal("r-4").value()->sealed_request.empty());
}

AutopsyRow autopsy(std::string id, Timestamp at, std::string causes = "clock-ahead") {
  return {.request_id = std::move(id),
          .time = at,
          .api_key = kKey,
          .account = "ac-1",
          .causes = std::move(causes),
          .sealed_findings = {0, 1, 0xff}};
}

TEST_P(JournalContract, KeepsWhatAutopsiesFound) {
  const AutopsyRow row = autopsy("r-1", kNoon);
  AutopsyRow again = row;
  again.causes = "another";
  ASSERT_TRUE(journal().record_autopsies(std::array{row, again}));
  ASSERT_TRUE(journal().record_autopsies(std::array{again}));

  EXPECT_EQ(journal().autopsy("r-1").value(), row);
  EXPECT_EQ(journal().autopsy("r-2").value(), std::nullopt);
  EXPECT_EQ(journal().cause_sums(kKey).value().size(), 1U);
}

TEST_P(JournalContract, SumsUpCausesOfAnApiKeyLatestFirst) {
  AutopsyRow other_key = autopsy("o-1", kNoon);
  other_key.api_key = kOther;
  ASSERT_TRUE(journal().record_autopsies(
      std::array{autopsy("r-2", kNoon + seconds(9)), autopsy("r-1", kNoon),
                 autopsy("r-3", kNoon + seconds(3), "ip-not-allowed"), other_key}));

  const std::vector<CauseSum> expected{{.causes = "clock-ahead",
                                        .first = kNoon,
                                        .last = kNoon + seconds(9),
                                        .count = 2,
                                        .last_request_id = "r-2"},
                                       {.causes = "ip-not-allowed",
                                        .first = kNoon + seconds(3),
                                        .last = kNoon + seconds(3),
                                        .count = 1,
                                        .last_request_id = "r-3"}};
  EXPECT_EQ(journal().cause_sums(kKey).value(), expected);
  EXPECT_TRUE(journal().cause_sums("nobody").value().empty());
}

TEST_P(JournalContract, BeginsASumAnewAfterAQuietDay) {
  const auto count_after = [&](const std::string& id, Timestamp at) {
    EXPECT_TRUE(journal().record_autopsies(std::array{autopsy(id, at)}));
    return journal().cause_sums(kKey).value().front();
  };
  const Timestamp next = kNoon + kCauseQuiet;
  EXPECT_EQ(count_after("r-1", kNoon).count, 1U);

  EXPECT_EQ(count_after("r-2", next).count, 2U);
  const CauseSum anew = count_after("r-3", next + kCauseQuiet + std::chrono::microseconds(1));

  EXPECT_EQ(anew.count, 1U);
  EXPECT_EQ(anew.first, anew.last);
  EXPECT_EQ(anew.last_request_id, "r-3");
}

TEST_P(JournalContract, KeepsTheNewestAutopsiesAndCausesOfAnApiKey) {
  std::vector<AutopsyRow> rows;
  for (std::size_t i = 0; i <= kAutopsiesPerKeyMax; ++i) {
    rows.push_back(autopsy("r-" + std::to_string(i), kNoon + seconds(i),
                           "cause-" + std::to_string(i % (kCauseSumsPerKeyMax + 1))));
  }
  ASSERT_TRUE(journal().record_autopsies(rows));

  EXPECT_EQ(journal().autopsy("r-0").value(), std::nullopt);
  EXPECT_NE(journal().autopsy("r-1").value(), std::nullopt);
  EXPECT_EQ(journal().cause_sums(kKey).value().size(), kCauseSumsPerKeyMax);
}

TEST_P(JournalContract, PrunesOldAutopsiesAndTheirSums) {
  ASSERT_TRUE(journal().record_autopsies(
      std::array{autopsy("old", kNoon - kRefusalsKept - seconds(1), "old-cause"),
                 autopsy("new", kNoon - kRefusalsKept)}));

  ASSERT_TRUE(journal().prune(kNoon));

  EXPECT_EQ(journal().autopsy("old").value(), std::nullopt);
  EXPECT_NE(journal().autopsy("new").value(), std::nullopt);
  ASSERT_EQ(journal().cause_sums(kKey).value().size(), 1U);
  EXPECT_EQ(journal().cause_sums(kKey).value().front().causes, "clock-ahead");
}

TEST_P(JournalContract, RenewsWhatAutopsiesSealed) {
  ASSERT_TRUE(journal().record_refusals(std::array{refusal("r-1", kNoon)}));
  ASSERT_TRUE(journal().record_autopsies(std::array{autopsy("r-1", kNoon), autopsy("r-2", kNoon)}));
  const SealedRenewal renew = [](std::string_view, std::span<const std::uint8_t>) {
    return std::optional(std::vector<std::uint8_t>{7});
  };

  EXPECT_EQ(journal().renew_sealed(Sealed::kFindings, "", 9, renew).value(), "r-2");

  EXPECT_EQ(journal().autopsy("r-1").value()->sealed_findings, std::vector<std::uint8_t>{7});
  EXPECT_EQ(journal().refusal("r-1").value()->sealed_request,
            (std::vector<std::uint8_t>{0, 1, 0xff}));
}

TEST_P(JournalContract, FiltersRefusals) {
  RefusalRow other_key = refusal("other-key", kNoon + seconds(1));
  other_key.api_key = kOther;
  RefusalRow other_reason = refusal("other-reason", kNoon + seconds(2));
  other_reason.reason = 9;
  RefusalRow other_account = refusal("other-account", kNoon + seconds(3));
  other_account.account = "ac-2";
  ASSERT_TRUE(journal().record_refusals(
      std::array{refusal("base", kNoon), other_key, other_reason, other_account}));
  const auto found = [this](const RefusalFilter& filter) {
    return ids_of(journal().refusals(filter).value());
  };

  EXPECT_EQ(found({.api_key = kKey}), (Ids{"other-account", "other-reason", "base"}));
  EXPECT_EQ(found({.account = "ac-1"}), (Ids{"other-reason", "other-key", "base"}));
  EXPECT_EQ(found({.api_key = kKey, .account = "ac-1"}), (Ids{"other-reason", "base"}));
  EXPECT_EQ(found({.api_key = kOther, .account = "ac-2"}), Ids{});
  EXPECT_EQ(found({.since = kNoon + seconds(2)}), (Ids{"other-account", "other-reason"}));
  EXPECT_EQ(found({.reason = 9}), Ids{"other-reason"});
  EXPECT_EQ(found({.account = "ac-1", .reason = 7}), (Ids{"other-key", "base"}));
  EXPECT_EQ(found({.limit = 2}), (Ids{"other-account", "other-reason"}));
  EXPECT_EQ(found({.limit = 0}), Ids{});
}

TEST_P(JournalContract, KeepsTheNewestRefusalsOfEachApiKey) {
  std::vector<RefusalRow> rows;
  for (std::size_t i = 0; i < kRefusalsPerKeyMax + 2; ++i) {
    rows.push_back(refusal("r-" + std::to_string(i), kNoon + milliseconds(i)));
  }
  RefusalRow of_other = refusal("other", kNoon);
  of_other.api_key = kOther;
  RefusalRow of_stranger = refusal("stranger", kNoon);
  of_stranger.account.clear();
  ASSERT_TRUE(journal().record_refusals(std::array{of_other, of_stranger}));
  ASSERT_TRUE(journal().record_refusals(rows));

  const auto kept = journal().refusals({.account = "ac-1", .limit = SIZE_MAX}).value();

  EXPECT_EQ(kept.size(), kJournalListMax);
  EXPECT_EQ(kept.front().request_id, rows.back().request_id);
  EXPECT_EQ(journal().refusal("r-1").value(), std::nullopt);
  EXPECT_TRUE(journal().refusal("r-2").value().has_value());
  EXPECT_TRUE(journal().refusal("other").value().has_value());
  EXPECT_TRUE(journal().refusal("stranger").value().has_value());
  // What was dropped may come again: the gateway that sends it does not know.
  ASSERT_TRUE(journal().record_refusals(std::array{rows[1]}));
  EXPECT_EQ(journal().refusal("r-1").value(), std::nullopt);
}

TEST_P(JournalContract, StrangersShareOneLimit) {
  std::vector<RefusalRow> rows;
  for (std::size_t i = 0; i < kRefusalsUnknownMax + 1; ++i) {
    rows.push_back(refusal("r-" + std::to_string(i), kNoon + milliseconds(i)));
    rows.back().account.clear();
    rows.back().api_key = "stranger " + std::to_string(i % 7);
  }
  ASSERT_TRUE(journal().record_refusals(std::array{refusal("ours", kNoon)}));
  ASSERT_TRUE(journal().record_refusals(rows));

  EXPECT_EQ(journal().refusal("r-0").value(), std::nullopt);
  EXPECT_TRUE(journal().refusal("r-1").value().has_value());
  EXPECT_TRUE(journal().refusal("ours").value().has_value());
}

TEST_P(JournalContract, PrunesWhatIsOlderThanItIsKept) {
  const Timestamp now = kNoon + hours(24 * 200);
  const auto at = [&](auto kept) { return now - kept; };
  ASSERT_TRUE(journal().record_refusals(std::array{
      refusal("old", at(kRefusalsKept) - milliseconds(1)), refusal("young", at(kRefusalsKept))}));
  ASSERT_TRUE(journal().record_usage(std::array{use(at(kHoursKept) - hours(1)), use(at(kHoursKept)),
                                                use(at(kMinutesKept) - minutes(1)),
                                                use(at(kMinutesKept))}));

  ASSERT_TRUE(journal().prune(now));

  EXPECT_EQ(ids_of(journal().refusals({}).value()), Ids{"young"});
  const auto minutes_left = journal().usage(kKey, kNoon, UsageBucket::kMinute).value();
  ASSERT_EQ(minutes_left.size(), 1U);
  EXPECT_EQ(minutes_left.front().start, at(kMinutesKept));
  const auto hours_left = journal().usage(kKey, kNoon, UsageBucket::kHour).value();
  ASSERT_EQ(hours_left.size(), 3U);
  EXPECT_EQ(hours_left.front().start, at(kHoursKept));
  EXPECT_EQ(journal().last_uses(kKey).value().pairs.front().count, 4U);
  const auto accepted_left = journal().accepted(kKey, std::nullopt, 10).value();
  ASSERT_EQ(accepted_left.size(), 1U);
  EXPECT_EQ(accepted_left.front().last, at(kAcceptedKept));
}

// More than one transaction of prune() takes.
TEST_P(JournalContract, PrunesEverythingHoweverMuchItIs) {
  std::vector<RefusalRow> rows;
  for (std::size_t i = 0; i < 2'500; ++i) {
    rows.push_back(refusal("r-" + std::to_string(i), kNoon));
  }
  ASSERT_TRUE(journal().record_refusals(rows));

  ASSERT_TRUE(journal().prune(kNoon + kRefusalsKept + seconds(1)));

  EXPECT_TRUE(journal().refusals({}).value().empty());
  ASSERT_TRUE(journal().record_refusals(std::array{rows[0]}));
  EXPECT_TRUE(journal().refusal("r-0").value().has_value());
}

TEST_P(JournalContract, SurvivesARestart) {
  if (!GetParam().survives_restart) {
    GTEST_SKIP() << "this engine keeps nothing";
  }
  const RefusalRow refused = refusal("r-1", kNoon);
  ASSERT_TRUE(journal().append_audit(audit_rows(1, 3)));
  ASSERT_TRUE(journal().add_checkpoint("one"));
  ASSERT_TRUE(journal().record_usage(std::array{use(kNoon)}));
  ASSERT_TRUE(journal().record_refusals(std::array{refused}));
  const LastUses uses = journal().last_uses(kKey).value();

  reopen();

  EXPECT_EQ(journal().audit(0, 100).value(), audit_rows(1, 3));
  EXPECT_EQ(journal().add_checkpoint("two").value(), 2U);
  EXPECT_EQ(journal().last_uses(kKey).value(), uses);
  EXPECT_EQ(journal().refusals({}).value(), std::vector{refused});
  EXPECT_EQ(journal().accepted(kKey, std::nullopt, 10).value().size(), 1U);
  EXPECT_EQ(journal().usage(kKey, kNoon, UsageBucket::kHour).value().front().refused, 3U);
  ASSERT_TRUE(journal().append_audit(audit_rows(4, 4)));
}

TEST_P(JournalContract, IsSafeFromManyThreads) {
  constexpr int kRounds = 50;
  const auto count = [this] {
    for (int i = 0; i < kRounds; ++i) {
      ASSERT_TRUE(journal().record_usage(std::array{use(kNoon)}));
      ASSERT_TRUE(journal().last_uses(kKey));
    }
  };
  const auto chain = [this] {
    for (std::uint64_t seq = 1; seq <= kRounds; ++seq) {
      ASSERT_TRUE(journal().append_audit(audit_rows(seq, seq)));
      ASSERT_TRUE(journal().prune(kNoon));
    }
  };
  {
    const std::jthread first(count);
    const std::jthread second(count);
    const std::jthread third(chain);
  }

  EXPECT_EQ(journal().last_uses(kKey).value().pairs.front().count, 2U * kRounds);
  EXPECT_EQ(journal().audit(0, 1'000).value().size(), static_cast<std::size_t>(kRounds));
}

}  // namespace
}  // namespace counterfoil
