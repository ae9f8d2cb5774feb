#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "keys/permission.h"
#include "policy/answers.h"
#include "policy/limit_rules.h"
#include "policy/permission_rule.h"
#include "policy/profile.h"
#include "policy/profile_contents.h"
#include "policy/profile_words.h"
#include "policy/quote.h"
#include "policy/route.h"
#include "verify/reason.h"

namespace counterfoil {
namespace {

std::string list(std::span<const std::string> texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    out += (out.size() == 1 ? "" : ", ") + quote(text);
  }
  return out + "]";
}

std::string_view word_of(const auto& words, auto enumerator) {
  return words[static_cast<std::size_t>(std::to_underlying(enumerator))];
}

// Lines collects "key = value" lines.
class Lines {
 public:
  void blank() { text_ += '\n'; }
  void header(std::string_view line) { text_.append("\n").append(line).append("\n"); }
  void text(std::string_view key, std::string_view value) { raw(key, quote(value)); }
  void number(std::string_view key, std::uint64_t value) { raw(key, std::to_string(value)); }
  void flag(std::string_view key, bool value) { raw(key, value ? "true" : "false"); }
  void raw(std::string_view key, std::string_view value) {
    text_.append(key).append(" = ").append(value).append("\n");
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void write_signing(const SigningRules& rules, Lines& out) {
  out.header("[signing]");
  out.text("api_key_header", rules.api_key_header);
  out.text("api_key_parameter", rules.api_key_parameter);
  out.text("signature_parameter", rules.signature_parameter);
  out.text("timestamp_parameter", rules.timestamp_parameter);
  out.text("recv_window_parameter", rules.recv_window_parameter);
  out.text("signature_position", word_of(kSignaturePositionWords, rules.signature_position));
  out.text("same_name_in_query_and_body",
           word_of(kSameNameWords, rules.same_name_in_query_and_body));
  out.text("replayed_orders", word_of(kReplayedOrdersWords, rules.replayed_orders));
}

void write_permission(const PermissionRule& rule, Lines& out) {
  out.header("[permissions." + rule.name + "]");
  out.text("label", rule.label);
  out.text("risk", rule.risk);
  out.text("group", rule.group);
  out.raw("api_restrictions", list(rule.api_restrictions));
  out.text("sub_account", word_of(kSubAccountWords, rule.sub_account));
  out.text("sub_account_field", rule.sub_account_field);
  if (rule.always_needs_allow_list) {
    out.text("needs_allow_list", kAlways);
  } else {
    out.flag("needs_allow_list", rule.needs_allow_list);
  }
  out.flag("default", rule.is_default);
  out.flag("manages_keys", rule.manages_keys);
  out.text("management", word_of(kManagementWords, rule.management));
}

void write_limit_rule(const LimitRule& rule, Lines& out) {
  out.header("[[limits.rules]]");
  out.text("type", to_string(rule.type));
  out.text("per", to_string(rule.owner));
  out.text("interval", to_string(rule.interval));
  out.number("count", rule.count);
  out.number("limit", rule.limit);
  std::string headers = "[";
  for (const LimitHeader& header : rule.headers) {
    headers += "\n  { path_prefix = " + quote(header.path_prefix) +
               ", name = " + quote(header.name) + " },";
  }
  out.raw("headers", headers + "]");
}

void write_limits(const LimitRules& limits, Lines& out) {
  out.header("[limits]");
  out.number("table_max", limits.table_max);
  out.number("bad_signatures_per_minute", limits.bad_signatures_per_minute);
  out.header("[limits.ban]");
  out.number("after_refused", limits.ban.after_refused);
  out.number("first_seconds", static_cast<std::uint64_t>(limits.ban.first.count()));
  out.number("longest_seconds", static_cast<std::uint64_t>(limits.ban.longest.count()));
  out.number("growth", limits.ban.growth);
  out.number("forgotten_after_seconds",
             static_cast<std::uint64_t>(limits.ban.forgotten_after.count()));
  for (const LimitRule& rule : limits.rules) {
    write_limit_rule(rule, out);
  }
}

void write_answers(const Answers& answers, Lines& out) {
  out.header("[answers]");
  out.text("format", word_of(kAnswerFormatWords, answers.format()));
  for (const ReasonRow& row : kReasons) {
    const Answer& answer = answers.answer(row.reason);
    out.header("[answers.reasons." + std::string(row.name) + "]");
    out.number("status", answer.status);
    if (answers.format() == AnswerFormat::kBinance) {
      out.raw("code", std::to_string(answer.code));
    }
    out.text("text", answer.text);
    if (!answer.html.empty()) {
      out.text("html", answer.html);
    }
  }
}

std::string weight_rule(const WeightRule& rule) {
  const bool is_counted = rule.condition == WeightRule::Condition::kAbove ||
                          rule.condition == WeightRule::Condition::kItemsAbove;
  return "{ parameter = " + quote(rule.parameter) + ", " +
         std::string(word_of(kWeightConditionWords, rule.condition)) + " = " +
         (is_counted ? std::to_string(rule.threshold) : "true") +
         ", weight = " + std::to_string(rule.weight) + " }";
}

void write_route(const Route& route, const PermissionTable& permissions, Lines& out) {
  out.header("[routes." + quote(route.name) + "]");
  out.text("security", word_of(kSecurityWords, route.security));
  if (route.security == Security::kSigned) {
    const std::vector<std::string> names = permissions.names(route.permissions);
    out.raw("permissions", names.empty() ? quote(kAnyPermission) : list(names));
    out.number("orders", route.orders);
    out.number("account_weight", route.account_weight);
    out.text("symbol_parameter", route.symbol_parameter);
  }
  out.text("effect", word_of(kEffectWords, route.effect));
  out.text("body", word_of(kBodyWords, route.body));
  out.text("handler", word_of(kHandlerWords, route.handler));
  out.number("weight", route.weight);
  if (route.on_success_weight) {
    out.number("on_success_weight", *route.on_success_weight);
  }
  std::string rules = "[";
  for (const WeightRule& rule : route.weight_rules) {
    rules += "\n  " + weight_rule(rule) + ",";
  }
  out.raw("weight_when", rules + "]");
  out.raw("repeats", list(route.repeats));
  if (route.upstream_timeout) {
    out.number("timeout_ms", static_cast<std::uint64_t>(route.upstream_timeout->count()));
  }
  if (route.body != BodyRule::kNone) {
    out.number("max_body_bytes", route.body_size_bytes_max);
  }
}

}  // namespace

std::string Profile::to_toml() const {
  const Contents& contents = *contents_;
  Lines out;
  out.text("name", contents.name);
  out.text("title", contents.title);
  write_signing(contents.signing, out);
  for (const PermissionRule& rule : contents.permission_rules) {
    write_permission(rule, out);
  }
  write_limits(contents.limits, out);
  write_answers(contents.answers, out);
  out.header("[routes]");
  for (const Route& route : contents.routes) {
    write_route(route, contents.permissions, out);
  }
  return out.take();
}

}  // namespace counterfoil
