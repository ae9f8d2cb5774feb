#include "venue/identity.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>
#include <vector>

#include "base/account_id.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "venue/api_error.h"
#include "venue/identity_headers.h"
#include "venue/proof.h"
#include "venue/proof_memory.h"
#include "venue/rest_api.h"
#include "wire/http/request_head.h"
#include "wire/rest/signed_parameters.h"

namespace counterfoil::venue {
namespace {

constexpr std::chrono::seconds kStandaloneWindow{5};
constexpr std::chrono::seconds kStandaloneAhead{1};
constexpr std::size_t kApiKeySize = 64;
constexpr std::size_t kMicrosecondDigits = 16;

bool changes_state(http::Method method) {
  return method != http::Method::kGet && method != http::Method::kHead;
}

bool is_api_key(std::string_view text) {
  return text.size() == kApiKeySize && std::ranges::all_of(text, [](char letter) {
           return (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z') ||
                  (letter >= 'a' && letter <= 'z');
         });
}

std::optional<Timestamp> read_timestamp(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{} || end != text.data() + text.size() || number < 0 ||
      text.size() > kMicrosecondDigits) {
    return std::nullopt;
  }
  return text.size() == kMicrosecondDigits ? from_unix_us(number) : from_unix_ms(number);
}

std::optional<ApiError> wrong_time(std::string_view text, Timestamp now) {
  const auto stamped = read_timestamp(text);
  if (!stamped) {
    return illegal_characters("timestamp", "^[0-9]{1,20}$");
  }
  if (*stamped - now >= kStandaloneAhead) {
    return ApiError{.code = -1021,
                    .text = "Timestamp for this request was 1000ms ahead of the server's time."};
  }
  if (now - *stamped > kStandaloneWindow) {
    return ApiError{.code = -1021,
                    .text = "Timestamp for this request is outside of the recvWindow."};
  }
  return std::nullopt;
}

bool is_signed(const StandaloneKey& key, std::string_view payload, std::string_view signature) {
  Digest mac{};
  return from_hex_into(signature, mac) && key.secret.verify(as_bytes(payload), mac);
}

}  // namespace

std::expected<Caller, ApiError> check_standalone(const std::vector<StandaloneKey>& keys,
                                                 const IdentityRequest& request, Timestamp now) {
  if (!request.api_key || !is_api_key(*request.api_key)) {
    return std::unexpected(
        ApiError{.status = 401, .code = -2014, .text = "API-key format invalid."});
  }
  rest::SignedParameters parameters;
  parameters.read(request.query, request.body, rest::BodyKind::kForm, {});
  for (const auto& [name, value] :
       {std::pair("timestamp", parameters.timestamp()), {"signature", parameters.signature()}}) {
    if (!value || value->empty()) {
      return std::unexpected(parameter_missing(name));
    }
  }
  if (parameters.fault()) {
    return std::unexpected(illegal_characters());
  }
  if (auto wrong = wrong_time(*parameters.timestamp(), now)) {
    return std::unexpected(*std::move(wrong));
  }
  const auto key = std::ranges::find(keys, *request.api_key, &StandaloneKey::api_key);
  if (key == keys.end()) {
    return std::unexpected(ApiError{
        .status = 401, .code = -2015, .text = "Invalid API-key, IP, or permissions for action."});
  }
  if (!is_signed(*key, parameters.payload(), *parameters.signature())) {
    return std::unexpected(
        ApiError{.code = -1022, .text = "Signature for this request is not valid."});
  }
  return Caller{.account = key->account, .api_key = key->api_key};
}

std::expected<std::optional<Caller>, ApiError> Doorkeeper::admit(Security security,
                                                                 const IdentityRequest& request,
                                                                 Timestamp now) {
  const bool must_identify = security == Security::kPrivate;
  std::expected<Caller, ApiError> caller = std::unexpected(unauthorized());
  if (const auto* const secrets = std::get_if<std::vector<ProofSecret>>(&keys_)) {
    if (!must_identify && !request.headers.any()) {
      return std::nullopt;
    }
    caller = check_gateway(*secrets, request, now);
  } else if (!request.headers.any()) {
    if (!must_identify) {
      return std::nullopt;
    }
    caller = check_standalone(std::get<std::vector<StandaloneKey>>(keys_), request, now);
  }
  if (!caller) {
    return std::unexpected(caller.error());
  }
  // The account's name is written by the gateway or by whoever set the standalone keys: here, not
  // by a stranger. It becomes the name of an account, so its form is checked all the same.
  if (must_identify && !AccountId::parse(caller->account)) {
    return std::unexpected(unauthorized());
  }
  return *std::move(caller);
}

std::expected<Caller, ApiError> Doorkeeper::admit_event(const IdentityRequest& request,
                                                        Timestamp now) {
  const auto* const secrets = std::get_if<std::vector<ProofSecret>>(&keys_);
  if (secrets == nullptr) {
    return std::unexpected(unauthorized());
  }
  return check_gateway(*secrets, request, now);
}

std::expected<Caller, ApiError> Doorkeeper::check_gateway(const std::vector<ProofSecret>& secrets,
                                                          const IdentityRequest& request,
                                                          Timestamp now) {
  const auto claims = request.headers.claims();
  if (!claims) {
    return std::unexpected(unauthorized());
  }
  const ProvenRequest proven{
      .method = http::method_name(request.method), .target = request.target, .body = request.body};
  if (!check_proof(secrets, *request.headers.proof, proven, *claims, now)) {
    return std::unexpected(unauthorized());
  }
  if (changes_state(request.method)) {
    // Proven, so it is a number; its proof is good until kProofAgeMax after it.
    const Timestamp proven_at = read_timestamp(claims->timestamp).value_or(now);
    switch (memory_.remember(claims->gateway, claims->request_id, proven_at, now)) {
      case ProofMemory::Answer::kNew:
        break;
      case ProofMemory::Answer::kSeen:
        return std::unexpected(unauthorized());
      case ProofMemory::Answer::kFull:
        return std::unexpected(overloaded());
    }
  }
  return Caller{.account = std::string(claims->account), .api_key = std::string(claims->api_key)};
}

}  // namespace counterfoil::venue
