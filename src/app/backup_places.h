#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/config.h"
#include "app/node_paths.h"

namespace counterfoil {

// BackupPlaces is where a node keeps what backups are about. Names only: nothing is opened.
struct BackupPlaces {
  std::string node;
  std::filesystem::path data;
  std::filesystem::path key_file;
  std::filesystem::path checkpoints;
  std::vector<std::filesystem::path> revocation_logs;  // one or two
};

[[nodiscard]] inline BackupPlaces backup_places(const Config& config) {
  BackupPlaces places{.node = config.text("node.name"),
                      .data = data_directory(config),
                      .key_file = path_or(config, "backup.key_file", "backup.key"),
                      .checkpoints = data_directory(config) / "checkpoints.log",
                      .revocation_logs = {path_or(config, "revocations.file", "revocations.log")}};
  if (const std::string& second = config.text("revocations.second_file"); !second.empty()) {
    places.revocation_logs.emplace_back(second);
  }
  return places;
}

}  // namespace counterfoil
