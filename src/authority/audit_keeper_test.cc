// The audit log from its birth to the journal (control S-82), also when a store fails or the
// program dies at any point on the way.

#include "authority/audit_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "authority/audit_chain.h"
#include "authority/audit_keys.h"
#include "authority/audit_lines.h"
#include "authority/audit_log_check.h"
#include "authority/audit_origin.h"
#include "authority/audited_registry.h"
#include "authority/checkpoint_sink.h"
#include "authority/problem.h"
#include "authority/sealer.h"
#include "authority/test_faults.h"
#include "base/manual_clock.h"
#include "base/random.h"
#include "base/temporary_directory.h"
#include "base/time.h"
#include "crypto/root_key.h"
#include "journal/journal.h"
#include "journal/memory_journal.h"
#include "registry/memory_registry.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using Lines = std::vector<std::string>;

constexpr Timestamp kStart = from_unix_ms(1'700'000'000'000);

// MemorySink keeps checkpoints, and fails when it is told to.
class MemorySink final : public CheckpointSink {
 public:
  std::expected<void, Problem> take(std::string_view line) override {
    if (fails) {
      return std::unexpected(Problem{.reason = "sink_broken"});
    }
    lines.emplace_back(line);
    return {};
  }
  Lines lines;
  bool fails = false;
};

// Running is one run of the program, as far as the audit log goes.
struct Running {
  std::unique_ptr<AuditedRegistry> audited;
  std::unique_ptr<Sealer> sealer;
  std::unique_ptr<AuditKeeper> keeper;
};

class AuditKeeperTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(RootKey::create_file(root_file_, random_)); }

  [[nodiscard]] std::expected<RootKey, Problem> load_root() {
    ++root_loads_;
    auto root = RootKey::load(root_file_);
    return root ? std::expected<RootKey, Problem>(std::move(*root)) : std::unexpected(Problem{});
  }
  [[nodiscard]] std::expected<AuditOrigin, Problem> ensure_origin() {
    return ensure_audit_origin(
        registry_, [this] { return load_root(); }, random_, clock_, "node-1");
  }
  // try_start does what a program does at its start.
  [[nodiscard]] std::expected<Running, Problem> try_start() {
    const auto origin = ensure_origin();
    if (!origin) {
      return std::unexpected(origin.error());
    }
    Running running;
    running.audited = std::make_unique<AuditedRegistry>(registry_, clock_, "node-1", origin->hash);
    auto sealer = Sealer::start(load_root().value(), *running.audited, random_);
    if (!sealer) {
      return std::unexpected(sealer.error());
    }
    running.sealer = std::move(*sealer);
    auto keeper = AuditKeeper::start({.registry = registry_,
                                      .audited = *running.audited,
                                      .sealer = *running.sealer,
                                      .journal = journal_,
                                      .random = random_,
                                      .clock = clock_,
                                      .sinks = {&sink_}},
                                     *origin, newest_outside_);
    if (!keeper) {
      return std::unexpected(keeper.error());
    }
    running.keeper = std::move(*keeper);
    return running;
  }
  [[nodiscard]] Running start() {
    auto started = try_start();
    EXPECT_TRUE(started) << started.error().reason << ": " << started.error().detail;
    return started ? std::move(*started) : Running{};
  }
  [[nodiscard]] std::string start_fails_with() {
    const auto started = try_start();
    return started ? "started" : started.error().reason;
  }

  static void commit(const Running& running, int count) {
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(running.audited->commit({}, {.actor = "system", .action = "test.change"}));
    }
  }
  static Lines exported(const Running& running) {
    Lines lines;
    EXPECT_TRUE(running.keeper->export_log([&](std::string_view line) {
      lines.emplace_back(line);
      return true;
    }));
    return lines;
  }
  static std::string text_of(const Lines& lines) {
    std::string text;
    for (const std::string& line : lines) {
      text.append(line).append("\n");
    }
    return text;
  }
  // The log as its own checker sees it, against the checkpoints that went outside.
  [[nodiscard]] AuditSummary checked(const Running& running) const {
    const auto summary =
        check_audit_log(text_of(exported(running)),
                        {.public_key = running.keeper->public_key(), .checkpoints = sink_.lines});
    EXPECT_TRUE(summary) << summary.error().sentence;
    return summary ? *summary : AuditSummary{};
  }

  TemporaryDirectory directory_;
  std::filesystem::path root_file_ = directory_.path() / "root.key";
  SystemRandom random_;
  ManualClock clock_{kStart};
  std::unique_ptr<Registry> stored_registry_ = make_memory_registry();
  std::unique_ptr<Journal> stored_journal_ = make_memory_journal();
  TestFault fault_;
  FaultyRegistry registry_{*stored_registry_, fault_};
  FaultyJournal journal_{*stored_journal_, fault_};
  MemorySink sink_;
  std::optional<std::string> newest_outside_;
  int root_loads_ = 0;
};

