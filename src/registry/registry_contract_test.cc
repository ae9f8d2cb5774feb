// What every engine of the registry must do. Compiled into the test of each engine, which adds
// itself with INSTANTIATE_TEST_SUITE_P (registry/registry_contract.h).

#include "registry/registry_contract.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "registry/registry.h"

namespace counterfoil {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Write put(std::string id, std::string bytes, std::uint64_t expected_modified = 0) {
  return {.kind = RecordKind::kApiKey,
          .id = std::move(id),
          .bytes = std::move(bytes),
          .expected_modified = expected_modified};
}
Write erase(std::string id, std::uint64_t expected_modified) {
  return {.kind = RecordKind::kApiKey, .id = std::move(id), .expected_modified = expected_modified};
}
Write with_indexes(Write write, std::vector<IndexEntry> indexes) {
  write.indexes = std::move(indexes);
  return write;
}
IndexEntry unique(std::string value) {
  return {.index = "name", .value = std::move(value), .rule = IndexRule::kUnique};
}
IndexEntry of_account(std::string value) {
  return {.index = "account", .value = std::move(value), .rule = IndexRule::kMany};
}

// must_commit gives the new revision's number, 0 after a failure (which it reports).
std::uint64_t must_commit(Registry& registry, std::vector<Write> writes,
                          std::vector<AuditEntry> audit = {}) {
  const auto committed = registry.commit({.writes = std::move(writes), .audit = std::move(audit)});
  if (!committed) {
    ADD_FAILURE() << describe(committed.error());
    return 0;
  }
  return committed->number;
}
std::optional<RegistryError> error_of(Registry& registry, std::vector<Write> writes,
                                      std::vector<AuditEntry> audit = {}) {
  const auto committed = registry.commit({.writes = std::move(writes), .audit = std::move(audit)});
  return committed ? std::nullopt : std::optional(committed.error());
}

std::optional<std::string> bytes_of(const Registry& registry, std::string_view id) {
  const auto found = registry.find(RecordKind::kApiKey, id);
  EXPECT_TRUE(found.has_value());
  return found && *found ? std::optional((*found)->bytes) : std::nullopt;
}
std::vector<std::string> ids_by_index(const Registry& registry, std::string_view index,
                                      std::string_view value) {
  std::vector<std::string> ids;
  const auto records = registry.find_by_index(index, value);
  for (const Record& record : records.value()) {
    ids.push_back(record.id);
  }
  return ids;
}
Revision now(const Registry& registry) { return registry.revision().value(); }
Revision at(const Registry& registry, std::uint64_t number) {
  return {.incarnation = now(registry).incarnation, .number = number};
}

TEST_P(RegistryContract, StartsEmpty) {
  EXPECT_EQ(now(registry()).number, 0U);
  EXPECT_NE(now(registry()).incarnation, 0U);
  EXPECT_EQ(bytes_of(registry(), "a"), std::nullopt);
  EXPECT_THAT(registry().list(RecordKind::kApiKey, "", 10).value(), IsEmpty());
  EXPECT_THAT(registry().find_by_index("name", "x").value(), IsEmpty());
  EXPECT_THAT(registry().changes(now(registry()), 10).value(), IsEmpty());
  EXPECT_THAT(registry().audit_outbox(10).value(), IsEmpty());
  EXPECT_EQ(registry().last_audit().value(), std::nullopt);
}

TEST_P(RegistryContract, GivesEachTransactionOneRevision) {
  EXPECT_EQ(must_commit(registry(), {put("a", "1"), put("b", "2")}), 1U);
  EXPECT_EQ(must_commit(registry(), {put("c", "3")}), 2U);

  EXPECT_EQ(now(registry()).number, 2U);
  const Record expected{.kind = RecordKind::kApiKey, .id = "b", .modified = 1, .bytes = "2"};
  EXPECT_EQ(registry().find(RecordKind::kApiKey, "b").value(), expected);
}

TEST_P(RegistryContract, AuditAloneLeavesTheRevision) {
  must_commit(registry(), {put("a", "1")});

  EXPECT_EQ(must_commit(registry(), {}, {{.seq = 1, .bytes = "signed in"}}), 1U);
  EXPECT_EQ(now(registry()).number, 1U);
}

TEST_P(RegistryContract, KeepsKindsApart) {
  Write account = put("same", "account");
  account.kind = RecordKind::kAccount;
  must_commit(registry(), {put("same", "key"), account});

  EXPECT_EQ(registry().find(RecordKind::kAccount, "same").value()->bytes, "account");
  EXPECT_EQ(bytes_of(registry(), "same"), "key");
  EXPECT_THAT(registry().list(RecordKind::kAccount, "", 10).value(), SizeIs(1));
}

TEST_P(RegistryContract, KeepsBytesOfAnyValueInIdsAndRecords) {
  const std::string id("a\0b\xff", 4);
  const std::string bytes("\0\x01\xff'\"--", 7);
  must_commit(registry(), {with_indexes(put(id, bytes), {unique(id)}), put("empty", "")});

  EXPECT_EQ(bytes_of(registry(), id), bytes);
  EXPECT_EQ(bytes_of(registry(), std::string("a\0b", 3)), std::nullopt);
  EXPECT_THAT(ids_by_index(registry(), "name", id), ElementsAre(id));
  EXPECT_EQ(bytes_of(registry(), "empty"), "");
}

struct ConflictCase {
  std::string_view name;
  std::uint64_t expected_modified;
  std::string_view id;  // "a" was written at 1 and 2; "gone" was written at 3 and erased at 4
};
TEST_P(RegistryContract, RefusesAWriteWhoseRecordIsNotAsExpected) {
  must_commit(registry(), {put("a", "1")});
  must_commit(registry(), {put("a", "2", 1)});
  must_commit(registry(), {put("gone", "1")});
  must_commit(registry(), {erase("gone", 3)});
  constexpr ConflictCase kCases[] = {
      {"it_is_there_already", 0, "a"}, {"older_version", 1, "a"},    {"version_to_come", 3, "a"},
      {"it_is_not_there", 1, "b"},     {"it_was_erased", 3, "gone"},
  };
  for (const ConflictCase& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(error_of(registry(), {put(std::string(c.id), "x", c.expected_modified)}),
              RegistryError::kConflict);
    if (c.expected_modified != 0) {
      EXPECT_EQ(error_of(registry(), {erase(std::string(c.id), c.expected_modified)}),
                RegistryError::kConflict);
    }
  }
  EXPECT_EQ(now(registry()).number, 4U);
  EXPECT_EQ(bytes_of(registry(), "a"), "2");
}

TEST_P(RegistryContract, AnErasedRecordMayComeBackAsNew) {
  must_commit(registry(), {put("a", "1")});
  must_commit(registry(), {erase("a", 1)});
  EXPECT_EQ(bytes_of(registry(), "a"), std::nullopt);

  must_commit(registry(), {put("a", "again")});

  EXPECT_EQ(bytes_of(registry(), "a"), "again");
}

TEST_P(RegistryContract, RefusesATransactionThatContradictsItself) {
  must_commit(registry(), {put("a", "1")});
  EXPECT_EQ(error_of(registry(), {}), RegistryError::kInvalid);
  EXPECT_EQ(error_of(registry(), {put("", "1")}), RegistryError::kInvalid);
  EXPECT_EQ(error_of(registry(), {put("b", "1"), put("b", "2")}), RegistryError::kInvalid);
  EXPECT_EQ(error_of(registry(), {erase("b", 0)}), RegistryError::kInvalid);
  EXPECT_EQ(error_of(registry(), {with_indexes(erase("a", 1), {unique("x")})}),
            RegistryError::kInvalid);
  EXPECT_EQ(error_of(registry(), {with_indexes(put("b", ""), {unique("x"), unique("x")})}),
            RegistryError::kInvalid);
  EXPECT_EQ(error_of(registry(), {with_indexes(put("b", ""), {{.index = "", .value = "x"}})}),
            RegistryError::kInvalid);
  EXPECT_EQ(now(registry()).number, 1U);
}

TEST_P(RegistryContract, FindsByIndexUntilTheRecordIsRewrittenOrErased) {
  must_commit(registry(), {with_indexes(put("b", ""), {of_account("ac_1"), of_account("ac_2")}),
                           with_indexes(put("a", ""), {of_account("ac_1")})});
  EXPECT_THAT(ids_by_index(registry(), "account", "ac_1"), ElementsAre("a", "b"));
  EXPECT_THAT(ids_by_index(registry(), "account", "ac_2"), ElementsAre("b"));
  EXPECT_THAT(ids_by_index(registry(), "name", "ac_1"), IsEmpty());

  must_commit(registry(), {with_indexes(put("b", "", 1), {of_account("ac_3")}), erase("a", 1)});

  EXPECT_THAT(ids_by_index(registry(), "account", "ac_1"), IsEmpty());
  EXPECT_THAT(ids_by_index(registry(), "account", "ac_2"), IsEmpty());
  EXPECT_THAT(ids_by_index(registry(), "account", "ac_3"), ElementsAre("b"));
}

TEST_P(RegistryContract, RefusesASecondHolderOfAUniqueValue) {
  must_commit(registry(), {with_indexes(put("a", "1"), {unique("taken")})});

  EXPECT_EQ(error_of(registry(), {with_indexes(put("b", ""), {unique("taken")})}),
            RegistryError::kDuplicate);
  EXPECT_EQ(error_of(registry(), {with_indexes(put("b", ""), {unique("new")}),
                                  with_indexes(put("c", ""), {unique("new")})}),
            RegistryError::kDuplicate);
  EXPECT_EQ(bytes_of(registry(), "b"), std::nullopt);
  EXPECT_EQ(now(registry()).number, 1U);

  // The holder itself may keep it, another kind of record may not have it either.
  must_commit(registry(), {with_indexes(put("a", "2", 1), {unique("taken")})});
  Write account = with_indexes(put("b", ""), {unique("taken")});
  account.kind = RecordKind::kAccount;
  EXPECT_EQ(error_of(registry(), {account}), RegistryError::kDuplicate);
}

TEST_P(RegistryContract, MovesAUniqueValueWithinOneTransactionInAnyOrder) {
  must_commit(registry(), {with_indexes(put("a", "1"), {unique("x")}),
                           with_indexes(put("b", "1"), {unique("y")})});

  must_commit(registry(), {with_indexes(put("a", "2", 1), {unique("y")}),
                           with_indexes(put("b", "2", 1), {unique("x")})});
  EXPECT_THAT(ids_by_index(registry(), "name", "x"), ElementsAre("b"));

  must_commit(registry(), {with_indexes(put("c", "3"), {unique("x")}), erase("b", 2)});
  EXPECT_THAT(ids_by_index(registry(), "name", "x"), ElementsAre("c"));
  EXPECT_THAT(ids_by_index(registry(), "name", "y"), ElementsAre("a"));
}

TEST_P(RegistryContract, ABadSecondWriteChangesNothing) {
  must_commit(registry(), {with_indexes(put("a", "1"), {unique("x")})},
              {{.seq = 1, .bytes = "one"}});
  std::atomic<int> heard{0};
  const Subscription subscription = registry().subscribe([&](std::uint64_t) { ++heard; });

  EXPECT_EQ(
      error_of(registry(),
               {with_indexes(put("a", "2", 1), {unique("z")}), put("b", "1"), put("c", "1", 99)},
               {{.seq = 2, .bytes = "two"}}),
      RegistryError::kConflict);
  EXPECT_EQ(error_of(registry(),
                     {put("a", "2", 1), with_indexes(put("b", ""), {unique("w")}),
                      with_indexes(put("c", ""), {unique("w")})},
                     {{.seq = 2, .bytes = "two"}}),
            RegistryError::kDuplicate);

  EXPECT_EQ(bytes_of(registry(), "a"), "1");
  EXPECT_EQ(bytes_of(registry(), "b"), std::nullopt);
  EXPECT_THAT(ids_by_index(registry(), "name", "x"), ElementsAre("a"));
  EXPECT_THAT(ids_by_index(registry(), "name", "z"), IsEmpty());
  EXPECT_EQ(now(registry()).number, 1U);
  EXPECT_THAT(registry().changes(at(registry(), 1), 10).value(), IsEmpty());
  EXPECT_EQ(registry().last_audit().value()->seq, 1U);
  EXPECT_EQ(heard, 0);
}

TEST_P(RegistryContract, AnAuditEntryOutOfOrderChangesNothing) {
  must_commit(registry(), {put("a", "1")},
              {{.seq = 1, .bytes = "one"}, {.seq = 2, .bytes = "two"}});

  for (const std::vector<std::uint64_t>& seqs :
       std::vector<std::vector<std::uint64_t>>{{2}, {4}, {3, 5}, {3, 3}, {0}, {1}}) {
    std::vector<AuditEntry> audit;
    for (const std::uint64_t seq : seqs) {
      audit.push_back({.seq = seq, .bytes = "x"});
    }
    EXPECT_EQ(error_of(registry(), {put("a", "2", 1)}, audit), RegistryError::kConflict);
  }

  EXPECT_EQ(bytes_of(registry(), "a"), "1");
  EXPECT_THAT(
      registry().audit_outbox(10).value(),
      ElementsAre(AuditEntry{.seq = 1, .bytes = "one"}, AuditEntry{.seq = 2, .bytes = "two"}));
}

TEST_P(RegistryContract, ListsInPagesInByteOrder) {
  must_commit(registry(),
              {put("b", ""), put("a", ""), put("c", ""), put("B", ""), put("\xff", "")});

  const auto first = registry().list(RecordKind::kApiKey, "", 2).value();
  ASSERT_THAT(first, SizeIs(2));
  const auto second = registry().list(RecordKind::kApiKey, first.back().id, 10).value();

  EXPECT_EQ(first[0].id, "B");
  EXPECT_EQ(first[1].id, "a");
  ASSERT_THAT(second, SizeIs(3));
  EXPECT_EQ(second[2].id, "\xff");
  EXPECT_THAT(registry().list(RecordKind::kApiKey, "", 0).value(), IsEmpty());
}

TEST_P(RegistryContract, FeedsChangesInOrder) {
  must_commit(registry(), {put("b", "1"), put("a", "1")});
  must_commit(registry(), {put("c", "1")});
  must_commit(registry(), {erase("a", 1)});

  const auto all = registry().changes(at(registry(), 0), 100).value();
  const auto tail = registry().changes(at(registry(), 2), 100).value();

  using enum RecordKind;
  EXPECT_THAT(
      all,
      ElementsAre(Change{.revision = 1, .kind = kApiKey, .id = "b", .modified = 1, .bytes = "1"},
                  Change{.revision = 1, .kind = kApiKey, .id = "a", .modified = 0, .bytes = {}},
                  Change{.revision = 2, .kind = kApiKey, .id = "c", .modified = 2, .bytes = "1"},
                  Change{.revision = 3, .kind = kApiKey, .id = "a", .modified = 0, .bytes = {}}));
  EXPECT_THAT(tail, ElementsAre(all[3]));
}

TEST_P(RegistryContract, AChangeCarriesTheNewestBytesAtEveryMention) {
  must_commit(registry(), {put("key", "active")});
  must_commit(registry(), {put("key", "revoked", 1)});
  must_commit(registry(), {put("key", "revoked, label", 2)});

  const auto second = registry().changes(at(registry(), 1), 1).value();

  ASSERT_THAT(second, SizeIs(1));
  EXPECT_EQ(second[0].revision, 2U);
  EXPECT_EQ(second[0].modified, 3U);
  EXPECT_EQ(second[0].bytes, "revoked, label");
}

TEST_P(RegistryContract, APageOfTheFeedNeverSplitsARevision) {
  must_commit(registry(), {put("a", ""), put("b", ""), put("c", "")});
  must_commit(registry(), {put("d", "")});
  must_commit(registry(), {put("e", "")});

  EXPECT_THAT(registry().changes(at(registry(), 0), 1).value(), SizeIs(3));
  EXPECT_THAT(registry().changes(at(registry(), 0), 3).value(), SizeIs(3));
  EXPECT_THAT(registry().changes(at(registry(), 0), 4).value(), SizeIs(4));
  EXPECT_THAT(registry().changes(at(registry(), 0), 0).value(), SizeIs(3));
}

TEST_P(RegistryContract, AReaderOfAnotherIncarnationOrTheFutureMustReload) {
  must_commit(registry(), {put("a", "")});
  Revision other = now(registry());
  ++other.incarnation;

  EXPECT_EQ(registry().changes(other, 10).error(), RegistryError::kGap);
  EXPECT_EQ(registry().changes(at(registry(), 2), 10).error(), RegistryError::kGap);
  EXPECT_TRUE(registry().changes(at(registry(), 1), 10).has_value());
}

TEST_P(RegistryContract, AfterAGapTheReaderReloadsAndGoesOn) {
  std::uint64_t modified = 0;
  for (std::size_t i = 0; i < 2 * kContractFeedMax; ++i) {
    modified = must_commit(registry(), {put("a", std::to_string(i), modified)});
  }

  // As many changes as promised are there, and a reader from the start is told of the gap.
  EXPECT_EQ(registry().changes(at(registry(), 0), 10).error(), RegistryError::kGap);
  EXPECT_THAT(registry().changes(at(registry(), modified - kContractFeedMax), 10'000).value(),
              SizeIs(kContractFeedMax));
  std::map<std::string, std::string> copy;
  const auto loaded = registry().scan(RecordKind::kApiKey, [&](const RecordView& record) {
    copy[std::string(record.id)] = record.bytes;
  });
  must_commit(registry(), {put("b", "after the reload")});
  const auto changes = registry().changes(loaded.value(), 10).value();

  EXPECT_EQ(copy["a"], std::to_string((2 * kContractFeedMax) - 1));
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].id, "b");
}

