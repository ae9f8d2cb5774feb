#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

namespace counterfoil {

// FaultDisk is a test's disk that fills up and loses power. While it exists, every database that
// SQLite opens goes through it; files below the one directory it was made for are subject to its
// rules. One at a time in a process; safe to call while databases are in use.
class FaultDisk {
 public:
  explicit FaultDisk(const std::filesystem::path& directory);
  FaultDisk(const FaultDisk&) = delete;
  FaultDisk& operator=(const FaultDisk&) = delete;
  FaultDisk(FaultDisk&&) = delete;
  FaultDisk& operator=(FaultDisk&&) = delete;
  ~FaultDisk();

  // set_capacity has every write fail with SQLITE_FULL that would make the directory's files bigger
  // than this in all.
  void set_capacity(std::uint64_t bytes);
  // used_bytes is the size of all files in the directory, whoever wrote them.
  [[nodiscard]] std::uint64_t used_bytes() const;

  // cut_power_after lets this many more writes, truncations and syncs happen; from then on each
  // fails and nothing reaches the disk.
  void cut_power_after(std::size_t operations);
  [[nodiscard]] bool power_is_cut() const;

  // Loss says what a power cut does to writes that were never synced.
  enum class Loss : std::uint8_t { kAllUnsynced, kSomeUnsynced };
  // restore_power takes what was not synced out of the files again (some of it, chosen by `seed`,
  // or all) and lets operations succeed. Call it when no database is open.
  void restore_power(Loss loss, std::uint32_t seed);

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace counterfoil
