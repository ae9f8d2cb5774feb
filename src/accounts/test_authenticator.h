#pragma once

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/passkey.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "crypto/digest.h"

// For tests alone: an authenticator and the browser around it, which can be told to do each thing
// wrong.
namespace counterfoil {

class TestAuthenticator {
 public:
  using Bytes = std::vector<std::uint8_t>;

  explicit TestAuthenticator(PasskeyAlgorithm algorithm = PasskeyAlgorithm::kEs256,
                             unsigned rsa_bits = 2048)
      : algorithm_(algorithm), key_(make_key(algorithm, rsa_bits), EVP_PKEY_free) {}

  // What it says: right until a test changes it.
  std::string party = "gate.example.com";
  std::string origin = "https://gate.example.com";
  std::string type_made = "webauthn.create";
  std::string type_used = "webauthn.get";
  std::string more_client_data;  // such as R"(,"crossOrigin":false)"
  std::uint8_t flags = 0x05;     // user present and verified
  std::uint32_t counter = 0;
  Bytes id = Bytes(32, 0x11);
  Bytes more_authenticator_data;
  std::string format =
      "\x63"
      "fmt"
      "\x64"
      "none"
      "\x67"
      "attStmt"
      "\xa0";

  [[nodiscard]] PasskeyRegistration make(ByteView challenge) const {
    Bytes data = fixed(0x40);
    data.insert(data.end(), 16, 0);
    data.push_back(static_cast<std::uint8_t>(id.size() >> 8U));
    data.push_back(static_cast<std::uint8_t>(id.size() & 0xffU));
    data.insert(data.end(), id.begin(), id.end());
    append(data, cose_key());
    append(data, more_authenticator_data);
    Bytes object{0xa3};
    append(object, as_bytes(format));
    append(object, as_bytes("\x68"
                            "authData"));
    append(object, {0x59, static_cast<std::uint8_t>(data.size() >> 8U),
                    static_cast<std::uint8_t>(data.size() & 0xffU)});
    append(object, data);
    return {.id = id,
            .client_data_json = client_data(type_made, challenge),
            .attestation_object = object};
  }

  [[nodiscard]] PasskeyAssertion use(ByteView challenge) const {
    PasskeyAssertion used{.id = id,
                          .client_data_json = client_data(type_used, challenge),
                          .authenticator_data = fixed(0),
                          .signature = {}};
    append(used.authenticator_data, more_authenticator_data);
    Bytes message = used.authenticator_data;
    append(message, sha256(as_bytes(used.client_data_json)));
    used.signature = sign(message);
    return used;
  }

  [[nodiscard]] Bytes cose_key() const {
    Bytes cose;
    switch (algorithm_) {
      case PasskeyAlgorithm::kEs256:
        cose = {0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20};
        append(cose, number("qx", 32));
        append(cose, {0x22, 0x58, 0x20});
        append(cose, number("qy", 32));
        break;
      case PasskeyAlgorithm::kEdDsa: {
        Bytes raw(32);
        std::size_t size = raw.size();
        EVP_PKEY_get_raw_public_key(key_.get(), raw.data(), &size);
        cose = {0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20};
        append(cose, raw);
        break;
      }
      case PasskeyAlgorithm::kRs256: {
        const auto size = static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
        cose = {0xa4,
                0x01,
                0x03,
                0x03,
                0x39,
                0x01,
                0x00,
                0x20,
                0x59,
                static_cast<std::uint8_t>(size >> 8U),
                static_cast<std::uint8_t>(size & 0xffU)};
        append(cose, number("n", size));
        append(cose, {0x21, 0x43, 0x01, 0x00, 0x01});
        break;
      }
    }
    if (spoiled_point) {
      cose.back() ^= 1U;
    }
    return cose;
  }
  bool spoiled_point = false;  // of ES256: the point is not on the curve

 private:
  static EVP_PKEY* make_key(PasskeyAlgorithm algorithm, unsigned rsa_bits) {
    switch (algorithm) {
      case PasskeyAlgorithm::kEs256:
        return EVP_EC_gen("P-256");
      case PasskeyAlgorithm::kEdDsa:
        return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
      case PasskeyAlgorithm::kRs256:
        return EVP_RSA_gen(rsa_bits);
    }
    std::unreachable();
  }
  static void append(Bytes& to, const Bytes& bytes) { append(to, ByteView(bytes)); }
  static void append(Bytes& to, ByteView bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

  [[nodiscard]] Bytes number(const char* name, std::size_t size) const {
    BIGNUM* big = nullptr;
    EVP_PKEY_get_bn_param(key_.get(), name, &big);
    Bytes bytes(size);
    BN_bn2binpad(big, bytes.data(), static_cast<int>(size));
    BN_free(big);
    return bytes;
  }

  [[nodiscard]] Bytes fixed(std::uint8_t more_flags) const {
    Bytes data;
    append(data, sha256(as_bytes(party)));
    data.push_back(flags | more_flags);
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
      data.push_back(static_cast<std::uint8_t>(counter >> shift));
    }
    return data;
  }

  [[nodiscard]] std::string client_data(const std::string& type, ByteView challenge) const {
    return R"({"type":")" + type + R"(","challenge":")" + to_base64url(challenge) +
           R"(","origin":")" + origin + "\"" + more_client_data + "}";
  }

  [[nodiscard]] Bytes sign(const Bytes& message) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          EVP_MD_CTX_free);
    const EVP_MD* const digest = algorithm_ == PasskeyAlgorithm::kEdDsa ? nullptr : EVP_sha256();
    std::size_t size = 0;
    EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get());
    EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size());
    Bytes signature(size);
    EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size());
    signature.resize(size);
    return signature;
  }

  PasskeyAlgorithm algorithm_;
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

}  // namespace counterfoil
