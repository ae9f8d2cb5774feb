#include "app/request_signer.h"

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "app/command_context.h"
#include "app/key_directory.h"
#include "app/secret_input.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/percent.h"
#include "base/time.h"
#include "crypto/crypto_error.h"
#include "crypto/hmac.h"
#include "crypto/private_key.h"
#include "crypto/public_key.h"
#include "crypto/secret_bytes.h"
#include "crypto/signature_scheme.h"
#include "policy/profile.h"

namespace counterfoil {
namespace {

std::unexpected<Failure> fault(CryptoError error) {
  return std::unexpected(Failure{ExitCode::kCannotTell, std::string(describe(error))});
}

}  // namespace

std::expected<RequestSigner, Failure> RequestSigner::from_secret(const SecretBytes& secret) {
  auto key = HmacKey::from_secret(secret);
  if (!key) {
    return fault(key.error());
  }
  return RequestSigner(std::move(*key));
}

std::expected<RequestSigner, Failure> RequestSigner::open(const KeyDirectory& key) {
  const std::string file = key.material_file().string();
  if (describe(key.scheme).material == KeyMaterialKind::kSharedSecret) {
    const auto secret = read_secret_file(file);
    return secret ? from_secret(*secret) : std::unexpected(secret.error());
  }
  auto private_key = read_private_key_file(file);
  if (!private_key) {
    return std::unexpected(private_key.error());
  }
  return from_private_key(std::move(*private_key));
}

Scheme RequestSigner::scheme() const {
  const auto* const private_key = std::get_if<PrivateKey>(&key_);
  return private_key == nullptr ? Scheme::kHmacSha256 : private_key->scheme();
}

const PublicKey* RequestSigner::public_key() const {
  const auto* const private_key = std::get_if<PrivateKey>(&key_);
  return private_key == nullptr ? nullptr : &private_key->public_key();
}

std::expected<std::string, Failure> RequestSigner::sign(std::string_view payload) const {
  if (const auto* const secret = std::get_if<HmacKey>(&key_)) {
    return to_hex(secret->mac(as_bytes(payload)));
  }
  const auto signature = std::get<PrivateKey>(key_).sign(as_bytes(payload));
  if (!signature) {
    return fault(signature.error());
  }
  return to_base64(*signature);
}

std::expected<SignedText, Failure> sign_payload(const RequestSigner& signer,
                                                const SigningRules& rules, std::string payload) {
  auto signature = signer.sign(payload);
  if (!signature) {
    return std::unexpected(signature.error());
  }
  std::string query = payload;
  query +=
      (payload.empty() ? "" : "&") + rules.signature_parameter + "=" + percent_encode(*signature);
  return SignedText{
      .payload = std::move(payload), .signature = std::move(*signature), .query = std::move(query)};
}

std::vector<EncodedParameter> encode_parameters(const SigningRules& rules,
                                                std::vector<Parameter> parameters, Timestamp now) {
  parameters.emplace_back(rules.timestamp_parameter, std::to_string(to_unix_ms(now)));
  std::vector<EncodedParameter> encoded;
  for (Parameter& given : parameters) {
    std::string text = percent_encode(given.first) + "=" + percent_encode(given.second);
    encoded.push_back({.given = std::move(given), .text = std::move(text)});
  }
  return encoded;
}

std::string join_parameters(const std::vector<EncodedParameter>& parameters) {
  std::string payload;
  for (const EncodedParameter& parameter : parameters) {
    payload += (payload.empty() ? "" : "&") + parameter.text;
  }
  return payload;
}

std::expected<SignedText, Failure> build_signed_query(const RequestSigner& signer,
                                                      const SigningRules& rules,
                                                      std::vector<Parameter> parameters,
                                                      Timestamp now) {
  return sign_payload(signer, rules,
                      join_parameters(encode_parameters(rules, std::move(parameters), now)));
}

}  // namespace counterfoil
