#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/account_id.h"
#include "base/time.h"

namespace counterfoil {

// WebhookEvent is what a webhook may be told of. Values are stored: append, never renumber.
enum class WebhookEvent : std::uint8_t {
  kKeyCreated = 1,
  kKeyChanged = 2,
  kKeyRotated = 3,
  kKeySuspended = 4,
  kKeyResumed = 5,
  kKeyRevoked = 6,
  kKeyExpiring = 7,
  kKeyExpired = 8,
  kKeyNoticed = 9,      // a policy found fault with it
  kKeyRestricted = 10,  // a policy lets it only read and cancel
  kAccountSuspended = 11,
  kAccountResumed = 12,
};
inline constexpr std::size_t kWebhookEventCount = 12;

// name_of gives the type in the body, "key.revoked"; parse_webhook_event reads it.
[[nodiscard]] std::string_view name_of(WebhookEvent event);
[[nodiscard]] std::optional<WebhookEvent> parse_webhook_event(std::string_view name);

inline constexpr std::size_t kWebhooksPerAccountMax = 5;
inline constexpr std::chrono::hours kWebhookOverlap{24};  // of an old secret, after a change

// WebhookStop says why a webhook is told nothing. Values are stored.
enum class WebhookStop : std::uint8_t {
  kByHolder = 1,
  kGone = 2,     // the receiver answered 410
  kFailing = 3,  // the last attempt to tell it something was in vain
};
[[nodiscard]] std::string_view name_of(WebhookStop stop);

// Webhook is where an account has itself told of events: an URL of its holder's.
struct Webhook {
  struct Stopped {
    WebhookStop why = WebhookStop::kByHolder;
    Timestamp since{};
    std::uint32_t last_status = 0;  // of kFailing: what the receiver answered last; 0: nothing
    bool operator==(const Stopped&) const = default;
  };
  struct OldSecret {
    std::string sealed;
    Timestamp until{};
    bool operator==(const OldSecret&) const = default;
  };

  std::string id;  // 32 hex digits
  AccountId account;
  std::uint32_t slot = 1;  // its place among those of the account: 1 to kWebhooksPerAccountMax
  std::string url;
  std::vector<WebhookEvent> events = {};  // rising, at least one
  std::string sealed_secret = {};         // 32 bytes, see webhook_seal_name
  std::optional<OldSecret> old_secret = std::nullopt;
  std::optional<Stopped> stopped = std::nullopt;
  Timestamp created{};
  Timestamp told_from{};  // what happened before is not told: it was made, or let go on, then
  bool operator==(const Webhook&) const = default;
};

// webhook_seal_name is the name under which the secrets of a webhook are sealed.
[[nodiscard]] std::string webhook_seal_name(std::string_view id);

// The stored form: one version byte, then tagged fields (base/tagged_fields.h). decode gives
// nullopt for an unknown version or field, a field that is missing, doubled, out of order or
// impossible, and trailing bytes (fail closed).
inline constexpr std::uint8_t kWebhookRecordVersion = 1;
[[nodiscard]] std::string encode_webhook(const Webhook& webhook);
[[nodiscard]] std::optional<Webhook> decode_webhook(std::string_view bytes);

// WebhookDelivery is one event on its way to one webhook, or a trace of it.
struct WebhookDelivery {
  enum class State : std::uint8_t { kWaiting = 1, kTaken = 2, kGivenUp = 3 };  // stored

  std::string message;  // the header webhook-id, the same in every attempt and redelivery
  std::string type;     // "key.revoked", "webhook.test"
  std::string body;     // as it is sent
  Timestamp made{};
  State state = State::kWaiting;
  std::uint32_t attempts = 0;
  std::optional<Timestamp> last_try = std::nullopt;
  std::uint32_t last_status = 0;  // what the receiver answered; 0: nothing
  std::string last_fault = {};    // a sentence; empty: there was an answer
  Timestamp next_try{};           // of kWaiting
  bool operator==(const WebhookDelivery&) const = default;
};
[[nodiscard]] std::string_view name_of(WebhookDelivery::State state);

inline constexpr std::size_t kWebhookBodyBytesMax = 20'000;
inline constexpr std::size_t kWebhookFaultBytesMax = 200;
inline constexpr std::uint8_t kWebhookDeliveryVersion = 1;
[[nodiscard]] std::string encode_webhook_delivery(const WebhookDelivery& delivery);
[[nodiscard]] std::optional<WebhookDelivery> decode_webhook_delivery(std::string_view bytes);

}  // namespace counterfoil
