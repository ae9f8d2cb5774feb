#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <expected>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/account.h"
#include "accounts/person.h"
#include "accounts/person_id.h"
#include "app/backup_stores.h"
#include "authority/audit_keeper.h"
#include "authority/audit_origin.h"
#include "authority/audited_registry.h"
#include "authority/checkpoint_file.h"
#include "authority/issuer.h"
#include "authority/key_records.h"
#include "authority/people_records.h"
#include "authority/sealer.h"
#include "backup/make_backup.h"
#include "backup/manifest.h"
#include "backup/restore_backup.h"
#include "backup/revocation_log.h"
#include "base/account_id.h"
#include "base/manual_clock.h"
#include "base/random.h"
#include "base/temporary_directory.h"
#include "base/time.h"
#include "crypto/backup_key.h"
#include "crypto/root_key.h"
#include "journal/sqlite/sqlite_journal.h"
#include "keys/api_key.h"
#include "keys/api_key_codec.h"
#include "keys/key_format.h"
#include "keys/permission.h"
#include "registry/registry.h"
#include "registry/sqlite/sqlite_registry.h"

// For tests alone: the stores of a node, with what writes to them, and backups of them.
namespace counterfoil {

inline constexpr Timestamp kTestStart = from_unix_ms(1'700'000'000'000);

// TestNode is a node as far as its stores are concerned.
class TestNode {
 public:
  TestNode(const std::filesystem::path& data, const std::filesystem::path& root_key,
           RandomSource& random, const ManualClock& clock)
      : data_(data) {
    registry = open_sqlite_registry(data / "registry.db", random).value();
    journal = open_sqlite_journal(data / "journal.db").value();
    const auto load = [&]() -> std::expected<RootKey, Problem> {
      return RootKey::load(root_key).value();
    };
    origin = ensure_audit_origin(*registry, load, random, clock, "node-1").value();
    auto log = RevocationLog::start({data / "revocations.log"}, *registry, *journal,
                                    parse_birth(origin.birth_line)->log_id);
    EXPECT_TRUE(log.has_value()) << (log ? "" : log.error().detail);
    revocations = std::move(*log);
    logged = std::make_unique<LoggedRegistry>(*registry, *revocations);
    audited = std::make_unique<AuditedRegistry>(*logged, clock, "node-1", origin.hash);
    sealer = Sealer::start(RootKey::load(root_key).value(), *audited, random).value();
    checkpoints = CheckpointFile::open(data / "checkpoints.log").value();
    auto started = AuditKeeper::start({.registry = *registry,
                                       .audited = *audited,
                                       .sealer = *sealer,
                                       .journal = *journal,
                                       .random = random,
                                       .clock = clock,
                                       .sinks = {revocations.get(), checkpoints.get()}},
                                      origin, checkpoints->newest());
    EXPECT_TRUE(started.has_value()) << (started ? "" : started.error().detail);
    keeper = std::move(*started);
  }

  // put_key makes or changes an API key; `action` is what the audit log says of it.
  void put_key(const ApiKey& key, const std::string& action,
               std::map<std::string, std::string> detail = {}) {
    const auto present = registry->find(RecordKind::kApiKey, key.id.text()).value();
    const auto done = audited->commit(
        {api_key_write(key, permissions, present ? present->modified : 0)},
        api_key_fact({.name = "test", .source = "local"}, action, key, std::move(detail)),
        Urgency::kRevocation);
    ASSERT_TRUE(done.has_value()) << describe(done.error());
  }
  [[nodiscard]] ApiKey key(const ApiKeyId& id) const {
    const auto record = registry->find(RecordKind::kApiKey, id.text()).value();
    return decode_api_key(record->bytes, permissions).value();
  }

  // put_person makes or changes somebody who signs in.
  void put_person(const Person& person, const std::string& action,
                  std::map<std::string, std::string> detail = {}) {
    const auto present = registry->find(RecordKind::kPerson, person.id.text()).value();
    const auto done = audited->commit({person_write(person, present ? present->modified : 0)},
                                      {.actor = "test",
                                       .action = action,
                                       .object = person.id.text(),
                                       .detail = std::move(detail)});
    ASSERT_TRUE(done.has_value()) << describe(done.error());
  }
  [[nodiscard]] std::optional<Person> person(const PersonId& id) const {
    const auto stored = find_person(*registry, id).value();
    return stored ? std::optional(stored->value) : std::nullopt;
  }

