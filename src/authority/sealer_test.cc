#include "authority/sealer.h"

#include <gtest/gtest.h>
#include <unistd.h>

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

#include "authority/audited_registry.h"
#include "authority/authority_fixture.h"
#include "authority/problem.h"
#include "base/account_id.h"
#include "base/bytes.h"
#include "base/manual_clock.h"
#include "crypto/digest.h"
#include "crypto/private_key.h"
#include "crypto/root_key.h"
#include "crypto/sealing.h"
#include "crypto/secret_bytes.h"
#include "crypto/signature_scheme.h"
#include "keys/api_key.h"
#include "keys/api_key_id.h"
#include "keys/key_format.h"
#include "registry/memory_registry.h"
#include "registry/registry.h"
#include "registry/registry_proxy.h"

namespace counterfoil {
namespace {

constexpr std::string_view kSecret =
    "TESTsecretTESTsecretTESTsecretTESTsecretTESTsecretTESTsecretTEST";

class SealerTest : public testing::Test {
 protected:
  SealerTest() {
    (void)RootKey::create_file(root_file(), random_);
    key_.pairs.push_back({.number = 1, .scheme = Scheme::kHmacSha256});
  }
  ~SealerTest() override { std::filesystem::remove(root_file()); }

  static std::filesystem::path root_file() {
    return testing::TempDir() + "sealer_test_root_key." + std::to_string(getpid());
  }
  std::expected<std::unique_ptr<Sealer>, Problem> start(SealingLimits limits = {}) {
    return Sealer::start(RootKey::load(root_file()).value(), audited_, random_, limits);
  }
  static SecretBytes secret() { return SecretBytes::copy_of(as_bytes(kSecret)).value(); }
  KeyPair sealed_pair(Sealer& sealer, std::uint32_t number = 1) {
    auto sealed = sealer.seal_secret(key_, number, secret());
    EXPECT_TRUE(sealed.has_value());
    KeyPair pair{.number = number, .scheme = Scheme::kHmacSha256};
    pair.sealed_secret = std::move(sealed->bytes);
    return pair;
  }
  [[nodiscard]] std::string record(std::string_view id) const {
    const auto found = store_->find(RecordKind::kSealingKey, id);
    return found && *found ? (*found)->bytes : "";
  }
  void overwrite(std::string_view id, std::optional<std::string> bytes) {
    const auto found = store_->find(RecordKind::kSealingKey, id);
    ASSERT_TRUE(store_
                    ->commit({.writes = {{.kind = RecordKind::kSealingKey,
                                          .id = std::string(id),
                                          .bytes = std::move(bytes),
                                          .expected_modified = (**found).modified}}})
                    .has_value());
  }

  ManualClock clock_{kTestStart};
  ScriptedRandom random_;
  std::unique_ptr<Registry> store_ = make_memory_registry();
  RegistryProxy registry_{*store_};
  AuditedRegistry audited_{registry_, clock_, "node-1", Digest{}};
  ApiKey key_{.id = *ApiKeyId::parse(std::string(64, 'k')), .account = *AccountId::parse("demo")};
};

TEST_F(SealerTest, WhatWasSealedOpensAfterARestartAndVerifies) {
  KeyPair pair;
  {
    const auto sealer = start();
    ASSERT_TRUE(sealer.has_value()) << sealer.error().detail;
    pair = sealed_pair(**sealer);
  }
  const auto sealer = start();
  ASSERT_TRUE(sealer.has_value());

  const auto material = (*sealer)->open(key_, pair);

  ASSERT_TRUE(material.has_value());
  EXPECT_TRUE(material->verify_text(as_bytes("x=1"), hmac_hex(kSecret, "x=1")));
  EXPECT_EQ((*sealer)->not_opened(), 0U);
}

TEST_F(SealerTest, OnAFullDiskItStartsAndSealsNothingUntilThereIsRoom) {
  KeyPair pair;
  {
    const auto sealer = start();
    ASSERT_TRUE(sealer.has_value());
    pair = sealed_pair(**sealer);
  }
  registry_.commit_fails = RegistryError::kFull;

  const auto sealer = start();

  ASSERT_TRUE(sealer.has_value()) << sealer.error().detail;
  EXPECT_TRUE((*sealer)->open(key_, pair).has_value());
  EXPECT_EQ((*sealer)->seal_secret(key_, 2, secret()).error().reason, "disk_full");
  EXPECT_TRUE((*sealer)->seal_refused("request-1", "x=1").empty());
  registry_.commit_fails.reset();
  EXPECT_TRUE((*sealer)->seal_secret(key_, 2, secret()).has_value());
}

TEST_F(SealerTest, AnotherRootKeyIsRefusedWithOneLineThatSaysSo) {
  ASSERT_TRUE(start().has_value());

  const auto other = Sealer::start(RootKey::generate(random_).value(), audited_, random_);

  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().reason, "wrong_root_key");
  EXPECT_EQ(other.error().detail.find('\n'), std::string::npos);
}

TEST_F(SealerTest, ATamperedSealingKeyIsRefused) {
  ASSERT_TRUE(start().has_value());
  const std::string whole = record("kek-1");
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    overwrite("kek-1", changed);
    const auto sealer = start();
    ASSERT_FALSE(sealer.has_value()) << "byte " << i;
    EXPECT_EQ(sealer.error().reason, "wrong_root_key");
  }
  overwrite("kek-1", whole);

