#include "sqlite_file/fault_disk.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <ios>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <ranges>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace counterfoil {
namespace {

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

// What a write or truncation replaced, so that it can be taken back.
struct Undo {
  std::string path;
  std::uint64_t old_size = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::string old_bytes;  // up to old_size
};

}  // namespace

struct FaultDisk::State {
  sqlite3_vfs vfs{};
  sqlite3_vfs* real = nullptr;
  std::string directory;
  mutable std::mutex mutex;
  std::uint64_t capacity = kNoLimit;
  std::optional<std::size_t> operations_left;  // nullopt: no cut is planned
  std::vector<Undo> unsynced;

  [[nodiscard]] std::uint64_t used() const {
    std::uint64_t sum = 0;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
      sum += entry.is_regular_file(error) ? entry.file_size(error) : 0;
    }
    return sum;
  }
  // has_power counts one operation.
  [[nodiscard]] bool has_power() {
    if (!operations_left) {
      return true;
    }
    if (*operations_left == 0) {
      return false;
    }
    --*operations_left;
    return true;
  }
};

namespace {

// SQLite allocates szOsFile bytes a file: ours, then the real one's. It is C: plain data, plain
// pointers.
struct FaultFile {
  sqlite3_file base;
  FaultDisk::State* disk;
  const char* path;  // SQLite keeps the name as long as the file is open
};

sqlite3_file* real_of(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<FaultFile*>(file) + 1);
}
FaultFile& ours(sqlite3_file* file) { return *reinterpret_cast<FaultFile*>(file); }

bool is_ours(const FaultFile& file) {
  return file.path != nullptr && std::string(file.path).starts_with(file.disk->directory);
}

Undo remember(sqlite3_file* file, std::uint64_t offset, std::uint64_t size) {
  sqlite3_int64 old_size = 0;
  (void)real_of(file)->pMethods->xFileSize(real_of(file), &old_size);
  Undo undo{.path = ours(file).path,
            .old_size = static_cast<std::uint64_t>(old_size),
            .offset = offset,
            .size = size,
            .old_bytes = {}};
  if (offset < undo.old_size) {
    undo.old_bytes.resize(std::min(size, undo.old_size - offset));
    (void)real_of(file)->pMethods->xRead(real_of(file), undo.old_bytes.data(),
                                         static_cast<int>(undo.old_bytes.size()),
                                         static_cast<sqlite3_int64>(offset));
  }
  return undo;
}

int do_write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  sqlite3_file* const real = real_of(file);
  if (!is_ours(ours(file))) {
    return real->pMethods->xWrite(real, data, size, offset);
  }
  FaultDisk::State& disk = *ours(file).disk;
  const std::scoped_lock lock(disk.mutex);
  if (!disk.has_power()) {
    return SQLITE_IOERR_WRITE;
  }
  Undo undo = remember(file, static_cast<std::uint64_t>(offset), static_cast<std::uint64_t>(size));
  const std::uint64_t end = static_cast<std::uint64_t>(offset) + static_cast<std::uint64_t>(size);
  if (disk.capacity != kNoLimit && end > undo.old_size &&
      disk.used() + (end - undo.old_size) > disk.capacity) {
    return SQLITE_FULL;
  }
  disk.unsynced.push_back(std::move(undo));
  return real->pMethods->xWrite(real, data, size, offset);
}

int do_truncate(sqlite3_file* file, sqlite3_int64 size) {
  sqlite3_file* const real = real_of(file);
  if (is_ours(ours(file))) {
    FaultDisk::State& disk = *ours(file).disk;
    const std::scoped_lock lock(disk.mutex);
    if (!disk.has_power()) {
      return SQLITE_IOERR_TRUNCATE;
    }
    disk.unsynced.push_back(remember(file, static_cast<std::uint64_t>(size),
                                     std::numeric_limits<std::uint32_t>::max()));
    return real->pMethods->xTruncate(real, size);
  }
  return real->pMethods->xTruncate(real, size);
}

int do_sync(sqlite3_file* file, int /*flags*/) {
  if (is_ours(ours(file))) {
    FaultDisk::State& disk = *ours(file).disk;
    const std::scoped_lock lock(disk.mutex);
    if (!disk.has_power()) {
      return SQLITE_IOERR_FSYNC;
    }
    std::erase_if(disk.unsynced, [&](const Undo& undo) { return undo.path == ours(file).path; });
  }
  return SQLITE_OK;  // The model says what is safe: the machine's own disk need not be waited for.
}

int do_close(sqlite3_file* file) { return real_of(file)->pMethods->xClose(real_of(file)); }
int do_read(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
  return real_of(file)->pMethods->xRead(real_of(file), data, size, offset);
}
int do_file_size(sqlite3_file* file, sqlite3_int64* size) {
  return real_of(file)->pMethods->xFileSize(real_of(file), size);
}
int do_lock(sqlite3_file* file, int level) {
  return real_of(file)->pMethods->xLock(real_of(file), level);
}
int do_unlock(sqlite3_file* file, int level) {
  return real_of(file)->pMethods->xUnlock(real_of(file), level);
}
int do_check_reserved(sqlite3_file* file, int* result) {
  return real_of(file)->pMethods->xCheckReservedLock(real_of(file), result);
}
int do_file_control(sqlite3_file* file, int operation, void* argument) {
  return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}
