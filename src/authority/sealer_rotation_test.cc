#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "authority/audited_registry.h"
#include "authority/authority_fixture.h"
#include "authority/issuer.h"
#include "authority/problem.h"
#include "authority/sealer.h"
#include "base/account_id.h"
#include "base/bytes.h"
#include "base/manual_clock.h"
#include "base/temporary_directory.h"
#include "crypto/digest.h"
#include "crypto/root_key.h"
#include "crypto/sealing.h"
#include "crypto/secret_arena.h"
#include "crypto/secret_bytes.h"
#include "crypto/signature_scheme.h"
#include "keys/api_key.h"
#include "keys/api_key_id.h"
#include "registry/memory_registry.h"
#include "registry/registry.h"
#include "registry/registry_proxy.h"

// How a sealer changes its sealing key and its root key; the order of the whole is
// SealingRotation's.
namespace counterfoil {
namespace {

constexpr std::string_view kSecret =
    "TESTsecretTESTsecretTESTsecretTESTsecretTESTsecretTESTsecretTEST";

class SealerRotationTest : public testing::Test {
 protected:
  SealerRotationTest() {
    configure_secret_memory(UnlockedMemory::kAllow);
    for (const char* const name : {"old", "new", "third"}) {
      (void)RootKey::create_file(directory_.path() / name, random_).value();
    }
    key_.pairs.push_back({.number = 1, .scheme = Scheme::kHmacSha256});
  }

  [[nodiscard]] RootKey root(const char* name) const {
    return RootKey::load(directory_.path() / name).value();
  }
  std::expected<std::unique_ptr<Sealer>, Problem> start(const char* name,
                                                        SealingLimits limits = {}) {
    return Sealer::start(root(name), audited_, random_, limits);
  }
  // opens tells whether a start with this root key succeeds and opens what was sealed.
  bool opens(const char* name, const KeyPair& pair) {
    const auto sealer = start(name);
    return sealer && (*sealer)->open(key_, pair).has_value();
  }
  std::string refusal(const char* name) {
    const auto sealer = start(name);
    return sealer ? "" : sealer.error().reason + ": " + sealer.error().detail;
  }
  KeyPair sealed_pair(Sealer& sealer) {
    auto sealed = sealer.seal_secret(key_, 1, SecretBytes::copy_of(as_bytes(kSecret)).value());
    EXPECT_TRUE(sealed.has_value());
    KeyPair pair{.number = 1, .scheme = Scheme::kHmacSha256};
    pair.sealed_secret = std::move(sealed->bytes);
    return pair;
  }
  [[nodiscard]] bool has_record(std::string_view id) const {
    return store_->find(RecordKind::kSealingKey, id).value().has_value();
  }

