#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "authority/people_desk.h"
#include "base/account_id.h"
#include "base/time.h"
#include "doors/management/api_call.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/cause.h"
#include "doors/management/json.h"
#include "doors/management/member_reader.h"
#include "doors/management/session_view.h"
#include "doors/management/time_text.h"

namespace counterfoil {
namespace {

constexpr std::size_t kEmailBytesMax = 1024;  // what is too long is told in the authority's words
constexpr std::size_t kRoleBytesMax = 32;
constexpr std::size_t kIdentityBytesMax = 128;  // ours have 64
constexpr int kCreated = 201;

std::string_view state_name(const Person& person) {
  switch (person.state) {
    case PersonState::kEnrolling:
      return "needs_factor";
    case PersonState::kActive:
      return person.must_renew_factors ? "needs_factor" : "active";
    case PersonState::kDisabled:
      return "disabled";
  }
  std::unreachable();
}

std::expected<Json, ApiFault> person_json(const Call& call, const Person& person) {
  const auto sessions = call.desk().people.session_count(person);
  if (!sessions) {
    return std::unexpected(fault_of(sessions.error()));
  }
  auto held = held_until_json(call, person);
  if (!held) {
    return std::unexpected(std::move(held.error()));
  }
  return Json{{"id", person.id.text()},
              {"name", person.name},
              {"email", person.email},
              {"role", to_string(person.role)},
              {"state", state_name(person)},
              {"account", person.account ? Json(person.account->text()) : Json()},
              {"factors", factors_json(person)},
              {"identities", identities_json(person)},
              {"last_seen_at",
               person.last_sign_in == Timestamp{} ? Json() : Json(time_text(person.last_sign_in))},
              {"sessions", *sessions},
              {"keys_held_until", std::move(*held)}};
}

Outcome reply_person(const Call& call, const People::Result<Person>& person) {
  if (!person) {
    return std::unexpected(fault_of(person.error()));
  }
  auto json = person_json(call, *person);
  return json ? Outcome(reply(*json)) : std::unexpected(std::move(json.error()));
}

}  // namespace

Outcome list_people(const Call& call) {
  const std::string after = call.query.text("after").value_or("");
  const std::size_t limit = page_size(call.query);
  if (const auto fine = call.query.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  if (const auto fine = check_console(call); !fine) {
    return std::unexpected(fine.error());
  }
  const People& desk = call.desk().people;
  const auto people =
      call.is_session() ? desk.page(call.caller(), after, limit) : desk.page(after, limit);
  if (!people) {
    return std::unexpected(fault_of(people.error()));
  }
  Json items = Json::array();
  for (const Person& person : *people) {
    auto json = person_json(call, person);
    if (!json) {
      return std::unexpected(std::move(json.error()));
    }
    items.push_back(std::move(*json));
  }
  const auto next = people->size() < limit ? std::nullopt : std::optional(people->back().id.text());
  return reply_list(call, std::move(items), next);
}

Outcome show_person(const Call& call) {
  if (const auto fine = no_parameters(call); !fine) {
    return std::unexpected(fine.error());
  }
  return reply_person(call, call.desk().people.person(call.caller(), call.id));
}

Outcome invite_person(const Call& call) {
  MemberReader members(call.body);
  InvitationWish wish{.email = members.required_text("email", kEmailBytesMax)};
  if (const auto role = parse_role(members.required_text("role", kRoleBytesMax))) {
    wish.role = *role;
  } else {
    members.refuse("json_type", "\"role\" is owner, operator, auditor or holder", "role");
  }
  wish.account = members.text("account", AccountId::kSizeMax).value_or("");
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  const auto invited = call.desk().people.invite(call.caller(), call.stepped_up(), wish);
  if (!invited) {
    return std::unexpected(fault_of(invited.error()));
  }
  ApiAnswer answer = reply({{"expires_at", time_text(invited->invitation.ends_at)}}, kCreated);
  append_once("url_token", invited->token, answer);
  return answer;
}

Outcome disable_person(const Call& call) {
  const auto cause = read_cause(call);
  if (!cause) {
    return std::unexpected(cause.error());
  }
  if (const auto fine = check_console(call); !fine) {
    return std::unexpected(fine.error());
  }
  People& people = call.desk().people;
  return reply_person(call, call.is_session()
                                ? people.disable(call.caller(), call.stepped_up(), call.id, *cause)
                                : people.disable(call.actor(), call.id, *cause));
}

Outcome enable_person(const Call& call) {
  if (const auto fine = no_members(call); !fine) {
    return std::unexpected(fine.error());
  }
  if (const auto fine = check_console(call); !fine) {
    return std::unexpected(fine.error());
  }
  People& people = call.desk().people;
  return reply_person(call, call.is_session()
                                ? people.enable(call.caller(), call.stepped_up(), call.id)
                                : people.enable(call.actor(), call.id));
}

Outcome force_new_factor(const Call& call) {
  if (const auto fine = no_members(call); !fine) {
    return std::unexpected(fine.error());
  }
  return reply_person(
      call, call.desk().people.force_new_factor(call.caller(), call.stepped_up(), call.id));
}

Outcome unlink_person(const Call& call) {
  MemberReader members(call.body);
  const std::string identity = members.required_text("identity", kIdentityBytesMax);
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  if (const auto fine = check_console(call); !fine) {
    return std::unexpected(fine.error());
  }
  People& people = call.desk().people;
  return reply_person(call,
                      call.is_session()
                          ? people.unlink_other(call.caller(), call.stepped_up(), call.id, identity)
                          : people.unlink_other(call.actor(), call.id, identity));
}

}  // namespace counterfoil
