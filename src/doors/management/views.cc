#include "doors/management/views.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "authority/issuer.h"
#include "authority/public_key_view.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "doors/management/json.h"
#include "doors/management/node_status.h"
#include "doors/management/time_text.h"
#include "keys/allow_list.h"
#include "keys/api_key.h"
#include "keys/life.h"
#include "keys/permission.h"
#include "policy/limit_rules.h"
#include "policy/permission_rule.h"
#include "policy/profile.h"
#include "policy/route.h"

namespace counterfoil {
namespace {

Json time_or_null(const std::optional<Timestamp>& time) {
  return time ? Json(time_text(*time)) : Json(nullptr);
}

Json allow_list_json(const AllowList& list) {
  if (list.is_any()) {
    return Json::array({"any"});
  }
  Json networks = Json::array();
  for (const Cidr& network : list.networks()) {
    networks.push_back(network.to_string());
  }
  return networks;
}

std::string_view state_of(const KeyPair& pair, Timestamp now) {
  if (!pair.retires_at) {
    return "active";
  }
  return pair.verifies_at(now) ? "retiring" : "retired";
}

Json pair_json(const KeyPair& pair, Timestamp now) {
  Json json{{"number", pair.number},
            {"type", describe(pair.scheme).name},
            {"state", state_of(pair, now)},
            {"created_at", time_text(pair.created)},
            {"retires_at", time_or_null(pair.retires_at)},
            {"quiet_s", pair.quiet_for ? Json(pair.quiet_for->count()) : Json()}};
  if (const auto shown = show_public_key(pair)) {
    json["fingerprint"] = shown->fingerprint;
    json["public_key"] = shown->pem;
  }
  return json;
}

Json notice_json(const ApiKey& key) {
  const auto& notice = key.notice;
  return notice ? Json{{"policy", notice->policy},
                       {"since", time_text(notice->since)},
                       {"restricted_since", time_or_null(notice->restricted_since)},
                       {"ends_at", time_or_null(reset_notice_ends(key))}}
                : Json();
}

// Of each signed route: any one of these permissions will do; none: any API key will.
Json routes_json(const Profile& profile) {
  Json routes = Json::array();
  for (const Route& route : profile.routes()) {
    if (route.security == Security::kSigned) {
      routes.push_back(Json{{"route", route.name},
                            {"permissions", profile.permissions().names(route.permissions)},
                            {"weight", route.weight}});
    }
  }
  return routes;
}

Json limits_json(const LimitRules& limits) {
  Json rules = Json::array();
  for (const LimitRule& rule : limits.rules) {
    rules.push_back(Json{{"type", to_string(rule.type)},
                         {"of", to_string(rule.owner)},
                         {"interval", to_string(rule.interval)},
                         {"count", rule.count},
                         {"limit", rule.limit}});
  }
  return {{"rules", std::move(rules)},
          {"bad_signatures_per_minute", limits.bad_signatures_per_minute},
          {"api_keys_per_account", kKeysPerAccountMax},
          {"allow_list_entries", AllowList::kEntriesMax},
          {"symbols", kSymbolsMax},
          {"label_characters", kLabelSizeMax},
          {"overlap_s", std::chrono::seconds(kRotationOverlapMax).count()}};
}

// current_pair is the pair that new requests should be signed with.
const KeyPair* current_pair(const ApiKey& key) {
  const auto newest = std::ranges::max_element(key.pairs, {}, &KeyPair::number);
  return newest == key.pairs.end() ? nullptr : &*newest;
}

}  // namespace

Json to_json(const Account& account) {
  return {{"id", account.id.text()},
          {"name", account.name},
          {"state", to_string(account.state)},
          {"state_since", time_text(account.state_since)},
          {"state_cause", account.state_cause},
          {"created_at", time_text(account.created)},
          {"master", account.master ? Json(account.master->text()) : Json(nullptr)},
          {"email", account.master ? Json(account.email) : Json(nullptr)}};
}

Json to_json(const ApiKey& key, const PermissionTable& permissions, Timestamp now) {
  Json pairs = Json::array();
  for (const KeyPair& pair : key.pairs) {
    pairs.push_back(pair_json(pair, now));
  }
  const KeyPair* const current = current_pair(key);
  return {{"api_key", key.id.text()},
          {"account", key.account.text()},
          {"label", key.label},
          {"type", current == nullptr ? Json(nullptr) : Json(describe(current->scheme).name)},
          {"state", to_string(effective_state(key, now))},
          {"state_since", time_text(key.state_since)},
          {"state_cause", key.state_cause},
          {"permissions", permissions.names(key.permissions)},
          {"allow_list", allow_list_json(key.allow_list)},
          {"symbols", key.symbols},
          {"created_at", time_text(key.created)},
          {"expires_at", time_or_null(key.expires_at)},
          {"vendor", key.vendor},
          {"parent", key.parent ? Json(key.parent->text()) : Json(nullptr)},
          {"imported", key.imported},
          {"notice", notice_json(key)},
          {"pairs", std::move(pairs)}};
}

Json to_json(const Profile& profile) {
  Json permissions = Json::array();
  for (const PermissionRule& rule : profile.permission_rules()) {
    permissions.push_back(Json{{"name", rule.name},
                               {"label", rule.label},
                               {"risk", rule.risk},
                               {"group", rule.group},
                               {"needs_allow_list", rule.needs_allow_list},
                               {"always_needs_allow_list", rule.always_needs_allow_list},
                               {"manages_keys", rule.manages_keys},
                               {"management", management_word(rule.management)},
                               {"is_default", rule.is_default}});
  }
  Json types = Json::array();
  for (const SchemeRow& row : kSchemes) {
    types.push_back(Json{
        {"name", row.name},
        {"title", row.display_name},
        {"material", row.material == KeyMaterialKind::kSharedSecret ? "secret" : "public_key"}});
  }
  return {{"name", profile.name()},
          {"title", profile.title()},
          {"types", std::move(types)},
          {"permissions", std::move(permissions)},
          {"routes", profile.routes().size()},
          {"route_permissions", routes_json(profile)},
          {"limits", limits_json(profile.limits())}};
}

Json to_json(const ClockFacts& clock) {
  return {
      {"time", time_text(clock.time)}, {"step_ms", clock.step_ms}, {"in_doubt", clock.in_doubt}};
}

Json to_json(const NodeStatus& status) {
  Json listeners = Json::array();
  for (const NodeStatus::Listener& listener : status.listeners) {
    listeners.push_back(Json{{"door", listener.door}, {"address", listener.address}});
  }
  Json targets = Json::array();
  for (const NodeStatus::UpstreamTarget& target : status.upstream_targets) {
    const bool is_out = target.state == "out";
    targets.push_back(
        Json{{"url", target.url},
             {"state", target.state},
             {"failures", target.failures},
             {"last_fault", target.last_fault.empty() ? Json() : Json(target.last_fault)},
             {"out_for_ms", is_out ? Json(target.out_for.count()) : Json()},
             {"next_probe_in_ms", is_out ? Json(target.next_probe_in.count()) : Json()}});
  }
  Json troubles = Json::array();
  for (const NodeStatus::Trouble& trouble : status.troubles) {
    troubles.push_back(Json{{"reason", trouble.reason}, {"detail", trouble.sentence}});
  }
  return {{"version", status.version},
          {"node", status.node},
          {"started_at", time_text(status.started_at)},
          {"profile", status.profile},
          {"listeners", std::move(listeners)},
          {"upstream", status.upstream},
          {"upstream_targets", std::move(targets)},
          {"accepts_signed_requests", status.accepts_signed_requests},
          {"accepts_changes_from", time_text(status.accepts_changes_from)},
          {"registry_revision", status.registry_revision},
          {"applied_revision", status.applied_revision},
          {"api_keys", status.api_keys},
          {"unusable_records", status.unusable_records},
          {"audit_seq", status.audit_seq},
          {"audit_waiting", status.audit_waiting},
          {"uses_not_counted", status.uses_not_counted},
          {"refusals_not_kept", status.refusals_not_kept},
          {"refusals_not_examined", status.refusals_not_examined},
          {"clock", to_json(status.clock)},
          {"reloaded_at", time_or_null(status.reloaded_at)},
          {"needs_restart", status.needs_restart},
          {"troubles", std::move(troubles)}};
}

}  // namespace counterfoil
