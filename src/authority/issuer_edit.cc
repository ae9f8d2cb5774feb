#include <expected>
#include <optional>
#include <string>
#include <utility>

#include "authority/issuer.h"
#include "authority/key_records.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "base/time.h"
#include "keys/allow_list.h"
#include "keys/api_key.h"
#include "keys/life.h"
#include "keys/permission.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;

bool is_empty(const KeyEdit& edit) {
  return !edit.label && !edit.permissions && !edit.allow_list && !edit.symbols &&
         !edit.expires_at && !edit.vendor;
}

std::string expiry_text(const std::optional<Timestamp>& expires_at) {
  return expires_at ? std::to_string(to_unix_ms(*expires_at)) : "never";
}

std::string arrow(const std::string& before, const std::string& after) {
  return before + " -> " + after;
}

std::expected<void, Problem> edit_allow_list(ApiKey& key, const std::string& text,
                                             AuditDetail& detail) {
  const auto list = AllowList::parse(text);
  if (!list) {
    return problem(Kind::kInvalid, "allow_list_invalid", list.error());
  }
  detail["allow_list"] = arrow(key.allow_list.to_text(), list->to_text());
  key.allow_list = *list;
  return {};
}

}  // namespace

Issuer::Result<ApiKey> Issuer::apply_edit(ApiKey key, const KeyEdit& edit, Timestamp now,
                                          AuditDetail& detail) const {
  if (key.state == KeyState::kRevoked) {
    return problem_of(LifeError::kRevoked);
  }
  if (edit.permissions) {
    const auto set = parse_permissions(*edit.permissions);
    if (!set) {
      return std::unexpected(set.error());
    }
    detail["permissions"] =
        arrow(permissions_.to_text(key.permissions), permissions_.to_text(*set));
    key.permissions = *set;
  }
  if (edit.allow_list) {
    if (const auto edited = edit_allow_list(key, *edit.allow_list, detail); !edited) {
      return std::unexpected(edited.error());
    }
  }
  if (edit.expires_at) {
    const std::optional<Timestamp>& wanted = *edit.expires_at;
    if (wanted && *wanted <= now) {
      return problem_of(LifeError::kExpiryInThePast);
    }
    if (!wanted && rules_.default_life) {
      return problem(Kind::kNotAllowed, "expiry_required",
                     "an API key has an end here; name a date (an operator may allow keys without "
                     "one: keys.expires_days = 0)");
    }
    detail["expires_ms"] = arrow(expiry_text(key.expires_at), expiry_text(wanted));
    key.expires_at = wanted;
  }
  if (edit.symbols) {
    detail["symbols"] =
        arrow(std::to_string(key.symbols.size()), std::to_string(edit.symbols->size()));
    key.symbols = *edit.symbols;
  }
  if (edit.label) {
    detail["label"] = arrow(key.label, *edit.label);
    key.label = *edit.label;
  }
  if (edit.vendor) {
    detail["vendor"] = arrow(key.vendor, *edit.vendor);
    key.vendor = *edit.vendor;
  }
  key.imported = false;
  key.notice = lasting_notice(key, now);
  if (const auto fine = check(key, rules_.life); !fine) {
    return problem_of(fine.error());
  }
  return key;
}

Issuer::Result<ChangedKey> Issuer::edit_key(const std::string& id, const KeyEdit& edit,
                                            const Actor& actor, OnlyIf only_if) {
  if (is_empty(edit)) {
    return problem(Kind::kInvalid, "nothing_to_change", "nothing was named that should be changed");
  }
  return change_key(
      id, actor, only_if,
      {.action = "key.edit",
       .urgency = Urgency::kNormal,
       .tell = edit.expires_at ? KeyChange::Tell::kProlonged : KeyChange::Tell::kNothing,
       .apply = [&](ApiKey key, Timestamp now, AuditDetail& detail) {
         return apply_edit(std::move(key), edit, now, detail);
       }});
}

}  // namespace counterfoil
