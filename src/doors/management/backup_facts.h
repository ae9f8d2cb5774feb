#pragma once

#include <cstdint>
#include <string>

namespace counterfoil {

// BackupFacts is what the maker of a backup is told of it.
struct BackupFacts {
  std::string file;
  std::uint64_t bytes = 0;
  std::string time;  // UTC
  std::uint64_t audit_seq = 0;
  std::string audit_hash;  // hex
  std::uint64_t accounts = 0;
  std::uint64_t api_keys = 0;
};

}  // namespace counterfoil
