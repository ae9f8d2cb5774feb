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
#include "venue/api_error.h"
#include "venue/identity_headers.h"
#include "venue/proof.h"
#include "venue/proof_memory.h"
#include "venue/rest_api.h"
#include "venue/standalone.h"
#include "wire/http/request_head.h"

namespace counterfoil::venue {

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
// other than GET is taken once for each id. On a public route nobody is believed to be anybody, but
// a proof that comes along must be right all the same: a wrong secret shows at the first call.
//
// Standalone: a private request is signed with one of the given keys, as the vendor wants it
// (standalone.h). Identity headers are refused, for nobody proves them here.
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
  // admit_event lets in what the gateway itself says: by the same proof, and without permissions,
  // which every request of a client has. Gives the account and the API key of the headers. Nobody,
  // when standalone.
  [[nodiscard]] std::expected<Caller, ApiError> admit_event(const IdentityRequest& request,
                                                            Timestamp now);

 private:
  [[nodiscard]] std::expected<Caller, ApiError> identify(const IdentityRequest& request,
                                                         Timestamp now);
  [[nodiscard]] std::expected<Caller, ApiError> check_gateway(
      const std::vector<ProofSecret>& secrets, const IdentityRequest& request, Timestamp now);

  std::variant<std::vector<ProofSecret>, std::vector<StandaloneKey>> keys_;
  ProofMemory memory_;
};

}  // namespace counterfoil::venue
