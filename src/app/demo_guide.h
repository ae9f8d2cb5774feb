#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/key_directory.h"

namespace counterfoil {

// DemoFacts is what can be said of a demo that runs.
struct DemoFacts {
  std::string gateway;
  std::string console;
  std::string admin_socket;
  std::filesystem::path data;
  std::string api_key_header;
  std::vector<KeyDirectory> keys;  // absolute paths
};

// demo_json is the one line for scripts (`counterfoil demo --json`). What the demo does not have
// yet is null.
[[nodiscard]] std::string demo_json(const DemoFacts& facts);

// demo_guide says how to go on by hand: lines that work when pasted, and hold no secret.
[[nodiscard]] std::vector<std::string> demo_guide(const DemoFacts& facts,
                                                  const std::filesystem::path& program);

}  // namespace counterfoil
