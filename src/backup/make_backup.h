#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "authority/problem.h"
#include "backup/manifest.h"
#include "backup/stores.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/backup_key.h"

namespace counterfoil {

// BackupOrigin is what a backup says of the node it was made of.
struct BackupOrigin {
  std::string program;  // version
  std::string node;
  std::vector<std::filesystem::path> revocation_logs;
  std::filesystem::path checkpoints;
};

// MadeBackup is a backup that was made and found to be good.
struct MadeBackup {
  Manifest manifest;
  std::filesystem::path file;
  std::uint64_t bytes = 0;
};

// BackupWork is what backups are made with. All must outlive the call.
struct BackupWork {
  const StoreEngines& engines;
  const BackupKey& key;
  RandomSource& random;
  const Clock& clock;
  std::filesystem::path scratch;  // a folder for copies of the stores while the work goes on
};

// make_backup backs the stores up into `file`, which it makes (0600). The file has its name only
// once it is whole: written under another name beside it, synced, and restored on trial into
// `scratch`, where the stores must hold what the manifest says. `record` puts it into the audit
// log, before the file gets its name. After a Problem there is no file.
//
// It needs room for two copies of the stores in `scratch` (one at a time) and one at `file`.
[[nodiscard]] std::expected<MadeBackup, Problem> make_backup(
    const BackupWork& work, const BackupOrigin& origin, const std::filesystem::path& file,
    const std::function<std::expected<void, Problem>(const MadeBackup& made)>& record);

// check_backup restores `file` on trial into `directory`, an empty folder, and compares. Problem:
// those of read_backup; backup_damaged when the stores are not what the manifest says.
[[nodiscard]] std::expected<Manifest, Problem> check_backup(const StoreEngines& engines,
                                                            const BackupKey& key,
                                                            const std::filesystem::path& file,
                                                            const std::filesystem::path& directory);

}  // namespace counterfoil