  TemporaryDirectory directory_;
  ManualClock clock_{kTestStart};
  ScriptedRandom random_;
  std::unique_ptr<Registry> store_ = make_memory_registry();
  RegistryProxy registry_{*store_};
  AuditedRegistry audited_{registry_, clock_, "node-1", Digest{}};
  Actor actor_{.name = "socket:uid=1000", .source = "local"};
  ApiKey key_{.id = *ApiKeyId::parse(std::string(64, 'k')), .account = *AccountId::parse("demo")};
};

TEST_F(SealerRotationTest, WhatIsRenewedOpensWithoutTheOldSealingKey) {
  const auto sealer = start("old").value();
  KeyPair renewed = sealed_pair(*sealer);
  const KeyPair left = renewed;

  ASSERT_EQ(sealer->begin_new_key(actor_).value(), 2U);
  EXPECT_EQ(sealer->sealing_key_versions(), (std::vector<std::uint32_t>{1, 2}));
  EXPECT_TRUE(sealer->open(key_, renewed).has_value());
  renewed.sealed_secret = sealer->renew(key_.id.text(), renewed.sealed_secret).value().value();
  EXPECT_EQ(kek_version_of(renewed.sealed_secret), 2U);
  EXPECT_EQ(sealer->renew(key_.id.text(), renewed.sealed_secret).value(), std::nullopt);
  const auto pepper = store_->find(RecordKind::kSealingKey, "pepper").value();
  ASSERT_TRUE(
      store_
          ->commit({.writes = {{.kind = RecordKind::kSealingKey,
                                .id = "pepper",
                                .bytes = std::string(as_text(
                                    *sealer->renew("pepper", as_bytes(pepper->bytes)).value())),
                                .expected_modified = pepper->modified}}})
          .has_value());
  ASSERT_TRUE(sealer->destroy_key(1, {{"records_left", "0"}}).has_value());

  EXPECT_TRUE(sealer->open(key_, renewed).has_value());
  EXPECT_FALSE(sealer->open(key_, left).has_value());
  EXPECT_FALSE(has_record("kek-1") || has_record("wraps-1"));
  EXPECT_TRUE(opens("old", renewed));
}

TEST_F(SealerRotationTest, ItWaitsForWhatWasSealedAndIsNotStoredYet) {
  const auto sealer = start("old").value();
  auto held = sealer->hold_keys();
  std::atomic<bool> waited = false;
  std::jthread waiting([&] {
    sealer->wait_for_in_flight();
    waited = true;
  });

  EXPECT_FALSE(waited);
  held.unlock();
  waiting.join();

  EXPECT_TRUE(waited);
}

TEST_F(SealerRotationTest, APreparedRootKeyOpensBesideTheOldOneAndAStartWithItFinishes) {
  KeyPair pair;
  {
    const auto sealer = start("old").value();
    pair = sealed_pair(*sealer);
    ASSERT_TRUE(sealer->prepare_root(root("new"), actor_).has_value());
    EXPECT_EQ(sealer->root_state().next_id, SealingKey::root_id(root("new")).value());
  }
  EXPECT_TRUE(opens("old", pair));
  EXPECT_FALSE(opens("third", pair));
  EXPECT_TRUE(opens("old", pair));  // what was tried with a wrong key leaves nothing behind

  EXPECT_TRUE(opens("new", pair));

  EXPECT_FALSE(has_record("next-1"));
  EXPECT_TRUE(opens("new", pair));
  EXPECT_TRUE(refusal("old").starts_with("wrong_root_key: this root key")) << refusal("old");
  EXPECT_NE(refusal("old").find("was replaced at 2023-11-14"), std::string::npos) << refusal("old");
  EXPECT_NE(refusal("third").find(SealingKey::root_id(root("new")).value()), std::string::npos);
}

TEST_F(SealerRotationTest, OnceFinishedTheOldRootKeyOpensNothing) {
  const auto sealer = start("old").value();
  const KeyPair pair = sealed_pair(*sealer);
  ASSERT_TRUE(sealer->begin_new_key(actor_).has_value());  // two sealing keys
  ASSERT_TRUE(sealer->prepare_root(root("new"), actor_).has_value());

  ASSERT_TRUE(sealer->finish_root(root("new"), actor_).has_value());

  const auto last = store_->last_audit().value();
  EXPECT_NE(last->bytes.find("root_key.rotate"), std::string::npos);
  EXPECT_NE(last->bytes.find(actor_.name), std::string::npos);
  EXPECT_EQ(sealer->root_state().id, SealingKey::root_id(root("new")).value());
  EXPECT_EQ(sealer->root_state().next_id, std::nullopt);
  EXPECT_FALSE(has_record("next-1") || has_record("next-2"));
  EXPECT_TRUE(opens("new", pair));
  EXPECT_FALSE(opens("old", pair));
}

TEST_F(SealerRotationTest, PreparedAnewForAnotherKeyTheFirstOneOpensNothing) {
  const auto sealer = start("old").value();
  const KeyPair pair = sealed_pair(*sealer);
  ASSERT_TRUE(sealer->prepare_root(root("new"), actor_).has_value());
  ASSERT_TRUE(sealer->prepare_root(root("third"), actor_).has_value());

  EXPECT_FALSE(opens("new", pair));
  EXPECT_TRUE(opens("third", pair));
}

TEST_F(SealerRotationTest, OnAFullDiskTheChangeIsFinishedLater) {
  const auto sealer = start("old").value();
  const KeyPair pair = sealed_pair(*sealer);
  ASSERT_TRUE(sealer->prepare_root(root("new"), actor_).has_value());
  registry_.commit_fails = RegistryError::kFull;

  EXPECT_EQ(sealer->finish_root(root("new"), actor_).error().reason, "disk_full");
  EXPECT_TRUE(opens("new", pair));  // a node on a full disk starts all the same
  EXPECT_FALSE(sealer->maintain().has_value());
  registry_.commit_fails.reset();
  ASSERT_TRUE(sealer->maintain().has_value());

  EXPECT_FALSE(opens("old", pair));
  EXPECT_TRUE(opens("new", pair));
}

TEST_F(SealerRotationTest, NoNewSealingKeyIsBegunWhileARootKeyIsPrepared) {
  const auto sealer = start("old").value();
  ASSERT_TRUE(sealer->prepare_root(root("new"), actor_).has_value());

  EXPECT_EQ(sealer->begin_new_key(actor_).error().reason, "root_rotation_pending");
}

// Control S-02 goes before: the prepared root key is given up, for it would not open the new one.
TEST_F(SealerRotationTest, ASealingKeyThatIsUsedUpIsReplacedAllTheSame) {
  const auto sealer = start("old", {.wraps_max = 4, .written_ahead = 4, .kept_back = 0}).value();
  ASSERT_TRUE(sealer->prepare_root(root("new"), actor_).has_value());
  KeyPair pair;
  while (sealer->sealing_key_version() == 1) {
    pair = sealed_pair(*sealer);
  }

  EXPECT_EQ(sealer->root_state().next_id, std::nullopt);
  EXPECT_FALSE(opens("new", pair));
  EXPECT_TRUE(opens("old", pair));
}

}  // namespace
}  // namespace counterfoil
