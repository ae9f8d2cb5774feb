#include "authority/key_policies.h"

#include <array>
#include <string_view>

#include "base/time.h"
#include "keys/api_key.h"
#include "keys/permission.h"

namespace counterfoil {
namespace {

using Act = PolicyStep::Act;

// Judged is one policy, and whether the key breaks it.
struct Judged {
  std::string_view policy;
  const KeyPolicies::Rule* rule;
  bool is_broken;
};

}  // namespace

PolicyStep next_step(const ApiKey& key, KeyUse use, const KeyPolicies& policies,
                     const PermissionSet& needs_allow_list, Timestamp now) {
  if (const auto ends = reset_notice_ends(key)) {
    return {.act = now >= *ends ? Act::kClear : Act::kNothing};
  }
  const auto is_older = [&](const KeyPolicies::Rule& rule) {
    return now - key.created >= rule.after;
  };
  const bool is_judged = !key.imported && effective_state(key, now) == EffectiveState::kActive;
  const std::array all{
      Judged{"unbound", &policies.unbound,
             key.allow_list.is_any() && key.permissions.intersects(needs_allow_list)},
      Judged{"unused", &policies.unused, use == KeyUse::kUnused},
      Judged{"endless", &policies.endless, !key.expires_at},
  };
  const Judged* broken = nullptr;
  for (const Judged& one : all) {
    if (!is_judged || one.rule->mode == PolicyMode::kOff || !one.is_broken ||
        !is_older(*one.rule)) {
      continue;
    }
    // A notice that was given runs on, whatever else is found meanwhile.
    const bool is_noticed = key.notice && key.notice->policy == one.policy;
    if (broken == nullptr || is_noticed) {
      broken = &one;
    }
  }
  const auto& notice = key.notice;
  if (broken == nullptr) {
    // Of a suspended key the notice says why.
    return {.act = notice && key.state == KeyState::kActive ? Act::kClear : Act::kNothing};
  }
  if (!notice || notice->policy != broken->policy) {
    return {.act = Act::kNotify, .policy = broken->policy};
  }
  if (broken->rule->mode == PolicyMode::kWarn) {
    return {.act = notice->restricted_since ? Act::kClear : Act::kNothing};
  }
  if (!notice->restricted_since) {
    const bool is_due = now - notice->since >= kPolicyNotice;
    return {.act = is_due ? Act::kRestrict : Act::kNothing, .policy = broken->policy};
  }
  const bool is_due = now - *notice->restricted_since >= kPolicyRestricted;
  return {.act = is_due ? Act::kSuspend : Act::kNothing, .policy = broken->policy};
}

}  // namespace counterfoil