TEST_P(RegistryContract, KeepsARevisionWholeThatIsLongerThanTheFeed) {
  std::vector<Write> many;
  for (std::size_t i = 0; i < 2 * kContractFeedMax; ++i) {
    many.push_back(put(std::to_string(i), ""));
  }
  must_commit(registry(), {put("first", "")});
  must_commit(registry(), many);

  EXPECT_THAT(registry().changes(at(registry(), 1), 1).value(), SizeIs(many.size()));
}

TEST_P(RegistryContract, ScansOneKindFromOneState) {
  Write account = put("someone", "1");
  account.kind = RecordKind::kAccount;
  must_commit(registry(), {put("a", "1"), account});
  must_commit(registry(), {put("b", "22"), put("a", "333", 1)});
  must_commit(registry(), {put("c", "4")});
  must_commit(registry(), {erase("c", 3)});

  std::map<std::string, std::pair<std::uint64_t, std::string>> seen;
  const auto revision = registry().scan(RecordKind::kApiKey, [&](const RecordView& record) {
    seen[std::string(record.id)] = {record.modified, std::string(record.bytes)};
  });

  EXPECT_EQ(revision.value(), now(registry()));
  EXPECT_THAT(
      seen, ElementsAre(std::pair("a", std::pair(2U, "333")), std::pair("b", std::pair(2U, "22"))));
}

