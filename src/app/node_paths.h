#pragma once

#include <filesystem>
#include <string_view>

#include "app/config.h"

namespace counterfoil {

// Where a node keeps what, below node.data unless a setting says otherwise. Names only: nothing is
// opened.
inline constexpr std::string_view kConfigFileName = "counterfoil.toml";
inline constexpr std::string_view kAdminSocketName = "admin.sock";
inline constexpr std::string_view kSetupFileName = "setup-url";

[[nodiscard]] inline std::filesystem::path data_directory(const Config& config) {
  return config.text("node.data");
}
[[nodiscard]] inline std::filesystem::path path_or(const Config& config, std::string_view setting,
                                                   std::string_view name) {
  const std::string& chosen = config.text(setting);
  return chosen.empty() ? data_directory(config) / name : std::filesystem::path(chosen);
}
[[nodiscard]] inline std::filesystem::path root_key_path(const Config& config) {
  return path_or(config, "node.root_key_file", "root.key");
}
[[nodiscard]] inline std::filesystem::path proof_secret_path(const Config& config) {
  return path_or(config, "upstream.proof_secret_file", "upstream-proof.secret");
}
[[nodiscard]] inline std::filesystem::path admin_socket_path(const Config& config) {
  return path_or(config, "admin.socket", kAdminSocketName);
}
[[nodiscard]] inline std::filesystem::path registry_path(const Config& config) {
  return data_directory(config) / "registry.db";
}
[[nodiscard]] inline std::filesystem::path journal_path(const Config& config) {
  return data_directory(config) / "journal.db";
}

}  // namespace counterfoil
