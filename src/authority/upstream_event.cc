#include "authority/upstream_event.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/tagged_fields.h"
#include "base/time.h"

namespace counterfoil {
namespace {

// Tags are stored: append, never renumber.
enum Tag : std::uint8_t {
  kChange = 1,
  kEnd = 2,
  kApiKey = 3,
  kAccount = 4,
  kCause = 5,
  kCancel = 6,
  kMade = 7,
  kExpiresAt = 8,  // of a reminder alone
};

bool read_field(const TaggedField& field, UpstreamEvent& event) {
  const auto number = field.as_u64();
  switch (field.tag) {
    case kChange:
      event.change = field.bytes;
      return true;
    case kEnd:
      if (!number || *number < 1 || *number > 6) {
        return false;
      }
      event.end = static_cast<KeyEnd>(*number);
      return true;
    case kApiKey:
      event.api_key = field.bytes;
      return true;
    case kAccount:
      event.account = field.bytes;
      return true;
    case kCause:
      event.cause = field.bytes;
      return true;
    case kCancel:
      event.cancel_open_orders = number == 1;
      return number && *number <= 1;
    case kMade:
      event.made = from_unix_us(static_cast<std::int64_t>(number.value_or(0)));
      return number.has_value();
    case kExpiresAt:
      event.expires_at = from_unix_us(static_cast<std::int64_t>(number.value_or(0)));
      return number.has_value();
    default:
      return false;  // A newer release's: what it means, nobody here knows.
  }
}

}  // namespace

std::string_view name_of(KeyEnd end) {
  switch (end) {
    case KeyEnd::kRevoked:
      return "key.revoked";
    case KeyEnd::kSuspended:
      return "key.suspended";
    case KeyEnd::kExpired:
      return "key.expired";
    case KeyEnd::kExpiring:
      return "key.expiring";
    case KeyEnd::kNoticed:
      return "key.noticed";
    case KeyEnd::kRestricted:
      return "key.restricted";
  }
  std::unreachable();
}

std::string encode(const UpstreamEvent& event) {
  FieldWriter writer;
  writer.put(kChange, event.change);
  writer.put_u64(kEnd, static_cast<std::uint64_t>(event.end));
  writer.put(kApiKey, event.api_key);
  writer.put(kAccount, event.account);
  writer.put(kCause, event.cause);
  writer.put_u64(kCancel, event.cancel_open_orders ? 1 : 0);
  writer.put_u64(kMade, static_cast<std::uint64_t>(to_unix_us(event.made)));
  if (event.expires_at) {
    writer.put_u64(kExpiresAt, static_cast<std::uint64_t>(to_unix_us(*event.expires_at)));
  }
  return writer.take();
}

std::optional<UpstreamEvent> decode_upstream_event(std::string_view bytes) {
  UpstreamEvent event;
  FieldReader reader(bytes);
  while (const auto field = reader.next()) {
    if (!read_field(*field, event)) {
      return std::nullopt;
    }
  }
  if (reader.failed() || event.change.empty() || event.api_key.empty()) {
    return std::nullopt;
  }
  return event;
}

std::string to_body(const UpstreamEvent& event) {
  nlohmann::ordered_json body{
      {"id", event.id()},         {"type", name_of(event.end)},
      {"api_key", event.api_key}, {"account", event.account},
      {"reason", event.cause},    {"cancel_open_orders", event.cancel_open_orders}};
  if (event.expires_at) {
    body["expires_at_ms"] = to_unix_ms(*event.expires_at);
  }
  return body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace counterfoil
