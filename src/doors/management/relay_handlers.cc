#include <cstddef>
#include <expected>
#include <utility>

#include "authority/request_relay.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/json.h"
#include "doors/management/member_reader.h"
#include "keys/api_key_id.h"

namespace counterfoil {
namespace {

constexpr std::size_t kRelayedMethodBytesMax = 16;
// One that is too long is told in the authority's words.
constexpr std::size_t kTargetReadBytesMax = 2 * RequestRelay::kTargetBytesMax;

}  // namespace

Outcome relay_request(const Call& call) {
  if (call.parts.relay == nullptr) {
    return std::unexpected(
        ApiFault{.status = 404,
                 .reason = "relay_not_served",
                 .detail = "this node's gateway cannot be called from here; send the request from "
                           "your own program",
                 .member = {}});
  }
  MemberReader members(call.body);
  const TriedRequest wanted{.method = members.required_text("method", kRelayedMethodBytesMax),
                            .target = members.required_text("target", kTargetReadBytesMax),
                            .api_key = members.required_text("api_key", ApiKeyId::kSize)};
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  const auto answer = call.parts.relay->relay(call.caller().session.value.id, wanted);
  if (!answer) {
    return std::unexpected(fault_of(answer.error()));
  }
  Json headers = Json::object();
  for (const auto& [name, value] : answer->headers) {
    headers[name] = value;
  }
  return reply({{"status", answer->status},
                {"headers", std::move(headers)},
                {"body", answer->body},
                {"is_cut", answer->is_cut}});
}

}  // namespace counterfoil