TEST_F(AuditKeeperTest, BeginsTheLogInOneTransaction) {
  const AuditOrigin origin = ensure_origin().value();

  EXPECT_EQ(stored_registry_->revision().value().number, 1U);
  EXPECT_EQ(stored_registry_->find(RecordKind::kSetting, kAuditBirthSetting).value().value().bytes,
            origin.birth_line);
  EXPECT_TRUE(stored_registry_->find(RecordKind::kSealingKey, "kek-1").value());
  auto cursor = AuditCursor::at_birth(origin.birth_line).value();
  EXPECT_EQ(cursor.head().hash, origin.hash);
  std::vector<std::string> actions;
  const auto outbox = stored_registry_->audit_outbox(kListMax).value();
  for (const AuditEntry& entry : outbox) {
    EXPECT_TRUE(cursor.advance(entry.bytes));
    actions.emplace_back(parse_record(entry.bytes).value().action);
  }
  EXPECT_THAT(actions, testing::Contains("sealing_key.create"));
  EXPECT_THAT(actions.back(), "audit_log.create");
}

TEST_F(AuditKeeperTest, FindsTheOriginAgain) {
  const AuditOrigin first = ensure_origin().value();
  const int loads = root_loads_;

  const AuditOrigin second = ensure_origin().value();

  EXPECT_EQ(second.birth_line, first.birth_line);
  EXPECT_EQ(second.hash, first.hash);
  EXPECT_EQ(root_loads_, loads);
}

// The one transaction is there or not: either way the next start finds a store it can go on with.
TEST_F(AuditKeeperTest, StartsAgainAfterACrashInTheBeginning) {
  for (const TestFault::When when : {TestFault::When::kBefore, TestFault::When::kAfter}) {
    const auto stored = make_memory_registry();
    FaultyRegistry registry(*stored, fault_);
    const auto ensure = [&] {
      return ensure_audit_origin(
          registry, [this] { return load_root(); }, random_, clock_, "node-1");
    };
    fault_.arm(0, when);
    ASSERT_FALSE(ensure());
    const auto birth = stored->find(RecordKind::kSetting, kAuditBirthSetting).value();
    EXPECT_EQ(birth.has_value(), when == TestFault::When::kAfter);

    const auto origin = ensure();

    ASSERT_TRUE(origin);
    EXPECT_EQ(origin->birth_line, birth ? birth->bytes : origin->birth_line);
    AuditedRegistry audited(registry, clock_, "node-1", origin->hash);
    const auto sealer = Sealer::start(load_root().value(), audited, random_);
    ASSERT_TRUE(sealer);
    const auto journal = make_memory_journal();
    const auto keeper = AuditKeeper::start({.registry = registry,
                                            .audited = audited,
                                            .sealer = **sealer,
                                            .journal = *journal,
                                            .random = random_,
                                            .clock = clock_},
                                           *origin);
    EXPECT_TRUE(keeper);
  }
}

