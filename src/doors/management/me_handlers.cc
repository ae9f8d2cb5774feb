#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/people_desk.h"
#include "authority/second_factor.h"
#include "base/base64.h"
#include "base/hex.h"
#include "base/time.h"
#include "base/wiped_text.h"
#include "doors/management/api_call.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/cause.h"
#include "doors/management/factor_members.h"
#include "doors/management/json.h"
#include "doors/management/member_reader.h"
#include "doors/management/passkey_json.h"
#include "doors/management/session_view.h"
#include "doors/management/time_text.h"

namespace counterfoil {
namespace {

constexpr std::size_t kNameBytesMax = 1024;  // what is too long is told in the authority's words
constexpr std::size_t kSettingBytesMax = 256;
constexpr std::size_t kCodeBytesMax = 64;
constexpr std::size_t kChallengeIdBytesMax = 256;
// One that is too long is refused before it is hashed, in the authority's words.
constexpr std::size_t kPasswordReadBytesMax = 4096;
constexpr int kCreated = 201;

// reply_on answers a change after which the session goes on under a new token.
Outcome reply_on(People::Result<PersonSession> next, ApiAnswer answer) {
  if (!next) {
    return std::unexpected(fault_of(next.error()));
  }
  return with_session(std::move(answer), std::move(next->token));
}

Json passkey_json(const Passkey& passkey) {
  return {{"id", to_base64url(passkey.id)},
          {"name", passkey.name},
          {"created_at", time_text(passkey.created)},
          {"last_used_at",
           passkey.last_used == Timestamp{} ? Json() : Json(time_text(passkey.last_used))}};
}

// The {id} of the path; what is none is nobody's.
std::vector<std::uint8_t> passkey_id(const Call& call) {
  return from_base64url(call.id).value_or(std::vector<std::uint8_t>());
}

// read_hash reads the hash of a change, as a refusal named it.
auto read_hash(MemberReader& members) {
  decltype(Sessions::change_hash({}, {}, {})) hash{};
  const std::string text = members.required_text("hash", 2 * hash.size());
  if (!from_hex_into(text, hash)) {
    members.refuse("json_type", "\"hash\" is the one of the refusal step_up_required", "hash");
  }
  return hash;
}

}  // namespace

Outcome edit_me(const Call& call) {
  MemberReader members(call.body);
  const People::PersonEdit edit{.name = members.text("name", kNameBytesMax),
                                .language = members.text("language", kSettingBytesMax),
                                .time_zone = members.text("time_zone", kSettingBytesMax),
                                .theme = members.text("theme", kSettingBytesMax)};
  if (!edit.name && !edit.language && !edit.time_zone && !edit.theme) {
    members.refuse("nothing_to_change", "the body names nothing to change", "");
  }
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  const auto changed = call.desk().people.edit(call.caller(), edit);
  if (!changed) {
    return std::unexpected(fault_of(changed.error()));
  }
  auto json =
      session_json(call, *changed, call.caller().session.value, call.browser().session_token);
  return json ? Outcome(reply(*json)) : std::unexpected(std::move(json.error()));
}

Outcome change_password(const Call& call) {
  MemberReader members(call.body);
  const WipedText old_password = members.secret("old", kPasswordReadBytesMax).value_or(WipedText());
  const WipedText new_password = members.secret("new", kPasswordReadBytesMax).value_or(WipedText());
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  return reply_on(call.desk().people.change_password(call.caller(), call.stepped_up(), old_password,
                                                     new_password),
                  no_content());
}

Outcome begin_totp(const Call& call) {
  if (const auto fine = no_members(call); !fine) {
    return std::unexpected(fine.error());
  }
  const auto begun = call.desk().people.begin_totp(call.caller(), call.stepped_up());
  if (!begun) {
    return std::unexpected(fault_of(begun.error()));
  }
  ApiAnswer answer = reply(Json::object(), kCreated);
  append_once("secret_base32", begun->secret_base32, answer);
  append_once("otpauth_uri", begun->uri, answer);
  return answer;
}

Outcome confirm_totp(const Call& call) {
  MemberReader members(call.body);
  const std::string code = members.required_text("code", kCodeBytesMax);
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  return reply_on(call.desk().people.confirm_totp(call.caller(), code), no_content());
}

Outcome remove_totp(const Call& call) {
  if (const auto fine = no_members(call); !fine) {
    return std::unexpected(fine.error());
  }
  return reply_on(call.desk().people.remove_totp(call.caller(), call.stepped_up()), no_content());
}

Outcome list_passkeys(const Call& call) {
  if (const auto fine = no_parameters(call); !fine) {
    return std::unexpected(fine.error());
  }
  Json items = Json::array();
  for (const Passkey& passkey : call.caller().person.value.passkeys) {
    items.push_back(passkey_json(passkey));
  }
  return reply_list(call, std::move(items), std::nullopt);
}

Outcome make_passkey_creation(const Call& call) {
  if (const auto fine = no_members(call); !fine) {
    return std::unexpected(fine.error());
  }
  const auto challenge = call.desk().people.passkey_question(call.caller());
  if (!challenge) {
    return std::unexpected(fault_of(challenge.error()));
  }
  Json json = creation_options(call.desk().party, challenge->bytes, call.caller().person.value);
  json["challenge_id"] = challenge->id;
  return reply(json);
}

Outcome add_passkey(const Call& call) {
  MemberReader members(call.body);
  const std::string name = members.required_text("name", kNameBytesMax);
  const std::string challenge = members.required_text("challenge_id", kChallengeIdBytesMax);
  const PasskeyRegistration made = read_passkey_registration(members, "credential");
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  auto added =
      call.desk().people.add_passkey(call.caller(), call.stepped_up(), name, challenge, made);
  ApiAnswer answer;
  if (added) {
    const Passkey* const passkey = find_passkey(added->person, made.id);
    answer = reply(passkey == nullptr ? Json() : passkey_json(*passkey), kCreated);
  }
  return reply_on(std::move(added), std::move(answer));
}

Outcome rename_passkey(const Call& call) {
  MemberReader members(call.body);
  const std::string name = members.required_text("name", kNameBytesMax);
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  const auto id = passkey_id(call);
  auto renamed = call.desk().people.rename_passkey(call.caller(), id, name);
  if (!renamed) {
    return std::unexpected(fault_of(renamed.error()));
  }
  const Passkey* const passkey = find_passkey(*renamed, id);
  return reply(passkey == nullptr ? Json() : passkey_json(*passkey));
}

Outcome remove_passkey(const Call& call) {
  if (const auto fine = no_members(call); !fine) {
    return std::unexpected(fine.error());
  }
  return reply_on(
      call.desk().people.remove_passkey(call.caller(), call.stepped_up(), passkey_id(call)),
      no_content());
}

Outcome make_recovery_codes(const Call& call) {
  if (const auto fine = no_members(call); !fine) {
    return std::unexpected(fine.error());
  }
  const auto codes = call.desk().people.new_codes(call.caller(), call.stepped_up());
  if (!codes) {
    return std::unexpected(fault_of(codes.error()));
  }
  ApiAnswer answer{.status = kCreated, .body = {}};
  answer.body = R"({"codes":[)";
  for (std::size_t i = 0; i < codes->size(); ++i) {
    answer.body += i == 0 ? "\"" : ",\"";
    answer.body += (*codes)[i];
    answer.body += '"';
  }
  answer.body += "]}";
  return answer;
}

Outcome show_step_up(const Call& call) {
  MemberReader members(call.body);
  const auto hash = read_hash(members);
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  const auto asked = call.desk().sessions.step_up_question(call.caller(), hash);
  if (!asked) {
    return std::unexpected(fault_of(asked.error()));
  }
  Json json{{"challenge_id", asked->challenge ? asked->challenge->id : std::string()},
            {"public_key", Json()},
            {"totp", asked->totp}};
  if (asked->challenge) {
    json["public_key"] =
        request_options(call.desk().party, asked->challenge->bytes, asked->allowed);
  }
  return reply(json);
}

Outcome grant_step_up(const Call& call) {
  MemberReader members(call.body);
  const auto hash = read_hash(members);
  const FactorAnswer factor = read_factor(members);
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  auto granted = call.desk().sessions.step_up(call.caller(), hash, factor);
  if (!granted) {
    return std::unexpected(fault_of(granted.error()));
  }
  ApiAnswer answer = reply({{"csrf", csrf_token(granted->token)}});
  append_once("grant", granted->grant, answer);
  return with_session(std::move(answer), std::move(granted->token));
}

Outcome list_sessions(const Call& call) {
  if (const auto fine = no_parameters(call); !fine) {
    return std::unexpected(fine.error());
  }
  const auto sessions = call.desk().sessions.of(call.caller());
  if (!sessions) {
    return std::unexpected(fault_of(sessions.error()));
  }
  Json items = Json::array();
  for (const Session& session : *sessions) {
    items.push_back({{"id", session.id},
                     {"current", session.id == call.caller().session.value.id},
                     {"started_at", time_text(session.created)},
                     {"last_seen_at", time_text(session.last_seen)},
                     {"address", session.source},
                     {"client", session.device}});
  }
  return reply_list(call, std::move(items), std::nullopt);
}

Outcome end_session(const Call& call) {
  if (const auto fine = no_members(call); !fine) {
    return std::unexpected(fine.error());
  }
  const auto ended = call.desk().sessions.end(call.caller(), call.id);
  if (!ended) {
    return std::unexpected(fault_of(ended.error()));
  }
  ApiAnswer answer = no_content();
  if (call.id == call.caller().session.value.id) {
    answer.cookies = SessionCookies{.session = {}};
  }
  return answer;
}

Outcome end_other_sessions(const Call& call) {
  if (const auto fine = no_members(call); !fine) {
    return std::unexpected(fine.error());
  }
  const auto ended = call.desk().sessions.end_others(call.caller());
  return ended ? Outcome(no_content()) : std::unexpected(fault_of(ended.error()));
}

}  // namespace counterfoil
