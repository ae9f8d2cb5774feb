#pragma once

#include <cstdint>
#include <string>

namespace counterfoil {

// StoreOpenErrorKind says why a store file was not opened.
enum class StoreOpenErrorKind : std::uint8_t {
  kUnsafeDirectory,  // another owner, or writable by group or world
  kUnsafeFile,       // a symbolic link, not a regular file, another owner, or open to others
  kNoAccess,         // the system refused: permission, missing parent directory, read-only
  kInUse,            // another process (or this one) has it open
  kNotAStore,        // not an SQLite file, or of another application
  kNewerVersion,     // written by a newer release
  kMigration,        // the upgrade or its backup failed; the store is as it was
  kCorrupt,          // the check at the start found damage
  kFull,             // no space left on the disk
  kRandom,           // the system's random source failed
};

// StoreOpenError carries one sentence for the operator that ends with the next step to take.
struct StoreOpenError {
  StoreOpenErrorKind kind = StoreOpenErrorKind::kNoAccess;
  std::string sentence;
};

}  // namespace counterfoil