TEST_F(AuditKeeperTest, DoesNotBeginALogInARegistryThatHasRecords) {
  ASSERT_TRUE(stored_registry_->commit(
      {.writes = {{.kind = RecordKind::kAccount, .id = "ac-1", .bytes = "x"}}}));

  EXPECT_EQ(start_fails_with(), "audit_birth_missing");
  EXPECT_EQ(stored_registry_->revision().value().number, 1U);
}

TEST_F(AuditKeeperTest, MovesRecordsToTheJournalAndPinsThem) {
  const Running running = start();
  commit(running, 5);

  ASSERT_TRUE(running.keeper->pump());

  const std::uint64_t seq = running.audited->head().value().seq;
  EXPECT_EQ(stored_journal_->audit_head().value().value().seq, seq);
  EXPECT_TRUE(stored_registry_->audit_outbox(10).value().empty());
  const AuditState state = running.keeper->state();
  EXPECT_EQ(state.seq, seq);
  EXPECT_EQ(state.journal_seq, seq);
  EXPECT_EQ(state.checkpoint_seq, seq);
  EXPECT_FALSE(state.trouble);
  EXPECT_EQ(sink_.lines.size(), 1U);
  EXPECT_EQ(checked(running).proven_seq, seq);
}

TEST_F(AuditKeeperTest, MakesACheckpointAMinuteIfThereIsANewRecord) {
  const Running running = start();
  ASSERT_TRUE(running.keeper->pump());
  ASSERT_EQ(sink_.lines.size(), 1U);

  commit(running, 1);
  clock_.advance(seconds(59));
  ASSERT_TRUE(running.keeper->pump());
  EXPECT_EQ(sink_.lines.size(), 1U);
  EXPECT_EQ(running.keeper->state().journal_seq, running.keeper->state().seq);

  clock_.advance(seconds(1));
  ASSERT_TRUE(running.keeper->pump());
  EXPECT_EQ(sink_.lines.size(), 2U);
  clock_.advance(hours(1));
  ASSERT_TRUE(running.keeper->pump());
  EXPECT_EQ(sink_.lines.size(), 2U);
}

