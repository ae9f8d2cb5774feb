#include "authority/gatekeeper.h"

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "authority/replay_memory.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "journal/journal.h"
#include "journal/recorder.h"
#include "keys/live_key.h"
#include "policy/limits.h"
#include "policy/profile.h"
#include "policy/route.h"
#include "replica/live_key_table.h"
#include "verify/claims.h"
#include "verify/reason.h"
#include "verify/signed_request.h"
#include "verify/verify.h"

namespace counterfoil {
namespace {

constexpr std::chrono::seconds kStartGuard{1};  // a stamp may be this far ahead of the clock

std::unexpected<LimitRefusal> refuse(Reason reason) {
  return std::unexpected(LimitRefusal{.reason = reason, .context = {}});
}

bool is_signature_failure(Reason reason) {
  return reason == Reason::kSignatureWrong || reason == Reason::kSignatureMalformed ||
         reason == Reason::kPayloadNotAscii;
}

// kept_signature: half of a wrong HMAC's hex, enough to compare hypotheses by. Nothing of an
// asymmetric signature, and nothing of one that verified: with a clock ahead, such a request
// becomes valid later.
std::string kept_signature(const SignedRequest& request, Reason reason) {
  constexpr std::size_t kHmacHexSize = 64;
  if (!is_signature_failure(reason) || !request.signature ||
      request.signature->size() != kHmacHexSize) {
    return {};
  }
  return std::string(request.signature->substr(0, kHmacHexSize / 2));
}

}  // namespace

std::expected<void, Gatekeeper::Refusal> Gatekeeper::charge_address(const IpAddress& source,
                                                                    std::uint32_t weight,
                                                                    Timestamp now, Usage& usage) {
  if (parts_.limits == Parts::Limits::kOff) {
    return {};
  }
  return parts_.address_limits.charge(source, weight, now, usage);
}

std::expected<Admission, Gatekeeper::Refusal> Gatekeeper::authenticate(const SignedRequest& request,
                                                                       const Route& route,
                                                                       Timestamp now,
                                                                       Usage& usage) {
  const auto claims = read_claims(request, parts_.format, now);
  if (!claims) {
    return refuse(claims.error());
  }
  if (!has_right()) {
    return refuse(Reason::kNotInForce);
  }
  LiveKeyRef key = parts_.replica.find(claims->api_key);
  if (const auto held = parts_.bad_signatures.check(request.source, request.api_key, now); !held) {
    return std::unexpected(held.error());
  }
  const Verdict verdict = verify(request, key.get(), now);
  if (!verdict) {
    if (is_signature_failure(verdict.error())) {
      parts_.bad_signatures.record(request.source, request.api_key, now);
    }
    return refuse(verdict.error());
  }
  const Fingerprint print = fingerprint(claims->api_key, request.payload);
  if (const auto admitted = admit(*claims, *key, route, print, now, usage); !admitted) {
    return std::unexpected(admitted.error());
  }
  return Admission{.key = std::move(key),
                   .claims = *claims,
                   .pair = verdict->pair,
                   .print = print,
                   .admitted_at = now,
                   .orders = parts_.limits == Parts::Limits::kOn ? route.orders : 0};
}

ReplayRule Gatekeeper::replay_rule(const Route& route) const {
  switch (route.effect) {
    case Effect::kRead:
      return ReplayRule::kRepeatable;
    case Effect::kChange:
      return ReplayRule::kOnce;
    case Effect::kOrder:
      return parts_.profile.signing().replayed_orders == ReplayedOrders::kPass
                 ? ReplayRule::kRepeatable
                 : ReplayRule::kOnce;
  }
  std::unreachable();
}

std::expected<void, Gatekeeper::Refusal> Gatekeeper::admit(const Claims& claims, const LiveKey& key,
                                                           const Route& route,
                                                           const Fingerprint& print, Timestamp now,
                                                           Usage& usage) {
  const ReplayRule rule = replay_rule(route);
  if (rule == ReplayRule::kOnce && claims.timestamp < started_at_ + kStartGuard) {
    return refuse(Reason::kStampedBeforeStart);
  }
  switch (parts_.replays.admit(print, rule, claims.expires_at(), now)) {
    case ReplayMemory::Answer::kSeen:
      return refuse(Reason::kReplayed);
    case ReplayMemory::Answer::kFull:
      return refuse(Reason::kReplayMemoryFull);
    case ReplayMemory::Answer::kFresh:
      break;
  }
  if (parts_.limits == Parts::Limits::kOff) {
    return {};
  }
  const auto charged = parts_.account_limits.charge(
      key.account, {.weight = route.weight, .orders = route.orders}, now, usage);
  if (!charged) {
    parts_.replays.withdraw(print);
    return std::unexpected(charged.error());
  }
  return {};
}

std::expected<void, Reason> Gatekeeper::last_look(const Admission& admission,
                                                  const SignedRequest& request,
                                                  Timestamp now) const {
  if (!has_right()) {
    return std::unexpected(Reason::kNotInForce);
  }
  if (now != admission.admitted_at &&
      now - admission.claims.timestamp > admission.claims.recv_window) {
    return std::unexpected(Reason::kTimestampLate);
  }
  if (admission.key.is_current()) {
    return {};
  }
  const LiveKeyRef key = parts_.replica.find(admission.claims.api_key);
  const Verdict verdict = verify(request, key.get(), now);
  return verdict ? std::expected<void, Reason>{} : std::unexpected(verdict.error());
}

void Gatekeeper::withdraw(const Admission& admission, Usage& usage) {
  parts_.replays.withdraw(admission.print);
  if (admission.orders > 0) {
    parts_.account_limits.refund(admission.key->account, {.weight = 0, .orders = admission.orders},
                                 admission.admitted_at, usage);
  }
}

void Gatekeeper::settle(const IpAddress& source, const Route& route, std::uint32_t charged_weight,
                        Timestamp charged_at, Usage& usage) {
  const std::uint32_t cost = route.on_success_weight.value_or(charged_weight);
  if (parts_.limits == Parts::Limits::kOn && charged_weight > cost) {
    parts_.address_limits.refund(source, charged_weight - cost, charged_at, usage);
  }
}

void Gatekeeper::record_accepted(Recorder::Lane& lane, const Admission& admission,
                                 const Arrival& arrival) const {
  lane.count({.api_key = admission.claims.api_key.text(),
              .pair = admission.pair,
              .address = arrival.source,
              .client = arrival.client,
              .route = arrival.route->name,
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
    if (!row.account.empty() && parts_.seal_refusal) {
      row.sealed_request = parts_.seal_refusal(arrival.request_id, request->payload);
    }
    row.signature_half = kept_signature(*request, reason);
  }
  lane.refuse(std::move(row));
}

}  // namespace counterfoil
