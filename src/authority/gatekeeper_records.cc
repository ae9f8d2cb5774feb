#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "authority/autopsy_names.h"
#include "authority/autopsy_queue.h"
#include "authority/gatekeeper.h"
#include "journal/journal.h"
#include "journal/recorder.h"
#include "keys/api_key_id.h"
#include "keys/key_format.h"
#include "policy/profile.h"
#include "policy/route.h"
#include "replica/live_key_table.h"
#include "verify/claims.h"
#include "verify/reason.h"
#include "verify/signed_request.h"

namespace counterfoil {
namespace {

// kept_signature: half of a wrong HMAC's hex, enough to compare hypotheses by. Nothing of an
// asymmetric signature, and nothing of one that verified: with a clock ahead, such a request
// becomes valid later.
std::string kept_signature(const SignedRequest& request, Reason reason) {
  constexpr std::size_t kHmacHexSize = 64;
  const bool failed = reason == Reason::kSignatureWrong || reason == Reason::kSignatureMalformed;
  if (!failed || !request.signature || request.signature->size() != kHmacHexSize) {
    return {};
  }
  return std::string(request.signature->substr(0, kHmacHexSize / 2));
}

// has_cause: the request itself was at fault, in a way that the reason does not tell already. What
// follows kParameterMissing is said of calls that were accepted.
bool has_cause(Reason reason) {
  constexpr auto kNot = std::to_array<Reason>(
      {Reason::kNotInForce, Reason::kReplayMemoryFull, Reason::kOverloaded, Reason::kShuttingDown,
       Reason::kStampedBeforeStart, Reason::kAccountOverWeight, Reason::kAccountOverOrders,
       Reason::kUpstreamUnreachable, Reason::kUpstreamTimeout, Reason::kUpstreamBroken,
       Reason::kUpstreamOut, Reason::kInternal});
  return reason < Reason::kParameterMissing && std::ranges::find(kNot, reason) == kNot.end();
}

}  // namespace

void Gatekeeper::offer_autopsy(std::string_view api_key, const Arrival& arrival,
                               Reason reason) const {
  const SigningRules& signing = parts_.profile.signing();
  if (parts_.autopsies == nullptr || arrival.route == nullptr || !has_cause(reason)) {
    return;
  }
  parts_.autopsies->offer(
      {.request_id = arrival.request_id,
       .time = arrival.now,
       .reason = reason,
       .api_key = api_key,
       .permissions = arrival.route->permissions,
       .signature_must_be_last = signing.signature_position == SignaturePosition::kLast,
       .method = arrival.method,
       .path = arrival.path,
       .query = arrival.query,
       .body = arrival.body,
       .headers = arrival.headers,
       .source = arrival.source,
       .names = names_of(signing)});
}

void Gatekeeper::record_accepted(Recorder::Lane& lane, const Admission& admission,
                                 const Arrival& arrival) const {
  lane.count({.api_key = admission.claims.api_key.text(),
              .pair = admission.pair,
              .address = arrival.source,
              .client = arrival.client,
              .route = admission.route->name,
              .now = arrival.now,
              .request_id = arrival.request_id,
              .delay = arrival.now - admission.claims.timestamp});
}

void Gatekeeper::record_refused(Recorder::Lane& lane, const SignedRequest* request,
                                const Arrival& arrival, Reason reason) const {
  RefusalRow row{.request_id = std::string(arrival.request_id),
                 .time = arrival.now,
                 .reason = static_cast<std::uint16_t>(reason),
                 .reason_name = std::string(describe(reason).name),
                 .method = std::string(arrival.method),
                 .route = arrival.route == nullptr ? std::string() : arrival.route->name,
                 .path = std::string(arrival.path),
                 .address = arrival.source,
                 .client = std::string(arrival.client)};
  if (request != nullptr) {
    row.api_key = std::string(request->api_key.substr(0, ApiKeyId::kSize));
    if (const auto id = ApiKeyId::parse(request->api_key)) {
      if (const LiveKeyRef key = parts_.replica.find(*id)) {
        row.account = key->account.text();
      }
    }
    if (request->timestamp) {
      const auto stamp = parse_timestamp(*request->timestamp);
      row.clock_offset_us = stamp ? (arrival.now - *stamp).count() : 0;
    }
    // Sealing takes longer than all the rest of a refusal: where the answer does not tell whether
    // an API key exists, a stranger's takes that time too.
    const bool is_kept = !row.account.empty();
    if ((is_kept || decoy_) && parts_.seal_refusal) {
      row.sealed_request = parts_.seal_refusal(arrival.request_id, request->payload);
    }
    if (!is_kept) {
      row.sealed_request.clear();
    }
    row.signature_half = kept_signature(*request, reason);
    if (parts_.format.classify_secret(row.api_key) == KeyFormat::Kind::kOurs) {
      row.api_key = "(a secret)";  // the two were swapped: what must not be read anywhere
    }
    offer_autopsy(row.account.empty() ? std::string_view() : row.api_key, arrival, reason);
  }
  lane.refuse(std::move(row));
}

}  // namespace counterfoil
