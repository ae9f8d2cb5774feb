#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "authority/issuer.h"
#include "authority/problem.h"
#include "backup/manifest.h"
#include "backup/stores.h"
#include "base/time.h"
#include "crypto/backup_key.h"
#include "keys/permission.h"

namespace counterfoil {

// Rollback says whether a backup may be restored although newer audit records are known of.
enum class Rollback : std::uint8_t { kRefuse, kAccept };

struct RestoreWish {
  std::filesystem::path file;
  std::filesystem::path directory;  // must be empty, or not be there
  // Copies of the revocation log, and the checkpoint file. nullopt: where the node that was backed
  // up kept them, if they are still there.
  std::optional<std::vector<std::filesystem::path>> revocation_logs;
  std::optional<std::filesystem::path> checkpoints;
  Rollback rollback = Rollback::kRefuse;
  Actor actor;
};

struct RestoreWork {
  const StoreEngines& engines;
  const BackupKey& key;
  const Clock& clock;
  const PermissionTable& permissions;
};

struct Restored {
  Manifest manifest;
  bool revocations_known = false;  // false: all API keys are suspended, all people disabled
  std::size_t endings = 0;         // that came after the backup
  std::size_t keys_revoked = 0;
  std::size_t keys_suspended = 0;
  std::size_t keys_changed = 0;  // of a pair's end or the key's
  std::size_t accounts_suspended = 0;
  std::size_t people_disabled = 0;
  std::uint64_t newest_known = 0;  // audit record, of checkpoints; 0: none was given
  bool rolled_back = false;
  std::uint64_t incarnation = 0;  // the new one
};

// restore_backup restores into an empty folder, or changes nothing at all: it works in a folder
// beside it, which gets the name at the end. What was ended after the backup was made is ended
// again (backup/restored_keys.h, backup/restored_people.h), and the audit log goes on with records
// of the restore. The registry has a new incarnation.
//
// Problem: those of check_backup; directory_not_empty; revocation_log_damaged,
// revocation_log_foreign; checkpoints_foreign; backup_too_old (newer audit records are known of, or
// another history); record_unreadable (an API key that must change cannot be read: mostly, the
// configuration names another profile than the node had).
[[nodiscard]] std::expected<Restored, Problem> restore_backup(const RestoreWork& work,
                                                              const RestoreWish& wish);

}  // namespace counterfoil
