#include "doors/management/signed_call.h"

#include <expected>
#include <string>
#include <string_view>

#include "authority/management_keys.h"
#include "doors/management/api_call.h"
#include "doors/management/api_fault.h"
#include "doors/management/management_api.h"
#include "doors/management/query.h"
#include "policy/limits.h"
#include "policy/profile.h"
#include "policy/route.h"
#include "verify/reason.h"
#include "wire/http/request_head.h"

namespace counterfoil {
namespace {

// is_told: the caller is told the very reason, which says nothing of any API key's state.
bool is_told(Reason reason) {
  const Category category = describe(reason).category;
  return reason == Reason::kApiKeyMissing || reason == Reason::kApiKeyMalformed ||
         reason == Reason::kApiKeyChecksum ||
         (category != Category::kUnauthenticated && category != Category::kForbidden);
}

}  // namespace

ApiFault fault_of_signature(const LimitRefusal& refusal) {
  const ReasonRow& row = describe(refusal.reason);
  ApiFault fault{.status = http_status(row.category),
                 .reason = std::string(row.name),
                 .detail = std::string(row.owner_text) + " " + std::string(row.fix),
                 .member = {},
                 .retry_after = refusal.context.retry_after};
  if (!is_told(refusal.reason)) {
    fault.reason = row.category == Category::kForbidden ? "not_for_this_key" : "not_signed";
    fault.detail = std::string(public_text(row.category)) +
                   " Whoever holds the API key finds the reason under this request's id: "
                   "counterfoil refusals show, or its requests in the console.";
  }
  return fault;
}

std::expected<KeyCaller, ApiFault> signed_caller(const ManagementApi::Parts& parts,
                                                 const ApiRequest& request,
                                                 const ManagementRoute& route) {
  if (parts.keys == nullptr) {
    return std::unexpected(ApiFault{.status = 403,
                                    .reason = "signed_calls_not_taken",
                                    .detail = "signed calls are taken by the console's door",
                                    .member = {}});
  }
  const CallSignature& signature = *request.signature;
  const std::string name =
      std::string(http::method_name(route.method)) + " " + std::string(route.path);
  auto caller = parts.keys->admit(
      {.route = name,
       .effect = route.method == http::Method::kGet ? Effect::kRead : Effect::kChange,
       .method = http::method_name(request.method),
       .path = request.path,
       .query = request.query,
       .body = request.body,
       .api_key = signature.api_key,
       .api_key_repeated = signature.api_key_repeated,
       .headers = signature.headers,
       .client = signature.client,
       .source = signature.address,
       .request_id = request.request_id});
  return caller ? std::expected<KeyCaller, ApiFault>(*caller)
                : std::unexpected(fault_of_signature(caller.error()));
}

void take_out_signature(const ManagementApi::Parts& parts, Query& query) {
  const SigningRules signing = parts.keys->signing();
  query.take_out(signing.signature_parameter);
  query.take_out(signing.timestamp_parameter);
  query.take_out(signing.recv_window_parameter);
  query.take_out(ManagementKeys::kCallParameter);
}

}  // namespace counterfoil