  PermissionTable permissions = PermissionTable::create({"USER_DATA", "TRADE"}).value();
  std::unique_ptr<Registry> registry;
  std::unique_ptr<Journal> journal;
  AuditOrigin origin;
  std::unique_ptr<RevocationLog> revocations;
  std::unique_ptr<LoggedRegistry> logged;
  std::unique_ptr<AuditedRegistry> audited;
  std::unique_ptr<Sealer> sealer;
  std::unique_ptr<CheckpointFile> checkpoints;
  std::unique_ptr<AuditKeeper> keeper;

 private:
  std::filesystem::path data_;
};

class StoresFixture : public testing::Test {
 protected:
  StoresFixture() {
    std::filesystem::create_directory(data_);
    std::filesystem::permissions(data_, std::filesystem::perms::owner_all);
    EXPECT_TRUE(RootKey::create_file(folder_.path() / "root.key", random_).has_value());
    node_ = start(data_);
  }

  [[nodiscard]] std::unique_ptr<TestNode> start(const std::filesystem::path& data) {
    return std::make_unique<TestNode>(data, folder_.path() / "root.key", random_, clock_);
  }

  // new_key puts a key with one pair into the node.
  ApiKey new_key(std::uint8_t number = 0) {
    ApiKey key{.id = KeyFormat().generate_api_key(random_).value(),
               .account = AccountId::parse("demo").value(),
               .created = clock_.now()};
    key.state_since = clock_.now();
    KeyPair pair;
    pair.scheme = Scheme::kHmacSha256;
    pair.sealed_secret = std::vector<std::uint8_t>(100, number);
    pair.created = clock_.now();
    (void)random_.fill(pair.lookup_hash);
    key.pairs.push_back(pair);
    node_->put_key(key, "key.create");
    return key;
  }

  [[nodiscard]] std::expected<MadeBackup, Problem> back_up(const std::string& name = "backup") {
    return make_backup(
        {.engines = engines_, .key = key_, .random = random_, .clock = clock_, .scratch = data_},
        {.program = "1.0.0",
         .node = "node-1",
         .revocation_logs = {data_ / "revocations.log"},
         .checkpoints = data_ / "checkpoints.log"},
        folder_.path() / name, [](const MadeBackup&) { return std::expected<void, Problem>(); });
  }

  [[nodiscard]] RestoreWish wish(const std::string& name = "backup") const {
    return {.file = folder_.path() / name,
            .directory = folder_.path() / "restored",
            .revocation_logs = std::nullopt,
            .checkpoints = std::nullopt,
            .actor = {.name = "cli:uid=1000", .source = "local"}};
  }
  [[nodiscard]] std::expected<Restored, Problem> restore(const RestoreWish& wish) {
    return restore_backup(
        {.engines = engines_, .key = key_, .clock = clock_, .permissions = node_->permissions},
        wish);
  }

  [[nodiscard]] std::string bytes_of(const std::filesystem::path& path) const {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(const std::filesystem::path& path, std::string_view bytes) const {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }
  // leftovers are all entries of the test's folder but those it made itself.
  [[nodiscard]] std::vector<std::string> leftovers() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      const std::string name = entry.path().filename().string();
      if (name != "root.key" && name != "data" && !name.starts_with("backup")) {
        names.push_back(name);
      }
    }
    for (const auto& entry : std::filesystem::directory_iterator(data_)) {
      if (entry.path().filename().string().starts_with(".backup-")) {
        names.push_back(entry.path().filename().string());
      }
    }
    return names;
  }

  SystemRandom random_;
  ManualClock clock_{kTestStart};
  TemporaryDirectory folder_;
  std::filesystem::path data_ = folder_.path() / "data";
  BackupKey key_ = BackupKey::generate(random_).value();
  StoreEngines engines_ = store_engines(data_, random_);
  std::unique_ptr<TestNode> node_;
};

}  // namespace counterfoil
