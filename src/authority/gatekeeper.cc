#include "authority/gatekeeper.h"

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <utility>

#include "authority/acceptance.h"
#include "authority/replay_horizon.h"
#include "authority/replay_memory.h"
#include "base/bytes.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "crypto/verification_key.h"
#include "keys/live_key.h"
#include "policy/answers.h"
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

std::unexpected<LimitRefusal> refuse(Reason reason) {
  return std::unexpected(LimitRefusal{.reason = reason, .context = {}});
}

bool is_signature_failure(Reason reason) {
  return reason == Reason::kSignatureWrong || reason == Reason::kSignatureMalformed ||
         reason == Reason::kPayloadNotAscii;
}

bool is_without_material(Reason reason) {
  return reason == Reason::kApiKeyUnknown || reason == Reason::kApiKeyRevoked;
}

// make_decoy gives a key that verifies nothing, or nullopt where the profile tells an unknown API
// key from a wrong signature anyway: there the extra work would be theatre.
std::optional<VerificationKey> make_decoy(const Profile& profile) {
  const Answer& unknown = profile.answer(Reason::kApiKeyUnknown);
  const Answer& wrong = profile.answer(Reason::kSignatureWrong);
  if (unknown.status != wrong.status || unknown.body != wrong.body) {
    return std::nullopt;
  }
  constexpr std::array<std::uint8_t, 64> kNobodysSecret{};
  auto made = VerificationKey::from_hmac_secret(kNobodysSecret);
  return made ? std::optional(std::move(*made)) : std::nullopt;
}

Standing standing_for(const Route& route) {
  return route.handler == Handler::kSelfRevoke ? Standing::kNotRevoked : Standing::kActive;
}

// for_route is the request with what the route asks for, so that no door can ask for less.
SignedRequest for_route(const SignedRequest& request, const Route& route) {
  SignedRequest judged = request;
  judged.needs = route.permissions;
  judged.acts = acts(route.effect);
  return judged;
}

// pair_retired tells whether the pair that signed has retired since.
bool pair_retired(const LiveKey& key, std::uint32_t number, Timestamp now) {
  for (const LivePair& pair : key.pairs) {
    if (pair.number == number) {
      return now >= pair.retires_at;
    }
  }
  return true;
}

}  // namespace

Gatekeeper::Gatekeeper(Parts parts)
    : parts_(std::move(parts)), decoy_(make_decoy(parts_.profile)) {}

std::expected<AddressCharge, Gatekeeper::Refusal> Gatekeeper::charge_address(
    const IpAddress& source, std::uint32_t weight, Timestamp now, Usage& usage) {
  if (has_limits()) {
    if (const auto charged = parts_.address_limits.charge(source, weight, now, usage); !charged) {
      return std::unexpected(charged.error());
    }
  }
  return AddressCharge(source, weight, now);
}

std::expected<Admission, Gatekeeper::Refusal> Gatekeeper::authenticate(
    const SignedRequest& received, const Route& route, const AddressCharge& charge, Timestamp now,
    Usage& usage) {
  // Before the time is judged: with a clock in doubt, "your timestamp is wrong" would be a lie.
  if (!may_accept(route, now)) {
    return refuse(Reason::kNotInForce);
  }
  const SignedRequest request = for_route(received, route);
  const auto claims = read_claims(request, parts_.format, now);
  if (!claims) {
    return refuse(claims.error());
  }
  if (const auto held = parts_.bad_signatures.check(request.source, request.api_key, now); !held) {
    return std::unexpected(held.error());
  }
  // Before the signature is looked at, and for unknown keys as well: what the memory will look at
  // is fetched meanwhile, and the time an answer takes does not tell which keys exist.
  const Fingerprint print = fingerprint(claims->api_key, request.payload);
  parts_.replays.expect(print, claims->timestamp);
  LiveKeyRef key = parts_.replica.find(claims->api_key);
  const Verdict verdict = judge(request, key.get(), route, now);
  if (!verdict) {
    note_failure(request, verdict.error(), now);
    return refuse(verdict.error());
  }
  const Timestamp forget_at =
      replay_horizon(*claims, request.payload, parts_.profile.signing().recv_window_parameter);
  if (const auto admitted =
          admit(*claims, *key, route, charge.weight(), print, forget_at, now, usage);
      !admitted) {
    return std::unexpected(admitted.error());
  }
  return Admission{.key = std::move(key),
                   .route = &route,
                   .claims = *claims,
                   .pair = verdict->pair,
                   .print = print,
                   .admitted_at = now,
                   .orders = has_limits() ? route.orders : 0};
}

