#include "app/node_backups.h"

#include <expected>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "app/backup_places.h"
#include "app/backup_stores.h"
#include "app/version.h"
#include "authority/audit_chain.h"
#include "authority/audit_lines.h"
#include "authority/audited_registry.h"
#include "authority/issuer.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "backup/make_backup.h"
#include "backup/manifest.h"
#include "backup/revocation_log.h"
#include "backup/stores.h"
#include "base/hex.h"
#include "crypto/backup_key.h"
#include "crypto/key_file.h"
#include "doors/management/backup_facts.h"
#include "journal/journal.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;

std::filesystem::path full_path(const std::filesystem::path& path) {
  return std::filesystem::absolute(path).lexically_normal();
}

}  // namespace

std::expected<std::unique_ptr<RevocationLog>, Problem> open_revocation_log(
    const BackupPlaces& places, const Registry& registry, const Journal& journal,
    const std::string& birth_line) {
  const auto birth = parse_birth(birth_line);
  return RevocationLog::start(places.revocation_logs, registry, journal,
                              birth ? birth->log_id : std::string());
}

std::expected<BackupKey, Problem> load_backup_key(const std::filesystem::path& path) {
  auto key = BackupKey::load(path);
  if (key) {
    return std::move(*key);
  }
  const std::string sentence = "backup key " + path.string() + ": ";
  if (key.error() == KeyFileError::kMissing) {
    return problem(Kind::kInvalid, "backup_key_unusable",
                   sentence +
                       "there is no such file; name it with --key, or make a new key with "
                       "`counterfoil backup create --new-key`");
  }
  return problem(Kind::kInvalid, "backup_key_unusable",
                 sentence + std::string(describe(key.error())));
}

std::expected<BackupFacts, Problem> NodeBackups::create(const Actor& actor,
                                                        const std::string& file) {
  if (!std::filesystem::path(file).is_absolute()) {
    return problem(Kind::kInvalid, "path_not_absolute",
                   "the node writes the backup, so its name must begin with '/'");
  }
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock()) {
    return problem(Kind::kConflict, "backup_running",
                   "another backup is being made: wait for it, and repeat");
  }
  const auto key = load_backup_key(places_.key_file);
  if (!key) {
    return std::unexpected(key.error());
  }
  const StoreEngines engines = store_engines(places_.data, random_);
  BackupOrigin origin{.program = std::string(kVersion),
                      .node = places_.node,
                      .revocation_logs = {},
                      .checkpoints = full_path(places_.checkpoints)};
  for (const std::filesystem::path& path : places_.revocation_logs) {
    origin.revocation_logs.push_back(full_path(path));
  }
  const auto made =
      make_backup({.engines = engines,
                   .key = *key,
                   .random = random_,
                   .clock = clock_,
                   .scratch = places_.data},
                  origin, file, [&](const MadeBackup& backup) { return record(actor, backup); });
  if (!made) {
    return std::unexpected(made.error());
  }
  const StoresSurvey& stores = made->manifest.stores;
  return BackupFacts{.file = made->file.string(),
                     .bytes = made->bytes,
                     .time = made->manifest.time,
                     .audit_seq = stores.head.seq,
                     .audit_hash = to_hex(stores.head.hash),
                     .accounts = stores.counts.accounts,
                     .api_keys = stores.counts.api_keys};
}

std::expected<void, Problem> NodeBackups::record(const Actor& actor, const MadeBackup& made) {
  const AuditHead& head = made.manifest.stores.head;
  const auto committed = audited_.commit({}, {.actor = actor.name,
                                              .source = actor.source,
                                              .action = "backup.create",
                                              .object = made.file.string(),
                                              .detail = {{"audit_hash", to_hex(head.hash)},
                                                         {"audit_seq", std::to_string(head.seq)},
                                                         {"bytes", std::to_string(made.bytes)}}});
  return committed ? std::expected<void, Problem>() : problem_of(committed.error());
}

}  // namespace counterfoil
