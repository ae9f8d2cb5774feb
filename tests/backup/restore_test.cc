// A restore does not revive (control S-86).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "accounts/account.h"
#include "authority/key_records.h"
#include "backup/restore_backup.h"
#include "backup/restored_keys.h"
#include "base/account_id.h"
#include "keys/api_key.h"
#include "keys/life.h"
#include "registry/registry.h"
#include "stores_fixture.h"

namespace counterfoil {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
namespace fs = std::filesystem;

class Restore : public StoresFixture {
 protected:
  void revoke_key(const ApiKey& key) {
    node_->put_key(revoke(key, "leaked", clock_.now()), "key.revoke", {{"cause", "leaked"}});
  }
  // restored_node restores `wish` and starts what it made.
  std::unique_ptr<TestNode> restored_node(const RestoreWish& wish) {
    result_ = restore(wish);
    EXPECT_TRUE(result_.has_value()) << (result_ ? "" : result_.error().detail);
    return result_ ? start(wish.directory) : nullptr;
  }
  [[nodiscard]] RestoreWish accepting() const {
    RestoreWish accepting = wish();
    accepting.rollback = Rollback::kAccept;
    return accepting;
  }
  std::expected<Restored, Problem> result_ = std::unexpected(Problem{});
};

TEST_F(Restore, KeepsARevokedKeyDead) {
  const ApiKey lives = new_key();
  const ApiKey dies = new_key();
  ASSERT_TRUE(back_up().has_value());
  revoke_key(dies);

  const auto node = restored_node(accepting());
  ASSERT_NE(node, nullptr);

  EXPECT_EQ(node->key(dies.id).state, KeyState::kRevoked);
  EXPECT_EQ(node->key(dies.id).state_cause, "leaked");
  EXPECT_EQ(node->key(lives.id), lives);
  EXPECT_EQ(result_->keys_revoked, 1U);
  EXPECT_EQ(result_->keys_suspended, 0U);
}

TEST_F(Restore, AppliesEveryKindOfEnding) {
  const ApiKey suspended = new_key();
  const ApiKey leaked_pair = new_key();
  const ApiKey rotating = new_key();
  ApiKey retiring = new_key();
  KeyPair second = retiring.pairs.front();
  (void)random_.fill(second.lookup_hash);
  retiring = rotate(retiring, second, clock_.now() + std::chrono::hours(48), clock_.now()).value();
  node_->put_key(retiring, "key.rotate", {{"overlap_s", "172800"}});
  const Account account{.id = AccountId::parse("demo").value(), .name = "Demo"};
  ASSERT_TRUE(
      node_->audited->commit({account_write(account, 0)},
                             {.actor = "test", .action = "account.create", .object = "demo"}));
  ASSERT_TRUE(back_up().has_value());
  node_->put_key(suspended, "key.suspend", {{"cause", "odd use"}});
  node_->put_key(leaked_pair, "key.rotate", {{"overlap_s", "0"}});
  node_->put_key(rotating, "key.rotate", {{"overlap_s", "3600"}});
  node_->put_key(retiring, "key.end_retiring");
  ASSERT_TRUE(node_->audited->commit({}, {.actor = "test",
                                          .action = "account.suspend",
                                          .object = "demo",
                                          .detail = {{"cause", "audit"}}}));

  const auto node = restored_node(accepting());
  ASSERT_NE(node, nullptr);

  EXPECT_EQ(node->key(suspended.id).state, KeyState::kSuspended);
  EXPECT_EQ(node->key(suspended.id).state_cause, "odd use");
  EXPECT_EQ(node->key(leaked_pair.id).state, KeyState::kRevoked) << "its only pair was ended";
  const ApiKey rotated = node->key(rotating.id);
  EXPECT_EQ(rotated.state, KeyState::kActive);
  EXPECT_EQ(rotated.expires_at, clock_.now() + std::chrono::hours(1));
  EXPECT_FALSE(rotated.pairs.front().verifies_at(clock_.now() + std::chrono::hours(1)));
  ASSERT_EQ(node->key(retiring.id).pairs.size(), 1U);
  EXPECT_EQ(node->key(retiring.id).pairs.front().number, 2U);
  EXPECT_EQ(result_->accounts_suspended, 1U);
  EXPECT_EQ(result_->endings, 5U);
}

TEST_F(Restore, SuspendsEveryKeyWithoutTheLog) {
  const ApiKey dies = new_key();
  const ApiKey lives = new_key();
  const ApiKey dead = revoke(new_key(), "old", clock_.now());
  node_->put_key(dead, "key.revoke", {{"cause", "old"}});
  ASSERT_TRUE(back_up().has_value());
  revoke_key(dies);
  RestoreWish blind = accepting();
  blind.revocation_logs.emplace();

  const auto node = restored_node(blind);
  ASSERT_NE(node, nullptr);

  for (const ApiKey& key : {dies, lives}) {
    EXPECT_EQ(node->key(key.id).state, KeyState::kSuspended);
    EXPECT_EQ(node->key(key.id).state_cause, kUnconfirmedCause);
  }
  EXPECT_EQ(node->key(dead.id), dead);
  EXPECT_FALSE(result_->revocations_known);
  EXPECT_EQ(result_->keys_suspended, 2U);
  EXPECT_TRUE(is_plain_text(kUnconfirmedCause, 200));
}

TEST_F(Restore, SuspendsEveryKeyWhenTheLogIsCutOrBeganLater) {
  const ApiKey key = new_key();
  ASSERT_TRUE(back_up().has_value());
  const fs::path log = data_ / "revocations.log";
  const std::string before = bytes_of(log);
  revoke_key(key);
  ASSERT_TRUE(node_->keeper->checkpoint_now());
  RestoreWish cut = accepting();
  write(folder_.path() / "backup-cut.log", before);
  cut.revocation_logs.emplace({folder_.path() / "backup-cut.log"});
  ASSERT_NE(restored_node(cut), nullptr);
  EXPECT_FALSE(result_->revocations_known) << "the newest checkpoint knows of more";

  fs::remove_all(folder_.path() / "restored");
  node_.reset();
  fs::remove(log);
  node_ = start(data_);
  const auto node = restored_node(accepting());
  ASSERT_NE(node, nullptr);
  EXPECT_FALSE(result_->revocations_known) << "it began after the backup";
  EXPECT_EQ(node->key(key.id).state, KeyState::kSuspended);
}

TEST_F(Restore, RefusesALogThatWasAltered) {
  const ApiKey key = new_key();
  ASSERT_TRUE(back_up().has_value());
  revoke_key(key);
  revoke_key(new_key());
  std::string log = bytes_of(data_ / "revocations.log");
  log.replace(log.find("leaked"), 1, "L");
  write(data_ / "revocations.log", log);

  EXPECT_EQ(restore(accepting()).error().reason, "revocation_log_damaged");
  EXPECT_THAT(leftovers(), IsEmpty());
}

TEST_F(Restore, RefusesABackupThatIsOlderThanTheNewestCheckpoint) {
  const ApiKey key = new_key();
  ASSERT_TRUE(back_up().has_value());
  (void)new_key();
  ASSERT_TRUE(node_->keeper->checkpoint_now());

  const auto refused = restore(wish());
  EXPECT_EQ(refused.error().reason, "backup_too_old");
  EXPECT_THAT(refused.error().detail, HasSubstr("--accept-rollback"));
  EXPECT_THAT(leftovers(), IsEmpty());

  const auto node = restored_node(accepting());
  ASSERT_NE(node, nullptr);
  EXPECT_TRUE(result_->rolled_back);
  const auto records = node->registry->audit_outbox(kListMax).value();
  const auto told = std::ranges::find_if(
      records, [](const AuditEntry& entry) { return entry.bytes.contains("backup.restore"); });
  ASSERT_NE(told, records.end());
  EXPECT_THAT(told->bytes, HasSubstr(R"("rollback":"accepted")"));
  EXPECT_EQ(node->key(key.id), key);
}

TEST_F(Restore, GoesOnWithTheLogSoThatAnOlderBackupKnowsOfLaterEndings) {
  const ApiKey early = new_key();
  const ApiKey late = new_key();
  ASSERT_TRUE(back_up().has_value());
  revoke_key(early);
  node_ = nullptr;
  auto permissions = PermissionTable::create({"USER_DATA", "TRADE"}).value();
  const RestoreWork work{
      .engines = engines_, .key = key_, .clock = clock_, .permissions = permissions};
  ASSERT_TRUE(restore_backup(work, accepting()).has_value());
  node_ = start(folder_.path() / "restored");
  revoke_key(late);
  node_ = nullptr;

  RestoreWish again = accepting();
  again.directory = folder_.path() / "backup-again";
  again.revocation_logs.emplace({folder_.path() / "restored" / "revocations.log"});
  const auto restored = restore_backup(work, again);
  ASSERT_TRUE(restored.has_value()) << restored.error().detail;
  EXPECT_TRUE(restored->revocations_known);
  node_ = start(again.directory);
  EXPECT_EQ(node_->key(early.id).state, KeyState::kRevoked);
  EXPECT_EQ(node_->key(late.id).state, KeyState::kRevoked);
}

TEST_F(Restore, RefusesToGuessAtAKeyThatItCannotRead) {
  const ApiKey key = new_key();
  ASSERT_TRUE(back_up().has_value());
  const auto record = node_->registry->find(RecordKind::kApiKey, key.id.text()).value();
  RestoreWish blind = accepting();
  blind.revocation_logs.emplace();
  ApiKey granted = key;
  granted.permissions = node_->permissions.find("TRADE").value();
  node_->put_key(granted, "key.edit");
  ASSERT_TRUE(back_up("backup-2").has_value());
  blind.file = folder_.path() / "backup-2";
  const auto other = PermissionTable::create({"USER_DATA"}).value();

  const auto refused = restore_backup(
      {.engines = engines_, .key = key_, .clock = clock_, .permissions = other}, blind);
  EXPECT_EQ(refused.error().reason, "record_unreadable");
  EXPECT_THAT(leftovers(), IsEmpty());
}

}  // namespace
}  // namespace counterfoil