TEST_P(RegistryContract, TellsSubscribersOfEachCommitInTheCommittingThread) {
  std::vector<std::pair<std::uint64_t, std::thread::id>> heard;
  Subscription subscription = registry().subscribe(
      [&](std::uint64_t revision) { heard.emplace_back(revision, std::this_thread::get_id()); });

  must_commit(registry(), {put("a", "")});
  must_commit(registry(), {}, {{.seq = 1, .bytes = "x"}});
  std::thread other([&] { must_commit(registry(), {put("b", "")}); });
  const std::thread::id other_id = other.get_id();
  other.join();
  subscription.reset();
  must_commit(registry(), {put("c", "")});

  EXPECT_THAT(heard,
              ElementsAre(std::pair(1U, std::this_thread::get_id()),
                          std::pair(1U, std::this_thread::get_id()), std::pair(2U, other_id)));
}

TEST_P(RegistryContract, ASubscriberMayReadTheCommitItHearsOf) {
  std::optional<std::string> read;
  const Subscription subscription =
      registry().subscribe([&](std::uint64_t) { read = bytes_of(registry(), "a"); });

  must_commit(registry(), {put("a", "1")});

  EXPECT_EQ(read, "1");
}

TEST_P(RegistryContract, TheNewestAuditEntrySurvivesTrimming) {
  must_commit(
      registry(), {},
      {{.seq = 1, .bytes = "one"}, {.seq = 2, .bytes = "two"}, {.seq = 3, .bytes = "three"}});
  const AuditEntry third{.seq = 3, .bytes = "three"};
  EXPECT_THAT(registry().audit_outbox(2).value(), SizeIs(2));

  EXPECT_TRUE(registry().trim_audit(2).has_value());
  EXPECT_THAT(registry().audit_outbox(10).value(), ElementsAre(third));

  EXPECT_TRUE(registry().trim_audit(UINT64_MAX).has_value());
  EXPECT_THAT(registry().audit_outbox(10).value(), IsEmpty());
  EXPECT_EQ(registry().last_audit().value(), third);

  // An old trim brings nothing back, and the chain goes on where it was.
  EXPECT_TRUE(registry().trim_audit(1).has_value());
  EXPECT_THAT(registry().audit_outbox(10).value(), IsEmpty());
  EXPECT_EQ(error_of(registry(), {}, {{.seq = 1, .bytes = "x"}}), RegistryError::kConflict);
  must_commit(registry(), {}, {{.seq = 4, .bytes = "four"}});
  EXPECT_THAT(registry().audit_outbox(10).value(),
              ElementsAre(AuditEntry{.seq = 4, .bytes = "four"}));
}

