#include <algorithm>
#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "keys/permission.h"
#include "policy/answers.h"
#include "policy/limit_rules.h"
#include "policy/names.h"
#include "policy/permission_rule.h"
#include "policy/profile.h"
#include "policy/profile_contents.h"
#include "policy/profile_reader.h"
#include "policy/route.h"
#include "policy/route_table.h"
#include "policy/table_reader.h"
#include "policy/toml_tree.h"

namespace counterfoil {
namespace {

// read_title gives the two lines at the top of the file.
void read_title(TableReader& root, std::string& name, std::string& title) {
  name = root.required_text("name");
  title = root.required_text("title");
  if (const auto wrong = fault_of_profile_name(name)) {
    root.fault("name", "'" + shown(name) + "' " + *wrong + ".");
  }
  if (const auto wrong = fault_of_sentence(title)) {
    root.fault("title", "'title' " + *wrong + ".");
  }
}

PermissionTable permission_table(std::span<const PermissionRule> rules) {
  std::vector<std::string> names;
  names.reserve(rules.size());
  for (const PermissionRule& rule : rules) {
    names.push_back(rule.name);
  }
  // The reader has looked at each name, and a TOML table has no key twice.
  return PermissionTable::create(std::move(names)).value();
}

PermissionSet permissions_that(std::span<const PermissionRule> rules, bool PermissionRule::* flag) {
  PermissionSet set;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].*flag) {
      set = set.with(PermissionSet::of_index(i));
    }
  }
  return set;
}

ManagementPermissions management_permissions(std::span<const PermissionRule> rules) {
  ManagementPermissions sets;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const auto one = PermissionSet::of_index(i);
    const ManagementScope scope = rules[i].management;
    if (scope != ManagementScope::kNone) {
      sets.opening = sets.opening.with(one);
    }
    if (scope == ManagementScope::kReadAll) {
      sets.reading_all = sets.reading_all.with(one);
    }
    if (scope == ManagementScope::kManageAll) {
      sets.managing_all = sets.managing_all.with(one);
    }
  }
  return sets;
}

std::vector<ApiRestrictionField> api_restriction_fields(std::span<const PermissionRule> rules) {
  std::vector<ApiRestrictionField> fields;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    for (const std::string& name : rules[i].api_restrictions) {
      auto field = std::ranges::find(fields, name, &ApiRestrictionField::name);
      if (field == fields.end()) {
        field = fields.insert(field, ApiRestrictionField{.name = name, .any_of = {}});
      }
      field->any_of = field->any_of.with(PermissionSet::of_index(i));
    }
  }
  return fields;
}

RouteTable route_table(std::span<const Route> routes, const TomlValue& table, FirstFault& fault) {
  RouteTable built(routes.size());
  for (const Route& route : routes) {
    if (const auto clash = built.add(route, routes)) {
      const TomlMember& member = table.members[route.index];
      fault.report(member.line, member.column,
                   "The route '" + shown(route.name) + "' matches the same requests as '" +
                       shown(routes[*clash].name) + "'.");
    }
  }
  return built;
}

}  // namespace

// ProfileBuilder makes a Profile of a parsed document.
struct ProfileBuilder {
  [[nodiscard]] static std::optional<Profile> build(const TomlValue& document, FirstFault& fault) {
    TableReader root(document, "the profile", fault);
    std::string name;
    std::string title;
    read_title(root, name, title);
    const TomlValue* signing_table = required_table(root, "signing");
    const TomlValue* permission_tables = required_table(root, "permissions");
    const TomlValue* limits_table = root.table("limits");
    const TomlValue* answers_table = required_table(root, "answers");
    const TomlValue* routes_table = required_table(root, "routes");
    root.finish();
    if (fault.found()) {
      return std::nullopt;
    }
    SigningRules signing = read_signing(*signing_table, fault);
    std::vector<PermissionRule> rules = read_permission_rules(*permission_tables, fault);
    LimitRules limits = limits_table == nullptr ? LimitRules() : read_limits(*limits_table, fault);
    Answers answers = read_answers(*answers_table, fault);
    if (fault.found()) {
      return std::nullopt;
    }
    PermissionTable permissions = permission_table(rules);
    const PermissionSet managing = permissions_that(rules, &PermissionRule::manages_keys);
    const RouteContext context{.signing = &signing,
                               .permissions = &permissions,
                               .manages_keys = managing,
                               .limits = &limits};
    std::vector<Route> routes = read_routes(*routes_table, context, fault);
    if (fault.found()) {
      return std::nullopt;
    }
    RouteTable table = route_table(routes, *routes_table, fault);
    if (fault.found()) {
      return std::nullopt;
    }
    const PermissionSet defaults = permissions_that(rules, &PermissionRule::is_default);
    const PermissionSet guarded = permissions_that(rules, &PermissionRule::needs_allow_list);
    const PermissionSet always = permissions_that(rules, &PermissionRule::always_needs_allow_list);
    const ManagementPermissions management = management_permissions(rules);
    std::vector<ApiRestrictionField> fields = api_restriction_fields(rules);
    return Profile(std::make_shared<const Profile::Contents>(
        Profile::Contents{.name = std::move(name),
                          .title = std::move(title),
                          .signing = std::move(signing),
                          .permissions = std::move(permissions),
                          .permission_rules = std::move(rules),
                          .default_permissions = defaults,
                          .permissions_needing_allow_list = guarded,
                          .permissions_always_needing_allow_list = always,
                          .permissions_managing_keys = managing,
                          .management_permissions = management,
                          .api_restriction_fields = std::move(fields),
                          .limits = std::move(limits),
                          .answers = std::move(answers),
                          .routes = std::move(routes),
                          .route_table = std::move(table)}));
  }

 private:
  [[nodiscard]] static const TomlValue* required_table(TableReader& root, std::string_view key) {
    return root.require(key) == nullptr ? nullptr : root.table(key);
  }
};

std::expected<Profile, ProfileError> Profile::parse(std::string_view toml_text,
                                                    std::string_view file_name) {
  const auto error = [&](TomlError wrong) {
    return std::unexpected(ProfileError{.file = std::string(file_name),
                                        .line = wrong.line,
                                        .column = wrong.column,
                                        .sentence = std::move(wrong.sentence)});
  };
  if (toml_text.size() > kTextSizeMax) {
    return error(
        {.line = 0,
         .column = 0,
         .sentence = "The file is longer than " + std::to_string(kTextSizeMax) + " bytes."});
  }
  std::expected<TomlValue, TomlError> document = parse_toml(toml_text);
  if (!document) {
    return error(std::move(document.error()));
  }
  FirstFault fault;
  std::optional<Profile> profile = ProfileBuilder::build(*document, fault);
  if (!profile) {
    return error(fault.fault().value());
  }
  return *std::move(profile);
}

}  // namespace counterfoil
