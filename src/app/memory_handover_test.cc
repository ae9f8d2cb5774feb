#include "app/memory_handover.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <functional>
#include <ios>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "app/log.h"
#include "authority/acceptance.h"
#include "authority/authority_fixture.h"
#include "authority/replay_memory.h"
#include "base/temporary_directory.h"
#include "base/time.h"
#include "keys/api_key_id.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;

class MemoryHandoverTest : public testing::Test {
 protected:
  // Process is what one process remembers.
  struct Process {
    explicit Process(std::size_t capacity = 1'000) : memory(capacity) {}
    ReplayMemory memory;
    Acceptance acceptance;
  };
  MemoryHandoverTest() { believe(before_); }

  void believe(Process& process) {
    process.acceptance.extend(house_.clock.boot_now() + 1h,
                              Acceptance::offset_of(house_.clock.now(), house_.clock.boot_now()));
  }
  MemoryHandover handover() {
    return MemoryHandover({.file = file_,
                           .registry = *house_.registry,
                           .sealer = *house_.sealer,
                           .random = house_.random,
                           .clock = house_.clock,
                           .log = log_});
  }
  ReplayMemory::Answer bring(Process& process, const std::string& payload) {
    const Timestamp now = house_.clock.now();
    return process.memory.admit(fingerprint(key_, payload), ReplayRule::kOnce,
                                {.at = kTestStart, .forget_at = kTestStart + 60s}, now);
  }
  void leave() { handover().leave(before_.memory, before_.acceptance); }
  void take() { ASSERT_TRUE(handover().take(after_.memory, after_.acceptance)); }
  [[nodiscard]] bool exists() const { return std::filesystem::exists(file_); }
  // must_refuse: nothing was taken over, so what may be from before is refused.
  void expect_nothing_taken() {
    EXPECT_EQ(after_.memory.size(), 0U);
    EXPECT_EQ(after_.acceptance.changes_from(), house_.clock.now() + Acceptance::kStampAhead);
    EXPECT_FALSE(exists());
  }

