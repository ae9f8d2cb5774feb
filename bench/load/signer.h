#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using EVP_MAC_CTX = struct evp_mac_ctx_st;
using EVP_PKEY = struct evp_pkey_st;

namespace counterfoil {

// Signer signs payloads for one API key, as clients of the venue do (HMAC-SHA-256 in lower-case
// hex; Ed25519 and RSA in base64, percent-encoded). Keys the context once and uses it again. Move-
// only; one thread at a time. The secret is the library's to keep: this is a bench with keys made
// for it.
class Signer {
 public:
  [[nodiscard]] static std::expected<Signer, std::string> from_secret(std::string_view secret);
  // from_private_key reads PKCS#8 PEM, Ed25519 or RSA.
  [[nodiscard]] static std::expected<Signer, std::string> from_private_key(std::string_view pem);

  // append_signature adds the text that follows "signature=" to `text`. false: the library failed.
  [[nodiscard]] bool append_signature(std::string_view payload, std::string& text) const;

 private:
  struct Free {
    void operator()(EVP_MAC_CTX* context) const;
    void operator()(EVP_PKEY* key) const;
  };
  std::unique_ptr<EVP_MAC_CTX, Free> mac_;  // one of the two is set
  std::unique_ptr<EVP_PKEY, Free> key_;
};

// SigningKey is one entry of a key file.
struct SigningKey {
  std::string api_key;
  Signer signer;
};

// read_key_file reads a JSON list of {"api_key": ..., "secret": ...} or {"api_key": ...,
// "private_key": PEM}. The error is a sentence for the user; it quotes nothing of the file.
[[nodiscard]] std::expected<std::vector<SigningKey>, std::string> read_key_file(
    const std::string& path);

}  // namespace counterfoil
