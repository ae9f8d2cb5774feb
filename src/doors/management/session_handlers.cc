#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "authority/new_session.h"
#include "authority/people_desk.h"
#include "base/wiped_text.h"
#include "doors/management/api_call.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/cause.h"
#include "doors/management/factor_members.h"
#include "doors/management/json.h"
#include "doors/management/management_api.h"
#include "doors/management/member_reader.h"
#include "doors/management/passkey_json.h"
#include "doors/management/session_view.h"
#include "doors/management/setup_check.h"

namespace counterfoil {
namespace {

constexpr std::size_t kEmailBytesMax = 1024;  // what is too long is told in the authority's words
constexpr std::size_t kNameBytesMax = 1024;
constexpr std::size_t kTokenBytesMax = 256;
// One that is too long is refused before it is hashed, and nothing of it is kept.
constexpr std::size_t kPasswordReadBytesMax = ManagementApi::kSmallBodyBytesMax;
constexpr int kCreated = 201;

Browser browser_of(const Call& call) {
  return {.source = call.browser().address, .device = std::string(call.browser().user_agent)};
}

// enrol has somebody enrol with the token that the member `token` holds.
Outcome enrol(const Call& call, std::string_view token) {
  if (const auto fine = check_console(call); !fine) {
    return std::unexpected(fine.error());
  }
  MemberReader members(call.body);
  const WipedText given = members.secret(token, kTokenBytesMax).value_or(WipedText());
  const NewPerson wanted{
      .name = members.required_text("name", kNameBytesMax),
      .email = members.required_text("email", kEmailBytesMax),
      .password = members.secret("password", kPasswordReadBytesMax).value_or(WipedText())};
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  auto begun = call.desk().people.enrol(given, wanted, browser_of(call));
  if (!begun) {
    return std::unexpected(fault_of(begun.error()));
  }
  auto session = session_json(call, begun->person, begun->session, begun->token);
  if (!session) {
    return std::unexpected(std::move(session.error()));
  }
  return with_session(reply({{"enrolment", std::move(*session)}}, kCreated),
                      std::move(begun->token));
}

std::string_view state_name(SetupCheck::State state) {
  switch (state) {
    case SetupCheck::State::kOk:
      return "ok";
    case SetupCheck::State::kWarn:
      return "warn";
    case SetupCheck::State::kBad:
      return "bad";
  }
  std::unreachable();
}

}  // namespace

std::expected<void, ApiFault> check_console(const Call& call) {
  if (call.parts.people) {
    return {};
  }
  return std::unexpected(ApiFault{.status = 404,
                                  .reason = "no_console",
                                  .detail = "nobody signs in to this node; it has no console",
                                  .member = {}});
}

Outcome show_setup(const Call& call) {
  if (const auto fine = no_parameters(call); !fine) {
    return std::unexpected(fine.error());
  }
  if (const auto fine = check_console(call); !fine) {
    return std::unexpected(fine.error());
  }
  const auto open = call.desk().people.is_setup_open();
  return open ? Outcome(reply({{"open", *open}})) : std::unexpected(fault_of(open.error()));
}

Outcome list_setup_checks(const Call& call) {
  if (const auto fine = no_parameters(call); !fine) {
    return std::unexpected(fine.error());
  }
  if (const auto fine = check_console(call); !fine) {
    return std::unexpected(fine.error());
  }
  const auto good = call.desk().people.is_setup_token(call.browser().setup_token);
  if (!good) {
    return std::unexpected(fault_of(good.error()));
  }
  if (!*good) {
    return std::unexpected(
        ApiFault{.status = 403,
                 .reason = "setup_token_wrong",
                 .detail = "the set-up token was used or has run out, or is none; the node prints "
                           "a new one",
                 .member = {}});
  }
  Json checks = Json::array();
  if (call.parts.setup_checks) {
    for (const SetupCheck& check : call.parts.setup_checks()) {
      checks.push_back({{"id", check.id},
                        {"state", state_name(check.state)},
                        {"text", check.text},
                        {"fix", check.fix.empty() ? Json() : Json(check.fix)}});
    }
  }
  return reply(checks);
}

Outcome set_up(const Call& call) { return enrol(call, "token"); }

Outcome register_person(const Call& call) { return enrol(call, "invitation"); }

Outcome show_session(const Call& call) {
  if (const auto fine = no_parameters(call); !fine) {
    return std::unexpected(fine.error());
  }
  const Caller& caller = call.caller();
  auto json =
      session_json(call, caller.person.value, caller.session.value, call.browser().session_token);
  return json ? Outcome(reply(*json)) : std::unexpected(std::move(json.error()));
}

Outcome sign_in(const Call& call) {
  if (const auto fine = check_console(call); !fine) {
    return std::unexpected(fine.error());
  }
  MemberReader members(call.body);
  const SignInTry wanted{
      .email = members.text("email", kEmailBytesMax).value_or(""),
      .password = members.secret("password", kPasswordReadBytesMax).value_or(WipedText()),
      .factor = read_factor(members),
      .source = call.browser().address,
      .device = std::string(call.browser().user_agent),
      .device_cookie = std::string(call.browser().device_cookie)};
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  auto in = call.desk().sign_in.sign_in(wanted);
  if (!in) {
    return std::unexpected(fault_of(in.error()));
  }
  auto json = session_json(call, in->person, in->session, in->token);
  if (!json) {
    return std::unexpected(std::move(json.error()));
  }
  return with_session(reply(*json), std::move(in->token), std::move(in->device_cookie));
}

Outcome sign_out(const Call& call) {
  if (const auto fine = no_members(call); !fine) {
    return std::unexpected(fine.error());
  }
  const auto out = call.desk().sessions.sign_out(call.caller());
  if (!out) {
    return std::unexpected(fault_of(out.error()));
  }
  ApiAnswer answer = no_content();
  answer.cookies = SessionCookies{.session = {}};
  return answer;
}

Outcome make_passkey_options(const Call& call) {
  if (const auto fine = check_console(call); !fine) {
    return std::unexpected(fine.error());
  }
  MemberReader members(call.body);
  const std::string email = members.text("email", kEmailBytesMax).value_or("");
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  const auto asked = call.desk().sign_in.question(email);
  if (!asked) {
    return std::unexpected(fault_of(asked.error()));
  }
  return reply(
      {{"challenge_id", asked->challenge.id},
       {"public_key", request_options(call.desk().party, asked->challenge.bytes, asked->allowed)}});
}

}  // namespace counterfoil
