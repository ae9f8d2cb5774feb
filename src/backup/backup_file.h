#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <istream>
#include <string>
#include <vector>

#include "authority/problem.h"
#include "backup/manifest.h"
#include "base/bytes.h"
#include "base/random.h"
#include "crypto/backup_key.h"

namespace counterfoil {

// The file of a backup:
//
//   8 bytes   "CFBACKUP"
//   4 bytes   version of the format, little-endian: 1
//   8 bytes   id of the backup key
//   32 bytes  random
//   chunks    crypto/chunk_cipher.h, 64 KiB each but the last, sealing:
//               4 bytes  length of the manifest, little-endian
//               the manifest, and then the parts in its order, without anything between
//
// All before the chunks is bound to them: with a bit of it altered, none opens.

inline constexpr std::uint32_t kBackupFormat = 1;
inline constexpr std::size_t kBackupHeaderBytes = 8 + 4 + 8 + 32;

// write_backup writes the manifest and the parts, which lie in `directory` under their names, to
// `out`, which it makes (0600; nothing may be there), and syncs it. Problem: backup_not_written,
// disk_full; `out` may then be there in part.
[[nodiscard]] std::expected<void, Problem> write_backup(const Manifest& manifest,
                                                        const std::filesystem::path& directory,
                                                        const BackupKey& key, RandomSource& random,
                                                        const std::filesystem::path& out);

// PartSink takes the next bytes of a part. false: they cannot be kept.
using PartSink = std::function<bool(const BackupPart& part, ByteView bytes)>;

// read_backup reads a whole backup and hands out its parts as they come; none of them may be used
// before it has returned without a Problem. `name` is what the file is called in a Problem:
// not_a_backup, backup_of_a_newer_release, backup_key_wrong, backup_damaged (one sentence whatever
// was altered, cut or moved), disk_full (the sink gave false).
[[nodiscard]] std::expected<Manifest, Problem> read_backup(std::istream& file,
                                                           const std::string& name,
                                                           const BackupKey& key,
                                                           const PartSink& sink);

// unpack_backup reads the backup at `file` and writes its parts into `directory` (0600), synced.
[[nodiscard]] std::expected<Manifest, Problem> unpack_backup(
    const std::filesystem::path& file, const BackupKey& key,
    const std::filesystem::path& directory);

}  // namespace counterfoil
