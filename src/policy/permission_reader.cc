#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "keys/permission.h"
#include "policy/names.h"
#include "policy/permission_rule.h"
#include "policy/profile_reader.h"
#include "policy/profile_words.h"
#include "policy/table_reader.h"
#include "policy/toml_tree.h"

namespace counterfoil {
namespace {

constexpr std::size_t kApiRestrictionsMax = 8;

void check_sentence(TableReader& reader, std::string_view key, const std::string& text) {
  if (const auto wrong = fault_of_sentence(text)) {
    reader.fault(key, "'" + std::string(key) + "' in " + reader.where() + " " + *wrong + ".");
  }
}

void check_field(TableReader& reader, std::string_view key, const std::string& name) {
  if (const auto wrong = fault_of_parameter_name(name)) {
    reader.fault(key, "'" + shown(name) + "' " + *wrong + ".");
  }
}

void read_allow_list_rule(TableReader& reader, PermissionRule& rule) {
  const TomlValue* const value = reader.require("needs_allow_list");
  if (value != nullptr && value->kind == TomlValue::Kind::kString && value->text == kAlways) {
    rule.always_needs_allow_list = true;
    rule.needs_allow_list = true;
  } else if (value != nullptr) {
    rule.needs_allow_list = reader.flag("needs_allow_list", true);
  }
}

void check_sub_account(TableReader& reader, const PermissionRule& rule) {
  const bool is_asked =
      rule.sub_account == SubAccountGift::kAsked || rule.sub_account == SubAccountGift::kEd25519;
  if (is_asked == rule.sub_account_field.empty()) {
    reader.fault("sub_account",
                 "'sub_account_field' in " + reader.where() +
                     " belongs to sub_account = \"asked\" or \"ed25519\", and to nothing else.");
  }
  if (rule.manages_keys && (!rule.always_needs_allow_list || rule.is_default ||
                            rule.sub_account != SubAccountGift::kNotGiven)) {
    reader.fault("manages_keys",
                 "A permission that manages keys must have needs_allow_list = \"always\", and "
                 "cannot be a default or be given by the calls of sub-accounts.");
  }
}

void check_management(TableReader& reader, const PermissionRule& rule) {
  if (rule.management == ManagementScope::kNone) {
    return;
  }
  if (rule.is_default || rule.sub_account != SubAccountGift::kNotGiven || rule.manages_keys) {
    reader.fault("management",
                 "A permission that opens the management API cannot be a default, be given by the "
                 "calls of sub-accounts, or manage keys over the gateway.");
  } else if (is_beyond_account(rule.management) && !rule.always_needs_allow_list) {
    reader.fault("management",
                 "A permission to read or manage all accounts must have needs_allow_list = "
                 "\"always\".");
  } else if (rule.management == ManagementScope::kManageOwn && !rule.needs_allow_list) {
    reader.fault("management",
                 "A permission to manage an account must need an IP allow-list: a thief could "
                 "end every API key of it.");
  }
}

PermissionRule read_rule(const TomlMember& member, FirstFault& fault) {
  TableReader reader(member.value, "[permissions." + shown(member.key) + "]", fault);
  PermissionRule rule;
  rule.name = member.key;
  rule.label = reader.required_text("label");
  rule.risk = reader.required_text("risk");
  rule.group = reader.text("group", "other");
  rule.api_restrictions = reader.texts("api_restrictions", kApiRestrictionsMax);
  rule.sub_account_field = reader.text("sub_account_field", "");
  const auto usual =
      rule.sub_account_field.empty() ? SubAccountGift::kNotGiven : SubAccountGift::kAsked;
  rule.sub_account = static_cast<SubAccountGift>(
      reader.choice("sub_account", kSubAccountWords, static_cast<std::size_t>(usual)));
  read_allow_list_rule(reader, rule);
  rule.is_default = reader.flag("default", false);
  rule.manages_keys = reader.flag("manages_keys", false);
  rule.management = static_cast<ManagementScope>(
      reader.choice("management", kManagementWords, static_cast<std::size_t>(rule.management)));
  reader.finish();
  check_sentence(reader, "label", rule.label);
  check_sentence(reader, "risk", rule.risk);
  check_field(reader, "group", rule.group);
  for (const std::string& field : rule.api_restrictions) {
    check_field(reader, "api_restrictions", field);
  }
  if (!rule.sub_account_field.empty()) {
    check_field(reader, "sub_account_field", rule.sub_account_field);
  }
  check_sub_account(reader, rule);
  check_management(reader, rule);
  if (rule.is_default && rule.needs_allow_list) {
    reader.fault("default", "'" + shown(member.key) +
                                "' cannot be a default and need an IP allow-list: a new key may "
                                "have none.");
  }
  return rule;
}

}  // namespace

std::vector<PermissionRule> read_permission_rules(const TomlValue& table, FirstFault& fault) {
  std::vector<PermissionRule> rules;
  if (table.members.empty() || table.members.size() > PermissionTable::kCountMax) {
    fault.report(table, "[permissions] must have 1 to " +
                            std::to_string(PermissionTable::kCountMax) + " tables, not " +
                            std::to_string(table.members.size()) + ".");
    return rules;
  }
  for (const TomlMember& member : table.members) {
    if (!PermissionTable::create({member.key})) {
      fault.report(
          member.line, member.column,
          "'" + shown(member.key) + "' is not a permission's name: 1 to 32 of A-Z, 0-9 and '_'.");
    } else if (member.value.kind != TomlValue::Kind::kTable) {
      fault.report(member.value, "[permissions." + shown(member.key) + "] must be a table, not " +
                                     std::string(describe_kind(member.value.kind)) + ".");
    } else {
      rules.push_back(read_rule(member, fault));
    }
  }
  return rules;
}

}  // namespace counterfoil
