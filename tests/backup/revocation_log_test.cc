// The revocation log beside the stores: what is ended is in it before it counts as done.
#include "backup/revocation_log.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "authority/audit_chain.h"
#include "authority/problem.h"
#include "backup/revocation_lines.h"
#include "crypto/digest.h"
#include "journal/memory_journal.h"
#include "keys/api_key.h"
#include "keys/life.h"
#include "registry/memory_registry.h"
#include "registry/registry.h"
#include "stores_fixture.h"

namespace counterfoil {
namespace {

namespace fs = std::filesystem;

class RevocationLogTest : public StoresFixture {
 protected:
  [[nodiscard]] fs::path path() const { return data_ / "revocations.log"; }
  [[nodiscard]] std::expected<RevocationLogText, Problem> log() const {
    return parse_revocation_log(bytes_of(path()), "log");
  }
  [[nodiscard]] std::vector<std::string> objects() const {
    std::vector<std::string> objects;
    const auto parsed = log();
    EXPECT_TRUE(parsed.has_value()) << (parsed ? "" : parsed.error().detail);
    for (const Ending& ending : parsed->sections.back().endings) {
      objects.push_back(ending.object);
    }
    return objects;
  }
  std::string revoke_one() {
    const ApiKey key = new_key();
    node_->put_key(revoke(key, "leaked", clock_.now()), "key.revoke", {{"cause", "leaked"}});
    return std::string(key.id.text());
  }
};

TEST_F(RevocationLogTest, HasALineForEachEndingAndNoneForTheRest) {
  EXPECT_TRUE(objects().empty());
  const std::string id = revoke_one();
  EXPECT_EQ(objects(), std::vector{id});
  const Ending ending = log()->sections.back().endings.front();
  EXPECT_EQ(ending.kind, EndingKind::kRevoke);
  EXPECT_EQ(ending.cause, "leaked");
  EXPECT_EQ(ending.seq, node_->registry->last_audit().value()->seq);
}

TEST_F(RevocationLogTest, CatchesUpWithWhatACrashKeptFromIt) {
  const std::string first = revoke_one();
  const std::string before = bytes_of(path());
  ASSERT_TRUE(node_->keeper->pump());
  const std::string second = revoke_one();  // in the outbox
  node_.reset();
  for (const std::string_view torn : {"", "0123 {\"end"}) {
    write(path(), before + std::string(torn));
    node_ = start(data_);
    EXPECT_EQ(objects(), (std::vector{first, second})) << torn;
    EXPECT_EQ(log()->sections.size(), 1U);
    node_.reset();
  }
}

// Lines are written many at once, and all of them again when it is not known which got to the disk.
TEST_F(RevocationLogTest, ReadsLinesThatWereTornAnywhereAndWrittenAgain) {
  const std::string begun = bytes_of(path());
  (void)revoke_one();
  (void)revoke_one();
  (void)revoke_one();
  const auto whole = objects();
  const std::string lines = bytes_of(path()).substr(begun.size());
  ASSERT_EQ(whole.size(), 3U);

  for (std::size_t cut = 0; cut <= lines.size(); ++cut) {
    const std::string torn = lines.substr(0, cut);
    std::string kept = begun;
    kept.append(torn).append(torn.empty() || torn.ends_with('\n') ? "" : "\n").append(lines);
    write(path(), kept);
    EXPECT_EQ(objects(), whole) << cut;
  }
}

TEST_F(RevocationLogTest, TellsEveryFlippedBitButInAnUnfinishedLine) {
  (void)revoke_one();
  (void)revoke_one();
  const std::string good = bytes_of(path());
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(static_cast<std::uint8_t>(bad[at]) ^ 1U);
    if (at + 1 != good.size()) {
      EXPECT_FALSE(parse_revocation_log(bad, "log").has_value()) << at;
    }
  }
  const std::size_t second = good.find('\n') + 1;
  EXPECT_FALSE(parse_revocation_log(good.substr(second), "log").has_value()) << "first taken out";
  const std::size_t third = good.find('\n', second) + 1;
  EXPECT_FALSE(
      parse_revocation_log(good.substr(0, second) + good.substr(third), "log").has_value());
  EXPECT_TRUE(parse_revocation_log(good.substr(0, good.size() - 5), "log").has_value())
      << "a write that a crash cut";
  EXPECT_TRUE(parse_revocation_log(good + good.substr(third), "log").has_value())
      << "a line that was written again";
}

// FullLog keeps files from growing past the log's present size; the registry commits in room that
// it has already.
class FullLog {
 public:
  explicit FullLog(const fs::path& log) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{.rlim_cur = fs::file_size(log), .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FullLog(const FullLog&) = delete;
  FullLog& operator=(const FullLog&) = delete;
  FullLog(FullLog&&) = delete;
  FullLog& operator=(FullLog&&) = delete;
  ~FullLog() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  sighandler_t handler_ = nullptr;
};

TEST_F(RevocationLogTest, DoesNotCallARevocationDoneThatItCannotWrite) {
  const auto memory = make_memory_registry();
  const auto journal = make_memory_journal();
  const auto revocations = RevocationLog::start({path()}, *memory, *journal, "another").value();
  LoggedRegistry logged(*memory, *revocations);
  const auto commit = [&](std::uint64_t seq, Urgency urgency) {
    const std::string record = encode_record(
        {.actor = "test", .source = "local", .action = "key.revoke", .object = "some-key"},
        {.seq = seq - 1}, kTestStart, "node-1");
    return logged.commit({.audit = {{.seq = seq, .bytes = record}}, .urgency = urgency});
  };
  {
    const FullLog full(path());
    EXPECT_EQ(commit(1, Urgency::kRevocation).error(), RegistryError::kUnavailable);
    EXPECT_EQ(memory->last_audit().value()->seq, 1U) << "it is committed all the same";
    EXPECT_EQ(logged.revision().error(), RegistryError::kUnavailable) << "so it is not vouched for";
    EXPECT_EQ(revocations->retry().error().reason, "revocation_log_unavailable");
    EXPECT_TRUE(commit(2, Urgency::kNormal).has_value());
  }
  EXPECT_TRUE(logged.revision().has_value());
  EXPECT_TRUE(revocations->is_complete());
  EXPECT_EQ(objects(), (std::vector<std::string>{"some-key", "some-key"}));
}

TEST_F(RevocationLogTest, TakesALineInOneFormOnly) {
  const auto reads = [](std::initializer_list<std::string> lines) {
    std::string text;
    Digest hash{};
    for (const std::string& json : lines) {
      hash = revocation_hash(hash, json);
      text.append(revocation_line(hash, json)).append("\n");
    }
    return parse_revocation_log(text, "log").has_value();
  };
  const std::string begin = begin_json({.log_id = "log", .incarnation = 1});
  const Ending ending{.object = "key", .seq = 4, .time = "now"};
  EXPECT_TRUE(reads({begin, ending_json(ending), seen_json(5)}));
  EXPECT_FALSE(reads({seen_json(5)})) << "outside of a section";
  EXPECT_FALSE(reads({begin, ending_json({.object = "", .seq = 4})}));
  for (const std::string& from : {ending_json(ending), seen_json(5), begin}) {
    std::string more = from;
    more.replace(more.rfind("}}"), 2, ",\"zzz\":1}}");
    EXPECT_FALSE(reads({begin, more})) << more;
  }
}

TEST_F(RevocationLogTest, BeginsASectionForAnotherIncarnation) {
  (void)revoke_one();
  ASSERT_TRUE(back_up().has_value());
  const auto restored = restore(wish());
  ASSERT_TRUE(restored.has_value()) << restored.error().detail;
  const auto again = start(folder_.path() / "restored");
  const auto text =
      parse_revocation_log(bytes_of(folder_.path() / "restored" / "revocations.log"), "log");
  ASSERT_EQ(text->sections.size(), 2U);
  EXPECT_EQ(text->sections.back().incarnation, restored->incarnation);
  EXPECT_EQ(text->sections.front().endings.size(), 1U);
}

}  // namespace
}  // namespace counterfoil
