#include "authority/oidc_desk.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/person.h"
#include "accounts/person_id.h"
#include "authority/audit_chain.h"
#include "authority/passkey_challenges.h"
#include "authority/people.h"
#include "authority/people_records.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/second_factor.h"
#include "authority/sessions.h"
#include "authority/sign_in.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "crypto/constant_time.h"
#include "crypto/hmac.h"
#include "outbound/id_token.h"
#include "outbound/oidc_client.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;

constexpr std::string_view kSignInPurpose = "oidc:sign-in";
constexpr std::string_view kLinkPurpose = "oidc:link:";
constexpr std::string_view kFactorPurpose = "oidc:factor:";
// The page learns from the state which of the two it came back from.
constexpr std::string_view kSignInState = "in.";
constexpr std::string_view kLinkState = "link.";

std::unexpected<Problem> sign_in_failed(std::chrono::seconds wait) {
  return std::unexpected(
      Problem{.kind = Kind::kNotSignedIn,
              .reason = "oidc_sign_in_failed",
              .detail = "nobody was signed in: the way back from the provider was broken or took "
                        "too long, nobody who may sign in has linked that account, or there were "
                        "too many tries; sign in with your password and link it in Settings",
              .retry_after = wait});
}

std::unexpected<Problem> link_failed() {
  return problem(Kind::kInvalid, "oidc_link_failed",
                 "the account was not linked: the way back from the provider was broken or took "
                 "too long, or the provider refused; begin again in this browser");
}

// What the provider did is the operator's to know; people hear what to do.
std::unexpected<Problem> problem_of(OidcFault::Kind kind) {
  if (kind == OidcFault::Kind::kBusy) {
    return problem(Kind::kBusy, "too_many_sign_ins",
                   "too many people sign in at this moment; try again in a few seconds");
  }
  return problem(Kind::kUnavailable, "provider_unreachable",
                 "the identity provider gave no usable answer; sign in with your password, or try "
                 "again in a minute");
}

// flow_of derives everything from the ticket's secret, so nothing of it has to be remembered.
std::optional<OidcClient::Flow> flow_of(const std::vector<std::uint8_t>& secret,
                                        std::string_view state_prefix,
                                        std::string_view redirect_uri) {
  const auto key = HmacKey::from_secret(ByteView(secret));
  if (!key) {
    return std::nullopt;
  }
  const auto part = [&](std::string_view name) { return to_base64url(key->mac(as_bytes(name))); };
  return OidcClient::Flow{.redirect_uri = std::string(redirect_uri),
                          .state = std::string(state_prefix) + part("state"),
                          .nonce = part("nonce"),
                          .verifier = part("verifier")};
}

std::string link_purpose(const Caller& caller) {
  return std::string(kLinkPurpose) + caller.session.value.id;
}

// A ticket of the second step: "<person>.<identity>.<challenge>"; the challenge is for the rest.
struct FactorTicket {
  std::string_view whose;  // "<person>.<identity>"
  std::string_view challenge;
};
FactorTicket split(std::string_view ticket) {
  const auto dot = ticket.rfind('.');
  return dot == std::string_view::npos
             ? FactorTicket{}
             : FactorTicket{.whose = ticket.substr(0, dot), .challenge = ticket.substr(dot + 1)};
}

std::string whose_of(const ProvenIdentity& identity) {
  return identity.person().text() + "." + identity.id();
}

SignInTry try_of(const ProvenIdentity& identity, FactorAnswer factor, const OidcDesk::From& from) {
  return {.email = {},
          .password = {},
          .factor = std::move(factor),
          .source = from.source,
          .device = from.device,
          .device_cookie = from.device_cookie,
          .identity = identity};
}

}  // namespace

std::expected<OidcDesk::Departure, Problem> OidcDesk::depart(std::string_view purpose,
                                                             std::string_view state_prefix,
                                                             std::string_view redirect_uri) {
  auto ticket = tickets_.ask(purpose);
  if (!ticket) {
    return no_randomness();
  }
  const auto flow = flow_of(ticket->bytes, state_prefix, redirect_uri);
  if (!flow) {
    return no_randomness();
  }
  auto url = parts_.client.authorization_url(*flow);
  if (!url) {
    parts_.report(url.error().sentence);
    return problem_of(url.error().kind);
  }
  return Departure{.url = std::move(*url), .ticket = std::move(ticket->id)};
}

std::expected<OidcDesk::Departure, Problem> OidcDesk::begin(std::string_view redirect_uri) {
  return depart(kSignInPurpose, kSignInState, redirect_uri);
}

std::expected<OidcDesk::Departure, Problem> OidcDesk::begin_link(const Caller& caller,
                                                                 const SteppedUp& /*proof*/,
                                                                 std::string_view redirect_uri) {
  return depart(link_purpose(caller), kLinkState, redirect_uri);
}

std::expected<std::optional<OidcIdentity>, Problem> OidcDesk::redeem(const Return& back,
                                                                     std::string_view purpose,
                                                                     std::string_view state_prefix,
                                                                     std::string& why) {
  const auto secret = tickets_.take(back.ticket, purpose);
  if (!secret) {
    why = "the ticket of this browser is missing, used or too old";
    return std::nullopt;
  }
  const auto flow = flow_of(*secret, state_prefix, back.redirect_uri);
  if (!flow) {
    return no_randomness();
  }
  if (!constant_time_equal(as_bytes(flow->state), as_bytes(back.state))) {
    why = "the state is not the one of this browser's ticket";
    return std::nullopt;
  }
  auto identity = parts_.client.redeem(*flow, {.code = back.code, .issuer = back.issuer});
  if (!identity && identity.error().kind == OidcFault::Kind::kRefused) {
    why = std::move(identity.error().sentence);
    parts_.report(why);
    return std::nullopt;
  }
  if (!identity) {
    parts_.report(identity.error().sentence);
    return problem_of(identity.error().kind);
  }
  return std::move(*identity);
}