Verdict Gatekeeper::judge(const SignedRequest& request, const LiveKey* key, const Route& route,
                          Timestamp now) const {
  const Verdict verdict = verify(request, key, now, standing_for(route));
  if (!verdict && decoy_ && is_without_material(verdict.error())) {
    // The answer is that of a wrong signature, so the time should be too.
    (void)decoy_->verify_text(as_bytes(request.payload), *request.signature);
  }
  return verdict;
}

void Gatekeeper::note_failure(const SignedRequest& request, Reason reason, Timestamp now) {
  if (is_signature_failure(reason) || (decoy_ && is_without_material(reason))) {
    parts_.bad_signatures.record(request.source, request.api_key, now);
  }
}

ReplayRule Gatekeeper::replay_rule(const Route& route) const {
  switch (route.effect) {
    case Effect::kRead:
      return ReplayRule::kRepeatable;
    case Effect::kChange:
      return ReplayRule::kOnce;
    case Effect::kOrder:
    case Effect::kCancel:
      return parts_.profile.signing().replayed_orders == ReplayedOrders::kPass
                 ? ReplayRule::kRepeatable
                 : ReplayRule::kOnce;
  }
  std::unreachable();
}

std::expected<void, Gatekeeper::Refusal> Gatekeeper::admit(const Claims& claims, const LiveKey& key,
                                                           const Route& route, std::uint32_t weight,
                                                           const Fingerprint& print,
                                                           Timestamp forget_at, Timestamp now,
                                                           Usage& usage) {
  const ReplayRule rule = replay_rule(route);
  const ReplayMemory::Stamped stamped{.at = claims.timestamp, .forget_at = forget_at};
  if (rule == ReplayRule::kOnce && claims.timestamp < parts_.acceptance.changes_from()) {
    return refuse(Reason::kStampedBeforeStart);
  }
  switch (parts_.replays.admit(print, rule, stamped, now)) {
    case ReplayMemory::Answer::kSeen:
      return refuse(Reason::kReplayed);
    case ReplayMemory::Answer::kFull:
      return refuse(Reason::kReplayMemoryFull);
    case ReplayMemory::Answer::kFresh:
      break;
  }
  if (!has_limits()) {
    return {};
  }
  const auto charged = parts_.account_limits.charge(
      key.account,
      {.weight = weight, .orders = route.orders, .account_weight = route.account_weight}, now,
      usage);
  if (!charged) {
    parts_.replays.withdraw(print, claims.timestamp);
    return std::unexpected(charged.error());
  }
  return {};
}

std::expected<void, Reason> Gatekeeper::last_look(Admission& admission,
                                                  const SignedRequest& received,
                                                  Timestamp now) const {
  if (!may_accept(*admission.route, now)) {
    return std::unexpected(Reason::kNotInForce);
  }
  const bool waited = now != admission.admitted_at;
  if (waited && now - admission.claims.timestamp > admission.claims.recv_window) {
    return std::unexpected(Reason::kTimestampLate);
  }
  const SignedRequest request = for_route(received, *admission.route);
  if (admission.key.is_current()) {
    if (!waited) {
      return {};
    }
    if (pair_retired(*admission.key, admission.pair, now)) {
      return std::unexpected(Reason::kSignatureWrong);
    }
    return check_standing(request, *admission.key, now, standing_for(*admission.route));
  }
  LiveKeyRef key = parts_.replica.find(admission.claims.api_key);
  const Verdict verdict = verify(request, key.get(), now, standing_for(*admission.route));
  if (!verdict) {
    return std::unexpected(verdict.error());
  }
  admission.key = std::move(key);
  admission.pair = verdict->pair;
  return {};
}

void Gatekeeper::withdraw(const Admission& admission, Usage& usage) {
  parts_.replays.withdraw(admission.print, admission.claims.timestamp);
  if (admission.orders > 0) {
    parts_.account_limits.refund(admission.key->account, {.orders = admission.orders},
                                 admission.admitted_at, usage);
  }
}

void Gatekeeper::settle(const AddressCharge& charge, const Route& route, Usage& usage) {
  const std::uint32_t cost = route.on_success_weight.value_or(charge.weight());
  if (has_limits() && charge.weight() > cost) {
    parts_.address_limits.refund(charge.source_, charge.weight() - cost, charge.charged_at_, usage);
  }
}

}  // namespace counterfoil