TEST_P(RegistryContract, TrimmingAnEmptyOutboxHidesNothingLater) {
  EXPECT_TRUE(registry().trim_audit(10).has_value());

  must_commit(registry(), {}, {{.seq = 1, .bytes = "one"}});

  EXPECT_THAT(registry().audit_outbox(10).value(), SizeIs(1));
}

TEST_P(RegistryContract, SurvivesARestart) {
  if (!GetParam().survives_restart) {
    GTEST_SKIP() << "this engine keeps nothing";
  }
  must_commit(registry(), {with_indexes(put("a", "1"), {unique("x")}), put("b", "2")},
              {{.seq = 1, .bytes = "one"}});
  must_commit(registry(), {erase("b", 1)}, {{.seq = 2, .bytes = "two"}});
  EXPECT_TRUE(registry().trim_audit(1).has_value());
  const Revision before = now(registry());
  const auto changes = registry().changes(at(registry(), 0), 10).value();

  reopen();

  EXPECT_EQ(now(registry()), before);
  EXPECT_EQ(bytes_of(registry(), "a"), "1");
  EXPECT_EQ(bytes_of(registry(), "b"), std::nullopt);
  EXPECT_THAT(ids_by_index(registry(), "name", "x"), ElementsAre("a"));
  EXPECT_EQ(registry().changes(at(registry(), 0), 10).value(), changes);
  EXPECT_EQ(registry().last_audit().value()->seq, 2U);
  EXPECT_THAT(registry().audit_outbox(10).value(), SizeIs(1));
}

