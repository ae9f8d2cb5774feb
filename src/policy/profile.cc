#include "policy/profile.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "keys/permission.h"
#include "policy/answers.h"
#include "policy/limit_rules.h"
#include "policy/permission_rule.h"
#include "policy/profile_contents.h"
#include "policy/profile_words.h"
#include "policy/route.h"

namespace counterfoil {

std::string ProfileError::to_string() const {
  std::string text = file;
  if (line != 0) {
    text += ":" + std::to_string(line) + ":" + std::to_string(column);
  }
  return text + ": " + sentence;
}

Profile::Profile(std::shared_ptr<const Contents> contents) : contents_(std::move(contents)) {}

const std::string& Profile::name() const { return contents_->name; }
const std::string& Profile::title() const { return contents_->title; }
const SigningRules& Profile::signing() const { return contents_->signing; }
const LimitRules& Profile::limits() const { return contents_->limits; }
const Answers& Profile::answers() const { return contents_->answers; }
const PermissionTable& Profile::permissions() const { return contents_->permissions; }

std::span<const PermissionRule> Profile::permission_rules() const {
  return contents_->permission_rules;
}

PermissionSet Profile::default_permissions() const { return contents_->default_permissions; }

PermissionSet Profile::permissions_needing_allow_list() const {
  return contents_->permissions_needing_allow_list;
}

PermissionSet Profile::permissions_always_needing_allow_list() const {
  return contents_->permissions_always_needing_allow_list;
}

PermissionSet Profile::permissions_managing_keys() const {
  return contents_->permissions_managing_keys;
}

std::string_view management_word(ManagementScope scope) {
  return kManagementWords[static_cast<std::size_t>(scope)];
}

ManagementScope Profile::management_scope(PermissionSet held) const {
  auto scope = ManagementScope::kNone;
  for (std::size_t i = 0; i < contents_->permission_rules.size(); ++i) {
    if (held.contains_all(PermissionSet::of_index(i))) {
      scope = std::max(scope, contents_->permission_rules[i].management);
    }
  }
  return scope;
}

const ManagementPermissions& Profile::management_permissions() const {
  return contents_->management_permissions;
}

std::span<const ApiRestrictionField> Profile::api_restriction_fields() const {
  return contents_->api_restriction_fields;
}

std::span<const Route> Profile::routes() const { return contents_->routes; }

const Route* Profile::find(Method method, std::string_view path) const {
  return contents_->route_table.find(method, path, contents_->routes);
}

const Route* Profile::find(std::string_view method, std::string_view path) const {
  const std::optional<Method> known = parse_method(method);
  return known ? find(*known, path) : nullptr;
}

MethodSet Profile::methods_for(std::string_view path) const {
  MethodSet methods;
  for (std::size_t i = 0; i < kMethodCount; ++i) {
    const auto method = static_cast<Method>(i);
    if (find(method, path) != nullptr) {
      methods.add(method);
    }
  }
  return methods;
}

// The permission table, the sets, the fields and the route table follow from what is compared.
bool Profile::operator==(const Profile& other) const {
  const Contents& a = *contents_;
  const Contents& b = *other.contents_;
  return a.name == b.name && a.title == b.title && a.signing == b.signing &&
         a.permission_rules == b.permission_rules && a.limits == b.limits &&
         a.answers == b.answers && a.routes == b.routes;
}

}  // namespace counterfoil
