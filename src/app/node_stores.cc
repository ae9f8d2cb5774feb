#include "app/node_stores.h"

#include <sys/stat.h>

#include <chrono>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "app/command_context.h"
#include "app/key_directory.h"
#include "app/node_settings.h"
#include "app/secret_input.h"
#include "app/shell_text.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/crypto_error.h"
#include "crypto/hmac.h"
#include "crypto/key_file.h"
#include "crypto/root_key.h"
#include "journal/journal.h"
#include "journal/sqlite/sqlite_journal.h"
#include "registry/registry.h"
#include "registry/sqlite/sqlite_registry.h"
#include "sqlite_file/open_error.h"

namespace counterfoil {
namespace {

// The program is younger than this, so an earlier clock is wrong.
constexpr Timestamp kEarliestSensible = std::chrono::sys_days(std::chrono::January / 1 / 2025);
constexpr Timestamp kLatestSensible = std::chrono::sys_days(std::chrono::January / 1 / 2200);

// Which kinds the operator mends by other flags, and which are faults.
ExitCode code_of(StoreOpenErrorKind kind) {
  switch (kind) {
    case StoreOpenErrorKind::kUnsafeDirectory:
    case StoreOpenErrorKind::kUnsafeFile:
    case StoreOpenErrorKind::kInUse:
    case StoreOpenErrorKind::kNotAStore:
    case StoreOpenErrorKind::kNewerVersion:
      return ExitCode::kUsage;
    case StoreOpenErrorKind::kNoAccess:
    case StoreOpenErrorKind::kMigration:
    case StoreOpenErrorKind::kCorrupt:
    case StoreOpenErrorKind::kFull:
    case StoreOpenErrorKind::kRandom:
      return ExitCode::kCannotTell;
  }
  std::unreachable();
}

std::unexpected<Failure> not_opened(const StoreOpenError& error) {
  return std::unexpected(Failure{code_of(error.kind), error.sentence});
}

}  // namespace

std::expected<void, Failure> check_clock(Timestamp now) {
  if (now >= kEarliestSensible && now < kLatestSensible) {
    return {};
  }
  return std::unexpected(Failure{
      ExitCode::kCannotTell,
      "the machine's clock cannot be right: it says unix time " +
          std::to_string(to_unix_ms(now) / 1000) +
          ", and requests are judged by it; set it, best by a time service, and start again"});
}

std::expected<void, Failure> check_data_directory(const std::filesystem::path& path) {
  struct stat facts{};
  if (::lstat(path.c_str(), &facts) != 0) {
    return std::unexpected(
        Failure{ExitCode::kUsage, path.string() +
                                      ": there is no such data directory; make one with "
                                      "`counterfoil init --data " +
                                      shell_quoted(path.string()) + "`"});
  }
  return make_private_directory(path);  // it exists, so this only checks it
}

std::expected<RootKey, Failure> load_root_key(const NodeSettings& settings) {
  auto key = RootKey::load(settings.root_key_file);
  if (!key) {
    return std::unexpected(Failure{
        ExitCode::kUsage,
        "root key " + settings.root_key_file.string() + ": " + std::string(describe(key.error()))});
  }
  return std::move(*key);
}

std::expected<HmacKey, Failure> load_proof_secret(const NodeSettings& settings) {
  const auto secret = read_secret_file(settings.proof_secret_file.string());
  if (!secret) {
    return std::unexpected(secret.error());
  }
  auto key = HmacKey::from_secret(*secret);
  if (!key) {
    return std::unexpected(Failure{ExitCode::kCannotTell, std::string(describe(key.error()))});
  }
  return std::move(*key);
}

std::expected<std::unique_ptr<Registry>, Failure> open_registry(const NodeSettings& settings,
                                                                RandomSource& random) {
  auto registry = open_sqlite_registry(settings.data / "registry.db", random);
  if (!registry) {
    return not_opened(registry.error());
  }
  return std::move(*registry);
}

std::expected<std::unique_ptr<Journal>, Failure> open_journal(const NodeSettings& settings) {
  auto journal = open_sqlite_journal(settings.data / "journal.db");
  if (!journal) {
    return not_opened(journal.error());
  }
  return std::move(*journal);
}

}  // namespace counterfoil
