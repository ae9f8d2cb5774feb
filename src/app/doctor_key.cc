#include "app/doctor_key.h"

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "app/command_context.h"
#include "app/input_file.h"
#include "app/key_directory.h"
#include "app/key_source.h"
#include "app/secret_input.h"
#include "autopsy/evidence.h"
#include "autopsy/key_file.h"
#include "crypto/private_key.h"
#include "crypto/public_key.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {
namespace {

std::expected<PublicKey, Failure> read_public_key(const std::string& file) {
  const auto text = read_input(file, PublicKey::kTextBytesMax);
  if (!text) {
    return std::unexpected(text.error());
  }
  auto key = PublicKey::import_text(*text);
  if (!key) {
    return std::unexpected(
        Failure{ExitCode::kUsage, file + ": " + std::string(describe(key.error()))});
  }
  return std::move(*key);
}

}  // namespace

std::expected<void, Failure> DoctorKey::read(const std::string& file) {
  auto text = read_secret_text(file, kSecretInputBytesMax);
  if (!text) {
    return std::unexpected(text.error());
  }
  problems_ = autopsy::examine_key_file(*text, api_key_);
  if (!text->contains("-----BEGIN ")) {
    while (text->ends_with('\n') || text->ends_with('\r')) {
      text->pop_back();
    }
    text_ = std::move(*text);
    return {};
  }
  if (const auto key = PrivateKey::from_pkcs8_pem(*text)) {
    public_key_ = key->public_key();
  }
  // A PEM that cannot be read is no HMAC secret either.
  scheme_ = public_key_ ? public_key_->scheme() : Scheme::kEd25519;
  return {};
}

std::expected<std::optional<DoctorKey>, Failure> DoctorKey::open(const KeySource& source) {
  DoctorKey key;
  key.api_key_ = source.api_key;
  std::string file = source.private_key_file.empty() ? source.secret_file : source.private_key_file;
  if (!source.directory.empty()) {
    const auto directory = KeyDirectory::open(source.directory);
    if (!directory) {
      return std::unexpected(directory.error());
    }
    key.api_key_ = directory->api_key;
    file = directory->material_file().string();
  }
  if (!source.public_key_file.empty()) {
    auto public_key = read_public_key(source.public_key_file);
    if (!public_key) {
      return std::unexpected(public_key.error());
    }
    key.scheme_ = public_key->scheme();
    key.public_key_ = std::move(*public_key);
    return key;
  }
  if (file.empty() && key.api_key_.empty()) {
    return std::nullopt;
  }
  if (file.empty()) {
    key.problems_ = autopsy::examine_api_key(key.api_key_);
    return key;
  }
  if (auto done = key.read(file); !done) {
    return std::unexpected(done.error());
  }
  return key;
}

autopsy::Estate DoctorKey::estate(std::string api_key) const {
  autopsy::Estate estate;
  estate.key.api_key = std::move(api_key);
  estate.key.scheme = scheme_;
  estate.key.public_key = public_key_;
  estate.key.secret = scheme_ == Scheme::kHmacSha256 ? std::string_view(text_) : std::string_view();
  return estate;
}

}  // namespace counterfoil