TEST_F(AuditKeeperTest, MakesACheckpointEveryThousandRecords) {
  const Running running = start();
  ASSERT_TRUE(running.keeper->pump());
  const std::uint64_t first = running.keeper->state().checkpoint_seq;
  commit(running, 2'500);

  ASSERT_TRUE(running.keeper->pump());

  EXPECT_EQ(sink_.lines.size(), 3U);
  EXPECT_EQ(running.keeper->state().checkpoint_seq, first + 2'000);
  EXPECT_EQ(running.keeper->state().journal_seq, first + 2'500);
  EXPECT_EQ(checked(running).records, first + 2'500);
}

TEST_F(AuditKeeperTest, GoesOnAfterARestart) {
  {
    const Running running = start();
    commit(running, 3);
    ASSERT_TRUE(running.keeper->checkpoint_now());
    commit(running, 3);
    ASSERT_TRUE(running.keeper->pump());
  }
  newest_outside_ = sink_.lines.back();
  const Running running = start();
  commit(running, 1);

  EXPECT_EQ(checked(running).records, running.audited->head().value().seq);
  EXPECT_FALSE(running.keeper->state().trouble);
}

// Every write of the stores fails once, before or after it was done, and the program dies there.
TEST_F(AuditKeeperTest, LosesNothingWhereverItDies) {
  std::size_t deaths = 0;
  for (const TestFault::When when : {TestFault::When::kBefore, TestFault::When::kAfter}) {
    for (std::size_t write = 0; write < 40; ++write) {
      SCOPED_TRACE(write);
      fault_.reset();
      {
        auto running = try_start();
        if (running) {
          (void)running->audited->commit({}, {.actor = "system", .action = "test.change"});
          fault_.arm(write % 8, when);
          for (int i = 0; i < 3; ++i) {
            (void)running->audited->commit({}, {.actor = "system", .action = "test.change"});
            clock_.advance(seconds(61));
            if (!running->keeper->pump()) {
              break;
            }
          }
          if (write % 5 == 4) {
            (void)running->keeper->change_key("system", "local");
          }
        }
      }
      deaths += fault_.struck() ? 1U : 0U;
      fault_.disarm();
      newest_outside_ = sink_.lines.empty() ? std::nullopt : std::optional(sink_.lines.back());
      const Running running = start();
      ASSERT_TRUE(running.keeper);
      ASSERT_EQ(checked(running).records, running.audited->head().value().seq);
      ASSERT_FALSE(running.keeper->state().trouble);
    }
  }
  EXPECT_GT(deaths, 40U);
}

TEST_F(AuditKeeperTest, WaitsWithWhatTheJournalDoesNotTake) {
  const Running running = start();
  commit(running, 2);
  fault_.arm(0, TestFault::When::kBefore);

  const auto pumped = running.keeper->pump();

  ASSERT_FALSE(pumped);
  EXPECT_EQ(pumped.error().reason, "disk_full");
  EXPECT_EQ(running.keeper->state().trouble.value().reason, "disk_full");
  EXPECT_GT(running.keeper->state().seq, running.keeper->state().journal_seq);
  commit(running, 2);  // Changes go on: their records are safe in the registry.
  EXPECT_TRUE(running.keeper->pump());
  EXPECT_FALSE(running.keeper->state().trouble);
  EXPECT_EQ(checked(running).records, running.audited->head().value().seq);
}

TEST_F(AuditKeeperTest, IsSafeFromManyThreads) {
  const Running running = start();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([&] { commit(running, 100); });
      threads.emplace_back([&] {
        for (int i = 0; i < 30; ++i) {
          EXPECT_TRUE(running.keeper->pump());
          (void)running.keeper->state();
        }
      });
    }
  }

  EXPECT_EQ(checked(running).records, running.audited->head().value().seq);
}

TEST_F(AuditKeeperTest, TellsOfASinkThatFailsAndGoesOn) {
  const Running running = start();
  sink_.fails = true;
  commit(running, 1);

  EXPECT_EQ(running.keeper->pump().error().reason, "sink_broken");
  EXPECT_EQ(running.keeper->state().journal_seq, running.keeper->state().seq);
  EXPECT_EQ(running.keeper->state().checkpoint_seq, running.keeper->state().seq);

  sink_.fails = false;
  commit(running, 1);
  ASSERT_TRUE(running.keeper->checkpoint_now());
  EXPECT_EQ(sink_.lines.size(), 1U);
  EXPECT_EQ(checked(running).uncut_seq, running.audited->head().value().seq);
}

TEST_F(AuditKeeperTest, ChangesItsKeyAndKeepsTheChain) {
  const std::string born_with = start().keeper->public_key();
  {
    const Running running = start();
    commit(running, 2);
    const std::string old_id = running.keeper->state().key_id;
    ASSERT_TRUE(running.keeper->change_key("socket:uid=0", "local"));
    EXPECT_NE(running.keeper->state().key_id, old_id);
    commit(running, 2);
    const AuditSummary summary = checked(running);
    EXPECT_EQ(summary.born_key_id, old_id);
    EXPECT_EQ(summary.key_id, running.keeper->state().key_id);
    EXPECT_EQ(summary.proven_seq, summary.records);
  }
  const Running running = start();
  ASSERT_TRUE(running.keeper->change_key("socket:uid=0", "local"));
  EXPECT_EQ(running.keeper->public_key(), born_with);
  EXPECT_EQ(checked(running).key_id, running.keeper->state().key_id);
}

TEST_F(AuditKeeperTest, RefusesARegistryThatIsOlderThanTheJournal) {
  const Running running = start();
  commit(running, 3);
  ASSERT_TRUE(running.keeper->pump());
  // An old copy of the registry: the same beginning, fewer records.
  auto old_copy = make_memory_registry();
  Transaction beginning;
  for (const RecordKind kind : {RecordKind::kSealingKey, RecordKind::kSetting}) {
    const auto records = stored_registry_->list(kind, "", kListMax).value();
    for (const Record& record : records) {
      beginning.writes.push_back({.kind = kind, .id = record.id, .bytes = record.bytes});
    }
  }
  const auto rows = stored_journal_->audit(0, 4).value();
  for (const AuditRow& row : rows) {
    beginning.audit.push_back({.seq = row.seq, .bytes = row.bytes});
  }
  ASSERT_TRUE(old_copy->commit(beginning));
  FaultyRegistry old_registry(*old_copy, fault_);
  const AuditOrigin origin = ensure_origin().value();
  AuditedRegistry audited(old_registry, clock_, "node-1", origin.hash);
  const auto start_old = [&](Journal& journal, const std::optional<std::string>& outside) {
    const auto started = AuditKeeper::start({.registry = old_registry,
                                             .audited = audited,
                                             .sealer = *running.sealer,
                                             .journal = journal,
                                             .random = random_,
                                             .clock = clock_},
                                            origin, outside);
    return started ? std::string("started") : started.error().reason;
  };
  const auto no_journal = make_memory_journal();

  EXPECT_EQ(start_old(journal_, std::nullopt), "audit_rolled_back");
  EXPECT_EQ(start_old(*no_journal, sink_.lines.back()), "audit_rolled_back");
  EXPECT_EQ(start_old(*no_journal, std::nullopt), "started");
}

TEST_F(AuditKeeperTest, RefusesAJournalOfAnotherHistory) {
  {
    const Running running = start();
    ASSERT_TRUE(running.keeper->pump());
  }
  std::vector<AuditRow> rows = stored_journal_->audit(0, kJournalListMax).value();
  const Running other = start();  // makes more records, so that the numbers agree below
  while (rows.size() < other.audited->head().value().seq) {
    rows.push_back({.seq = rows.size() + 1, .bytes = "another history"});
  }
  const auto forked = make_memory_journal();
  ASSERT_TRUE(forked->append_audit(rows));
  const auto started = AuditKeeper::start({.registry = registry_,
                                           .audited = *other.audited,
                                           .sealer = *other.sealer,
                                           .journal = *forked,
                                           .random = random_,
                                           .clock = clock_},
                                          ensure_origin().value());

  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().reason, "audit_forked");
}

TEST_F(AuditKeeperTest, RefusesTheCheckpointsOfAnotherLog) {
  {
    (void)start();
  }
  newest_outside_ =
      R"({"checkpoint":{"hash":")" + std::string(64, '0') +
      R"(","key_id":"k","log_id":"00112233445566778899aabbccddeeff","seq":1,"signature":"",)"
      R"("time":"2023-11-14T22:13:20.000000000Z"}})";
  EXPECT_EQ(start_fails_with(), "audit_checkpoints_foreign");
  newest_outside_ = "no checkpoint";
  EXPECT_EQ(start_fails_with(), "audit_checkpoints_foreign");
}