TEST_P(RegistryContract, ForgettingKeepsEverythingThatIsThere) {
  must_commit(registry(), {with_indexes(put("a", "1"), {unique("x")}), put("b", "2")});
  must_commit(registry(), {erase("b", 1)});
  for (const Forgetting depth : {Forgetting::kLog, Forgetting::kWholeFile}) {
    EXPECT_TRUE(registry().forget_replaced(depth).has_value());
    EXPECT_EQ(bytes_of(registry(), "a"), "1");
    EXPECT_THAT(ids_by_index(registry(), "name", "x"), ElementsAre("a"));
  }
  must_commit(registry(), {put("c", "3")});
}

// Limits: at, and one past.

TEST_P(RegistryContract, TakesAMebibyteAndNotAByteMore) {
  const std::string big(kRecordBytesMax, 'x');
  must_commit(registry(), {put("a", big), put("b", std::string(8192 + 1, 'y'))});
  EXPECT_EQ(bytes_of(registry(), "a"), big);
  EXPECT_EQ(bytes_of(registry(), "b")->size(), 8193U);

  EXPECT_EQ(error_of(registry(), {put("c", big + "x")}), RegistryError::kTooLarge);
}

TEST_P(RegistryContract, HoldsItsLimitsOfNames) {
  const std::string id(kRecordIdBytesMax, 'i');
  const IndexEntry entry{.index = std::string(kIndexNameBytesMax, 'n'),
                         .value = std::string(kIndexValueBytesMax, 'v')};
  must_commit(registry(), {with_indexes(put(id, ""), {entry})});
  EXPECT_THAT(ids_by_index(registry(), entry.index, entry.value), ElementsAre(id));

  IndexEntry long_name = entry;
  long_name.index += 'n';
  IndexEntry long_value = entry;
  long_value.value += 'v';
  EXPECT_EQ(error_of(registry(), {put(id + "i", "")}), RegistryError::kTooLarge);
  EXPECT_EQ(error_of(registry(), {with_indexes(put("a", ""), {long_name})}),
            RegistryError::kTooLarge);
  EXPECT_EQ(error_of(registry(), {with_indexes(put("a", ""), {long_value})}),
            RegistryError::kTooLarge);
}

