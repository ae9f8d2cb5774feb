#include "app/secret_input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <expected>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "app/command_context.h"
#include "base/bytes.h"
#include "base/wiped_text.h"
#include "crypto/crypto_error.h"
#include "crypto/private_key.h"
#include "crypto/secret_bytes.h"
#include "doors/calls/descriptor.h"

namespace counterfoil {
namespace {

// read_into reads to the end of `file`. false: an error, or more than `bytes_max`.
bool read_into(int file, WipedText& text, std::size_t bytes_max) {
  text.resize(bytes_max + 1);
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = ::read(file, text.data() + size, text.size() - size);
    if (count < 0 && errno != EINTR) {
      return false;
    }
    if (count == 0) {
      text.resize(size);
      return true;
    }
    size += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
  return false;
}

std::string environment(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread yet
  return value == nullptr ? std::string() : std::string(value);
}

std::unexpected<Failure> unusable(const std::string& what) {
  return std::unexpected(Failure{ExitCode::kUsage, what});
}

// check_mode refuses a file that others can read: its secret is not one any more.
std::expected<void, Failure> check_mode(const std::string& path, int file) {
  struct stat facts{};
  if (path == "-" || ::fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    return {};  // standard input and pipes have no mode that says anything
  }
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return unusable(path + ": others may read this secret; run `chmod 600 " + path +
                    "`, and rotate the key if they could");
  }
  return {};
}

std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n')) {
    text.remove_suffix(1);
  }
  if (text.ends_with('\r')) {
    text.remove_suffix(1);
  }
  return text;
}

std::expected<SecretBytes, Failure> to_secret(std::string_view text, const std::string& where) {
  text = without_line_end(text);
  if (text.empty()) {
    return unusable(where + ": is empty; it should hold the secret and nothing else");
  }
  auto secret = SecretBytes::copy_of(as_bytes(text));
  if (!secret) {
    return std::unexpected(Failure{ExitCode::kCannotTell, std::string(describe(secret.error()))});
  }
  return std::move(*secret);
}

}  // namespace

std::expected<Descriptor, Failure> open_secret_file(const std::string& path) {
  Descriptor file(path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                              : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    return unusable(path + ": " + std::error_code(errno, std::generic_category()).message() +
                    "; name the file that holds the secret");
  }
  if (const auto checked = check_mode(path, file.number()); !checked) {
    return std::unexpected(checked.error());
  }
  return file;
}

std::expected<WipedText, Failure> read_secret_text(const std::string& path, std::size_t bytes_max) {
  const auto file = open_secret_file(path);
  if (!file) {
    return std::unexpected(file.error());
  }
  WipedText text;
  if (!read_into(file->number(), text, bytes_max)) {
    return unusable(path + ": cannot be read, or is larger than " + std::to_string(bytes_max) +
                    " bytes: is it the right file?");
  }
  return text;
}

std::expected<SecretBytes, Failure> read_secret_file(const std::string& path) {
  const auto text = read_secret_text(path, kSecretInputBytesMax);
  return text ? to_secret(*text, path) : std::unexpected(text.error());
}

std::expected<PrivateKey, Failure> read_private_key_file(const std::string& path) {
  const auto text = read_secret_text(path, kSecretInputBytesMax);
  if (!text) {
    return std::unexpected(text.error());
  }
  auto key = PrivateKey::from_pkcs8_pem(*text);
  if (!key) {
    return unusable(path + ": " + std::string(describe(key.error())));
  }
  return std::move(*key);
}

std::expected<SecretBytes, Failure> read_secret(const std::string& path, const std::string& flag) {
  if (!path.empty()) {
    return read_secret_file(path);
  }
  if (const std::string named = environment("COUNTERFOIL_SECRET_FILE"); !named.empty()) {
    return read_secret_file(named);
  }
  const std::string descriptor = environment("COUNTERFOIL_SECRET_FD");
  if (descriptor.empty()) {
    return unusable("no secret was given; name its file with " + flag +
                    ", or - for standard input");
  }
  int number = -1;
  const auto [end, error] =
      std::from_chars(descriptor.data(), descriptor.data() + descriptor.size(), number);
  if (error != std::errc{} || end != descriptor.data() + descriptor.size() || number < 0) {
    return unusable("COUNTERFOIL_SECRET_FD is not the number of an open file descriptor");
  }
  WipedText text;
  if (!read_into(number, text, kSecretInputBytesMax)) {
    return unusable("file descriptor " + descriptor +
                    " (COUNTERFOIL_SECRET_FD) cannot be read, or holds more than 16 KiB");
  }
  return to_secret(text, "file descriptor " + descriptor);
}

}  // namespace counterfoil
