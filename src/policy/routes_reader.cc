#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "keys/permission.h"
#include "policy/did_you_mean.h"
#include "policy/limit_rules.h"
#include "policy/names.h"
#include "policy/profile.h"
#include "policy/profile_reader.h"
#include "policy/profile_words.h"
#include "policy/route.h"
#include "policy/table_reader.h"
#include "policy/toml_tree.h"

namespace counterfoil {
namespace {

constexpr std::int64_t kTimeoutMsMax = 600'000;
constexpr std::int64_t kOrdersMax = 100;
constexpr Range kWeightRange{.least = 0, .greatest = Route::kWeightMax};

bool changes_nothing(Method method) {
  return method == Method::kGet || method == Method::kHead || method == Method::kOptions;
}

// RouteReader reads one row of [routes].
class RouteReader {
 public:
  RouteReader(const TomlMember& member, const RouteContext& context, FirstFault& fault)
      : member_(&member),
        context_(&context),
        reader_(member.value, "[routes.\"" + shown(member.key) + "\"]", fault) {}

  Route read() {
    read_name();
    route_.security = static_cast<Security>(reader_.required_choice("security", kSecurityWords));
    read_permissions();
    read_effect_and_body();
    read_weight();
    read_parameters();
    reader_.finish();
    check();
    set_usage_headers();
    return std::move(route_);
  }

 private:
  void read_name() {
    route_.name = member_->key;
    const std::string_view name = route_.name;
    const std::size_t blank = name.find(' ');
    const std::optional<Method> method = parse_method(name.substr(0, blank));
    if (blank == std::string_view::npos || !method) {
      fault_at_name(
          "A route is written \"GET /path\", with one of GET, HEAD, POST, PUT, DELETE, "
          "PATCH, OPTIONS and one blank; '" +
          shown(name) + "' is not.");
      return;
    }
    route_.method = *method;
    route_.path = name.substr(blank + 1);
    if (const auto wrong = fault_of_route_path(route_.path)) {
      fault_at_name("The path '" + shown(route_.path) + "' " + *wrong + ".");
    }
  }

  void read_permissions() {
    const TomlValue* value = reader_.find("permissions");
    if (route_.security == Security::kPublic) {
      if (value != nullptr) {
        reader_.fault("permissions",
                      "A public route asks for no permission: leave out "
                      "'permissions', or write security = \"signed\".");
      }
      return;
    }
    if (value == nullptr) {
      fault_at_name("The signed route '" + shown(route_.name) +
                    "' lacks 'permissions': a list of which the key must hold one, or \"any\".");
      return;
    }
    if (value->kind == TomlValue::Kind::kString && value->text == kAnyPermission) {
      return;
    }
    if (value->kind == TomlValue::Kind::kString) {
      reader_.fault("permissions", "'permissions' is a list such as [\"" +
                                       context_->permissions->all().front() +
                                       "\"], or \"any\"; not \"" + shown(value->text) + "\".");
      return;
    }
    const std::vector<std::string> names = reader_.texts("permissions", PermissionTable::kCountMax);
    if (names.empty()) {
      reader_.fault("permissions",
                    "'permissions' is empty; when any key will do, write permissions = \"any\".");
    }
    for (const std::string& name : names) {
      add_permission(name);
    }
  }

  void add_permission(const std::string& name) {
    const std::optional<PermissionSet> found = context_->permissions->find(name);
    if (found) {
      route_.permissions = route_.permissions.with(*found);
      return;
    }
    const std::vector<std::string>& all = context_->permissions->all();
    const std::vector<std::string_view> known(all.begin(), all.end());
    reader_.fault("permissions",
                  "[permissions] has no '" + shown(name) + "'." + did_you_mean(name, known));
  }

  void read_effect_and_body() {
    const std::size_t usual = changes_nothing(route_.method) ? 0 : 1;
    route_.effect = static_cast<Effect>(reader_.choice("effect", kEffectWords, usual));
    route_.body = static_cast<BodyRule>(reader_.choice("body", kBodyWords, usual));
    route_.handler = static_cast<Handler>(reader_.choice("handler", kHandlerWords, 0));
    if (const auto ms =
            reader_.optional_number("timeout_ms", {.least = 1, .greatest = kTimeoutMsMax})) {
      route_.upstream_timeout = std::chrono::milliseconds(*ms);
    }
    constexpr Range kBodySizes{.least = 1, .greatest = std::int64_t{Route::kBodySizeMax}};
    route_.body_size_bytes_max = static_cast<std::size_t>(
        reader_.number("max_body_bytes", kBodySizes, std::int64_t{Route::kDefaultBodySizeMax}));
  }

  void read_weight() {
    route_.weight = static_cast<std::uint32_t>(reader_.number("weight", kWeightRange, 1));
    if (const auto weight = reader_.optional_number("on_success_weight", kWeightRange)) {
      route_.on_success_weight = static_cast<std::uint32_t>(*weight);
    }
    route_.orders = static_cast<std::uint32_t>(
        reader_.number("orders", {.least = 0, .greatest = kOrdersMax}, 0));
    route_.account_weight =
        static_cast<std::uint32_t>(reader_.number("account_weight", kWeightRange, 0));
    if (const TomlValue* rules = reader_.array("weight_when", Route::kWeightRulesMax)) {
      for (const TomlValue& item : rules->items) {
        read_weight_rule(item);
      }
    }
  }

