#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "authority/people_desk.h"
#include "authority/problem.h"
#include "authority/second_factor.h"
#include "doors/management/api_call.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/cause.h"
#include "doors/management/factor_members.h"
#include "doors/management/json.h"
#include "doors/management/member_reader.h"
#include "doors/management/passkey_json.h"
#include "doors/management/session_view.h"

namespace counterfoil {
namespace {

// Where the provider sends a browser back to: a screen of the page, which takes code and state out
// of its address and posts them. A GET changes nothing here (control S-70), and cookies of ours
// that are SameSite=Strict come with what the page posts.
constexpr std::string_view kReturnPath = "/login/oidc";
constexpr std::size_t kCodeReadBytesMax = 2048;
constexpr std::size_t kStateBytesMax = 128;
constexpr std::size_t kIssuerBytesMax = 2048;
constexpr int kCreated = 201;
constexpr int kAccepted = 202;

OidcDesk* desk_of(const Call& call) { return call.parts.people ? call.desk().oidc : nullptr; }

std::expected<void, ApiFault> check_provider(const Call& call) {
  if (desk_of(call) != nullptr) {
    return {};
  }
  return std::unexpected(
      ApiFault{.status = 404,
               .reason = "no_identity_provider",
               .detail = "this node has no identity provider; oidc.issuer names one",
               .member = {}});
}

std::string return_to(const Call& call) {
  return std::string(call.browser().origin) + std::string(kReturnPath);
}

OidcDesk::From from_of(const Call& call) {
  return {.source = call.browser().address,
          .device = std::string(call.browser().user_agent),
          .device_cookie = std::string(call.browser().device_cookie)};
}

Outcome leave(std::expected<OidcDesk::Departure, Problem> departure) {
  if (!departure) {
    return std::unexpected(fault_of(departure.error()));
  }
  ApiAnswer answer = reply({{"url", departure->url}});
  answer.ticket = std::move(departure->ticket);
  return answer;
}

OidcDesk::Return read_return(const Call& call, MemberReader& members) {
  return {.ticket = std::string(call.browser().ticket),
          .state = members.required_text("state", kStateBytesMax),
          .code = members.required_text("code", kCodeReadBytesMax),
          .issuer = members.text("iss", kIssuerBytesMax),
          .redirect_uri = return_to(call)};
}

Outcome reply_signed_in(const Call& call, SignedIn in) {
  auto json = session_json(call, in.person, in.session, in.token);
  if (!json) {
    return std::unexpected(std::move(json.error()));
  }
  ApiAnswer answer = with_session(reply(*json), std::move(in.token), std::move(in.device_cookie));
  answer.ticket = std::string();  // used up
  return answer;
}

}  // namespace

Outcome show_provider(const Call& call) {
  if (const auto fine = no_parameters(call); !fine) {
    return std::unexpected(fine.error());
  }
  const OidcDesk* const desk = desk_of(call);
  return reply({{"name", desk == nullptr ? Json() : Json(desk->name())}});
}

Outcome begin_oidc(const Call& call) {
  if (const auto fine = check_provider(call); !fine) {
    return std::unexpected(fine.error());
  }
  if (const auto fine = no_members(call); !fine) {
    return std::unexpected(fine.error());
  }
  return leave(desk_of(call)->begin(return_to(call)));
}

Outcome finish_oidc(const Call& call) {
  if (const auto fine = check_provider(call); !fine) {
    return std::unexpected(fine.error());
  }
  MemberReader members(call.body);
  const OidcDesk::Return back = read_return(call, members);
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  auto outcome = desk_of(call)->finish(back, from_of(call));
  if (!outcome) {
    return std::unexpected(fault_of(outcome.error()));
  }
  if (auto* const in = std::get_if<SignedIn>(&*outcome)) {
    return reply_signed_in(call, std::move(*in));
  }
  auto& wanted = std::get<OidcDesk::FactorWanted>(*outcome);
  const auto& [challenge, allowed] = wanted.question;
  ApiAnswer answer =
      reply({{"challenge_id", challenge.id},
             {"public_key", request_options(call.desk().party, challenge.bytes, allowed)}},
            kAccepted);
  answer.ticket = std::move(wanted.ticket);
  return answer;
}

Outcome give_oidc_factor(const Call& call) {
  if (const auto fine = check_provider(call); !fine) {
    return std::unexpected(fine.error());
  }
  MemberReader members(call.body);
  const FactorAnswer factor = read_factor(members);
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  auto in = desk_of(call)->give_factor(call.browser().ticket, factor, from_of(call));
  return in ? reply_signed_in(call, std::move(*in)) : std::unexpected(fault_of(in.error()));
}

Outcome list_identities(const Call& call) {
  if (const auto fine = no_parameters(call); !fine) {
    return std::unexpected(fine.error());
  }
  return reply_list(call, identities_json(call.caller().person.value), std::nullopt);
}

Outcome begin_link(const Call& call) {
  if (const auto fine = check_provider(call); !fine) {
    return std::unexpected(fine.error());
  }
  if (const auto fine = no_members(call); !fine) {
    return std::unexpected(fine.error());
  }
  return leave(desk_of(call)->begin_link(call.caller(), call.stepped_up(), return_to(call)));
}

Outcome finish_link(const Call& call) {
  if (const auto fine = check_provider(call); !fine) {
    return std::unexpected(fine.error());
  }
  MemberReader members(call.body);
  const OidcDesk::Return back = read_return(call, members);
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  auto linked = desk_of(call)->finish_link(call.caller(), back);
  if (!linked) {
    return std::unexpected(fault_of(linked.error()));
  }
  ApiAnswer answer = with_session(reply(identity_json(linked->person.identities.back()), kCreated),
                                  std::move(linked->token));
  answer.ticket = std::string();
  return answer;
}

// What was linked can be unlinked also when the provider is not set any more.
Outcome unlink_identity(const Call& call) {
  if (const auto fine = no_members(call); !fine) {
    return std::unexpected(fine.error());
  }
  auto next = call.desk().people.unlink_identity(call.caller(), call.stepped_up(), call.id);
  return next ? Outcome(with_session(no_content(), std::move(next->token)))
              : std::unexpected(fault_of(next.error()));
}

}  // namespace counterfoil