TEST_P(RegistryContract, HoldsItsLimitsOfNumbers) {
  std::vector<IndexEntry> indexes;
  std::vector<Write> writes;
  std::vector<AuditEntry> audit;
  for (std::size_t i = 0; i < kIndexesPerRecordMax; ++i) {
    indexes.push_back(of_account(std::to_string(i)));
  }
  for (std::size_t i = 0; i < kWritesPerTransactionMax; ++i) {
    writes.push_back(put(std::to_string(i), ""));
  }
  for (std::size_t i = 0; i < kAuditPerTransactionMax; ++i) {
    audit.push_back({.seq = i + 1, .bytes = ""});
  }
  audit.back().bytes.assign(kAuditEntryBytesMax, 'x');
  must_commit(registry(), {with_indexes(put("a", ""), indexes)});
  must_commit(registry(), writes, audit);

  indexes.push_back(of_account("one more"));
  for (Write& write : writes) {
    write.expected_modified = 2;
  }
  writes.push_back(put("one more", ""));
  std::vector<AuditEntry> next;
  for (std::size_t i = 0; i < kAuditPerTransactionMax + 1; ++i) {
    next.push_back({.seq = kAuditPerTransactionMax + i + 1, .bytes = ""});
  }
  const std::string too_long(kAuditEntryBytesMax + 1, 'x');
  EXPECT_EQ(error_of(registry(), {with_indexes(put("b", ""), indexes)}), RegistryError::kTooLarge);
  EXPECT_EQ(error_of(registry(), writes), RegistryError::kTooLarge);
  EXPECT_EQ(error_of(registry(), {}, next), RegistryError::kTooLarge);
  EXPECT_EQ(error_of(registry(), {}, {{.seq = kAuditPerTransactionMax + 1, .bytes = too_long}}),
            RegistryError::kTooLarge);
}

