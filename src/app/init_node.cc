#include "app/init_node.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <system_error>

#include "app/command_context.h"
#include "app/config.h"
#include "app/key_directory.h"
#include "app/node_paths.h"
#include "app/shell_text.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/random.h"
#include "base/wiped_text.h"
#include "crypto/backup_key.h"
#include "crypto/key_file.h"
#include "crypto/root_key.h"
#include "crypto/wipe.h"

namespace counterfoil {
namespace {

// A new node has a console; two nodes of one machine need two ports.
constexpr std::string_view kUsualConsole = "127.0.0.1:8443";

constexpr std::size_t kProofSecretBytes = 32;

// toml_text writes a TOML basic string.
std::string toml_text(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
    }
    quoted += c;
  }
  return quoted + "\"";
}

std::string toml_value(const Setting& setting) {
  return setting.kind == Setting::Kind::kText ? toml_text(setting.fallback)
                                              : std::string(setting.fallback);
}

std::expected<void, Failure> check_nothing_there(const InitReport& report) {
  for (const std::filesystem::path& path : {report.config, report.root_key, report.proof_secret,
                                            report.backup_key, report.data / "registry.db"}) {
    std::error_code error;
    if (std::filesystem::exists(std::filesystem::symlink_status(path, error))) {
      return std::unexpected(Failure{
          ExitCode::kUsage, path.string() +
                                " is there already, so nothing was changed; serve it with "
                                "`counterfoil serve --data " +
                                shell_quoted(report.data.string()) + "`, or name another --data"});
    }
  }
  return {};
}

// take_back removes what an init has written that cannot go on: else it could not be run again.
std::unexpected<Failure> take_back(std::initializer_list<std::filesystem::path> written,
                                   const Failure& failure) {
  for (const std::filesystem::path& path : written) {
    std::error_code error;
    std::filesystem::remove(path, error);
  }
  return std::unexpected(failure);
}

}  // namespace

std::string config_template(const std::filesystem::path& data) {
  std::string text =
      "# The configuration of one Counterfoil node. A line that begins with # shows the default.\n"
      "# Flags and environment variables (COUNTERFOIL_REST_LISTEN for rest.listen) go before it;\n"
      "# `counterfoil config show --origin` says what holds, `counterfoil config check` whether it "
      "can.\n"
      "# A running node takes over another value of what is marked (reload) with `counterfoil "
      "reload`.\n";
  std::string_view table;
  for (const Setting& setting : settings()) {
    const std::size_t dot = setting.key.find('.');
    if (const std::string_view own = setting.key.substr(0, dot); own != table) {
      table = own;
      text += "\n[" + std::string(table) + "]\n";
    }
    const std::string name(setting.key.substr(dot + 1));
    const bool is_taken_over = setting.change == Setting::Change::kTakenOver;
    text.append("# ").append(setting.help).append(is_taken_over ? " (reload)\n" : "\n");
    const std::string chosen = setting.key == "node.data"        ? toml_text(data.string())
                               : setting.key == "console.listen" ? toml_text(kUsualConsole)
                                                                 : "";
    text.append(chosen.empty() ? "# " : "").append(name).append(" = ");
    text.append(chosen.empty() ? toml_value(setting) : chosen).append("\n");
  }
  return text;
}

std::expected<void, Failure> make_proof_secret(const std::filesystem::path& path,
                                               RandomSource& random) {
  std::array<std::uint8_t, kProofSecretBytes> bytes{};
  if (!random.fill(bytes)) {
    return std::unexpected(
        Failure{ExitCode::kCannotTell, "the system's random source failed; nothing was written"});
  }
  std::string text = to_hex(bytes);
  wipe(bytes);
  const auto written = write_new_file(path, as_bytes(text));
  wipe(text);
  return written;
}

std::expected<InitReport, Failure> init_node(const std::filesystem::path& data,
                                             RandomSource& random) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(data, error).lexically_normal();
  InitReport report{.data = absolute,
                    .config = absolute / kConfigFileName,
                    .root_key = absolute / "root.key",
                    .proof_secret = absolute / "upstream-proof.secret",
                    .backup_key = absolute / "backup.key"};
  if (const auto made = make_private_directory(absolute); !made) {
    return std::unexpected(made.error());
  }
  if (const auto checked = check_nothing_there(report); !checked) {
    return std::unexpected(checked.error());
  }
  if (const auto made = RootKey::create_file(report.root_key, random); !made) {
    return std::unexpected(Failure{ExitCode::kCannotTell, report.root_key.string() + ": " +
                                                              std::string(describe(made.error()))});
  }
  if (const auto made = make_proof_secret(report.proof_secret, random); !made) {
    return take_back({report.root_key}, made.error());
  }
  if (const auto made = BackupKey::create_file(report.backup_key, random); !made) {
    return take_back({report.root_key, report.proof_secret},
                     {ExitCode::kCannotTell,
                      report.backup_key.string() + ": " + std::string(describe(made.error()))});
  }
  const std::string text = config_template(absolute);
  if (const auto written = write_new_file(report.config, as_bytes(text)); !written) {
    return take_back({report.root_key, report.proof_secret, report.backup_key}, written.error());
  }
  return report;
}

}  // namespace counterfoil
