#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "authority/gatekeeper.h"
#include "journal/journal.h"
#include "journal/recorder.h"
#include "keys/api_key_id.h"
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

}  // namespace

void Gatekeeper::record_accepted(Recorder::Lane& lane, const Admission& admission,
                                 const Arrival& arrival) const {
  lane.count({.api_key = admission.claims.api_key.text(),
              .pair = admission.pair,
              .address = arrival.source,
              .client = arrival.client,
              .route = admission.route->name,
              .now = arrival.now,
              .request_id = arrival.request_id});
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
  }
  lane.refuse(std::move(row));
}

}  // namespace counterfoil