TEST_P(RegistryContract, ListsAtMostItsLimit) {
  std::uint64_t revision = 0;
  for (std::size_t made = 0; made <= kListMax;) {
    std::vector<Write> writes;
    for (; writes.size() < kWritesPerTransactionMax && made <= kListMax; ++made) {
      writes.push_back(with_indexes(put(std::to_string(made), ""), {of_account("ac_1")}));
    }
    revision = must_commit(registry(), writes);
  }
  EXPECT_EQ(revision, 3U);
  EXPECT_THAT(registry().list(RecordKind::kApiKey, "", kListMax + 1).value(), SizeIs(kListMax));
  const auto page = registry().find_by_index("account", "ac_1").value();
  EXPECT_THAT(page, SizeIs(kListMax));
  EXPECT_THAT(registry().find_by_index("account", "ac_1", page.back().id).value(), SizeIs(1));
}

// Many threads.

TEST_P(RegistryContract, OfTwoRacingWritersOneWins) {
  constexpr int kRounds = 10;
  for (int round = 0; round < kRounds; ++round) {
    const std::string id = std::to_string(round);
    std::atomic<int> won{0};
    std::atomic<int> conflicts{0};
    std::vector<std::jthread> threads;
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([&, t] {
        const auto committed = registry().commit({.writes = {put(id, std::to_string(t))}});
        if (committed) {
          ++won;
        } else if (committed.error() == RegistryError::kConflict) {
          ++conflicts;
        }
      });
    }
    threads.clear();
    EXPECT_EQ(won, 1);
    EXPECT_EQ(conflicts, 2);
  }
}

