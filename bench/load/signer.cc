#include "load/signer.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace counterfoil {
namespace {

constexpr std::size_t kSignatureBytesMax = 512;  // RSA-4096

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void append_hex(std::span<const std::uint8_t> bytes, std::string& text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
}

// "percent-encoded in query or form body (`+` -> `%2B`, `/` -> `%2F`, `=` -> `%3D`)": the venue's
// rule for base64 signatures.
void append_encoded_base64(std::span<const std::uint8_t> bytes, std::string& text) {
  std::array<std::uint8_t, (kSignatureBytesMax + 2) / 3 * 4 + 1> base64;
  const int size = EVP_EncodeBlock(base64.data(), bytes.data(), static_cast<int>(bytes.size()));
  for (const std::uint8_t c : std::span(base64).first(static_cast<std::size_t>(size))) {
    switch (c) {
      case '+':
        text += "%2B";
        break;
      case '/':
        text += "%2F";
        break;
      case '=':
        text += "%3D";
        break;
      default:
        text += static_cast<char>(c);
    }
  }
}

std::expected<SigningKey, std::string> read_entry(const nlohmann::json& entry) {
  const auto text = [&](const char* name) {
    const auto found = entry.find(name);
    return found != entry.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  std::string api_key = text("api_key");
  if (!entry.is_object() || api_key.empty()) {
    return std::unexpected("has no \"api_key\"");
  }
  const std::string secret = text("secret");
  auto signer =
      secret.empty() ? Signer::from_private_key(text("private_key")) : Signer::from_secret(secret);
  if (!signer) {
    return std::unexpected(signer.error());
  }
  return SigningKey{.api_key = std::move(api_key), .signer = *std::move(signer)};
}

}  // namespace

void Signer::Free::operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
void Signer::Free::operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }

std::expected<Signer, std::string> Signer::from_secret(std::string_view secret) {
  const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> mac(
      EVP_MAC_fetch(nullptr, "HMAC", nullptr), &EVP_MAC_free);
  std::array<char, 7> digest{"SHA256"};
  const std::array<OSSL_PARAM, 2> params{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end()};
  Signer signer;
  signer.mac_.reset(EVP_MAC_CTX_new(mac.get()));
  if (EVP_MAC_init(signer.mac_.get(), bytes_of(secret).data(), secret.size(), params.data()) != 1) {
    return std::unexpected("has a secret the library refuses");
  }
  return signer;
}

std::expected<Signer, std::string> Signer::from_private_key(std::string_view pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  Signer signer;
  signer.key_.reset(PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr));
  const int kind = signer.key_ == nullptr ? EVP_PKEY_NONE : EVP_PKEY_get_id(signer.key_.get());
  if (kind != EVP_PKEY_ED25519 && kind != EVP_PKEY_RSA) {
    return std::unexpected("has neither a \"secret\" nor an Ed25519 or RSA \"private_key\" in PEM");
  }
  return signer;
}

bool Signer::append_signature(std::string_view payload, std::string& text) const {
  std::array<std::uint8_t, kSignatureBytesMax> signature;
  std::size_t size = signature.size();
  if (mac_ != nullptr) {
    if (EVP_MAC_init(mac_.get(), nullptr, 0, nullptr) != 1 ||
        EVP_MAC_update(mac_.get(), bytes_of(payload).data(), payload.size()) != 1 ||
        EVP_MAC_final(mac_.get(), signature.data(), &size, signature.size()) != 1) {
      return false;
    }
    append_hex(std::span(signature).first(size), text);
    return true;
  }
  const EVP_MD* const digest =
      EVP_PKEY_get_id(key_.get()) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256();
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  if (EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, bytes_of(payload).data(),
                     payload.size()) != 1) {
    return false;
  }
  append_encoded_base64(std::span(signature).first(size), text);
  return true;
}

std::expected<std::vector<SigningKey>, std::string> read_key_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    return std::unexpected(path + ": cannot be read");
  }
  const auto list = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!list.is_array() || list.empty()) {
    return std::unexpected(path + ": is not a JSON list of keys");
  }
  std::vector<SigningKey> keys;
  keys.reserve(list.size());
  for (const auto& entry : list) {
    auto key = read_entry(entry);
    if (!key) {
      return std::unexpected(path + ": entry " + std::to_string(keys.size()) + " " + key.error());
    }
    keys.push_back(*std::move(key));
  }
  return keys;
}

}  // namespace counterfoil
