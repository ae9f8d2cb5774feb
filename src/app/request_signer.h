#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "app/command_context.h"
#include "app/key_directory.h"
#include "base/time.h"
#include "crypto/hmac.h"
#include "crypto/private_key.h"
#include "crypto/public_key.h"
#include "crypto/secret_bytes.h"
#include "crypto/signature_scheme.h"
#include "policy/profile.h"

namespace counterfoil {

// RequestSigner signs payloads with the secret half of one key pair, as a client does.
class RequestSigner {
 public:
  [[nodiscard]] static std::expected<RequestSigner, Failure> from_secret(const SecretBytes& secret);
  [[nodiscard]] static RequestSigner from_private_key(PrivateKey key) {
    return RequestSigner(std::move(key));
  }
  // open reads the secret half of a key directory.
  [[nodiscard]] static std::expected<RequestSigner, Failure> open(const KeyDirectory& key);

  [[nodiscard]] Scheme scheme() const;
  // public_key is what others know this key pair by; nullptr for an HMAC secret.
  [[nodiscard]] const PublicKey* public_key() const;
  // sign gives the signature as a request carries it: lower-case hex or base64, not yet
  // percent-encoded.
  [[nodiscard]] std::expected<std::string, Failure> sign(std::string_view payload) const;

 private:
  using Key = std::variant<HmacKey, PrivateKey>;
  explicit RequestSigner(Key key) : key_(std::move(key)) {}
  Key key_;
};

using Parameter = std::pair<std::string, std::string>;

// SignedText is one signed request in pieces.
struct SignedText {
  std::string payload;    // the bytes that were signed
  std::string signature;  // as sign() gave it
  std::string query;      // payload, '&', signature parameter: ready to be sent
};

// EncodedParameter is one parameter on its way into a payload.
struct EncodedParameter {
  Parameter given;
  std::string text;  // "note=caf%C3%A9": name and value percent-encoded
};
// encode_parameters percent-encodes the parameters in their order and adds the timestamp.
[[nodiscard]] std::vector<EncodedParameter> encode_parameters(const SigningRules& rules,
                                                              std::vector<Parameter> parameters,
                                                              Timestamp now);
// join_parameters is the payload that they make.
[[nodiscard]] std::string join_parameters(const std::vector<EncodedParameter>& parameters);

// build_signed_query encodes the parameters, adds the timestamp, joins them and signs exactly that
// text: encode first, then sign.
[[nodiscard]] std::expected<SignedText, Failure> build_signed_query(
    const RequestSigner& signer, const SigningRules& rules, std::vector<Parameter> parameters,
    Timestamp now);
// sign_payload signs a text as it stands.
[[nodiscard]] std::expected<SignedText, Failure> sign_payload(const RequestSigner& signer,
                                                              const SigningRules& rules,
                                                              std::string payload);

}  // namespace counterfoil