// The reader follows the feed while several threads commit, and must see each revision once, in
// order, and end with what the registry holds.
TEST_P(RegistryContract, TheFeedIsOrderedAndGaplessUnderConcurrentCommits) {
  constexpr std::uint64_t kThreads = 3;
  constexpr std::uint64_t kCommits = 25;  // of each; all fit the feed
  std::vector<std::uint64_t> seen;
  std::map<std::string, std::string> copy;
  std::jthread reader([&] {
    Revision position = at(registry(), 0);
    while (position.number < kThreads * kCommits) {
      const auto changes = registry().changes(position, 7);
      ASSERT_TRUE(changes.has_value());
      for (const Change& change : *changes) {
        seen.push_back(change.revision);
        copy[change.id] = change.bytes.value_or("");
        position.number = change.revision;
      }
    }
  });
  std::vector<std::jthread> writers;
  for (std::uint64_t t = 0; t < kThreads; ++t) {
    writers.emplace_back([&, t] {
      std::uint64_t modified = 0;
      for (std::uint64_t i = 0; i < kCommits; ++i) {
        modified = must_commit(registry(), {put(std::to_string(t), std::to_string(i), modified)});
      }
    });
  }
  writers.clear();
  reader.join();

  std::vector<std::uint64_t> expected;
  for (std::uint64_t revision = 1; revision <= kThreads * kCommits; ++revision) {
    expected.push_back(revision);
  }
  EXPECT_EQ(seen, expected);
  for (std::uint64_t t = 0; t < kThreads; ++t) {
    EXPECT_EQ(copy[std::to_string(t)], std::to_string(kCommits - 1));
  }
}

// Each commit writes the same text into two records; no reader may ever see them differ.
TEST_P(RegistryContract, AScanNeverSeesHalfATransaction) {
  must_commit(registry(), {put("a", "0"), put("b", "0")});
  std::atomic<bool> done{false};
  const std::jthread writer([&] {
    std::uint64_t modified = 1;
    for (int i = 1; i <= 40; ++i) {
      modified = must_commit(registry(), {put("a", std::to_string(i), modified),
                                          put("b", std::to_string(i), modified)});
    }
    done = true;
  });
  do {
    std::map<std::string, std::string> seen;
    const auto revision = registry().scan(RecordKind::kApiKey, [&](const RecordView& record) {
      seen[std::string(record.id)] = record.bytes;
    });
    ASSERT_TRUE(revision.has_value());
    ASSERT_EQ(seen["a"], seen["b"]);
    ASSERT_EQ(seen["a"], std::to_string(revision->number - 1));
  } while (!done);
}

}  // namespace

}  // namespace counterfoil