  TestAuthority house_;
  TemporaryDirectory folder_;
  const std::filesystem::path file_ = folder_.path() / "replay.handover";
  Log log_{"error"};
  const ApiKeyId key_ = *ApiKeyId::parse(std::string(64, 'a'));
  Process before_;
  Process after_;
};

TEST_F(MemoryHandoverTest, TheNextProcessRemembersAndRefusesNothingElse) {
  ASSERT_EQ(bring(before_, "a"), ReplayMemory::Answer::kFresh);
  before_.acceptance.forget_before(kTestStart - 10s);
  leave();
  struct stat facts{};
  ASSERT_EQ(::stat(file_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
  house_.clock.advance(2s);

  take();

  EXPECT_EQ(bring(after_, "a"), ReplayMemory::Answer::kSeen);
  EXPECT_EQ(bring(after_, "b"), ReplayMemory::Answer::kFresh);
  EXPECT_EQ(after_.acceptance.changes_from(), before_.acceptance.changes_from())
      << "what the process before did not know either";
  EXPECT_FALSE(exists());
}

TEST_F(MemoryHandoverTest, ServesOnce) {
  leave();
  take();

  take();  // as after a crash

  expect_nothing_taken();
}

TEST_F(MemoryHandoverTest, DoesNotServeAgainWhenItIsPutBack) {
  ASSERT_EQ(bring(before_, "a"), ReplayMemory::Answer::kFresh);
  leave();
  const std::filesystem::path kept = folder_.path() / "kept";
  std::filesystem::copy_file(file_, kept);
  Process first;
  ASSERT_TRUE(handover().take(first.memory, first.acceptance));
  EXPECT_EQ(first.memory.size(), 1U);
  std::filesystem::rename(kept, file_);

  take();

  expect_nothing_taken();
}

TEST_F(MemoryHandoverTest, ATicketThatCannotBeRedeemedDoesNotServe) {
  ASSERT_EQ(bring(before_, "a"), ReplayMemory::Answer::kFresh);
  leave();
  house_.registry->commit_fails = RegistryError::kFull;

  take();

  expect_nothing_taken();
}

struct Doubtful {
  std::string_view name;
  std::function<void(const std::filesystem::path& file)> spoil;
};

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}
void overwrite(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
}

TEST_F(MemoryHandoverTest, WhateverIsDoubtfulIsNotTaken) {
  const std::vector<Doubtful> rows{
      {"torn",
       [](const auto& file) {
         const std::string bytes = text_of(file);
         overwrite(file, bytes.substr(0, bytes.size() / 2));
       }},
      {"empty", [](const auto& file) { overwrite(file, ""); }},
      {"altered",
       [](const auto& file) {
         std::string bytes = text_of(file);
         bytes[40] = static_cast<char>(bytes[40] ^ 1);
         overwrite(file, bytes);
       }},
      {"readable by others", [](const auto& file) { ::chmod(file.c_str(), 0640); }},
      {"a symbolic link",
       [](const auto& file) {
         std::filesystem::path elsewhere = file;
         elsewhere += ".elsewhere";
         std::filesystem::rename(file, elsewhere);
         std::filesystem::create_symlink(elsewhere, file);
       }},
      {"a pipe",
       [](const auto& file) {
         std::filesystem::remove(file);
         ::mkfifo(file.c_str(), 0600);
       }},
      {"eleven minutes old", [this](const auto&) { house_.clock.advance(11min); }},
  };
  for (const Doubtful& row : rows) {
    SCOPED_TRACE(row.name);
    Process process;
    believe(process);
    ASSERT_EQ(bring(process, "a"), ReplayMemory::Answer::kFresh);
    handover().leave(process.memory, process.acceptance);
    ASSERT_TRUE(exists());
    row.spoil(file_);

    take();

    expect_nothing_taken();
  }
}

TEST_F(MemoryHandoverTest, AClockThatWasSetMeanwhileIsADoubt) {
  ASSERT_EQ(bring(before_, "a"), ReplayMemory::Answer::kFresh);
  leave();
  house_.clock.step(-20s);

  take();

  expect_nothing_taken();
}

TEST_F(MemoryHandoverTest, AProcessThatDoubtsItsClockLeavesNothing) {
  ASSERT_EQ(bring(before_, "a"), ReplayMemory::Answer::kFresh);
  house_.clock.step(31s);

  leave();

  EXPECT_FALSE(exists());
}

TEST_F(MemoryHandoverTest, AnotherInstallationsIsNotTaken) {
  ASSERT_EQ(bring(before_, "a"), ReplayMemory::Answer::kFresh);
  leave();
  TestAuthority other;  // with keys of its own
  MemoryHandover foreign({.file = file_,
                          .registry = *house_.registry,
                          .sealer = *other.sealer,
                          .random = other.random,
                          .clock = house_.clock,
                          .log = log_});

  ASSERT_TRUE(foreign.take(after_.memory, after_.acceptance));

  expect_nothing_taken();
}

TEST_F(MemoryHandoverTest, AMemoryThatIsTooSmallTakesNothing) {
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(bring(before_, std::to_string(i)), ReplayMemory::Answer::kFresh);
  }
  leave();
  Process small(16);

  ASSERT_TRUE(handover().take(small.memory, small.acceptance));

  EXPECT_EQ(small.memory.size(), 0U);
  EXPECT_GT(small.acceptance.changes_from(), house_.clock.now());
}

TEST_F(MemoryHandoverTest, WhatCannotBeRemovedEndsTheStart) {
  std::filesystem::create_directory(file_);
  std::ofstream(file_ / "inside") << "x";

  const auto taken = handover().take(after_.memory, after_.acceptance);

  ASSERT_FALSE(taken);
  EXPECT_TRUE(taken.error().contains(file_.string()));
}

}  // namespace
}  // namespace counterfoil
