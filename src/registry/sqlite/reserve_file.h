#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

namespace counterfoil {

// FreeBytes says how much space the disk of a file has left for us.
using FreeBytes = std::function<std::uint64_t(const std::filesystem::path& path)>;
[[nodiscard]] std::uint64_t free_bytes_on_disk(const std::filesystem::path& path);

// ReserveFile holds disk space back, to be let go when a revocation finds the disk full: slice by
// slice, for whatever else writes to this disk takes what is free. One thread at a time.
class ReserveFile {
 public:
  //   path        of the file; its directory must be ours alone.
  //   size_bytes  0: no reserve.
  ReserveFile(std::filesystem::path path, std::uint64_t size_bytes, FreeBytes free_bytes);

  static constexpr std::uint64_t kSlices = 32;

  // release_slice gives one of kSlices slices back to the disk. false: there was none left.
  [[nodiscard]] bool release_slice();
  // take_if_room takes all of the space, unless that is held or the disk would have less than as
  // much left besides: what was let go for revocations must not be taken away from the next one.
  void take_if_room();
  [[nodiscard]] bool is_whole() const { return held_bytes_ == size_bytes_; }
  // is_touched: what is free on the disk is no more than what this file was to hold back, so it is
  // for revocations only.
  [[nodiscard]] bool is_touched() const;

 private:
  std::filesystem::path path_;
  std::uint64_t size_bytes_;
  FreeBytes free_bytes_;
  std::uint64_t held_bytes_ = 0;
};

}  // namespace counterfoil
