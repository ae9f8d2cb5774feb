#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "authority/gatekeeper.h"
#include "authority/request_ids.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "doors/rest/body_budget.h"
#include "doors/rest/rest_rules.h"
#include "doors/rest/rest_shared.h"
#include "policy/limits.h"
#include "policy/profile.h"
#include "policy/route.h"
#include "verify/signed_request.h"
#include "wire/http/body.h"
#include "wire/http/request_head.h"
#include "wire/http/response_head.h"
#include "wire/rest/signed_parameters.h"

namespace counterfoil {

// Exchange is one request and its answer, from the first byte of the head until the last byte of
// the answer. A loop uses one object for many requests, so that none of them allocates. All views
// are of the connection's buffer, which does not move meanwhile, or of this object.
struct Exchange {
  explicit Exchange(RestShared& shared)
      : head(shared.field_rules()),
        body_reader(shared.field_rules()),
        body_share(shared.bodies),
        answer_framer(shared.field_rules()) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  Exchange(Exchange&&) = delete;
  Exchange& operator=(Exchange&&) = delete;
  ~Exchange() = default;

  // What it goes by, from the first byte of the request to the last of the answer.
  LocalRestRules rules;
  [[nodiscard]] const Profile& profile() const { return rules->profile(); }
  [[nodiscard]] Gatekeeper& gatekeeper() const { return *rules->gatekeeper; }

  // The request as received.
  http::RequestHead head;
  http::BodyReader body_reader;
  std::string body_storage;  // a body that was not in one piece in the buffer
  BodyShare body_share;
  std::string_view body;
  IpAddress source;
  std::string_view source_text;
  RequestId id;
  bool has_id = false;

  // What was made of it.
  const Route* route = nullptr;
  Timestamp now;            // when the last byte was in
  bool is_counted = false;  // usage tells what the address used
  Usage usage;
  std::optional<AddressCharge> charge;
  rest::SignedParameters parameters;
  SignedRequest request;
  bool has_request = false;  // the above was read
  std::optional<Admission> admission;

  // The answer of the upstream.
  http::ResponseHead answer;
  http::BodyFramer answer_framer;

  [[nodiscard]] http::Method method() const { return head.method(); }
  // arrival is what the journal is told. Its views live as long as the request.
  [[nodiscard]] Arrival arrival() const;
  // reset makes it ready for the next request. Storage is kept, but for what was unusually large.
  void reset();
};

}  // namespace counterfoil
