#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <string_view>

#include "app/command_context.h"
#include "base/bytes.h"
#include "crypto/private_key.h"
#include "crypto/secret_bytes.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {

// KeyFileWriter writes the secret half of a key pair to its holder's file: made anew (never
// overwritten, no symbolic link followed), mode 0600, synced.
class KeyFileWriter {
 public:
  [[nodiscard]] static std::expected<void, Failure> write_secret(const std::filesystem::path& path,
                                                                 const SecretBytes& secret);
  // write_private_key writes an unencrypted PKCS#8 PEM.
  [[nodiscard]] static std::expected<void, Failure> write_private_key(
      const std::filesystem::path& path, const PrivateKey& key);
};

// write_new_file writes bytes that may be known, under the same rules.
[[nodiscard]] std::expected<void, Failure> write_new_file(const std::filesystem::path& path,
                                                          ByteView bytes);
// make_private_directory makes a folder 0700, with its parents. Failure when it exists and others
// may enter it, or it is not ours.
[[nodiscard]] std::expected<void, Failure> make_private_directory(
    const std::filesystem::path& path);

// KeyDirectory is one API key as its holder keeps it: a folder (0700) with
//
//   key.json   {"api_key":"…","type":"ed25519","label":"…"}
//   secret     the HMAC secret, or
//   key.pem    the private key
//
// Both commands that make keys and commands that sign use this form.
struct KeyDirectory {
  static constexpr std::string_view kFactsName = "key.json";
  static constexpr std::string_view kSecretName = "secret";
  static constexpr std::string_view kPrivateKeyName = "key.pem";

  std::filesystem::path path;
  std::string api_key;
  std::string label;
  Scheme scheme = Scheme::kEd25519;

  // material_file is the file of the secret half.
  [[nodiscard]] std::filesystem::path material_file() const;

  // write_facts writes key.json; the secret half is written by KeyFileWriter before or after.
  [[nodiscard]] std::expected<void, Failure> write_facts() const;
  [[nodiscard]] static std::expected<KeyDirectory, Failure> open(const std::filesystem::path& path);
};

}  // namespace counterfoil
