#include "backup/make_backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <expected>
#include <filesystem>
#include <fstream>
#include <functional>
#include <ios>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "authority/audit_chain.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "backup/backup_file.h"
#include "backup/manifest.h"
#include "backup/new_file.h"
#include "backup/stores.h"
#include "base/bytes.h"
#include "crypto/backup_key.h"
#include "crypto/digest.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;
namespace fs = std::filesystem;

// PartialFile is the backup while it has no name of its own; gone unless it got one.
class PartialFile {
 public:
  explicit PartialFile(const fs::path& file) : file_(file), path_(file.string() + ".partial") {}
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;
  PartialFile(PartialFile&&) = delete;
  PartialFile& operator=(PartialFile&&) = delete;
  ~PartialFile() {
    if (is_ours_) {
      (void)::unlink(path_.c_str());
    }
  }
  [[nodiscard]] const fs::path& path() const { return path_; }
  // made says that the file is this backup's and not another one's under way.
  void made() { is_ours_ = true; }

  // give_name overwrites nothing.
  [[nodiscard]] std::expected<void, Problem> give_name() {
    // NOLINTNEXTLINE(misc-include-cleaner): both are of <cstdio>
    if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, file_.c_str(), RENAME_NOREPLACE) != 0) {
      return not_written(file_, errno);
    }
    is_ours_ = false;
    sync_folder(file_.parent_path());
    return {};
  }

 private:
  fs::path file_;
  fs::path path_;
  bool is_ours_ = false;
};

std::expected<BackupPart, Problem> describe_part(const fs::path& directory, std::string_view name) {
  constexpr std::size_t kPieceBytes = 64UL * 1024;
  std::ifstream file(directory / name, std::ios::binary);
  BackupPart part{.name = std::string(name)};
  Sha256 hash;
  std::vector<std::uint8_t> piece(kPieceBytes);
  while (file) {
    file.read(reinterpret_cast<char*>(piece.data()), static_cast<std::streamsize>(piece.size()));
    const auto got = static_cast<std::size_t>(file.gcount());
    hash.update(ByteView(piece).first(got));
    part.bytes += got;
  }
  if (part.bytes == 0 || file.bad()) {
    return problem(Kind::kUnavailable, "backup_not_written",
                   (directory / name).string() + " cannot be read: look at its disk");
  }
  part.sha256 = hash.finish();
  return part;
}

// describe_copies gives the manifest of the copies in `directory`.
std::expected<Manifest, Problem> describe_copies(const BackupWork& work, const BackupOrigin& origin,
                                                 const fs::path& directory) {
  auto stores = survey_files(work.engines, directory);
  if (!stores) {
    return std::unexpected(stores.error());
  }
  Manifest manifest{.program = origin.program,
                    .node = origin.node,
                    .time = audit_time_text(work.clock.now()),
                    .stores = std::move(*stores),
                    .parts = {},
                    .revocation_logs = {},
                    .checkpoints = origin.checkpoints.string()};
  for (const fs::path& path : origin.revocation_logs) {
    manifest.revocation_logs.push_back(path.string());
  }
  for (const std::string_view name : {kRegistryPart, kJournalPart}) {
    auto part = describe_part(directory, name);
    if (!part) {
      return std::unexpected(part.error());
    }
    manifest.parts.push_back(std::move(*part));
  }
  return manifest;
}

constexpr std::string_view kScratchPrefix = ".backup-";

// What a backup that was killed has left; there is one at a time.
void clear_scratch(const fs::path& scratch) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(scratch, error)) {
    if (entry.path().filename().string().starts_with(kScratchPrefix)) {
      fs::remove_all(entry.path(), error);
    }
  }
}

// write_partial copies the stores and seals them. The copies are gone when it returns.
std::expected<Manifest, Problem> write_partial(const BackupWork& work, const BackupOrigin& origin,
                                               PartialFile& partial) {
  const auto folder = ScratchFolder::make(work.scratch, std::string(kScratchPrefix));
  if (!folder) {
    return std::unexpected(folder.error());
  }
  if (const auto copied = work.engines.copy_stores(folder->path()); !copied) {
    return std::unexpected(copied.error());
  }
  auto manifest = describe_copies(work, origin, folder->path());
  if (!manifest) {
    return manifest;
  }
  const bool is_new = !fs::exists(fs::symlink_status(partial.path()));
  if (is_new) {
    partial.made();
  }
  const auto written =
      write_backup(*manifest, folder->path(), work.key, work.random, partial.path());
  return written ? std::move(manifest)
                 : std::expected<Manifest, Problem>(std::unexpected(written.error()));
}

bool same(const StoresSurvey& left, const StoresSurvey& right) {
  return left.log_id == right.log_id && left.head.seq == right.head.seq &&
         left.head.hash == right.head.hash && left.incarnation == right.incarnation &&
         left.revision == right.revision && left.counts == right.counts;
}

}  // namespace

std::expected<Manifest, Problem> check_backup(const StoreEngines& engines, const BackupKey& key,
                                              const fs::path& file, const fs::path& directory) {
  auto manifest = unpack_backup(file, key, directory);
  if (!manifest) {
    return manifest;
  }
  const auto found = survey_files(engines, directory);
  if (!found) {
    return std::unexpected(found.error());
  }
  if (!same(*found, manifest->stores)) {
    return problem(Kind::kConflict, "backup_damaged",
                   file.string() + " does not hold what its manifest says; take another copy");
  }
  return manifest;
}

std::expected<MadeBackup, Problem> make_backup(
    const BackupWork& work, const BackupOrigin& origin, const fs::path& file,
    const std::function<std::expected<void, Problem>(const MadeBackup& made)>& record) {
  if (fs::exists(fs::symlink_status(file))) {
    return not_written(file, EEXIST);
  }
  clear_scratch(work.scratch);
  PartialFile partial(file);
  auto written = write_partial(work, origin, partial);
  if (!written) {
    return std::unexpected(written.error());
  }
  const auto trial = ScratchFolder::make(work.scratch, std::string(kScratchPrefix));
  if (!trial) {
    return std::unexpected(trial.error());
  }
  auto manifest = check_backup(work.engines, work.key, partial.path(), trial->path());
  if (!manifest) {
    return std::unexpected(manifest.error());
  }
  std::error_code error;
  MadeBackup made{.manifest = std::move(*manifest),
                  .file = file,
                  .bytes = fs::file_size(partial.path(), error)};
  if (const auto recorded = record(made); !recorded) {
    return std::unexpected(recorded.error());
  }
  if (const auto named = partial.give_name(); !named) {
    return std::unexpected(named.error());
  }
  return made;
}

}  // namespace counterfoil
