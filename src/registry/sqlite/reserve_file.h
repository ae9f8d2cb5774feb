#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

namespace counterfoil {

// FreeBytes says how much space the disk of a file has left for us.
using FreeBytes = std::function<std::uint64_t(const std::filesystem::path& path)>;
[[nodiscard]] std::uint64_t free_bytes_on_disk(const std::filesystem::path& path);

// ReserveFile holds disk space back, to be let go when a revocation finds the disk full. One thread
// at a time.
class ReserveFile {
 public:
  //   path        of the file; its directory must be ours alone.
  //   size_bytes  0: no reserve.
  ReserveFile(std::filesystem::path path, std::uint64_t size_bytes, FreeBytes free_bytes);

  // release gives the space back to the disk. false: there was none held.
  [[nodiscard]] bool release();
  // take_if_room takes the space, unless it is held or the disk has less than twice as much left:
  // what was let go for revocations must not be taken away from the next one.
  void take_if_room();
  [[nodiscard]] bool held() const { return held_; }

 private:
  std::filesystem::path path_;
  std::uint64_t size_bytes_;
  FreeBytes free_bytes_;
  bool held_ = false;
};

}  // namespace counterfoil
