#include <algorithm>
#include <chrono>
#include <cstddef>
#include <expected>
#include <iterator>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/enrolment_links.h"
#include "authority/issuer.h"
#include "base/account_id.h"
#include "base/wiped_text.h"
#include "doors/management/api_call.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/caller.h"
#include "doors/management/cause.h"
#include "doors/management/json.h"
#include "doors/management/key_members.h"
#include "doors/management/member_reader.h"
#include "doors/management/time_text.h"
#include "keys/api_key.h"

namespace counterfoil {
namespace {

constexpr std::size_t kTokenBytesMax = 256;
constexpr int kCreated = 201;

std::expected<EnrolmentLinks*, ApiFault> links_of(const Call& call) {
  if (call.parts.people && call.parts.links != nullptr) {
    return call.parts.links;
  }
  return std::unexpected(ApiFault{.status = 404,
                                  .reason = "no_console",
                                  .detail = "enrolment links are opened on the console, and this "
                                            "node has none (console.listen)",
                                  .member = {}});
}

std::string_view name_of(EnrolmentLinks::State state) {
  switch (state) {
    case EnrolmentLinks::State::kOpen:
      return "open";
    case EnrolmentLinks::State::kUsed:
      return "used";
    case EnrolmentLinks::State::kRunOut:
      return "run_out";
    case EnrolmentLinks::State::kVoid:
      return "void";
  }
  std::unreachable();
}

Json list_of(std::string_view comma_list) {
  Json list = Json::array();
  for (const auto part : std::views::split(comma_list, ',')) {
    list.push_back(std::string(part.begin(), part.end()));
  }
  return list;
}

// prepared_json is what the API key of a link will be: what its bearer is told, too.
Json prepared_json(const EnrolmentLink& link) {
  return {{"account", link.account.text()},
          {"label", link.label},
          {"type", describe(link.scheme).name},
          {"permissions", list_of(link.permissions)},
          {"allow_list", list_of(link.allow_list)},
          {"symbols", link.symbols},
          {"expires_at", link.expires_at ? Json(time_text(*link.expires_at)) : Json(nullptr)},
          {"never_expires", link.never_expires},
          {"ends_at", time_text(link.ends_at)}};
}

Json link_json(const EnrolmentLink& link, EnrolmentLinks::State state) {
  Json json = prepared_json(link);
  json["id"] = link.id;
  json["state"] = name_of(state);
  json["vendor"] = link.vendor;
  json["made_by"] = link.made_by;
  json["created_at"] = time_text(link.created);
  json["used_at"] = link.used ? Json(time_text(link.used->at)) : Json(nullptr);
  json["api_key"] = link.used ? Json(link.used->api_key) : Json(nullptr);
  return json;
}

std::optional<PersonId> person_of(const Call& call) {
  return call.asker.caller ? std::optional(call.asker.caller->person.value.id) : std::nullopt;
}

// links_within gives a holder the links of all accounts that they see.
std::expected<std::vector<EnrolmentLinks::Listed>, ApiFault> links_within(
    const Call& call, const EnrolmentLinks& links, const std::string& bound) {
  const auto accounts = accounts_within(call.parts, bound);
  if (!accounts) {
    return std::unexpected(accounts.error());
  }
  std::vector<EnrolmentLinks::Listed> all;
  for (const Account& account : *accounts) {
    auto some = links.of(account.id.text());
    if (!some) {
      return std::unexpected(fault_of(some.error()));
    }
    std::ranges::move(*some, std::back_inserter(all));
  }
  return all;
}

}  // namespace

Outcome list_enrolment_links(const Call& call) {
  if (const auto fine = no_parameters(call); !fine) {
    return std::unexpected(fine.error());
  }
  const auto links = links_of(call);
  if (!links) {
    return std::unexpected(links.error());
  }
  const auto bound = bound_account(call.asker);
  std::vector<EnrolmentLinks::Listed> listed;
  if (bound) {
    auto own = links_within(call, **links, *bound);
    if (!own) {
      return std::unexpected(std::move(own.error()));
    }
    listed = std::move(*own);
  } else {
    auto all = (*links)->all();
    if (!all) {
      return std::unexpected(fault_of(all.error()));
    }
    listed = std::move(*all);
  }
  Json items = Json::array();
  for (const auto& one : listed) {
    items.push_back(link_json(one.link, one.state));
  }
  return reply_list(call, std::move(items), std::nullopt);
}

Outcome prepare_enrolment_link(const Call& call) {
  const auto links = links_of(call);
  if (!links) {
    return std::unexpected(links.error());
  }
  MemberReader members(call.body);
  EnrolmentWish wish{.key = read_new_key(members)};
  wish.key.material.scheme = read_type(members);
  if (const auto life =
          members.number("link_life_s", kEnrolmentLinkLifeMin / std::chrono::seconds(1),
                         kEnrolmentLinkLifeMax / std::chrono::seconds(1))) {
    wish.life = std::chrono::seconds(*life);
  }
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  const auto made = (*links)->prepare(wish, call.actor(), person_of(call));
  if (!made) {
    return std::unexpected(fault_of(made.error()));
  }
  Json json = link_json(made->link, EnrolmentLinks::State::kOpen);
  json["page"] = call.desk().party.origins.front() + "/enroll";
  ApiAnswer answer = reply(json, kCreated);
  append_once("url_token", made->token, answer);
  return answer;
}

Outcome withdraw_enrolment_link(const Call& call) {
  if (const auto fine = no_members(call); !fine) {
    return std::unexpected(fine.error());
  }
  const auto links = links_of(call);
  if (!links) {
    return std::unexpected(links.error());
  }
  const auto gone = (*links)->withdraw(call.id, call.actor());
  return gone ? Outcome(reply({{"id", call.id}, {"state", "withdrawn"}}))
              : std::unexpected(fault_of(gone.error()));
}

Outcome show_enrolment(const Call& call) {
  const auto links = links_of(call);
  if (!links) {
    return std::unexpected(links.error());
  }
  MemberReader members(call.body);
  const WipedText token = members.secret("token", kTokenBytesMax).value_or(WipedText());
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  const auto link = (*links)->open(token, call.browser().address);
  if (!link) {
    return std::unexpected(fault_of(link.error()));
  }
  Json json = prepared_json(*link);
  const std::string gateway = call.parts.gateway_url ? call.parts.gateway_url() : std::string();
  json["gateway_url"] = gateway.empty() ? Json(nullptr) : Json(gateway);
  return reply(json);
}

Outcome challenge_enrolment(const Call& call) {
  const auto links = links_of(call);
  if (!links) {
    return std::unexpected(links.error());
  }
  MemberReader members(call.body);
  const WipedText token = members.secret("token", kTokenBytesMax).value_or(WipedText());
  const std::string public_key = members.required_text("public_key", kPublicKeyBytesMax);
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  const auto challenge = (*links)->challenge(token, public_key, call.browser().address);
  if (!challenge) {
    return std::unexpected(fault_of(challenge.error()));
  }
  return reply({{"nonce", challenge->nonce}, {"text", challenge->text}}, kCreated);
}

Outcome enrol_key(const Call& call) {
  const auto links = links_of(call);
  if (!links) {
    return std::unexpected(links.error());
  }
  MemberReader members(call.body);
  const WipedText token = members.secret("token", kTokenBytesMax).value_or(WipedText());
  const KeyMaterial material = read_material(members);
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  const auto issued = (*links)->use(token, material, call.browser().address);
  if (!issued) {
    return std::unexpected(fault_of(issued.error()));
  }
  const ApiKey& key = issued->key;
  const Json json{
      {"api_key", key.id.text()},
      {"label", key.label},
      {"type", describe(material.scheme).name},
      {"expires_at", key.expires_at ? Json(time_text(*key.expires_at)) : Json(nullptr)}};
  return issued->secret ? reply_once(json, *issued->secret, kCreated) : reply(json, kCreated);
}

}  // namespace counterfoil