  EXPECT_TRUE(start().has_value());
}

TEST_F(SealerTest, ASealingKeyUnderAnotherVersionsNameIsRefused) {
  ASSERT_TRUE(start().has_value());
  const std::string whole = record("kek-1");
  ASSERT_TRUE(
      store_->commit({.writes = {{.kind = RecordKind::kSealingKey, .id = "kek-2", .bytes = whole}}})
          .has_value());

  EXPECT_EQ(start().error().reason, "wrong_root_key");
}

// Control S-01: swapped between rows, fields and accounts, or changed in any byte, nothing opens.
TEST_F(SealerTest, ASealedSecretOpensInItsOwnPlaceAlone) {
  const auto sealer = start();
  const KeyPair pair = sealed_pair(**sealer);
  ApiKey other_key = key_;
  other_key.id = *ApiKeyId::parse(std::string(64, 'o'));
  ApiKey other_account = key_;
  other_account.account = *AccountId::parse("other");
  KeyPair other_pair = pair;
  other_pair.number = 2;

  EXPECT_FALSE((*sealer)->open(other_key, pair).has_value());
  EXPECT_FALSE((*sealer)->open(other_account, pair).has_value());
  EXPECT_FALSE((*sealer)->open(key_, other_pair).has_value());
  EXPECT_EQ((*sealer)->not_opened(), 3U);
  for (std::size_t i = 0; i < pair.sealed_secret.size(); ++i) {
    KeyPair changed = pair;
    changed.sealed_secret[i] ^= 1U;
    EXPECT_FALSE((*sealer)->open(key_, changed).has_value()) << "byte " << i;
  }
  EXPECT_TRUE((*sealer)->open(key_, pair).has_value());
}

TEST_F(SealerTest, APublicKeyOfAnotherTypeThanItsRecordSaysIsRefused) {
  const auto sealer = start();
  const auto made = PrivateKey::generate(Scheme::kEd25519, random_);
  KeyPair pair{.number = 1, .scheme = Scheme::kEd25519};
  pair.public_key = made->public_key().spki_der();
  EXPECT_TRUE((*sealer)->open(key_, pair).has_value());

  pair.scheme = Scheme::kRsaPkcs1Sha256;
  EXPECT_FALSE((*sealer)->open(key_, pair).has_value());
  pair.scheme = Scheme::kHmacSha256;  // the public key as an HMAC secret
  EXPECT_FALSE((*sealer)->open(key_, pair).has_value());
}

// Control S-02 with a limit of ten.
TEST_F(SealerTest, TheEleventhWrapUsesANewVersionAndTheOldOnesStillOpen) {
  const auto sealer = start({.wraps_max = 10, .written_ahead = 10, .kept_back = 0});
  ASSERT_TRUE(sealer.has_value()) << sealer.error().detail;
  // The pepper took one.
  std::vector<KeyPair> pairs;
  for (std::uint32_t n = 1; n <= 9; ++n) {
    pairs.push_back(sealed_pair(**sealer, n));
  }
  ASSERT_EQ((*sealer)->sealing_key_version(), 1U);

  pairs.push_back(sealed_pair(**sealer, 10));

  EXPECT_EQ((*sealer)->sealing_key_version(), 2U);
  EXPECT_EQ(kek_version_of(pairs[8].sealed_secret), 1U);
  EXPECT_EQ(kek_version_of(pairs[9].sealed_secret), 2U);
  for (const KeyPair& pair : pairs) {
    EXPECT_TRUE((*sealer)->open(key_, pair).has_value()) << pair.number;
  }
}

TEST_F(SealerTest, MaintenanceReplacesASealingKeyBeforeItIsUsedUp) {
  const auto sealer = start({.wraps_max = 10, .written_ahead = 4, .kept_back = 3});
  for (std::uint32_t n = 1; n <= 6; ++n) {
    (void)sealed_pair(**sealer, n);
    ASSERT_TRUE((*sealer)->maintain().has_value());
  }

  EXPECT_EQ((*sealer)->sealing_key_version(), 2U);
}

TEST_F(SealerTest, TheCountOfWrapsIsWrittenDownBeforeTheyAreMade) {
  const SealingLimits limits{.wraps_max = 100, .written_ahead = 4, .kept_back = 0};
  const auto sealer = start(limits);
  std::uint64_t made = 1;  // the pepper
  for (std::uint32_t n = 1; n <= 20; ++n) {
    (void)sealed_pair(**sealer, n);
    ++made;
    EXPECT_GE(std::stoull(record("wraps-1")), made);
  }
}

