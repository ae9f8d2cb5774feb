#include "venue/identity.h"

#include <charconv>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/account_id.h"
#include "base/time.h"
#include "venue/api_error.h"
#include "venue/identity_headers.h"
#include "venue/proof.h"
#include "venue/proof_memory.h"
#include "venue/rest_api.h"
#include "venue/standalone.h"
#include "wire/http/request_head.h"

namespace counterfoil::venue {
namespace {

bool changes_state(http::Method method) {
  return method != http::Method::kGet && method != http::Method::kHead;
}

// believed_at is when the gateway proved the request. Precondition: check_proof() believed it, so
// the text is a number that fits.
Timestamp believed_at(std::string_view timestamp) {
  std::int64_t ms = 0;
  std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), ms);
  return from_unix_ms(ms);
}

}  // namespace

std::expected<std::optional<Caller>, ApiError> Doorkeeper::admit(Security security,
                                                                 const IdentityRequest& request,
                                                                 Timestamp now) {
  const bool must_identify = security == Security::kPrivate;
  if (!must_identify && !request.headers.proof) {
    return std::nullopt;
  }
  auto caller = identify(request, now);
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

std::expected<Caller, ApiError> Doorkeeper::identify(const IdentityRequest& request,
                                                     Timestamp now) {
  if (const auto* const secrets = std::get_if<std::vector<ProofSecret>>(&keys_)) {
    return check_gateway(*secrets, request, now);
  }
  if (request.headers.any()) {
    return std::unexpected(unauthorized());
  }
  const auto key = check_signed_call(
      std::get<std::vector<StandaloneKey>>(keys_),
      {.query = request.query, .body = request.body, .api_key = request.api_key}, now);
  if (!key) {
    return std::unexpected(key.error());
  }
  return Caller{.account = (*key)->account, .api_key = (*key)->api_key, .proved_at = now};
}

std::expected<Caller, ApiError> Doorkeeper::admit_event(const IdentityRequest& request,
                                                        Timestamp now) {
  const auto* const secrets = std::get_if<std::vector<ProofSecret>>(&keys_);
  if (secrets == nullptr) {
    return std::unexpected(unauthorized());
  }
  // A client's request carries the permissions of his key; what the gateway says itself has none.
  if (request.headers.permissions.value_or("") != "") {
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
  if (!check_proof(secrets, request.headers.proof.value_or(""), proven, *claims, now)) {
    return std::unexpected(unauthorized());
  }
  const Timestamp proved_at = believed_at(claims->timestamp);
  if (changes_state(request.method)) {
    switch (memory_.remember(claims->gateway, claims->request_id, proved_at, now)) {
      case ProofMemory::Answer::kNew:
        break;
      case ProofMemory::Answer::kSeen:
        return std::unexpected(unauthorized());
      case ProofMemory::Answer::kFull:
        return std::unexpected(overloaded());
    }
  }
  return Caller{.account = std::string(claims->account),
                .api_key = std::string(claims->api_key),
                .proved_at = proved_at};
}

}  // namespace counterfoil::venue
