#include "app/secret_input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "app/command_context.h"
#include "base/bytes.h"
#include "crypto/crypto_error.h"
#include "crypto/private_key.h"
#include "crypto/secret_bytes.h"
#include "crypto/wipe.h"

namespace counterfoil {
namespace {

// InputBuffer is where a secret stands between the file and secret memory. Wiped at its end.
class InputBuffer {
 public:
  InputBuffer() = default;
  InputBuffer(const InputBuffer&) = delete;
  InputBuffer& operator=(const InputBuffer&) = delete;
  InputBuffer(InputBuffer&&) = delete;
  InputBuffer& operator=(InputBuffer&&) = delete;
  ~InputBuffer() { wipe(bytes_); }

  // fill reads to the end of `file`. false: an error, or more than kSecretInputBytesMax.
  [[nodiscard]] bool fill(int file) {
    while (size_ < bytes_.size()) {
      const ssize_t count = ::read(file, bytes_.data() + size_, bytes_.size() - size_);
      if (count == 0) {
        return true;
      }
      if (count < 0 && errno != EINTR) {
        return false;
      }
      size_ += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    return false;
  }
  [[nodiscard]] std::string_view text() const {
    return as_text(std::span<const std::uint8_t>(bytes_.data(), size_));
  }

 private:
  std::array<std::uint8_t, kSecretInputBytesMax + 1> bytes_{};
  std::size_t size_ = 0;
};

// InputFile closes what it opened, and nothing else.
class InputFile {
 public:
  explicit InputFile(const std::string& path)
      : file_(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  InputFile(InputFile&&) = delete;
  InputFile& operator=(InputFile&&) = delete;
  ~InputFile() {
    if (file_ > STDERR_FILENO) {
      ::close(file_);
    }
  }
  [[nodiscard]] int get() const { return file_; }

 private:
  int file_;
};

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

std::expected<void, Failure> fill_from(InputBuffer& buffer, const std::string& path) {
  const InputFile file(path);
  if (file.get() < 0) {
    return unusable(path + ": " + std::error_code(errno, std::generic_category()).message() +
                    "; name the file that holds the secret");
  }
  if (const auto checked = check_mode(path, file.get()); !checked) {
    return checked;
  }
  if (!buffer.fill(file.get())) {
    return unusable(path + ": cannot be read, or is larger than 16 KiB: is it the right file?");
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

std::expected<SecretBytes, Failure> to_secret(const InputBuffer& buffer, const std::string& where) {
  const std::string_view text = without_line_end(buffer.text());
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

std::expected<SecretBytes, Failure> read_secret_file(const std::string& path) {
  InputBuffer buffer;
  if (const auto filled = fill_from(buffer, path); !filled) {
    return std::unexpected(filled.error());
  }
  return to_secret(buffer, path);
}

std::expected<PrivateKey, Failure> read_private_key_file(const std::string& path) {
  InputBuffer buffer;
  if (const auto filled = fill_from(buffer, path); !filled) {
    return std::unexpected(filled.error());
  }
  auto key = PrivateKey::from_pkcs8_pem(buffer.text());
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
  InputBuffer buffer;
  if (!buffer.fill(number)) {
    return unusable("file descriptor " + descriptor +
                    " (COUNTERFOIL_SECRET_FD) cannot be read, or holds more than 16 KiB");
  }
  return to_secret(buffer, "file descriptor " + descriptor);
}

}  // namespace counterfoil
