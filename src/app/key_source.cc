#include "app/key_source.h"

#include <CLI/App.hpp>
#include <cstddef>
#include <expected>
#include <fstream>
#include <ios>
#include <string>
#include <utility>

#include "app/command_context.h"
#include "app/key_directory.h"
#include "app/request_signer.h"
#include "app/secret_input.h"
#include "crypto/crypto_error.h"
#include "crypto/public_key.h"
#include "crypto/secret_bytes.h"
#include "crypto/signature_scheme.h"
#include "crypto/verification_key.h"

namespace counterfoil {
namespace {

std::expected<VerificationKey, Failure> ready(std::expected<VerificationKey, CryptoError> made) {
  if (!made) {
    return std::unexpected(Failure{ExitCode::kCannotTell, std::string(describe(made.error()))});
  }
  return std::move(*made);
}

std::expected<VerificationKey, Failure> from_public_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    return std::unexpected(
        Failure{ExitCode::kUsage, path + ": cannot be read; name the file of the public key"});
  }
  std::string text(PublicKey::kTextBytesMax + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  const auto key = PublicKey::import_text(text);
  if (!key) {
    return std::unexpected(
        Failure{ExitCode::kUsage, path + ": " + std::string(describe(key.error()))});
  }
  return ready(VerificationKey::from_public_key(*key));
}

std::expected<VerificationKey, Failure> from_secret(std::expected<SecretBytes, Failure> secret) {
  if (!secret) {
    return std::unexpected(secret.error());
  }
  return ready(VerificationKey::from_hmac_secret(*secret));
}

}  // namespace

void KeySource::add_signing_options(CLI::App& command) {
  command.add_option("--key", directory, "folder that `keys create --out` made");
  command.add_option("--secret-file", secret_file, "HMAC secret; - is standard input");
  command.add_option("--private-key-file", private_key_file,
                     "RSA or Ed25519 private key, PKCS#8 PEM");
  command.add_option("--api-key", api_key,
                     "the API key that belongs to that secret or private key");
}

void KeySource::add_verifying_options(CLI::App& command) {
  command.add_option("--key", directory, "folder that `keys create --out` made");
  command.add_option("--public-key-file", public_key_file, "RSA or Ed25519 public key, PEM");
  command.add_option("--secret-file", secret_file, "HMAC secret; - is standard input");
}

void KeySource::add_doctor_options(CLI::App& command) {
  add_signing_options(command);
  command.add_option("--public-key-file", public_key_file, "RSA or Ed25519 public key, PEM");
}

std::expected<KeySource::Signing, Failure> KeySource::open_for_signing() const {
  if (!directory.empty()) {
    const auto key = KeyDirectory::open(directory);
    if (!key) {
      return std::unexpected(key.error());
    }
    auto signer = RequestSigner::open(*key);
    if (!signer) {
      return std::unexpected(signer.error());
    }
    return Signing{.signer = std::move(*signer), .api_key = key->api_key};
  }
  if (!private_key_file.empty()) {
    auto key = read_private_key_file(private_key_file);
    if (!key) {
      return std::unexpected(key.error());
    }
    return Signing{.signer = RequestSigner::from_private_key(std::move(*key)), .api_key = api_key};
  }
  const auto secret = read_secret(secret_file, "--key, --private-key-file or --secret-file");
  if (!secret) {
    return std::unexpected(secret.error());
  }
  auto signer = RequestSigner::from_secret(*secret);
  if (!signer) {
    return std::unexpected(signer.error());
  }
  return Signing{.signer = std::move(*signer), .api_key = api_key};
}

std::expected<VerificationKey, Failure> KeySource::verification_key() const {
  if (!public_key_file.empty()) {
    return from_public_file(public_key_file);
  }
  if (directory.empty()) {
    return from_secret(read_secret(secret_file, "--key, --public-key-file or --secret-file"));
  }
  const auto key = KeyDirectory::open(directory);
  if (!key) {
    return std::unexpected(key.error());
  }
  const std::string file = key->material_file().string();
  if (describe(key->scheme).material == KeyMaterialKind::kSharedSecret) {
    return from_secret(read_secret_file(file));
  }
  const auto private_key = read_private_key_file(file);
  if (!private_key) {
    return std::unexpected(private_key.error());
  }
  return ready(VerificationKey::from_public_key(private_key->public_key()));
}

std::expected<KeySource::Verifying, Failure> KeySource::open_for_verifying() const {
  auto key = verification_key();
  if (!key) {
    return std::unexpected(key.error());
  }
  Verifying opened{.key = std::move(*key), .api_key = {}};
  if (!directory.empty()) {
    const auto facts = KeyDirectory::open(directory);
    if (!facts) {
      return std::unexpected(facts.error());
    }
    opened.api_key = facts->api_key;
  }
  return opened;
}

}  // namespace counterfoil