TEST_F(AuditKeeperTest, StartsWithAJournalThatWasLostAndSaysSo) {
  {
    const Running running = start();
    commit(running, 2);
    ASSERT_TRUE(running.keeper->pump());
  }
  const auto lost = make_memory_journal();
  const Running running = start();
  commit(running, 1);
  const auto started = AuditKeeper::start({.registry = registry_,
                                           .audited = *running.audited,
                                           .sealer = *running.sealer,
                                           .journal = *lost,
                                           .random = random_,
                                           .clock = clock_},
                                          ensure_origin().value());

  ASSERT_TRUE(started);
  const auto pumped = (*started)->pump();
  ASSERT_FALSE(pumped);
  EXPECT_EQ(pumped.error().reason, "audit_log_damaged");
  EXPECT_THAT(pumped.error().detail, HasSubstr("lacks audit records 1 to"));
  EXPECT_EQ(lost->audit_head().value(), std::nullopt);
  EXPECT_FALSE(stored_registry_->audit_outbox(10).value().empty());
}

TEST_F(AuditKeeperTest, NeverMovesNorSignsARecordThatDoesNotFollow) {
  const Running running = start();
  ASSERT_TRUE(running.keeper->pump());
  const std::uint64_t seq = running.audited->head().value().seq;
  const std::string forged =
      encode_record({.actor = "system", .action = "forged"}, {.seq = seq}, kStart, "node-1");
  ASSERT_TRUE(stored_registry_->commit({.audit = {{.seq = seq + 1, .bytes = forged}}}));
  clock_.advance(seconds(61));

  EXPECT_EQ(running.keeper->pump().error().reason, "audit_log_damaged");

  EXPECT_EQ(stored_journal_->audit_head().value().value().seq, seq);
  EXPECT_EQ(sink_.lines.size(), 1U);
  EXPECT_EQ(exported(running).size(), seq + 2);  // What is there can still be looked at.
}

