#include "venue/key_event.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <expected>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "venue/api_error.h"
#include "venue/exchange.h"
#include "venue/json_writer.h"
#include "venue/rest_api.h"

namespace counterfoil::venue {
namespace {

using nlohmann::json;

constexpr std::size_t kTextSizeMax = 256;
constexpr auto kTypeNames =
    std::to_array<std::string_view>({"key.revoked", "key.suspended", "key.expired", "key.expiring",
                                     "key.noticed", "key.restricted"});

ApiError invalid_json() { return {.code = -1135, .text = "Invalid JSON Request"}; }

// parse_object gives the object, or nothing when it is none or a member stands there twice: two
// readers of such a text could each believe another of the two.
std::optional<json> parse_object(std::string_view text) {
  std::vector<std::string> names;
  bool repeated = false;
  const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::key && depth == 1) {
      const auto& name = parsed.get_ref<const std::string&>();
      repeated = repeated || std::ranges::find(names, name) != names.end();
      names.push_back(name);
    }
    return true;
  };
  constexpr bool kAllowExceptions = false;
  json parsed = json::parse(text.begin(), text.end(), watch, kAllowExceptions);
  if (!parsed.is_object() || repeated) {
    return std::nullopt;
  }
  return parsed;
}

std::optional<std::string> text_member(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) {
    return std::nullopt;
  }
  const auto& text = found->get_ref<const std::string&>();
  return text.empty() || text.size() > kTextSizeMax ? std::nullopt : std::optional(text);
}

// read_reason: the reason may be missing or empty, but not be something else.
bool read_reason(const json& object, std::string& reason) {
  const auto found = object.find("reason");
  if (found == object.end()) {
    return true;
  }
  if (!found->is_string() || found->get_ref<const std::string&>().size() > kTextSizeMax) {
    return false;
  }
  reason = found->get_ref<const std::string&>();
  return true;
}

}  // namespace

std::expected<KeyEvent, ApiError> read_key_event(std::string_view text) {
  if (text.size() > kKeyEventBytesMax) {
    return std::unexpected(invalid_json());
  }
  const auto object = parse_object(text);
  if (!object) {
    return std::unexpected(invalid_json());
  }
  KeyEvent event;
  for (const auto& [name, slot] :
       {std::pair("id", &event.id), {"api_key", &event.api_key}, {"account", &event.account}}) {
    auto value = text_member(*object, name);
    if (!value) {
      return std::unexpected(invalid_data(name));
    }
    *slot = *std::move(value);
  }
  if (!read_reason(*object, event.reason)) {
    return std::unexpected(invalid_data("reason"));
  }
  const auto type = text_member(*object, "type");
  const auto* const row = std::ranges::find(kTypeNames, type.value_or(""));
  if (row == kTypeNames.end()) {
    return std::unexpected(invalid_data("type"));
  }
  event.type = static_cast<KeyEventType>(row - kTypeNames.begin());
  const auto cancel = object->find("cancel_open_orders");
  if (cancel == object->end() || !cancel->is_boolean()) {
    return std::unexpected(invalid_data("cancel_open_orders"));
  }
  event.cancel_open_orders = cancel->get<bool>();
  return event;
}

RestAnswer KeyEvents::answer(std::string_view json_text, const Caller& headers, Timestamp now) {
  const auto event = read_key_event(json_text);
  if (!event) {
    return to_answer(event.error());
  }
  if (headers.account != event->account || headers.api_key != event->api_key) {
    return to_answer(unauthorized());
  }
  JsonWriter out;
  out.begin_object();
  out.number("canceled", carry_out(*event, headers.proved_at, now));
  out.end_object();
  return {.body = std::move(out).take()};
}

std::size_t KeyEvents::carry_out(const KeyEvent& event, Timestamp proved_at, Timestamp now) {
  if (const auto found = canceled_by_id_.find(event.id); found != canceled_by_id_.end()) {
    return found->second;
  }
  if (event.type >= KeyEventType::kExpiring) {
    return 0;
  }
  const bool is_final = event.type == KeyEventType::kRevoked;
  dead_keys_.refuse(event.api_key, is_final ? Timestamp::max() : proved_at, now);
  const auto account = exchange_.find_account(event.account);
  const std::size_t canceled = account && event.cancel_open_orders
                                   ? exchange_.cancel_by_key(*account, event.api_key, now)
                                   : 0;
  canceled_by_id_.emplace(event.id, canceled);
  ids_.push_back(event.id);
  if (ids_.size() > kRememberedMax) {
    canceled_by_id_.erase(ids_.front());
    ids_.pop_front();
  }
  return canceled;
}

}  // namespace counterfoil::venue
