#include "replica/replica.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "accounts/account.h"
#include "base/time.h"
#include "keys/api_key.h"
#include "keys/api_key_codec.h"
#include "keys/live_key.h"
#include "registry/memory_registry.h"
#include "registry/registry.h"
#include "registry/registry_proxy.h"
#include "replica/live_key_table.h"
#include "replica/replica_fixture.h"

namespace counterfoil {
namespace {

// catch_up follows the feed as a gateway does: after a gap everything is loaded anew.
std::expected<Revision, RegistryError> catch_up(Replica& replica, const Registry& registry) {
  while (true) {
    const auto read = replica.read(registry);
    if (read || read.error() != RegistryError::kGap) {
      return read;
    }
    if (const auto loaded = replica.load(registry); !loaded) {
      return std::unexpected(loaded.error());
    }
  }
}

TEST_F(ReplicaFixture, StartsEmptyWhichRefusesEverybody) {
  put_key(demo_key('a'));

  EXPECT_FALSE(replica_.find(key_id('a')));
  EXPECT_EQ(replica_.applied_revision(), 0U);
}

TEST_F(ReplicaFixture, LoadsEveryKeyAtTheRegistrysRevision) {
  put_key(demo_key('a'));
  ApiKey bounded = demo_key('b');
  bounded.expires_at = kReplicaNow + std::chrono::hours(1);
  bounded.permissions = *permissions_.find("TRADE");
  bounded.symbols = {"BTCUSDT"};
  put_key(bounded);

  const auto report = replica_.load(*registry_);

  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->keys, 2U);
  EXPECT_EQ(report->unusable, 0U);
  EXPECT_EQ(report->revision, *registry_->revision());
  EXPECT_EQ(replica_.applied_revision(), registry_->revision()->number);
  const LiveKeyRef a = replica_.find(key_id('a'));
  ASSERT_TRUE(a);
  EXPECT_EQ(a->expires_at, kNever);
  EXPECT_EQ(a->created, kReplicaNow);
  EXPECT_EQ(a->pairs.size(), 1U);
  const LiveKeyRef b = replica_.find(key_id('b'));
  ASSERT_TRUE(b);
  EXPECT_EQ(b->expires_at, *bounded.expires_at);
  EXPECT_EQ(b->permissions, bounded.permissions);
  EXPECT_EQ(b->symbols, bounded.symbols);
  EXPECT_EQ(b->account.text(), "demo");
}

TEST_F(ReplicaFixture, CatchesUpWithCreationEditAndErasure) {
  ASSERT_TRUE(replica_.load(*registry_).has_value());
  put_key(demo_key('a'));
  put_key(demo_key('b'));
  ASSERT_EQ(catch_up(replica_, *registry_), *registry_->revision());
  const LiveKeyRef before = replica_.find(key_id('a'));
  ASSERT_TRUE(before);
  EXPECT_TRUE(before.is_current());

  ApiKey edited = demo_key('a');
  edited.permissions = *permissions_.find("TRADE");
  put_key(edited);
  put(RecordKind::kApiKey, std::string(key_id('b').text()), std::nullopt, {});
  ASSERT_EQ(catch_up(replica_, *registry_), *registry_->revision());

  EXPECT_FALSE(before.is_current());
  EXPECT_TRUE(before->permissions.empty());  // still readable, and as it was
  EXPECT_EQ(replica_.find(key_id('a'))->permissions, edited.permissions);
  EXPECT_FALSE(replica_.find(key_id('b')));
  EXPECT_EQ(replica_.applied_revision(), registry_->revision()->number);
}

TEST_F(ReplicaFixture, ARevokedKeyIsATombstoneWithoutMaterial) {
  put_key(demo_key('a'));
  ASSERT_TRUE(replica_.load(*registry_).has_value());
  ApiKey revoked = demo_key('a');
  revoked.state = KeyState::kRevoked;

  put_key(revoked);
  ASSERT_TRUE(catch_up(replica_, *registry_).has_value());

  const LiveKeyRef key = replica_.find(key_id('a'));
  ASSERT_TRUE(key);
  EXPECT_EQ(key->state, KeyState::kRevoked);
  EXPECT_TRUE(key->pairs.empty());
  EXPECT_EQ(replica_.unusable(), 0U);
}

TEST_F(ReplicaFixture, BothPairsOfARotatingKeyAreThereWithTheEndOfTheOldOne) {
  ApiKey key = demo_key('a');
  key.pairs[0].retires_at = kReplicaNow + std::chrono::hours(24);
  key.pairs.push_back(demo_pair(2));
  put_key(key);

  ASSERT_TRUE(replica_.load(*registry_).has_value());

  const LiveKeyRef live = replica_.find(key_id('a'));
  ASSERT_TRUE(live);
  ASSERT_EQ(live->pairs.size(), 2U);
  EXPECT_EQ(live->pairs[0].retires_at, kReplicaNow + std::chrono::hours(24));
  EXPECT_EQ(live->pairs[1].number, 2U);
  EXPECT_EQ(live->pairs[1].retires_at, kNever);
}

TEST_F(ReplicaFixture, ASuspendedAccountMarksAllOfItsKeysAndAResumedOneNone) {
  put_key(demo_key('a'));
  ASSERT_TRUE(replica_.load(*registry_).has_value());
  const LiveKeyRef before = replica_.find(key_id('a'));

  put_account(*suspend(demo_account(), "unpaid", kReplicaNow));
  put_key(demo_key('b'));  // made while it is suspended
  ASSERT_TRUE(catch_up(replica_, *registry_).has_value());

  EXPECT_FALSE(before.is_current());
  EXPECT_TRUE(replica_.find(key_id('a'))->account_suspended);
  EXPECT_TRUE(replica_.find(key_id('b'))->account_suspended);

  put_account(demo_account());
  ASSERT_TRUE(catch_up(replica_, *registry_).has_value());

  EXPECT_FALSE(replica_.find(key_id('a'))->account_suspended);
  EXPECT_FALSE(replica_.find(key_id('b'))->account_suspended);
}

TEST_F(ReplicaFixture, ASuspendedAccountIsSeenByALoadToo) {
  put_key(demo_key('a'));
  put_account(*suspend(demo_account(), "unpaid", kReplicaNow));

  ASSERT_TRUE(replica_.load(*registry_).has_value());

  EXPECT_TRUE(replica_.find(key_id('a'))->account_suspended);
}

TEST_F(ReplicaFixture, AnAccountThatCannotBeReadCountsAsSuspended) {
  put_key(demo_key('a'));
  ASSERT_TRUE(replica_.load(*registry_).has_value());

  put(RecordKind::kAccount, "demo", "not a record", {});
  ASSERT_TRUE(catch_up(replica_, *registry_).has_value());

  EXPECT_TRUE(replica_.find(key_id('a'))->account_suspended);
  EXPECT_EQ(replica_.unusable(), 1U);
  ASSERT_TRUE(replica_.load(*registry_).has_value());
  EXPECT_TRUE(replica_.find(key_id('a'))->account_suspended);
  EXPECT_EQ(replica_.unusable(), 1U);
}

TEST_F(ReplicaFixture, ASuspensionThatCouldNotBeAppliedIsAppliedByTheNextTry) {
  put_key(demo_key('a'));
  RegistryProxy flaky(*registry_);
  ASSERT_TRUE(replica_.load(flaky).has_value());
  put_account(*suspend(demo_account(), "unpaid", kReplicaNow));
  flaky.index_fails = RegistryError::kUnavailable;

  const std::uint64_t applied = replica_.applied_revision();
  EXPECT_EQ(catch_up(replica_, flaky).error(), RegistryError::kUnavailable);
  EXPECT_EQ(replica_.applied_revision(), applied);
  flaky.index_fails.reset();
  ASSERT_TRUE(catch_up(replica_, flaky).has_value());

  EXPECT_TRUE(replica_.find(key_id('a'))->account_suspended);
}

TEST_F(ReplicaFixture, AKeyWhoseRecordIsDamagedIsRefusedWhileTheOthersGoOn) {
  put_key(demo_key('a'));
  put_key(demo_key('b'));
  ASSERT_TRUE(replica_.load(*registry_).has_value());

  put(RecordKind::kApiKey, std::string(key_id('a').text()), "\x7f not a record", {});
  ASSERT_TRUE(catch_up(replica_, *registry_).has_value());

  EXPECT_FALSE(replica_.find(key_id('a')));
  EXPECT_TRUE(replica_.find(key_id('b')));
  EXPECT_EQ(replica_.unusable(), 1U);
  put_key(demo_key('a'));  // mended
  ASSERT_TRUE(catch_up(replica_, *registry_).has_value());
  EXPECT_TRUE(replica_.find(key_id('a')));
  EXPECT_EQ(replica_.unusable(), 0U);
}

TEST_F(ReplicaFixture, ARecordMovedToAnotherIdIsRefused) {
  put(RecordKind::kApiKey, std::string(key_id('b').text()),
      encode_api_key(demo_key('a'), permissions_), {});

  ASSERT_TRUE(replica_.load(*registry_).has_value());

  EXPECT_FALSE(replica_.find(key_id('a')));
  EXPECT_FALSE(replica_.find(key_id('b')));
  EXPECT_EQ(replica_.unusable(), 1U);
}

TEST_F(ReplicaFixture, APairThatDoesNotOpenVerifiesNothingAndIsCounted) {
  ApiKey two = demo_key('a');
  two.pairs.push_back(demo_pair(2));
  put_key(two);
  put_key(demo_key('b'));
  material_.broken = {{key_id('a'), 1}, {key_id('b'), 1}};

  const auto report = replica_.load(*registry_);

  ASSERT_TRUE(report.has_value());
  ASSERT_TRUE(replica_.find(key_id('a')));
  EXPECT_EQ(replica_.find(key_id('a'))->pairs.size(), 1U);
  EXPECT_EQ(replica_.find(key_id('a'))->pairs[0].number, 2U);
  EXPECT_FALSE(replica_.find(key_id('b')));
  EXPECT_EQ(report->unusable, 2U);
}

TEST_F(ReplicaFixture, AfterAGapItLoadsAnewAndDropsWhatIsGone) {
  registry_ = make_memory_registry({.feed_changes_max = 4});
  put_account(demo_account());
  put_key(demo_key('a'));
  put_key(demo_key('b'));
  ASSERT_TRUE(replica_.load(*registry_).has_value());
  put(RecordKind::kApiKey, std::string(key_id('a').text()), std::nullopt, {});
  for (char c = 'c'; c < 'n'; ++c) {
    put_key(demo_key(c));
  }
  ASSERT_EQ(replica_.read(*registry_).error(), RegistryError::kGap);

  ASSERT_EQ(catch_up(replica_, *registry_), *registry_->revision());

  EXPECT_FALSE(replica_.find(key_id('a')));
  EXPECT_TRUE(replica_.find(key_id('b')));
  EXPECT_TRUE(replica_.find(key_id('m')));
  EXPECT_EQ(replica_.size(), 12U);
}

TEST_F(ReplicaFixture, AnotherIncarnationIsLoadedAnew) {
  put_key(demo_key('a'));
  ASSERT_TRUE(replica_.load(*registry_).has_value());
  registry_ = make_memory_registry({.incarnation = 2});
  put_account(demo_account());
  put_key(demo_key('b'));

  ASSERT_EQ(catch_up(replica_, *registry_), *registry_->revision());

  EXPECT_FALSE(replica_.find(key_id('a')));
  EXPECT_TRUE(replica_.find(key_id('b')));
}

TEST_F(ReplicaFixture, ALaggingRegistryIsNotLoaded) {
  put_key(demo_key('a'));
  Revision newer = *registry_->revision();
  newer.number += 1;

  EXPECT_EQ(replica_.load(*registry_, newer).error(), RegistryError::kUnavailable);
  EXPECT_FALSE(replica_.find(key_id('a')));
}

// A late word of the incarnation before a restore must not have an old state of this one loaded.
TEST_F(ReplicaFixture, ALaggingRegistryIsNotLoadedOverANewerOneWhateverIsAskedFor) {
  put_key(demo_key('a'));
  ASSERT_TRUE(replica_.load(*registry_).has_value());
  const Revision newest = *registry_->revision();
  const Revision of_another{.incarnation = newest.incarnation + 1, .number = 1};
  registry_ = make_memory_registry({.incarnation = newest.incarnation});
  put_account(demo_account());
  ASSERT_LT(registry_->revision()->number, newest.number);

  EXPECT_EQ(replica_.load(*registry_).error(), RegistryError::kUnavailable);
  EXPECT_EQ(replica_.load(*registry_, of_another).error(), RegistryError::kUnavailable);
  EXPECT_TRUE(replica_.find(key_id('a')));
}

TEST_F(ReplicaFixture, AKeyThatIsHeldBackIsRevokedHereWhateverTheRegistrySays) {
  put_key(demo_key('a'));
  ASSERT_TRUE(replica_.load(*registry_).has_value());
  const LiveKeyRef before = replica_.find(key_id('a'));

  ASSERT_TRUE(replica_.hold_back(key_id('a')));

  EXPECT_FALSE(before.is_current());
  EXPECT_EQ(replica_.find(key_id('a'))->state, KeyState::kRevoked);
  EXPECT_TRUE(replica_.find(key_id('a'))->pairs.empty());
  put_key(demo_key('a'));
  ASSERT_TRUE(catch_up(replica_, *registry_).has_value());
  EXPECT_EQ(replica_.find(key_id('a'))->state, KeyState::kRevoked);
  ASSERT_TRUE(replica_.load(*registry_).has_value());
  EXPECT_EQ(replica_.find(key_id('a'))->state, KeyState::kRevoked);

  replica_.let_go(key_id('a'));
  put_key(demo_key('a'));
  ASSERT_TRUE(catch_up(replica_, *registry_).has_value());
  EXPECT_EQ(replica_.find(key_id('a'))->state, KeyState::kActive);
}

// Readers hold what they found while a writer replaces, removes and reloads. Meant for the thread
// sanitizer; what it asserts is that nobody sees another key's facts.
TEST_F(ReplicaFixture, ReadersAndAWriterDoNotDisturbEachOther) {
  constexpr int kRounds = 300;
  put_key(demo_key('a'));
  put_key(demo_key('b'));
  ASSERT_TRUE(replica_.load(*registry_).has_value());
  std::atomic<bool> done{false};
  std::atomic<int> mixed_up{0};
  {
    std::vector<std::jthread> readers;
    for (const char c : {'a', 'b'}) {
      readers.emplace_back([this, c, &done, &mixed_up] {
        const ApiKeyId id = key_id(c);
        while (!done) {
          const LiveKeyRef found = replica_.find(id);
          const LiveKeyRef copy = found;  // NOLINT(performance-unnecessary-copy-initialization)
          if (copy && (copy->id != id || copy->pairs.size() > 2)) {
            ++mixed_up;
          }
          (void)(copy && copy.is_current());
        }
      });
    }
    for (int round = 0; round < kRounds; ++round) {
      ApiKey key = demo_key('a');
      key.label = std::to_string(round);
      put_key(key);
      ASSERT_TRUE(round % 50 == 0 ? replica_.load(*registry_).has_value()
                                  : catch_up(replica_, *registry_).has_value());
    }
    done = true;
  }
  EXPECT_EQ(mixed_up, 0);
  EXPECT_EQ(replica_.applied_revision(), registry_->revision()->number);
}

}  // namespace
}  // namespace counterfoil
