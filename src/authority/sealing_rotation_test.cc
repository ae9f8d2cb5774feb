#include "authority/sealing_rotation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "authority/authority_fixture.h"
#include "authority/issuer.h"
#include "authority/node_key.h"
#include "base/bytes.h"
#include "base/temporary_directory.h"
#include "crypto/root_key.h"
#include "crypto/sealing.h"
#include "journal/journal.h"
#include "journal/memory_journal.h"
#include "keys/api_key.h"
#include "keys/api_key_codec.h"
#include "registry/registry.h"
#include "replica/live_key_table.h"

namespace counterfoil {
namespace {

class SealingRotationTest : public testing::Test {
 protected:
  SealingRotationTest() {
    rotation_.emplace(SealingRotation::Parts{.audited = house_.audited,
                                             .registry = *house_.registry,
                                             .sealer = *house_.sealer,
                                             .journal = *journal_,
                                             .revoker = house_.gateway->revoker,
                                             .loops = house_.gateway->loops,
                                             .permissions = house_.profile.permissions(),
                                             .clock = house_.clock,
                                             .drain = [this] { return drains_; },
                                             .root_key_file = directory_.path() / "root.key"});
  }

  // accepts tells whether the gateway's copy verifies what this caller signs.
  [[nodiscard]] bool accepts(const TestAuthority::HmacCaller& caller) const {
    const LiveKeyRef live = house_.replica->find(caller.key.id);
    return live &&
           live->pairs.back().key.verify_text(as_bytes("x=1"), hmac_hex(caller.secret, "x=1"));
  }
  // sealed_by gives the version of each pair of a stored key.
  [[nodiscard]] std::vector<std::uint32_t> sealed_by(
      const TestAuthority::HmacCaller& caller) const {
    const auto record = house_.store->find(RecordKind::kApiKey, caller.id()).value();
    std::vector<std::uint32_t> versions;
    const auto key = decode_api_key(record->bytes, house_.profile.permissions());
    for (const KeyPair& pair : key->pairs) {
      versions.push_back(kek_version_of(pair.sealed_secret).value_or(0));
    }
    return versions;
  }
  [[nodiscard]] std::vector<std::uint32_t> versions() const {
    return house_.sealer->sealing_key_versions();
  }
  void overwrite(const std::string& id, std::string bytes) {
    const auto record = house_.store->find(RecordKind::kApiKey, id).value();
    ASSERT_TRUE(house_.store
                    ->commit({.writes = {{.kind = RecordKind::kApiKey,
                                          .id = id,
                                          .bytes = std::move(bytes),
                                          .expected_modified = record->modified}}})
                    .has_value());
  }
  void begin() { ASSERT_TRUE(rotation_->begin(house_.actor).value()); }

