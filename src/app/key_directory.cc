#include "app/key_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <expected>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>

#include "app/command_context.h"
#include "base/bytes.h"
#include "crypto/crypto_error.h"
#include "crypto/private_key.h"
#include "crypto/secret_bytes.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {
namespace {

std::unexpected<Failure> fault(const std::filesystem::path& path, const std::string& next) {
  const std::string words = std::error_code(errno, std::generic_category()).message();
  return std::unexpected(
      Failure{ExitCode::kCannotTell, path.string() + ": " + words + "; " + next});
}

bool write_all(int file, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) {
      return false;
    }
    bytes = bytes.subspan(count > 0 ? static_cast<std::size_t>(count) : 0);
  }
  return ::fsync(file) == 0;
}

std::unexpected<Failure> not_a_key(const std::filesystem::path& path) {
  return std::unexpected(Failure{
      ExitCode::kUsage, path.string() + ": is not a key directory (no readable key.json in it); "
                                        "name one that `counterfoil keys create --out` made, or "
                                        "use --secret-file or --private-key-file"});
}

}  // namespace

std::expected<void, Failure> write_new_file(const std::filesystem::path& path, ByteView bytes) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) {
    return fault(path, errno == EEXIST ? "it is never overwritten; move it away or name another"
                                       : "check the folder's owner and mode");
  }
  const bool written = write_all(file, bytes);
  const int reason = errno;
  if (::close(file) != 0 || !written) {
    errno = reason;
    const auto failure = fault(path, "free some space and try again");
    ::unlink(path.c_str());
    return failure;
  }
  return {};
}

std::expected<void, Failure> KeyFileWriter::write_secret(const std::filesystem::path& path,
                                                         const SecretBytes& secret) {
  return write_new_file(path, secret.reveal(SecretAccess{}));
}

std::expected<void, Failure> KeyFileWriter::write_private_key(const std::filesystem::path& path,
                                                              const PrivateKey& key) {
  const auto pem = key.to_pkcs8_pem();
  if (!pem) {
    return std::unexpected(Failure{ExitCode::kCannotTell, std::string(describe(pem.error()))});
  }
  return write_secret(path, *pem);
}

std::expected<void, Failure> make_private_directory(const std::filesystem::path& path) {
  struct stat facts{};
  if (::lstat(path.c_str(), &facts) != 0) {
    std::error_code error;
    if (path.has_parent_path()) {
      std::filesystem::create_directories(path.parent_path(), error);
    }
    if (::mkdir(path.c_str(), 0700) != 0) {
      return fault(path, "check the owner and mode of the folder it belongs into");
    }
    return {};
  }
  const std::string name = path.string();
  if (!S_ISDIR(facts.st_mode)) {
    return std::unexpected(
        Failure{ExitCode::kUsage,
                name + ": is not a folder (symbolic links are not followed); name another"});
  }
  if (facts.st_uid != ::geteuid()) {
    return std::unexpected(
        Failure{ExitCode::kUsage,
                name + ": belongs to another user; run this as that user, or name another"});
  }
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return std::unexpected(Failure{
        ExitCode::kUsage, name + ": is open to others; run `chmod 700 " + name + "` first"});
  }
  return {};
}

std::filesystem::path KeyDirectory::material_file() const {
  return path / (describe(scheme).material == KeyMaterialKind::kSharedSecret ? kSecretName
                                                                             : kPrivateKeyName);
}

std::expected<void, Failure> KeyDirectory::write_facts() const {
  const nlohmann::ordered_json facts{
      {"api_key", api_key}, {"type", describe(scheme).name}, {"label", label}};
  const std::string text = facts.dump() + "\n";
  return write_new_file(path / kFactsName, as_bytes(text));
}

std::expected<KeyDirectory, Failure> KeyDirectory::open(const std::filesystem::path& path) {
  std::ifstream stream(path / kFactsName, std::ios::binary);
  if (!stream) {
    return not_a_key(path);
  }
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  const auto facts = nlohmann::json::parse(text, nullptr, false);
  if (!facts.is_object() || !facts.contains("api_key") || !facts.contains("type") ||
      !facts["api_key"].is_string() || !facts["type"].is_string()) {
    return not_a_key(path);
  }
  const auto scheme = parse_scheme(facts["type"].get<std::string>());
  if (!scheme) {
    return not_a_key(path);
  }
  KeyDirectory found{
      .path = path, .api_key = facts["api_key"].get<std::string>(), .label = {}, .scheme = *scheme};
  if (facts.contains("label") && facts["label"].is_string()) {
    found.label = facts["label"].get<std::string>();
  }
  return found;
}

}  // namespace counterfoil
