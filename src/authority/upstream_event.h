#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace counterfoil {

// KeyEnd is how an API key stopped being accepted; or a word for its holder while it still is: that
// it soon runs out, that a policy has found fault with it, that the policy lets it only read and
// cancel.
enum class KeyEnd : std::uint8_t {  // stored
  kRevoked = 1,
  kSuspended = 2,
  kExpired = 3,
  kExpiring = 4,
  kNoticed = 5,
  kRestricted = 6,
};
// name_of gives the event's type, "key.revoked".
[[nodiscard]] std::string_view name_of(KeyEnd end);

// UpstreamEvent tells the upstream that an API key is accepted no more, because the key's resting
// orders live on (docs/upstream.md, section 5). It is stored in the transaction of the change, as a
// record of its own with the API key as its id, until the upstream has taken it.
struct UpstreamEvent {
  std::string change;  // the id of the change, which its receipt has too
  KeyEnd end = KeyEnd::kRevoked;
  std::string api_key;
  std::string account;
  std::string cause;
  bool cancel_open_orders = false;
  Timestamp made{};
  std::optional<Timestamp> expires_at = std::nullopt;  // of kExpiring
  bool operator==(const UpstreamEvent&) const = default;

  // id is the event's own name, the same in every attempt to tell it.
  [[nodiscard]] std::string id() const { return "evt-" + change; }
};

[[nodiscard]] std::string encode(const UpstreamEvent& event);
// decode_upstream_event gives nullopt for anything but what encode wrote.
[[nodiscard]] std::optional<UpstreamEvent> decode_upstream_event(std::string_view bytes);

// to_body writes the event as the upstream is told it.
[[nodiscard]] std::string to_body(const UpstreamEvent& event);

}  // namespace counterfoil
