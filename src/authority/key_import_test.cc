#include "authority/key_import.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/authority_fixture.h"
#include "authority/issuer.h"
#include "authority/key_records.h"
#include "authority/problem.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "crypto/digest.h"
#include "crypto/private_key.h"
#include "crypto/secret_bytes.h"
#include "crypto/signature_scheme.h"
#include "keys/api_key.h"
#include "keys/api_key_id.h"
#include "keys/life.h"
#include "registry/registry.h"
#include "replica/live_key_table.h"

namespace counterfoil {
namespace {

using Kind = ImportedRow::Kind;

// Ids and secrets that nobody made before: text(1), text(2), ...
std::string text(std::string_view begin, std::size_t number) {
  const std::string digits = to_hex(sha256(as_bytes(std::to_string(number))));
  return std::string(begin) + digits.substr(begin.size());
}

class KeyImportTest : public testing::Test {
 protected:
  static ImportedKey row(std::size_t number, std::string account = "demo") {
    return row(text("KEY", number), text("SECRET", number), std::move(account));
  }
  static ImportedKey row(std::string id, std::string_view secret, std::string account = "demo") {
    return {.key = {.account = std::move(account), .label = "imported"},
            .api_key = std::move(id),
            .secret = SecretBytes::copy_of(as_bytes(secret)).value()};
  }
  std::vector<std::string> import(std::initializer_list<ImportedKey> rows, ImportRules rules = {}) {
    return import(std::span(rows.begin(), rows.size()), rules);
  }
  std::vector<std::string> import(std::span<const ImportedKey> rows, ImportRules rules = {}) {
    KeyImport batch(*house_.issuer, rules);
    for (const ImportedKey& wanted : rows) {
      batch.add(wanted);
    }
    const auto stored = batch.store(house_.actor);
    EXPECT_TRUE(stored.has_value()) << (stored ? "" : stored.error().detail);
    accounts_created_ = stored->accounts_created;
    std::vector<std::string> outcomes;
    for (const ImportedRow& row : stored->rows) {
      outcomes.push_back(row.kind == Kind::kImported       ? "imported"
                         : row.kind == Kind::kAlreadyThere ? "there"
                                                           : row.problem->reason);
    }
    return outcomes;
  }
  // rows `first` to `last` of one account
  static std::vector<ImportedKey> rows(std::size_t first, std::size_t last,
                                       const std::string& account = "demo") {
    std::vector<ImportedKey> made;
    for (std::size_t number = first; number <= last; ++number) {
      made.push_back(row(number, account));
    }
    return made;
  }
  // store is what somebody else does to the store at the same moment.
  void store(std::vector<Write> writes) {
    ASSERT_TRUE(house_.store->commit({.writes = std::move(writes)}).has_value());
  }
  // taken_out makes a key of a row, and takes it out of the store again.
  ApiKey taken_out(const ImportedKey& wanted) {
    ApiKey key = house_.issuer->import_key(wanted, house_.actor).value();
    const auto record = house_.store->find(RecordKind::kApiKey, key.id.text()).value();
    store({{.kind = RecordKind::kApiKey,
            .id = record->id,
            .bytes = std::nullopt,
            .expected_modified = record->modified,
            .indexes = {}}});
    return key;
  }
  [[nodiscard]] std::uint64_t revision() const { return house_.registry->revision()->number; }
  [[nodiscard]] std::uint64_t audit_seq() const {
    return house_.registry->last_audit().value()->seq;
  }
  [[nodiscard]] bool accepts(std::size_t number) const {
    const LiveKeyRef live = house_.replica->find(*ApiKeyId::parse(text("KEY", number)));
    return live && live->state == KeyState::kActive &&
           live->pairs[0].key.verify_text(as_bytes("x=1"), hmac_hex(text("SECRET", number), "x=1"));
  }

