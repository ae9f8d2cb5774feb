#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/time.h"
#include "crypto/hmac.h"
#include "venue/api_error.h"
#include "venue/identity_headers.h"
#include "venue/proof.h"
#include "venue/proof_memory.h"
#include "venue/rest_api.h"
#include "wire/http/request_head.h"

namespace counterfoil::venue {

// StandaloneKey is an API key that the venue itself checks, for bots that talk to it directly.
struct StandaloneKey {
  std::string api_key;
  HmacKey secret;
  std::string account;  // an AccountId
};

// IdentityRequest is what there is to know of a request before it is believed.
struct IdentityRequest {
  http::Method method = http::Method::kGet;
  std::string_view target;  // path, '?' and query
  std::string_view query;
  std::string_view body;
  const IdentityHeaders& headers;
  std::optional<std::string_view> api_key;  // the header X-MBX-APIKEY
};

// Doorkeeper finds out who a request comes from, in one of two ways.
//
// Behind a gateway: every private request carries the identity headers and a right proof; a request
// other than GET is taken once for each id. A public request may carry them, and then they must be
// right as well.
//
// Standalone: a private request is signed with the HMAC secret of one of the given keys, as the
// vendor wants it, and stamped within five seconds of our clock (recvWindow is not looked at).
// Nothing remembers signatures: a signed request can be sent again. Identity headers are refused,
// for nobody proves them here.
//
// One thread at a time.
class Doorkeeper {
 public:
  explicit Doorkeeper(std::vector<ProofSecret> secrets) : keys_(std::move(secrets)) {}
  explicit Doorkeeper(std::vector<StandaloneKey> keys) : keys_(std::move(keys)) {}

  // admit gives the caller of a private route; of a public one the caller or nobody.
  [[nodiscard]] std::expected<std::optional<Caller>, ApiError> admit(Security security,
                                                                     const IdentityRequest& request,
                                                                     Timestamp now);
  // admit_event lets in what the gateway itself says, by the same proof. Gives the account and the
  // API key of the headers. Nobody, when standalone.
  [[nodiscard]] std::expected<Caller, ApiError> admit_event(const IdentityRequest& request,
                                                            Timestamp now);

 private:
  [[nodiscard]] std::expected<Caller, ApiError> check_gateway(
      const std::vector<ProofSecret>& secrets, const IdentityRequest& request, Timestamp now);

  std::variant<std::vector<ProofSecret>, std::vector<StandaloneKey>> keys_;
  ProofMemory memory_;
};

// check_standalone judges one signed request. Errors: -2014, -1102, -1101, -1100, -1021, -2015,
// -1022, in this order.
[[nodiscard]] std::expected<Caller, ApiError> check_standalone(
    const std::vector<StandaloneKey>& keys, const IdentityRequest& request, Timestamp now);

}  // namespace counterfoil::venue
