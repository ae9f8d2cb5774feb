#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "app/backup_places.h"
#include "authority/audited_registry.h"
#include "authority/issuer.h"
#include "authority/problem.h"
#include "backup/make_backup.h"
#include "backup/revocation_log.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/backup_key.h"
#include "doors/management/backup_facts.h"
#include "journal/journal.h"
#include "registry/registry.h"

namespace counterfoil {

// open_revocation_log starts the revocation log of a node (backup/revocation_log.h). `birth_line`
// is the birth record of its audit log.
[[nodiscard]] std::expected<std::unique_ptr<RevocationLog>, Problem> open_revocation_log(
    const BackupPlaces& places, const Registry& registry, const Journal& journal,
    const std::string& birth_line);

// NodeBackups makes backups of a node's stores while it runs, one at a time, each with an audit
// record. Safe to call from any thread.
class NodeBackups {
 public:
  // All must outlive it.
  NodeBackups(BackupPlaces places, AuditedRegistry& audited, RandomSource& random,
              const Clock& clock)
      : places_(std::move(places)), audited_(audited), random_(random), clock_(clock) {}

  // create makes the backup at `file`, an absolute path. Problem: those of make_backup;
  // path_not_absolute, backup_running, backup_key_unusable.
  [[nodiscard]] std::expected<BackupFacts, Problem> create(const Actor& actor,
                                                           const std::string& file);

 private:
  [[nodiscard]] std::expected<void, Problem> record(const Actor& actor, const MadeBackup& made);

  BackupPlaces places_;
  AuditedRegistry& audited_;
  RandomSource& random_;
  const Clock& clock_;
  std::mutex mutex_;
};

// load_backup_key: backup_key_unusable.
[[nodiscard]] std::expected<BackupKey, Problem> load_backup_key(const std::filesystem::path& path);

}  // namespace counterfoil
