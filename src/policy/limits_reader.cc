#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/limit_rules.h"
#include "policy/names.h"
#include "policy/profile_reader.h"
#include "policy/profile_words.h"
#include "policy/table_reader.h"
#include "policy/toml_tree.h"

namespace counterfoil {
namespace {

constexpr std::int64_t kLimitMax = 1'000'000'000;
constexpr std::int64_t kTableMaxMax = 100'000'000;
constexpr std::int64_t kBanSecondsMax = std::int64_t{30} * 24 * 3600;
constexpr std::chrono::seconds kDay{24 * 3600};

std::chrono::seconds read_seconds(TableReader& reader, std::string_view key,
                                  std::chrono::seconds fallback) {
  return std::chrono::seconds(
      reader.number(key, {.least = 1, .greatest = kBanSecondsMax}, fallback.count()));
}

BanRule read_ban(const TomlValue& table, FirstFault& fault) {
  TableReader reader(table, "[limits.ban]", fault);
  BanRule rule;
  rule.after_refused = static_cast<std::uint32_t>(reader.number(
      "after_refused", {.least = 0, .greatest = kLimitMax}, std::int64_t{rule.after_refused}));
  rule.first = read_seconds(reader, "first_seconds", rule.first);
  rule.longest = read_seconds(reader, "longest_seconds", rule.longest);
  rule.growth = static_cast<std::uint32_t>(
      reader.number("growth", {.least = 1, .greatest = 100}, std::int64_t{rule.growth}));
  rule.forgotten_after = read_seconds(reader, "forgotten_after_seconds", rule.forgotten_after);
  reader.finish();
  if (rule.longest < rule.first) {
    reader.fault("longest_seconds", "'longest_seconds' in [limits.ban] is below 'first_seconds'.");
  }
  return rule;
}

LimitHeader read_header(const TomlValue& item, FirstFault& fault) {
  LimitHeader header;
  if (item.kind != TomlValue::Kind::kTable) {
    fault.report(item,
                 "'headers' in [[limits.rules]] must hold tables such as { path_prefix = "
                 "\"/api/\", name = \"X-Used\" }.");
    return header;
  }
  TableReader reader(item, "'headers' of [[limits.rules]]", fault);
  header.path_prefix = reader.text("path_prefix", "/");
  header.name = reader.required_text("name");
  reader.finish();
  if (const auto wrong = fault_of_header_name(header.name)) {
    reader.fault("name", "'" + shown(header.name) + "' " + *wrong + ".");
  }
  // A prefix may end in '/'; what stands before it has the form of a path.
  const std::string_view prefix = header.path_prefix;
  const bool is_directory = prefix.size() > 1 && prefix.ends_with('/');
  if (const auto wrong =
          fault_of_route_path(is_directory ? prefix.substr(0, prefix.size() - 1) : prefix)) {
    reader.fault("path_prefix", "'" + shown(header.path_prefix) + "' " + *wrong + ".");
  }
  return header;
}

bool is_of_accounts(LimitType type) {
  return type == LimitType::kOrders || type == LimitType::kAccountWeight;
}

void check_rule(TableReader& reader, const LimitRule& rule) {
  if (is_of_accounts(rule.type) && rule.owner != LimitOwner::kAccount) {
    const bool is_orders = rule.type == LimitType::kOrders;
    reader.fault("per", std::string(is_orders ? "Orders are" : "Account weight is") +
                            " counted per account: leave out 'per' or write \"account\".");
  }
  if (rule.window() > kDay || kDay % rule.window() != std::chrono::seconds(0)) {
    reader.fault("count", "A window of " + rule.interval_text() +
                              " does not divide a day, so it could not follow the calendar.");
  }
}

LimitRule read_rule(const TomlValue& item, FirstFault& fault) {
  TableReader reader(item, "[[limits.rules]]", fault);
  LimitRule rule;
  rule.type = static_cast<LimitType>(reader.required_choice("type", kLimitTypeWords));
  const std::size_t usual = is_of_accounts(rule.type) ? 1 : 0;
  rule.owner = static_cast<LimitOwner>(reader.choice("per", kLimitOwnerWords, usual));
  rule.interval =
      static_cast<LimitInterval>(reader.required_choice("interval", kLimitIntervalWords));
  rule.count =
      static_cast<std::uint32_t>(reader.number("count", {.least = 1, .greatest = 86'400}, 1));
  rule.limit = static_cast<std::uint32_t>(
      reader.required_number("limit", {.least = 1, .greatest = kLimitMax}));
  if (const TomlValue* headers = reader.array("headers", LimitRules::kHeadersPerRuleMax)) {
    for (const TomlValue& header : headers->items) {
      rule.headers.push_back(read_header(header, fault));
    }
  }
  reader.finish();
  check_rule(reader, rule);
  return rule;
}

}  // namespace

LimitRules read_limits(const TomlValue& table, FirstFault& fault) {
  TableReader reader(table, "[limits]", fault);
  LimitRules limits;
  limits.table_max = static_cast<std::uint32_t>(reader.number(
      "table_max", {.least = 1, .greatest = kTableMaxMax}, std::int64_t{limits.table_max}));
  limits.bad_signatures_per_minute = static_cast<std::uint32_t>(
      reader.number("bad_signatures_per_minute", {.least = 1, .greatest = kLimitMax},
                    std::int64_t{limits.bad_signatures_per_minute}));
  if (const TomlValue* ban = reader.table("ban")) {
    limits.ban = read_ban(*ban, fault);
  }
  if (const TomlValue* rules = reader.array("rules", LimitRules::kRulesMax)) {
    for (const TomlValue& item : rules->items) {
      if (item.kind != TomlValue::Kind::kTable) {
        fault.report(item, "'rules' in [limits] must hold tables: write them as [[limits.rules]].");
        break;
      }
      limits.rules.push_back(read_rule(item, fault));
    }
  }
  reader.finish();
  return limits;
}

}  // namespace counterfoil
