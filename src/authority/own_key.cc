#include "authority/own_key.h"

#include <cstddef>
#include <expected>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "authority/gatekeeper.h"
#include "authority/issuer.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "keys/api_key_id.h"
#include "keys/live_key.h"
#include "policy/permission_rule.h"
#include "policy/profile.h"
#include "verify/reason.h"

namespace counterfoil {
namespace {

constexpr std::string_view kAction = "action";
constexpr std::string_view kSelfRevokeAction = "self-revoke";
constexpr std::string_view kApiKey = "apiKey";

// Asked counts how often the two parameters stand in the request, and with the right value.
struct Asked {
  int actions = 0;
  int keys = 0;
  bool is_wrong = false;
};

void read_part(std::string_view part, const ApiKeyId& own, Asked& asked) {
  while (!part.empty()) {
    const std::size_t end = part.find('&');
    const std::string_view pair = part.substr(0, end);
    part.remove_prefix(end == std::string_view::npos ? part.size() : end + 1);
    const std::size_t equals = pair.find('=');
    const std::string_view name = pair.substr(0, equals);
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    if (name == kAction) {
      ++asked.actions;
      asked.is_wrong |= value != kSelfRevokeAction;
    } else if (name == kApiKey) {
      ++asked.keys;
      asked.is_wrong |= value != own.text();
    }
  }
}

}  // namespace

std::string api_restrictions_body(const LiveKey& key, const Profile& profile) {
  nlohmann::ordered_json answer;
  answer["ipRestrict"] = !key.allow_list.is_any();
  answer["createTime"] = to_unix_ms(key.created);
  for (const ApiRestrictionField& field : profile.api_restriction_fields()) {
    answer[field.name] = key.permissions.intersects(field.any_of);
  }
  return answer.dump();
}

std::expected<void, Reason> check_self_revoke(std::string_view query, std::string_view body,
                                              const ApiKeyId& own) {
  Asked asked;
  read_part(query, own, asked);
  read_part(body, own, asked);
  if (asked.actions != 1 || asked.keys != 1 || asked.is_wrong) {
    return std::unexpected(Reason::kSelfRevokeMalformed);
  }
  return {};
}

std::expected<std::string, Reason> self_revoke(Issuer& issuer, const Admission& admission,
                                               std::string_view query, std::string_view body,
                                               const IpAddress& source) {
  const ApiKeyId& own = admission.claims.api_key;
  if (const auto asked = check_self_revoke(query, body, own); !asked) {
    return std::unexpected(asked.error());
  }
  const auto revoked =
      issuer.revoke_key(std::string(own.text()), std::string(kSelfRevokeAction),
                        {.name = "key:" + std::string(own.prefix()), .source = source.to_string()});
  if (!revoked) {
    return std::unexpected(Reason::kNotInForce);
  }
  nlohmann::ordered_json answer;
  answer["action"] = kSelfRevokeAction;
  answer["apiKey"] = own.text();
  answer["state"] = "revoked";
  answer["revokedTime"] = to_unix_ms(revoked->key.state_since);
  return answer.dump();
}

}  // namespace counterfoil
