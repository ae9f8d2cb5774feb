#include "authority/management_keys.h"

#include <algorithm>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "accounts/person.h"
#include "authority/gatekeeper.h"
#include "authority/issuer.h"
#include "authority/people_records.h"
#include "base/percent.h"
#include "base/time.h"
#include "keys/api_key_id.h"
#include "keys/live_key.h"
#include "policy/limits.h"
#include "policy/permission_rule.h"
#include "policy/profile.h"
#include "policy/route.h"
#include "replica/live_key_table.h"
#include "verify/reason.h"
#include "verify/signed_request.h"
#include "verify/verify.h"
#include "wire/rest/signed_parameters.h"

namespace counterfoil {
namespace {

constexpr std::uint32_t kCallWeight = 1;

rest::ParameterRules rules_of(const SigningRules& signing) {
  using Rules = rest::ParameterRules;
  return {.signature = signing.signature_parameter,
          .timestamp = signing.timestamp_parameter,
          .recv_window = signing.recv_window_parameter,
          .api_key = signing.api_key_parameter,
          .symbol = {},
          .repeats = {},
          .signature_position = signing.signature_position == SignaturePosition::kLast
                                    ? Rules::SignaturePosition::kLast
                                    : Rules::SignaturePosition::kAnywhere};
}

SignedRequest request_of(const SignedCall& call, const rest::SignedParameters& parameters,
                         const Route& route) {
  return {.api_key = call.api_key,
          .api_key_repeated = call.api_key_repeated,
          .parameter_fault = parameters.fault(),
          .payload = parameters.payload(),
          .signature = parameters.signature(),
          .timestamp = parameters.timestamp(),
          .recv_window = parameters.recv_window(),
          .source = call.source,
          .needs = route.permissions,
          .acts = acts(route.effect),
          .symbol = {}};
}

// names_call: the signed text says that it is for this call, or need not say.
bool names_call(const SignedCall& call, const rest::SignedParameters& parameters) {
  const auto written = parameters.find(ManagementKeys::kCallParameter);
  if (!written) {
    return call.effect == Effect::kRead;
  }
  std::string wanted(call.method);
  wanted.append(":").append(call.path);
  return form_decode(*written) == wanted;
}

bool holds_role(const Person& person, ManagementScope scope) {
  if (!may_sign_in(person)) {
    return false;
  }
  switch (person.role) {
    case Role::kOwner:
    case Role::kOperator:
      return true;
    case Role::kAuditor:
      return scope == ManagementScope::kReadAll;
    case Role::kHolder:
      return false;
  }
  return false;  // a role of a newer version may do nothing here
}

}  // namespace

Actor KeyCaller::actor() const {
  return {.name = "key:" + std::string(key.text()),
          .source = source.to_string(),
          .management_key = key};
}

ManagementKeys::ManagementKeys(Parts parts)
    : parts_(std::move(parts)), lane_(parts_.recorder.add_lane()) {}

SigningRules ManagementKeys::signing() const { return parts_.gatekeeper()->profile().signing(); }

std::expected<ManagementScope, Reason> ManagementKeys::scope_of(const Profile& profile,
                                                                const LiveKey& key) const {
  const ManagementScope scope = profile.management_scope(key.permissions);
  if (scope == ManagementScope::kNone) {
    // A profile without any such permission has a route ask for nothing.
    return std::unexpected(Reason::kPermissionMissing);
  }
  if (!is_beyond_account(scope)) {
    return scope;
  }
  const auto people = people_holding(parts_.registry, key.account.text());
  if (!people) {
    return std::unexpected(Reason::kNotInForce);
  }
  const bool is_held =
      std::ranges::any_of(*people, [&](const Person& person) { return holds_role(person, scope); });
  return is_held ? std::expected<ManagementScope, Reason>(scope)
                 : std::unexpected(Reason::kRoleNotHeld);
}

LimitRefusal ManagementKeys::refused(const Gatekeeper& gatekeeper, const SignedRequest* request,
                                     const Arrival& arrival, LimitRefusal refusal) {
  const std::scoped_lock lock(lane_mutex_);
  gatekeeper.record_refused(lane_, request, arrival, refusal.reason);
  return refusal;
}

std::expected<KeyCaller, LimitRefusal> ManagementKeys::admit(const SignedCall& call) {
  const std::shared_ptr<Gatekeeper> gatekeeper = parts_.gatekeeper();
  const Profile& profile = gatekeeper->profile();
  const Timestamp now = parts_.clock.now();
  Route route;
  route.name = std::string(call.route);
  route.security = Security::kSigned;
  route.permissions = profile.management_permissions().opening;
  route.effect = call.effect;
  route.body = BodyRule::kAny;
  const Arrival arrival{.request_id = call.request_id,
                        .route = &route,
                        .method = call.method,
                        .path = call.path,
                        .client = call.client,
                        .source = call.source,
                        .now = now,
                        .query = call.query,
                        .body = call.body,
                        .headers = call.headers};
  Usage usage;
  const auto charge = gatekeeper->charge_address(call.source, kCallWeight, now, usage);
  if (!charge) {
    return std::unexpected(refused(*gatekeeper, nullptr, arrival, charge.error()));
  }
  rest::SignedParameters parameters;
  parameters.read(call.query, call.body, rest::BodyKind::kOther, rules_of(profile.signing()));
  const SignedRequest request = request_of(call, parameters, route);
  auto admission = gatekeeper->authenticate(request, route, *charge, now, usage);
  if (!admission) {
    return std::unexpected(refused(*gatekeeper, &request, arrival, admission.error()));
  }
  const auto turned_away = [&](Reason reason) {
    gatekeeper->withdraw(*admission, usage);
    return std::unexpected(
        refused(*gatekeeper, &request, arrival, {.reason = reason, .context = {}}));
  };
  if (!names_call(call, parameters)) {
    return turned_away(Reason::kCallNotNamed);
  }
  const auto scope = scope_of(profile, *admission->key);
  if (!scope) {
    return turned_away(scope.error());
  }
  // The look-up may have waited.
  if (const auto still = gatekeeper->last_look(*admission, request, parts_.clock.now()); !still) {
    return turned_away(still.error());
  }
  const std::scoped_lock lock(lane_mutex_);
  gatekeeper->record_accepted(lane_, *admission, arrival);
  return KeyCaller{.key = admission->claims.api_key,
                   .account = admission->key->account,
                   .scope = *scope,
                   .source = call.source};
}

bool ManagementKeys::may_go_on(const KeyCaller& caller) const {
  const std::shared_ptr<Gatekeeper> gatekeeper = parts_.gatekeeper();
  const Profile& profile = gatekeeper->profile();
  const LiveKeyRef key = parts_.replica.find(caller.key);
  if (!key) {
    return false;
  }
  SignedRequest request;
  request.source = caller.source;
  request.needs = profile.management_permissions().opening;
  const auto scope = scope_of(profile, *key);
  return check_standing(request, *key, parts_.clock.now()).has_value() && scope &&
         *scope >= caller.scope;
}

}  // namespace counterfoil
