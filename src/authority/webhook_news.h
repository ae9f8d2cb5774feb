#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/webhook.h"
#include "base/time.h"

namespace counterfoil {

// WebhookNews is something that webhooks are told of, as the audit log has it: so nothing is told
// that did not happen, and no change has to think of them. Pure.
struct WebhookNews {
  WebhookEvent event = WebhookEvent::kKeyCreated;
  std::string account;
  std::string key;                        // the first 8 characters of the API key; empty: of none
  std::vector<std::string> changed = {};  // of kKeyChanged: what of it
  std::optional<Timestamp> expires_at = std::nullopt;  // of kKeyExpiring
  Timestamp time{};
  bool operator==(const WebhookNews&) const = default;
};

inline constexpr std::size_t kWebhookKeyCharacters = 8;

// news_in reads one record of the audit log. nullopt: nothing that webhooks are told of.
[[nodiscard]] std::optional<WebhookNews> news_in(std::string_view audit_line);

// webhook_body is the body of a delivery: {"type", "timestamp", "data"}, with no secret and nothing
// of the API key but its first characters (control S-78). Below kWebhookBodyBytesMax.
[[nodiscard]] std::string webhook_body(const WebhookNews& news);
// webhook_test_body is what "send a test" sends: the type "webhook.test".
inline constexpr std::string_view kWebhookTestType = "webhook.test";
[[nodiscard]] std::string webhook_test_body(std::string_view account, Timestamp now);

}  // namespace counterfoil