  using Outcomes = std::vector<std::string>;
  TestAuthority house_;
  std::size_t accounts_created_ = 0;
};

TEST_F(KeyImportTest, ABatchIsOneChangeWithOneRecordAndInForceWhenAnswered) {
  const std::uint64_t revision_before = revision();
  const std::uint64_t seq_before = audit_seq();

  EXPECT_EQ(import(rows(1, 3)), Outcomes(3, "imported"));

  EXPECT_EQ(revision(), revision_before + 1);
  EXPECT_EQ(audit_seq(), seq_before + 1);
  const auto record = nlohmann::json::parse(house_.last_audit());
  EXPECT_EQ(record["action"], "keys.import");
  EXPECT_EQ(record["object"], text("KEY", 1));
  EXPECT_EQ(record["actor"], house_.actor.name);
  const auto& detail = record["detail"];
  EXPECT_EQ(detail["count"], "3");
  EXPECT_EQ(detail["last"], text("KEY", 3));
  EXPECT_EQ(detail["ids_sha256"], to_hex(sha256(as_bytes(text("KEY", 1) + "\n" + text("KEY", 2) +
                                                         "\n" + text("KEY", 3) + "\n"))));
  EXPECT_EQ(house_.last_audit().find("SECRET"), std::string::npos);
  for (std::size_t number = 1; number <= 3; ++number) {
    EXPECT_TRUE(accepts(number));
    EXPECT_TRUE(house_.issuer->find_key(text("KEY", number))->imported);
  }
}

TEST_F(KeyImportTest, ARefusedRowDoesNotStopTheOthers) {
  std::vector<ImportedKey> wanted = rows(1, 2);
  wanted.insert(wanted.begin() + 1, row("short", text("SECRET", 7)));
  wanted.push_back(row(text("KEY", 8), "short"));

  EXPECT_EQ(import(wanted),
            (Outcomes{"imported", "api_key_malformed", "imported", "secret_length"}));
  EXPECT_TRUE(accepts(1) && accepts(2));
}

TEST_F(KeyImportTest, SentAgainARowIsThereAlreadyAndNothingIsWritten) {
  ASSERT_EQ(import(rows(1, 2)), Outcomes(2, "imported"));
  ASSERT_TRUE(house_.issuer->revoke_key(text("KEY", 2), "leaked", house_.actor).has_value());
  const std::uint64_t revision_before = revision();
  const std::uint64_t seq_before = audit_seq();

  EXPECT_EQ(import(rows(1, 2)), Outcomes(2, "there"));

  EXPECT_EQ(revision(), revision_before);
  EXPECT_EQ(audit_seq(), seq_before);
  EXPECT_TRUE(accepts(1));
  EXPECT_FALSE(accepts(2));  // what was revoked since stays so
}

TEST_F(KeyImportTest, AnIdThatIsThereWithAnotherPairOrAccountIsRefused) {
  ASSERT_TRUE(house_.issuer->create_account("other", "", house_.actor).has_value());
  ASSERT_EQ(import({row(1)}), Outcomes{"imported"});

  EXPECT_EQ(import({row(text("KEY", 1), text("SECRET", 2)), row(1, "other")}),
            Outcomes(2, "api_key_exists"));
}

TEST_F(KeyImportTest, DoubleRowsOfOneBatchAreSeen) {
  EXPECT_EQ(import({row(1), row(1), row(text("KEY", 1), text("SECRET", 2)),
                    row(text("KEY", 2), text("SECRET", 1)), row(2)}),
            (Outcomes{"imported", "there", "api_key_exists", "pair_taken", "imported"}));
}

TEST_F(KeyImportTest, ASecretThatAnotherKeyHasIsRefused) {
  ASSERT_EQ(import({row(1)}), Outcomes{"imported"});

  EXPECT_EQ(import({row(text("KEY", 2), text("SECRET", 1))}), Outcomes{"pair_taken"});
}

TEST_F(KeyImportTest, AnAccountHasThirtyKeysThatAreNotRevoked) {
  ASSERT_EQ(import(rows(1, kKeysPerAccountMax - 1)), Outcomes(kKeysPerAccountMax - 1, "imported"));

  EXPECT_EQ(import(rows(100, 102)), (Outcomes{"imported", "too_many_keys", "too_many_keys"}));

  ASSERT_TRUE(house_.issuer->revoke_key(text("KEY", 1), "", house_.actor).has_value());
  EXPECT_EQ(import(rows(101, 102)), (Outcomes{"imported", "too_many_keys"}));
}

TEST_F(KeyImportTest, AMissingAccountIsRefusedUnlessItIsToBeMade) {
  EXPECT_EQ(import({row(1, "desk"), row(2, "Bad Name")}),
            (Outcomes{"no_such_account", "account_id_invalid"}));
  const std::uint64_t seq_before = audit_seq();

  EXPECT_EQ(import({row(1, "desk"), row(2, "desk"), row(3)},
                   {.missing_accounts = MissingAccounts::kCreate}),
            Outcomes(3, "imported"));

  EXPECT_EQ(accounts_created_, 1U);
  EXPECT_EQ(audit_seq(), seq_before + 1);
  EXPECT_EQ(nlohmann::json::parse(house_.last_audit())["detail"]["accounts_created"], "1");
  EXPECT_TRUE(house_.issuer->account("desk").has_value());
  EXPECT_TRUE(accepts(1));
}

TEST_F(KeyImportTest, AnAccountWhoseRowsAreAllRefusedIsNotMade) {
  EXPECT_EQ(import({row(text("KEY", 1), "short", "desk")},
                   {.missing_accounts = MissingAccounts::kCreate}),
            Outcomes{"secret_length"});
  EXPECT_FALSE(house_.issuer->account("desk").has_value());
}

TEST_F(KeyImportTest, ASuspendedAccountGetsNoKeys) {
  ASSERT_TRUE(house_.issuer->suspend_account("demo", "", house_.actor).has_value());

  EXPECT_EQ(import({row(1)}), Outcomes{"account_suspended"});
}

TEST_F(KeyImportTest, ARehearsalFindsOutEverythingAndStoresNothing) {
  ASSERT_EQ(import({row(1)}), Outcomes{"imported"});
  const std::uint64_t revision_before = revision();

  EXPECT_EQ(import({row(1), row(2), row(2), row(text("KEY", 3), "short"), row(4, "desk")},
                   {.missing_accounts = MissingAccounts::kCreate, .run = ImportRun::kRehearsal}),
            (Outcomes{"there", "imported", "there", "secret_length", "imported"}));

  EXPECT_EQ(accounts_created_, 1U);
  EXPECT_EQ(revision(), revision_before);
  EXPECT_FALSE(house_.issuer->account("desk").has_value());
}

TEST_F(KeyImportTest, ABatchThatLostARaceIsDecidedAnew) {
  const ApiKey same_id = taken_out(row(text("KEY", 1), text("SECRET", 9)));
  const ApiKey same_pair = taken_out(row(text("KEY", 8), text("SECRET", 2)));
  house_.registry->before_commit = [&, done = false]() mutable {
    if (!std::exchange(done, true)) {
      store({api_key_write(same_id, house_.profile.permissions(), 0),
             api_key_write(same_pair, house_.profile.permissions(), 0)});
    }
  };

  EXPECT_EQ(import(rows(1, 3)), (Outcomes{"api_key_exists", "pair_taken", "imported"}));
  EXPECT_TRUE(accepts(3));
}

TEST_F(KeyImportTest, TheLimitOfAnAccountHoldsAgainstWhoCreatesAtTheSameMoment) {
  ASSERT_EQ(import(rows(1, kKeysPerAccountMax - 1)), Outcomes(kKeysPerAccountMax - 1, "imported"));
  const ApiKey other = taken_out(row(99));
  house_.registry->before_commit = [&, done = false]() mutable {
    if (!std::exchange(done, true)) {
      const auto account = house_.store->find(RecordKind::kAccount, "demo").value();
      store({account_write(*house_.issuer->account("demo"), account->modified),
             api_key_write(other, house_.profile.permissions(), 0)});
    }
  };

  EXPECT_EQ(import({row(100)}), Outcomes{"too_many_keys"});
}

TEST_F(KeyImportTest, OnAFullDiskNothingIsImportedAndItIsSaid) {
  house_.registry->commit_fails = RegistryError::kFull;
  KeyImport batch(*house_.issuer, {});
  batch.add(row(1));

  const auto stored = batch.store(house_.actor);

  ASSERT_FALSE(stored.has_value());
  EXPECT_EQ(stored.error().reason, "disk_full");
  EXPECT_FALSE(accepts(1));
}

TEST_F(KeyImportTest, PublicKeysComeWithTheirIdsToo) {
  const auto key = PrivateKey::generate(Scheme::kEd25519, house_.random).value();
  ImportedKey wanted = row(text("KEY", 1), "");
  wanted.key.material.public_key = key.public_key().pem();

  ASSERT_EQ(import(std::span(&wanted, 1)), Outcomes{"imported"});

  const LiveKeyRef live = house_.replica->find(*ApiKeyId::parse(text("KEY", 1)));
  ASSERT_TRUE(live);
  EXPECT_TRUE(live->pairs[0].key.verify_text(as_bytes("x=1"),
                                             to_base64(key.sign(as_bytes("x=1")).value())));
  EXPECT_EQ(import(std::span(&wanted, 1)), Outcomes{"there"});
}

TEST_F(KeyImportTest, TakesItsLimitOfRows) {
  std::vector<ImportedKey> wanted;
  for (std::size_t number = 0; number < KeyImport::kRowsMax; ++number) {
    wanted.push_back(row(number, "desk-" + std::to_string(number)));
  }

  EXPECT_EQ(import(wanted, {.missing_accounts = MissingAccounts::kCreate}),
            Outcomes(KeyImport::kRowsMax, "imported"));
  EXPECT_EQ(accounts_created_, KeyImport::kRowsMax);
}

}  // namespace
}  // namespace counterfoil
