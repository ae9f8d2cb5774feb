#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.h"
#include "venue/api_error.h"
#include "venue/dead_keys.h"
#include "venue/exchange.h"
#include "venue/rest_api.h"

namespace counterfoil::venue {

// KeyEventType says what became of an API key.
enum class KeyEventType : std::uint8_t {
  kRevoked,
  kSuspended,
  kExpired,
  // Words for its holder: the key lives on.
  kExpiring,
  kNoticed,
  kRestricted,
};

// KeyEvent is what a gateway tells the upstream when an API key died, because the key's resting
// orders would outlive it (docs/upstream.md).
struct KeyEvent {
  KeyEventType type = KeyEventType::kRevoked;
  std::string api_key;
  std::string account;
  std::string reason;  // may be empty
  bool cancel_open_orders = false;
  std::string id;  // the same in every attempt to deliver it
};

// read_key_event reads a JSON object of at most kKeyEventBytesMax. Members that it does not know
// are passed over; a member that stands there twice, a wrong type or an unknown event is an error
// (-1135, -1130).
inline constexpr std::size_t kKeyEventBytesMax = 16UL * 1024;
[[nodiscard]] std::expected<KeyEvent, ApiError> read_key_event(std::string_view json);

// KeyEvents carries events out, each id once: told again, it gives the first answer again and does
// nothing. The last kRememberedMax ids are remembered. What a dead key still had on its way is
// refused from then on (dead_keys.h): of a revoked key everything, of a suspended or expired one,
// which can come back, what was proved no later than the event. One thread at a time.
class KeyEvents {
 public:
  static constexpr std::size_t kRememberedMax = 10'000;

  // `exchange` must outlive this object.
  explicit KeyEvents(Exchange& exchange) : exchange_(exchange) {}

  // answer reads and carries out one event. It must be about the account and API key that the
  // identity headers name (else 401, -1002): so even a gateway that forwarded a client's own
  // request here would let him cancel nothing but what is his.
  [[nodiscard]] RestAnswer answer(std::string_view json, const Caller& headers, Timestamp now);

  // refuses reports whether a request came too late: its API key has died.
  [[nodiscard]] bool refuses(const Caller& caller, Timestamp now) const {
    return dead_keys_.refuses(caller.api_key, caller.proved_at, now);
  }

 private:
  [[nodiscard]] std::size_t carry_out(const KeyEvent& event, Timestamp proved_at, Timestamp now);

  Exchange& exchange_;
  DeadKeys dead_keys_;
  std::unordered_map<std::string, std::size_t> canceled_by_id_;
  std::deque<std::string> ids_;  // in the order of arrival
};

}  // namespace counterfoil::venue