bool OidcDesk::counts_as_second_factor(const OidcIdentity& identity) const {
  return std::ranges::find(options_.trusted_levels, identity.level) !=
             options_.trusted_levels.end() ||
         std::ranges::any_of(identity.means, [&](const std::string& means) {
           return std::ranges::find(options_.trusted_means, means) != options_.trusted_means.end();
         });
}

std::expected<std::optional<ProvenIdentity>, Problem> OidcDesk::find_linked(
    const OidcIdentity& identity) const {
  const std::string id = identity_id(identity.issuer, identity.subject);
  const auto person = find_person_by_identity(parts_.audited.read(), id);
  if (!person) {
    return std::unexpected(person.error());
  }
  if (!*person || !may_sign_in((*person)->value)) {
    return std::nullopt;
  }
  return ProvenIdentity((*person)->value.id, id, counts_as_second_factor(identity));
}

std::expected<void, Problem> OidcDesk::record_refusal(const From& from, const std::string& why) {
  const AuditFact fact{.actor = "stranger",
                       .source = from.source.to_string(),
                       .action = "sign_in.refuse",
                       .object = "nobody",
                       .outcome = "refused",
                       .detail = {{"factor", std::string(to_string(FactorKind::kNone))},
                                  {"why", "identity provider: " + why}}};
  const auto stored = parts_.audited.commit({}, fact);
  return stored ? std::expected<void, Problem>() : problem_of(stored.error());
}

std::expected<OidcDesk::Outcome, Problem> OidcDesk::admit(const ProvenIdentity& identity,
                                                          const From& from) {
  const auto person = find_person(parts_.audited.read(), identity.person());
  if (!person || !*person) {
    return person ? sign_in_failed({}) : std::unexpected(person.error());
  }
  const auto need = parts_.factors.passkey_need((*person)->value);
  if (!need) {
    return std::unexpected(need.error());
  }
  if (identity.has_second_factor() && *need == PasskeyNeed::kNone) {
    auto in = parts_.sign_in.sign_in(try_of(identity, {}, from));
    return in ? std::expected<Outcome, Problem>(std::move(*in))
              : std::unexpected(std::move(in.error()));
  }
  const std::string whose = whose_of(identity);
  const auto ticket = tickets_.ask(std::string(kFactorPurpose) + whose);
  if (!ticket) {
    return no_randomness();
  }
  auto question = parts_.sign_in.question((*person)->value.email);
  if (!question) {
    return std::unexpected(question.error());
  }
  return FactorWanted{.ticket = whose + "." + ticket->id, .question = std::move(*question)};
}

std::expected<OidcDesk::Outcome, Problem> OidcDesk::finish(const Return& back, const From& from) {
  // Every try makes us call the provider, so it is counted before: for the address, for nobody is
  // named yet.
  const auto counted =
      parts_.throttle.count({.name = {}, .source = from.source}, parts_.audited.now());
  if (!counted) {
    return std::unexpected(counted.error());
  }
  if (!*counted) {
    return sign_in_failed(counted->error().wait);
  }
  std::string why;
  const auto identity = redeem(back, kSignInPurpose, kSignInState, why);
  if (!identity) {
    return std::unexpected(identity.error());
  }
  std::expected<std::optional<ProvenIdentity>, Problem> linked = std::nullopt;
  if (*identity) {
    linked = find_linked(**identity);
  }
  if (!linked) {
    return std::unexpected(linked.error());
  }
  if (!*linked) {
    const auto recorded =
        record_refusal(from, why.empty() ? "nobody who may sign in has linked this account" : why);
    return recorded ? sign_in_failed((*counted)->next_wait) : std::unexpected(recorded.error());
  }
  (void)parts_.throttle.take_back(**counted);
  return admit(**linked, from);
}

std::expected<SignedIn, Problem> OidcDesk::give_factor(std::string_view ticket,
                                                       const FactorAnswer& factor,
                                                       const From& from) {
  const FactorTicket parts = split(ticket);
  const std::string purpose = std::string(kFactorPurpose) + std::string(parts.whose);
  const auto dot = parts.whose.find('.');
  const auto person =
      dot == std::string_view::npos ? std::nullopt : PersonId::parse(parts.whose.substr(0, dot));
  if (!person || !tickets_.holds(parts.challenge, purpose)) {
    return sign_in_failed({});
  }
  const ProvenIdentity identity(*person, std::string(parts.whose.substr(dot + 1)), false);
  auto in = parts_.sign_in.sign_in(try_of(identity, factor, from));
  if (in) {
    (void)tickets_.take(parts.challenge, purpose);
  }
  return in;
}

std::expected<PersonSession, Problem> OidcDesk::finish_link(const Caller& caller,
                                                            const Return& back) {
  std::string why;
  auto identity = redeem(back, link_purpose(caller), kLinkState, why);
  if (!identity) {
    return std::unexpected(identity.error());
  }
  if (!*identity) {
    return link_failed();
  }
  return parts_.people.link_identity(caller, {.issuer = std::move((*identity)->issuer),
                                              .subject = std::move((*identity)->subject),
                                              .shown = std::move((*identity)->shown)});
}

}  // namespace counterfoil