int do_sector_size(sqlite3_file* file) {
  return real_of(file)->pMethods->xSectorSize(real_of(file));
}
int do_characteristics(sqlite3_file* file) {
  return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}
int do_shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** mapped) {
  return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, mapped);
}
int do_shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}
void do_shm_barrier(sqlite3_file* file) { real_of(file)->pMethods->xShmBarrier(real_of(file)); }
int do_shm_unmap(sqlite3_file* file, int remove) {
  return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

// Version 2 offers no memory maps of the file itself, which would go past do_write.
constexpr sqlite3_io_methods kMethods = {
    .iVersion = 2,
    .xClose = do_close,
    .xRead = do_read,
    .xWrite = do_write,
    .xTruncate = do_truncate,
    .xSync = do_sync,
    .xFileSize = do_file_size,
    .xLock = do_lock,
    .xUnlock = do_unlock,
    .xCheckReservedLock = do_check_reserved,
    .xFileControl = do_file_control,
    .xSectorSize = do_sector_size,
    .xDeviceCharacteristics = do_characteristics,
    .xShmMap = do_shm_map,
    .xShmLock = do_shm_lock,
    .xShmBarrier = do_shm_barrier,
    .xShmUnmap = do_shm_unmap,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

FaultDisk::State& state_of(sqlite3_vfs* vfs) {
  return *static_cast<FaultDisk::State*>(vfs->pAppData);
}

int do_open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags,
            int* flags_out) {
  FaultDisk::State& disk = state_of(vfs);
  ours(file) = {.base = {.pMethods = nullptr}, .disk = &disk, .path = name};
  const int result = disk.real->xOpen(disk.real, name, real_of(file), flags, flags_out);
  if (result == SQLITE_OK) {
    file->pMethods = &kMethods;
  }
  return result;
}

int do_delete(sqlite3_vfs* vfs, const char* name, int sync_directory) {
  FaultDisk::State& disk = state_of(vfs);
  const std::scoped_lock lock(disk.mutex);
  if (std::string(name).starts_with(disk.directory) && !disk.has_power()) {
    return SQLITE_IOERR_DELETE;
  }
  std::erase_if(disk.unsynced, [&](const Undo& undo) { return undo.path == name; });
  return disk.real->xDelete(disk.real, name, sync_directory);
}

// What lay beyond the old end becomes zeros, as where a file system grew the file but lost the
// data.
void take_back(const Undo& undo) {
  std::error_code error;
  const std::uint64_t file_size = std::filesystem::file_size(undo.path, error);
  if (error) {
    return;
  }
  std::string bytes = undo.old_bytes;
  if (undo.offset < file_size) {
    bytes.resize(
        std::max<std::uint64_t>(bytes.size(), std::min(undo.size, file_size - undo.offset)));
  }
  std::fstream file(undo.path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(undo.offset));
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

FaultDisk::FaultDisk(const std::filesystem::path& directory) : state_(std::make_unique<State>()) {
  state_->directory = std::filesystem::canonical(directory).string() + "/";
  state_->real = sqlite3_vfs_find(nullptr);
  state_->vfs = *state_->real;
  state_->vfs.szOsFile = static_cast<int>(sizeof(FaultFile)) + state_->real->szOsFile;
  state_->vfs.pNext = nullptr;
  state_->vfs.zName = "fault_disk";
  state_->vfs.pAppData = state_.get();
  state_->vfs.xOpen = do_open;
  state_->vfs.xDelete = do_delete;
  constexpr int kMakeDefault = 1;
  (void)sqlite3_vfs_register(&state_->vfs, kMakeDefault);
}

FaultDisk::~FaultDisk() {
  (void)sqlite3_vfs_unregister(&state_->vfs);
  (void)sqlite3_vfs_register(state_->real, 1);
}

void FaultDisk::set_capacity(std::uint64_t bytes) {
  const std::scoped_lock lock(state_->mutex);
  state_->capacity = bytes;
}

std::uint64_t FaultDisk::used_bytes() const { return state_->used(); }

void FaultDisk::cut_power_after(std::size_t operations) {
  const std::scoped_lock lock(state_->mutex);
  state_->operations_left = operations;
}

bool FaultDisk::power_is_cut() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->operations_left == 0U;
}

void FaultDisk::restore_power(Loss loss, std::uint32_t seed) {
  const std::scoped_lock lock(state_->mutex);
  std::mt19937 chance(seed);  // A test's dice, no secret.
  // Sizes first to last would be wrong for some: newest first, each back to what it replaced.
  for (const Undo& undo : state_->unsynced | std::views::reverse) {
    const bool lost = loss == Loss::kAllUnsynced || (chance() & 1U) != 0;
    if (lost) {
      take_back(undo);
      std::error_code error;
      if (loss == Loss::kAllUnsynced) {
        std::filesystem::resize_file(undo.path, undo.old_size, error);
      }
    }
  }
  for (const auto& entry : std::filesystem::directory_iterator(state_->directory)) {
    if (entry.path().string().ends_with("-shm")) {
      std::filesystem::remove(entry.path());  // Shared memory is gone with the power.
    }
  }
  state_->unsynced.clear();
  state_->operations_left.reset();
}

}  // namespace counterfoil
