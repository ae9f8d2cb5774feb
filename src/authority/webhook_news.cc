#include "authority/webhook_news.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "accounts/webhook.h"
#include "authority/audit_chain.h"
#include "authority/audit_lines.h"
#include "base/time.h"

namespace counterfoil {
namespace {

using Json = nlohmann::json;

struct Row {
  std::string_view action;
  WebhookEvent event;
};
constexpr auto kRows = std::to_array<Row>({
    {"account.resume", WebhookEvent::kAccountResumed},
    {"account.suspend", WebhookEvent::kAccountSuspended},
    {"key.back_out", WebhookEvent::kKeyChanged},
    {"key.create", WebhookEvent::kKeyCreated},
    {"key.edit", WebhookEvent::kKeyChanged},
    {"key.end_retiring", WebhookEvent::kKeyChanged},
    {"key.expire", WebhookEvent::kKeyExpired},
    {"key.import", WebhookEvent::kKeyCreated},
    {"key.policy_notice", WebhookEvent::kKeyNoticed},
    {"key.policy_restrict", WebhookEvent::kKeyRestricted},
    {"key.remind", WebhookEvent::kKeyExpiring},
    {"key.resume", WebhookEvent::kKeyResumed},
    {"key.revoke", WebhookEvent::kKeyRevoked},
    {"key.rotate", WebhookEvent::kKeyRotated},
    {"key.suspend", WebhookEvent::kKeySuspended},
});

// What the details of an edit are called in the log, and what they are in the API.
struct MemberRow {
  std::string_view detail;
  std::string_view member;
};
constexpr auto kMembers = std::to_array<MemberRow>({
    {"allow_list", "allow_list"},
    {"expires_ms", "expires_at"},
    {"label", "label"},
    {"permissions", "permissions"},
    {"symbols", "symbols"},
    {"vendor", "vendor"},
});

std::string text_in(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool is_of_account(WebhookEvent event) {
  return event == WebhookEvent::kAccountSuspended || event == WebhookEvent::kAccountResumed;
}

std::vector<std::string> changed_in(std::string_view action, const Json& detail) {
  if (action != "key.edit") {
    return {"key_pairs"};
  }
  std::vector<std::string> members;
  for (const MemberRow& row : kMembers) {
    if (detail.contains(row.detail)) {
      members.emplace_back(row.member);
    }
  }
  return members;
}

std::optional<Timestamp> expiry_in(const Json& detail) {
  const std::string text = text_in(detail, "expires_ms");
  std::int64_t ms = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(from_unix_ms(ms))
                                                                  : std::nullopt;
}

std::string body_of(std::string_view type, Timestamp time, const Json& data) {
  // The order that the specification shows; a map would sort the names.
  nlohmann::ordered_json body;
  body["type"] = type;
  body["timestamp"] = audit_time_text(time);
  body["data"] = data;
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::optional<WebhookNews> news_in(std::string_view audit_line) {
  constexpr bool kAllowExceptions = false;
  const Json record = Json::parse(audit_line, nullptr, kAllowExceptions);
  if (!record.is_object()) {
    return std::nullopt;
  }
  const std::string action = text_in(record, "action");
  const auto* const row = std::ranges::find(kRows, action, &Row::action);
  const auto time = parse_audit_time(text_in(record, "time"));
  const auto detail = record.find("detail");
  if (row == kRows.end() || !time || detail == record.end() || !detail->is_object() ||
      text_in(record, "outcome") != "done") {
    return std::nullopt;
  }
  WebhookNews news{.event = row->event, .account = {}, .key = {}, .time = *time};
  const std::string object = text_in(record, "object");
  if (is_of_account(row->event)) {
    news.account = object;
  } else {
    news.account = text_in(*detail, "account");
    news.key = object.substr(0, kWebhookKeyCharacters);
  }
  if (row->event == WebhookEvent::kKeyChanged) {
    news.changed = changed_in(action, *detail);
  }
  if (row->event == WebhookEvent::kKeyExpiring) {
    news.expires_at = expiry_in(*detail);
  }
  return news.account.empty() ? std::nullopt : std::optional(std::move(news));
}

std::string webhook_body(const WebhookNews& news) {
  Json data{{"account", news.account}};
  if (!news.key.empty()) {
    data["key"] = news.key;
  }
  if (!news.changed.empty()) {
    data["changed"] = news.changed;
  }
  if (news.expires_at) {
    data["expires_at"] = audit_time_text(*news.expires_at);
  }
  return body_of(name_of(news.event), news.time, data);
}

std::string webhook_test_body(std::string_view account, Timestamp now) {
  return body_of(kWebhookTestType, now, Json{{"account", account}});
}

}  // namespace counterfoil