TEST_F(AuditKeeperTest, RefusesAnAuditKeyThatDoesNotOpen) {
  {
    (void)start();
  }
  auto record = stored_registry_->find(RecordKind::kSetting, kAuditKeysSetting).value().value();
  AuditKeys keys = decode_audit_keys(record.bytes).value();
  keys.sealed_private_key.back() ^= 1;
  const Transaction tampering{.writes = {{.kind = RecordKind::kSetting,
                                          .id = record.id,
                                          .bytes = encode(keys),
                                          .expected_modified = record.modified}}};
  ASSERT_TRUE(stored_registry_->commit(tampering));

  EXPECT_EQ(start_fails_with(), "audit_key_unusable");
}

TEST_F(AuditKeeperTest, RefusesTheRootKeyOfAnotherInstallation) {
  {
    (void)start();
  }
  std::filesystem::remove(root_file_);
  ASSERT_TRUE(RootKey::create_file(root_file_, random_));

  EXPECT_EQ(start_fails_with(), "wrong_root_key");
}

TEST_F(AuditKeeperTest, StopsAnExportThatNobodyWants) {
  const Running running = start();
  commit(running, 10);
  Lines lines;

  const auto given = running.keeper->export_log([&](std::string_view line) {
    lines.emplace_back(line);
    return lines.size() < 3;
  });

  ASSERT_TRUE(given);
  EXPECT_EQ(lines.size(), 3U);
}

TEST_F(AuditKeeperTest, ExportsMoreThanAPage) {
  const Running running = start();
  commit(running, 2'300);
  ASSERT_TRUE(running.keeper->pump());

  const AuditSummary summary = checked(running);

  EXPECT_EQ(summary.records, running.audited->head().value().seq);
  EXPECT_EQ(summary.checkpoints, sink_.lines.size());
}

TEST(AuditKeys, AreReadAsTheyWereWrittenOrNotAtAll) {
  const AuditKeys keys{.public_keys = {"first", "second"}, .sealed_private_key = "sealed"};
  const std::string bytes = encode(keys);

  const auto read = decode_audit_keys(bytes);

  ASSERT_TRUE(read);
  EXPECT_EQ(read->public_keys, keys.public_keys);
  EXPECT_EQ(read->sealed_private_key, "sealed");
  EXPECT_FALSE(decode_audit_keys(""));
  EXPECT_FALSE(decode_audit_keys(bytes + '\x09' + '\0'));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_audit_keys(std::string_view(bytes).substr(0, size))) << size;
  }
}

}  // namespace
}  // namespace counterfoil
