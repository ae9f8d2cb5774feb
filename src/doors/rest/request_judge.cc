#include "doors/rest/request_judge.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "authority/gatekeeper.h"
#include "doors/rest/exchange.h"
#include "doors/rest/form_type.h"
#include "doors/rest/rest_rules.h"
#include "doors/rest/rest_shared.h"
#include "policy/limits.h"
#include "policy/profile.h"
#include "policy/route.h"
#include "verify/reason.h"
#include "verify/signed_request.h"
#include "wire/http/body_framing.h"
#include "wire/http/field_rules.h"
#include "wire/http/refusal.h"
#include "wire/http/request_head.h"
#include "wire/rest/signed_parameters.h"

namespace counterfoil {
namespace {

std::unexpected<Refused> refuse_request(Reason reason) {
  return std::unexpected(Refused(because(reason)));
}
std::unexpected<Refused> refuse_request(const LimitRefusal& refusal) {
  return std::unexpected(
      Refused(ProfileRefusal{.reason = refusal.reason, .context = refusal.context, .allowed = {}}));
}
std::unexpected<Refused> refuse_http(http::RefusalKind kind) {
  return std::unexpected(Refused(http::refuse(kind)));
}

Method policy_method(http::Method method) {
  switch (method) {
    case http::Method::kGet:
      return Method::kGet;
    case http::Method::kHead:
      return Method::kHead;
    case http::Method::kPost:
      return Method::kPost;
    case http::Method::kPut:
      return Method::kPut;
    case http::Method::kPatch:
      return Method::kPatch;
    case http::Method::kDelete:
      return Method::kDelete;
    case http::Method::kOptions:
      return Method::kOptions;
  }
  std::unreachable();
}

// is_served compares a Host header, less its port, with the names of the door.
bool is_served(const RestRules& rules, std::string_view host) {
  if (rules.hosts.empty()) {
    return true;
  }
  const std::size_t bracket = host.find(']');
  const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string_view name = host.substr(0, colon);
  return std::ranges::any_of(rules.hosts, [&](const std::string& served) {
    return http::equals_ignoring_case(served, name);
  });
}

// find_route: HEAD is GET without the body (RFC 9110 section 9.3.2), so a route of GET serves it.
const Route* find_route(const Profile& profile, const http::RequestHead& head) {
  const Route* const route = profile.find(policy_method(head.method()), head.path());
  if (route == nullptr && head.method() == http::Method::kHead) {
    return profile.find(Method::kGet, head.path());
  }
  return route;
}

bool has_body(const http::BodyFraming& framing) {
  return framing.mode == http::BodyMode::kChunked ||
         (framing.mode == http::BodyMode::kLength && framing.length > 0);
}

rest::ParameterRules parameter_rules(const SigningRules& signing, const Route& route) {
  using Rules = rest::ParameterRules;
  return {.signature = signing.signature_parameter,
          .timestamp = signing.timestamp_parameter,
          .recv_window = signing.recv_window_parameter,
          .api_key = signing.api_key_parameter,
          .symbol = route.symbol_parameter,
          .repeats = route.repeats,
          .signature_position = signing.signature_position == SignaturePosition::kLast
                                    ? Rules::SignaturePosition::kLast
                                    : Rules::SignaturePosition::kAnywhere,
          .same_name_in_both = signing.same_name_in_query_and_body == SameName::kPass
                                   ? Rules::SameNameInBoth::kPass
                                   : Rules::SameNameInBoth::kRefuse};
}

// read_signed_request fills in exchange.request.
void read_signed_request(const RestShared& shared, Exchange& exchange, rest::BodyKind body_kind) {
  const SigningRules& signing = exchange.profile().signing();
  const Route& route = *exchange.route;
  rest::SignedParameters& parameters = exchange.parameters;
  parameters.read(exchange.head.query(), exchange.body, body_kind, parameter_rules(signing, route));
  SignedRequest& request = exchange.request;
  request.api_key = exchange.head.find(shared.api_key_name()).value_or(std::string_view());
  request.api_key_repeated = exchange.head.count(shared.api_key_name()) > 1;
  request.parameter_fault = parameters.fault();
  if (!request.parameter_fault && route.body == BodyRule::kForm && !exchange.body.empty() &&
      body_kind != rest::BodyKind::kForm) {
    // An upstream that is less strict about the type would find parameters nobody looked at.
    request.parameter_fault = Reason::kBodyNotForm;
  }
  request.payload = parameters.payload();
  request.signature = parameters.signature();
  request.timestamp = parameters.timestamp();
  request.recv_window = parameters.recv_window();
  request.source = exchange.source;
  request.needs = route.permissions;
  request.symbol = parameters.symbol();
  exchange.has_request = true;
}

}  // namespace

std::expected<void, Refused> judge_head(Exchange& exchange) {
  const http::RequestHead& head = exchange.head;
  if (!is_served(*exchange.rules, head.host())) {
    return refuse_http(http::RefusalKind::kHostForeign);
  }
  const Route* const route = find_route(exchange.profile(), head);
  if (route == nullptr) {
    return std::unexpected(
        Refused(ProfileRefusal{.reason = Reason::kRouteUnknown,
                               .context = {},
                               .allowed = exchange.profile().methods_for(head.path())}));
  }
  exchange.route = route;
  if (route->security == Security::kSigned && head.find("content-encoding")) {
    return refuse_request(Reason::kContentEncoded);
  }
  if (route->security == Security::kPublic) {
    if (head.query_has_high_bytes()) {
      return refuse_http(http::RefusalKind::kTargetByte);
    }
    if (head.query_has_broken_escapes()) {
      return refuse_http(http::RefusalKind::kQueryEscape);
    }
  }
  if (route->body == BodyRule::kNone && has_body(head.body_framing())) {
    return refuse_request(Reason::kBodyNotExpected);
  }
  return {};
}

std::expected<void, Refused> judge_request(const RestShared& shared, Exchange& exchange) {
  const Route& route = *exchange.route;
  const bool is_form = route.body == BodyRule::kForm && says_form(exchange.head);
  const std::uint32_t weight =
      weight_of(route, exchange.head.query(), is_form ? exchange.body : std::string_view());
  Gatekeeper& gatekeeper = exchange.gatekeeper();
  exchange.is_counted = gatekeeper.has_limits();
  const auto charge =
      gatekeeper.charge_address(exchange.source, weight, exchange.now, exchange.usage);
  if (!charge) {
    return refuse_request(charge.error());
  }
  exchange.charge = *charge;
  if (route.security == Security::kPublic) {
    return {};
  }
  read_signed_request(shared, exchange, is_form ? rest::BodyKind::kForm : rest::BodyKind::kOther);
  auto admitted =
      gatekeeper.authenticate(exchange.request, route, *charge, exchange.now, exchange.usage);
  if (!admitted) {
    return refuse_request(admitted.error());
  }
  exchange.admission.emplace(std::move(*admitted));
  return {};
}

}  // namespace counterfoil