  void read_weight_rule(const TomlValue& item) {
    if (item.kind != TomlValue::Kind::kTable) {
      reader_.first_fault().report(item,
                                   "'weight_when' must hold tables such as { parameter = "
                                   "\"limit\", above = 100, weight = 25 }.");
      return;
    }
    TableReader row(item, "'weight_when' of " + reader_.where(), reader_.first_fault());
    WeightRule rule;
    rule.parameter = row.required_text("parameter");
    rule.weight = static_cast<std::uint32_t>(row.required_number("weight", kWeightRange));
    std::size_t conditions = 0;
    for (std::size_t i = 0; i < kWeightConditionWords.size(); ++i) {
      const std::string_view word = kWeightConditionWords[i];
      const auto condition = static_cast<WeightRule::Condition>(i);
      const bool is_counted = condition == WeightRule::Condition::kAbove ||
                              condition == WeightRule::Condition::kItemsAbove;
      if (row.find(word) == nullptr) {
        continue;
      }
      ++conditions;
      rule.condition = condition;
      if (is_counted) {
        rule.threshold = static_cast<std::uint32_t>(
            row.number(word, {.least = 0, .greatest = 1'000'000'000}, 0));
      } else if (!row.flag(word, true)) {
        row.fault(word, "Write " + std::string(word) + " = true, or leave the row out.");
      }
    }
    row.finish();
    if (conditions != 1) {
      reader_.first_fault().report(item,
                                   "A row of 'weight_when' needs exactly one of 'absent', "
                                   "'present', 'above' and 'items_above'.");
    }
    check_parameter(rule.parameter, "weight_when");
    route_.weight_rules.push_back(std::move(rule));
  }

  void read_parameters() {
    route_.symbol_parameter = reader_.text("symbol_parameter", "");
    route_.repeats = reader_.texts("repeats", Route::kRepeatsMax);
    if (!route_.symbol_parameter.empty()) {
      check_parameter(route_.symbol_parameter, "symbol_parameter");
    }
    for (const std::string& name : route_.repeats) {
      check_parameter(name, "repeats");
    }
  }

  void check_parameter(const std::string& name, std::string_view key) {
    if (const auto wrong = fault_of_parameter_name(name)) {
      reader_.fault(key, "'" + shown(name) + "' " + *wrong + ".");
    }
    const SigningRules& signing = *context_->signing;
    if (name == signing.api_key_parameter || name == signing.signature_parameter ||
        name == signing.timestamp_parameter || name == signing.recv_window_parameter) {
      reader_.fault(key, "'" + shown(name) + "' is a reserved parameter of [signing].");
    }
  }

  void check() {
    if (route_.security == Security::kPublic) {
      for (const std::string_view key : {"orders", "account_weight", "symbol_parameter"}) {
        if (reader_.find(key) != nullptr) {
          reader_.fault(key, "A public route has no account and no key, so '" + std::string(key) +
                                 "' means nothing there.");
        }
      }
      if (route_.handler != Handler::kUpstream) {
        reader_.fault("handler", "The authority answers signed routes only.");
      }
    }
    if (manages_keys(route_.handler) && route_.security == Security::kSigned) {
      check_manages_keys();
    }
    if (route_.handler == Handler::kSelfRevoke && route_.effect != Effect::kChange) {
      reader_.fault("effect",
                    "A self-revoke must have effect = \"change\": a captured request "
                    "must not serve twice.");
    }
    if (std::ranges::find(route_.repeats, route_.symbol_parameter) != route_.repeats.end()) {
      reader_.fault("repeats", "The symbol parameter may not be repeated.");
    }
    if (route_.body == BodyRule::kNone && reader_.find("max_body_bytes") != nullptr) {
      reader_.fault("max_body_bytes", "This route takes no body; leave out 'max_body_bytes'.");
    }
  }

  void check_manages_keys() {
    if (route_.effect != Effect::kChange) {
      reader_.fault("effect",
                    "A route that manages keys must have effect = \"change\": a signed text "
                    "received anywhere before must not serve here.");
    }
    if (route_.permissions.empty() || !context_->manages_keys.contains_all(route_.permissions)) {
      reader_.fault("permissions",
                    "A route that manages keys must ask for permissions with manages_keys = true, "
                    "and for no others.");
    }
  }

  // The headers of orders and of account weight are sent where those are counted; the others
  // wherever the path fits.
  void set_usage_headers() {
    for (std::uint32_t i = 0; i < context_->limits->rules.size(); ++i) {
      const LimitRule& rule = context_->limits->rules[i];
      if ((rule.type == LimitType::kOrders && route_.orders == 0) ||
          (rule.type == LimitType::kAccountWeight && route_.account_weight == 0)) {
        continue;
      }
      for (const LimitHeader& header : rule.headers) {
        if (route_.path.starts_with(header.path_prefix)) {
          route_.usage_headers.push_back(UsageHeader{.rule = i, .name = header.name});
        }
      }
    }
  }

  void fault_at_name(std::string sentence) {
    reader_.first_fault().report(member_->line, member_->column, std::move(sentence));
  }

  const TomlMember* member_;
  const RouteContext* context_;
  TableReader reader_;
  Route route_;
};

}  // namespace

std::vector<Route> read_routes(const TomlValue& table, const RouteContext& context,
                               FirstFault& fault) {
  std::vector<Route> routes;
  if (table.members.empty() || table.members.size() > Profile::kRoutesMax) {
    fault.report(table, "[routes] must have 1 to " + std::to_string(Profile::kRoutesMax) +
                            " routes, not " + std::to_string(table.members.size()) + ".");
    return routes;
  }
  for (const TomlMember& member : table.members) {
    if (member.value.kind != TomlValue::Kind::kTable) {
      fault.report(member.value, "The route '" + shown(member.key) +
                                     "' must be a table such as { security = \"public\" }.");
      return routes;
    }
    routes.push_back(RouteReader(member, context, fault).read());
    routes.back().index = static_cast<std::uint32_t>(routes.size() - 1);
  }
  return routes;
}

}  // namespace counterfoil