  using Versions = std::vector<std::uint32_t>;
  TemporaryDirectory directory_;
  TestAuthority house_;
  std::unique_ptr<Journal> journal_ = make_memory_journal();
  bool drains_ = true;
  std::optional<SealingRotation> rotation_;
};

TEST_F(SealingRotationTest, EverythingIsWrappedAnewAndTheOldKeyIsGone) {
  const auto plain = house_.new_key();
  const auto revoked = house_.new_key();
  ASSERT_TRUE(house_.issuer->revoke_key(revoked.id(), "", house_.actor).has_value());
  auto rotating = house_.new_key();
  auto added = house_.issuer->rotate_key(rotating.id(), {}, {.overlap = std::chrono::hours(1)},
                                         house_.actor);
  rotating.secret = SecretJob::to_shown_text(*added->secret);
  const auto node_key = ensure_node_key(house_.audited, *house_.sealer, house_.random, "node-1");
  ASSERT_TRUE(node_key.has_value());
  ASSERT_TRUE(journal_->record_refusals(
      std::array{RefusalRow{.request_id = "r-1",
                            .time = kTestStart,
                            .sealed_request = house_.sealer->seal_refused("r-1", "symbol=X")}}));
  begin();
  EXPECT_EQ(versions(), (Versions{1, 2}));
  const auto made_since = house_.new_key();

  rotation_->work();

  EXPECT_EQ(versions(), Versions{2});
  EXPECT_FALSE(house_.store->find(RecordKind::kSealingKey, "kek-1").value().has_value());
  EXPECT_EQ(sealed_by(plain), Versions{2});
  EXPECT_EQ(sealed_by(revoked), Versions{2});
  EXPECT_EQ(sealed_by(rotating), (Versions{2, 2}));
  EXPECT_TRUE(accepts(plain) && accepts(rotating) && accepts(made_since));
  EXPECT_EQ(house_.sealer->not_opened(), 0U);
  EXPECT_EQ(house_.replica->unusable(), 0U);
  EXPECT_EQ(kek_version_of(journal_->refusal("r-1").value()->sealed_request), 2U);
  const auto again = ensure_node_key(house_.audited, *house_.sealer, house_.random, "node-1");
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->public_key().pem(), node_key->public_key().pem());
  EXPECT_NE(house_.last_audit().find("sealing_key.destroy"), std::string::npos);
}

TEST_F(SealingRotationTest, NothingOfAKeyButItsWrapChanges) {
  const auto caller = house_.new_key("USER_DATA,TRADE", "203.0.113.7");
  ApiKey before = house_.issuer->find_key(caller.id()).value();
  begin();

  rotation_->work();

  ApiKey after = house_.issuer->find_key(caller.id()).value();
  const auto& old_bytes = before.pairs[0].sealed_secret;
  const auto& new_bytes = after.pairs[0].sealed_secret;
  constexpr std::size_t kWrapEnd = 1 + 4 + 12 + 32 + 16;  // crypto/sealing.h
  ASSERT_EQ(old_bytes.size(), new_bytes.size());
  EXPECT_EQ(ByteView(old_bytes).subspan(kWrapEnd).size(), 12U + 64U + 16U);
  EXPECT_TRUE(std::ranges::equal(ByteView(old_bytes).subspan(kWrapEnd),
                                 ByteView(new_bytes).subspan(kWrapEnd)));
  after.pairs[0].sealed_secret = old_bytes;
  EXPECT_EQ(after, before);
  EXPECT_EQ(house_.issuer->keys_of("demo")->size(), 1U);  // its index entries are there
}

TEST_F(SealingRotationTest, BegunAgainItGoesOnWithTheOneThatIsUnderWay) {
  begin();

  EXPECT_FALSE(rotation_->begin(house_.actor).value());

  EXPECT_EQ(versions(), (Versions{1, 2}));
}

TEST_F(SealingRotationTest, StoppedByAFaultAtAnyCommitItGoesOn) {
  std::vector<TestAuthority::HmacCaller> callers;
  for (int i = 0; i < 3; ++i) {
    callers.push_back(house_.new_key());
  }
  for (std::uint32_t fails_at = 0; fails_at < 4; ++fails_at) {
    begin();
    std::uint32_t commits = 0;
    house_.registry->before_commit = [&] {
      if (++commits > fails_at) {
        house_.registry->commit_fails = RegistryError::kFull;
      }
    };
    if (fails_at == 0) {
      house_.registry->commit_fails = RegistryError::kFull;
    }
    rotation_->work();
    house_.registry->before_commit = {};
    house_.registry->commit_fails.reset();
    for (const auto& caller : callers) {
      EXPECT_TRUE(accepts(caller));
    }
    house_.clock.advance(SealingRotation::kAgainAfter);

    rotation_->work();

    EXPECT_EQ(versions(), Versions{fails_at + 2});
    EXPECT_EQ(rotation_->status().trouble, std::nullopt);
    for (const auto& caller : callers) {
      EXPECT_TRUE(accepts(caller));
      EXPECT_EQ(sealed_by(caller), Versions{fails_at + 2});
    }
  }
}

TEST_F(SealingRotationTest, WhoChangesAKeyAtTheSameMomentLosesNothing) {
  const auto caller = house_.new_key();
  begin();
  int commits = 0;
  house_.registry->before_commit = [&] {
    if (++commits == 2) {  // the first one renews our own keys
      ApiKey key = house_.issuer->find_key(caller.id()).value();
      key.label = "new name";
      overwrite(caller.id(), encode_api_key(key, house_.profile.permissions()));
    }
  };

  rotation_->work();

  EXPECT_EQ(house_.issuer->find_key(caller.id())->label, "new name");
  EXPECT_EQ(sealed_by(caller), Versions{2});
  EXPECT_EQ(versions(), Versions{2});
}

TEST_F(SealingRotationTest, AValueThatDoesNotOpenAnyMoreDoesNotHoldItUp) {
  const auto good = house_.new_key();
  const auto bad = house_.new_key();
  ApiKey key = house_.issuer->find_key(bad.id()).value();
  key.pairs[0].sealed_secret[20] ^= 1U;
  overwrite(bad.id(), encode_api_key(key, house_.profile.permissions()));
  begin();

  rotation_->work();

  EXPECT_EQ(versions(), Versions{2});
  EXPECT_TRUE(accepts(good));
  EXPECT_NE(house_.last_audit().find(R"("not_opened":"1")"), std::string::npos);
}

TEST_F(SealingRotationTest, ARecordThatCannotBeReadKeepsTheOldKey) {
  const auto good = house_.new_key();
  const auto newer = house_.new_key();
  const std::string whole = house_.store->find(RecordKind::kApiKey, newer.id()).value()->bytes;
  overwrite(newer.id(), "of a newer version");
  begin();

  rotation_->work();

  EXPECT_EQ(versions(), (Versions{1, 2}));
  ASSERT_TRUE(rotation_->status().trouble.has_value());
  EXPECT_EQ(rotation_->status().trouble->reason, "records_unreadable");
  EXPECT_EQ(sealed_by(good), Versions{2});
  overwrite(newer.id(), whole);
  house_.clock.advance(SealingRotation::kAgainAfter);
  rotation_->work();
  EXPECT_EQ(versions(), Versions{2});
  EXPECT_EQ(sealed_by(newer), Versions{2});
}

TEST_F(SealingRotationTest, RefusalsThatDoNotReachTheJournalKeepTheOldKey) {
  drains_ = false;
  begin();

  rotation_->work();

  EXPECT_EQ(versions(), (Versions{1, 2}));
  EXPECT_EQ(rotation_->status().trouble->reason, "refusals_not_kept");
}

TEST_F(SealingRotationTest, StoppedItLeavesTheRestForTheNextStart) {
  for (int i = 0; i < 3; ++i) {
    (void)house_.new_key();
  }
  begin();
  house_.registry->before_commit = [this] { rotation_->stop(); };

  rotation_->work();
  rotation_->work();

  EXPECT_EQ(versions(), (Versions{1, 2}));
}

TEST_F(SealingRotationTest, TellsHowFarItIs) {
  (void)house_.new_key();
  (void)house_.new_key();
  begin();
  std::vector<std::uint64_t> left;
  house_.registry->before_commit = [&] {
    if (left.size() < 2) {  // our own keys, API keys; status() waits for what the sealer commits
      // By another thread, as people ask: nobody asks from within a commit.
      std::jthread([&] { left.push_back(rotation_->status().records_left); }).join();
    }
  };

  rotation_->work();

  EXPECT_EQ(left, (std::vector<std::uint64_t>{3, 2}));  // the pepper and two secrets
  EXPECT_EQ(rotation_->status().records_left, 0U);
}

TEST_F(SealingRotationTest, ARootKeyThatCannotBePutInPlaceIsPreparedAndOpens) {
  const std::filesystem::path file = directory_.path() / "next.key";
  (void)RootKey::create_file(file, house_.random).value();

  // There is no root.key that could be replaced.
  const auto rotated = rotation_->rotate_root(house_.actor, file);

  ASSERT_TRUE(rotated.has_value()) << rotated.error().detail;
  EXPECT_FALSE(rotated->is_finished);
  EXPECT_NE(rotated->trouble.find("root.key"), std::string::npos);
  EXPECT_EQ(rotation_->status().root.next_id, rotated->id);
  EXPECT_TRUE(Sealer::start(RootKey::load(file).value(), house_.audited, house_.random));
}

TEST_F(SealingRotationTest, ARootKeyThatWasPutInPlaceBeforeIsTakenAsItLies) {
  const std::filesystem::path file = directory_.path() / "root.key";
  (void)RootKey::create_file(file, house_.random).value();

  const auto rotated = rotation_->rotate_root(house_.actor, file);

  ASSERT_TRUE(rotated.has_value()) << rotated.error().detail;
  EXPECT_TRUE(rotated->is_finished);
  EXPECT_TRUE(rotated->old_file.empty());
  EXPECT_EQ(rotation_->rotate_root(house_.actor, file).error().reason, "root_key_in_use");
}

}  // namespace
}  // namespace counterfoil
