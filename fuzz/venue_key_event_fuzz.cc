// Target: read_key_event(). Property: what it takes is within its limits, and written as JSON anew
// it is read as the same event.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "venue/key_event.h"

namespace venue = counterfoil::venue;

namespace {

const char* type_name(venue::KeyEventType type) {
  switch (type) {
    case venue::KeyEventType::kRevoked:
      return "key.revoked";
    case venue::KeyEventType::kSuspended:
      return "key.suspended";
    case venue::KeyEventType::kExpired:
      return "key.expired";
    case venue::KeyEventType::kExpiring:
      return "key.expiring";
    case venue::KeyEventType::kNoticed:
      return "key.noticed";
    case venue::KeyEventType::kRestricted:
      return "key.restricted";
  }
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto event = venue::read_key_event(input);
  if (!event) {
    return 0;
  }
  if (size > venue::kKeyEventBytesMax || event->id.empty() || event->id.size() > 256) {
    std::abort();
  }
  const std::string again =
      nlohmann::json{{"id", event->id},           {"type", type_name(event->type)},
                     {"api_key", event->api_key}, {"account", event->account},
                     {"reason", event->reason},   {"cancel_open_orders", event->cancel_open_orders}}
          .dump();
  const auto reread = venue::read_key_event(again);
  if (!reread || reread->id != event->id || reread->type != event->type ||
      reread->api_key != event->api_key || reread->account != event->account ||
      reread->reason != event->reason || reread->cancel_open_orders != event->cancel_open_orders) {
    std::abort();
  }
  return 0;
}
