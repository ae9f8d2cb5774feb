#include <cstddef>
#include <expected>
#include <utility>

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
#include "doors/management/session_view.h"
#include "doors/management/setup_link.h"
#include "doors/management/time_text.h"

namespace counterfoil {
namespace {

constexpr std::size_t kTokenBytesMax = 256;
// One that is too long is refused before it is hashed, and nothing of it is kept.
constexpr std::size_t kPasswordReadBytesMax = ManagementApi::kSmallBodyBytesMax;
constexpr int kCreated = 201;

}  // namespace

Outcome offer_reset(const Call& call) {
  if (const auto fine = no_members(call); !fine) {
    return std::unexpected(fine.error());
  }
  if (const auto fine = check_console(call); !fine) {
    return std::unexpected(fine.error());
  }
  People& people = call.desk().people;
  const auto offered = call.is_session()
                           ? people.offer_reset(call.caller(), call.stepped_up(), call.id)
                           : people.offer_reset(call.actor(), call.id);
  if (!offered) {
    return std::unexpected(fault_of(offered.error()));
  }
  ApiAnswer answer = reply({{"expires_at", time_text(offered->person.reset->ends_at)},
                            {"page", call.desk().party.origins.front() + "/reset"}},
                           kCreated);
  append_once("url_token", offered->token, answer);
  return answer;
}

Outcome reset_password(const Call& call) {
  if (const auto fine = check_console(call); !fine) {
    return std::unexpected(fine.error());
  }
  MemberReader members(call.body);
  const PasswordResetTry wanted{
      .token = members.secret("token", kTokenBytesMax).value_or(WipedText()),
      .password = members.secret("password", kPasswordReadBytesMax).value_or(WipedText()),
      .factor = read_factor(members),
      .source = call.browser().address};
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  const auto person = call.desk().sign_in.reset_password(wanted);
  if (!person) {
    return std::unexpected(fault_of(person.error()));
  }
  auto held = held_until_json(call, *person);
  return held ? Outcome(reply({{"keys_held_until", std::move(*held)}}))
              : std::unexpected(std::move(held.error()));
}

Outcome make_setup_link(const Call& call) {
  if (const auto fine = no_members(call); !fine) {
    return std::unexpected(fine.error());
  }
  if (const auto fine = check_console(call); !fine) {
    return std::unexpected(fine.error());
  }
  const auto link = call.parts.setup_link(call.actor());
  if (!link) {
    return std::unexpected(fault_of(link.error()));
  }
  ApiAnswer answer = reply({{"expires_at", time_text(link->ends_at)}}, kCreated);
  append_once("url", link->url, answer);
  return answer;
}

}  // namespace counterfoil
