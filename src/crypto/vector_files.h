#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/hex.h"

// For tests alone: where test vectors are, and how they are read.
namespace counterfoil::vectors {

inline std::filesystem::path source_folder() { return COUNTERFOIL_SOURCE_DIR; }

// shared_folder is $COUNTERFOIL_VECTORS, or `shared/vectors` beside the source tree. It may be
// absent: the vectors of others are not copied into this repository. Whoever sets the variable
// brings a set of the same layout: every *_test.json in any sub-folder (Wycheproof's form), every
// *_bad_keys.json, every folder with a cases.json and an expected.json (ed25519-speccheck's form),
// and every binance-vectors.json. A count is printed for each file, and a file that is not JSON
// fails.
inline std::filesystem::path shared_folder() {
  const char* const chosen = std::getenv("COUNTERFOIL_VECTORS");  // NOLINT(concurrency-mt-unsafe)
  if (chosen != nullptr) {
    return chosen;
  }
  return source_folder().parent_path() / "shared" / "vectors";
}

// files_ending gives every file below the shared folder, and below testdata/vectors, whose name
// ends so.
inline std::vector<std::filesystem::path> files_ending(std::string_view ending) {
  std::vector<std::filesystem::path> files;
  for (const std::filesystem::path& folder :
       {shared_folder(), source_folder() / "testdata" / "vectors"}) {
    if (!std::filesystem::exists(folder)) {
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file() && entry.path().filename().string().ends_with(ending)) {
        files.push_back(entry.path());
      }
    }
  }
  std::ranges::sort(files);
  return files;
}

// shown is a file's path below the folder that was searched: sets may hold one name twice.
inline std::string shown(const std::filesystem::path& path) {
  const std::string relative = path.lexically_relative(shared_folder()).generic_string();
  return relative.empty() || relative.starts_with("..") ? path.filename().string() : relative;
}

inline nlohmann::json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  return nlohmann::json::parse(file, nullptr, false);
}

inline std::vector<std::uint8_t> bytes(const nlohmann::json& hex) {
  const auto decoded = from_hex(hex.get<std::string>());
  EXPECT_TRUE(decoded.has_value()) << hex;
  return decoded.value_or(std::vector<std::uint8_t>());
}

}  // namespace counterfoil::vectors