TEST_F(SealerTest, ACrashCanOnlyWasteWraps) {
  const SealingLimits limits{.wraps_max = 10, .written_ahead = 4, .kept_back = 0};
  std::vector<KeyPair> pairs;
  for (std::uint32_t n = 1; n <= 6; ++n) {  // each start takes what was written down for used
    const auto sealer = start(limits);
    ASSERT_TRUE(sealer.has_value());
    pairs.push_back(sealed_pair(**sealer, n));
  }
  const auto sealer = start(limits);

  EXPECT_GT((*sealer)->sealing_key_version(), 1U);
  for (const KeyPair& pair : pairs) {
    EXPECT_TRUE((*sealer)->open(key_, pair).has_value()) << pair.number;
  }
}

TEST_F(SealerTest, AMissingOrDamagedCountMeansThatTheKeySealsNothingMore) {
  ASSERT_TRUE(start().has_value());
  overwrite("wraps-1", "12 or so");

  const auto sealer = start();

  ASSERT_TRUE(sealer.has_value());
  EXPECT_EQ((*sealer)->sealing_key_version(), 2U);
}

TEST_F(SealerTest, ARegistryThatLostItsSealingKeysIsRefused) {
  ASSERT_TRUE(start().has_value());
  ASSERT_TRUE(store_->commit({.writes = {{.kind = RecordKind::kApiKey, .id = "k", .bytes = "x"}}})
                  .has_value());
  overwrite("pepper", std::nullopt);
  EXPECT_EQ(start().error().reason, "sealing_keys_missing");
  overwrite("kek-1", std::nullopt);

  EXPECT_EQ(start().error().reason, "sealing_keys_missing");
}

TEST_F(SealerTest, ARefusalIsSealedWithoutWaitingAndNotAtAllWhenNoWrapIsLeft) {
  const auto sealer = start({.wraps_max = 100, .written_ahead = 3, .kept_back = 0});
  registry_.commit_fails = RegistryError::kFull;  // the event loop must not need the store

  EXPECT_FALSE((*sealer)->seal_refused("id-1", "symbol=X").empty());
  EXPECT_FALSE((*sealer)->seal_refused("id-2", "symbol=X").empty());
  EXPECT_TRUE((*sealer)->seal_refused("id-3", "symbol=X").empty());
  EXPECT_EQ((*sealer)->seal_secret(key_, 1, secret()).error().reason, "disk_full");
  registry_.commit_fails.reset();
  ASSERT_TRUE((*sealer)->maintain().has_value());
  EXPECT_FALSE((*sealer)->seal_refused("id-4", "symbol=X").empty());
  EXPECT_TRUE((*sealer)->seal_refused("id-5", std::string(kSealedValueBytesMax + 1, 'x')).empty());
}

TEST_F(SealerTest, OurOwnKeysOpenUnderTheirNameAlone) {
  const auto sealer = start();
  const auto sealed = (*sealer)->seal_own("audit", secret());
  ASSERT_TRUE(sealed.has_value());

  const auto opened = (*sealer)->open_own("audit", *sealed);

  ASSERT_TRUE(opened.has_value());
  EXPECT_TRUE(opened->equals(as_bytes(kSecret)));
  EXPECT_EQ((*sealer)->open_own("other", *sealed).error().reason, "own_key_not_opened");
}

TEST_F(SealerTest, TheLookupHashOfASecretStaysTheSameAcrossStartsAndDiffersFromItsPlainHash) {
  const auto first = (*start())->seal_secret(key_, 1, secret());
  const auto second = (*start())->seal_secret(key_, 2, secret());

  EXPECT_EQ(first->lookup_hash, second->lookup_hash);
  EXPECT_NE(first->lookup_hash, sha256(as_bytes(kSecret)));
}

TEST_F(SealerTest, WithoutRandomnessNothingIsSealed) {
  const auto sealer = start();
  random_.fails = true;

  EXPECT_FALSE((*sealer)->seal_secret(key_, 1, secret()).has_value());
  EXPECT_EQ((*sealer)->new_secret(KeyFormat(), random_).error().reason, "no_randomness");
  EXPECT_TRUE((*sealer)->seal_refused("id", "x").empty());
}

TEST_F(SealerTest, ThreadsSealAndOpenWhileSealingKeysAreReplaced) {
  const auto sealer = start({.wraps_max = 40, .written_ahead = 8, .kept_back = 4});
  {
    std::vector<std::jthread> threads;
    for (std::uint32_t t = 0; t < 3; ++t) {
      threads.emplace_back([&, t] {
        for (std::uint32_t n = 0; n < 60; ++n) {
          const auto pair = sealed_pair(**sealer, (t * 100) + n);
          EXPECT_TRUE((*sealer)->open(key_, pair).has_value());
          (void)(*sealer)->seal_refused("id", "x");
        }
      });
    }
  }
  EXPECT_GT((*sealer)->sealing_key_version(), 4U);
}

}  // namespace
}  // namespace counterfoil
