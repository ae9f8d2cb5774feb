#include "app/server_answer.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <expected>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "verify/claims.h"

namespace counterfoil {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kMicrosecondsFrom = 1'000'000'000'000'000;  // as parse_timestamp has it
constexpr Timestamp kLatestPlausible = from_unix_ms(32'503'680'000'000);  // 3000-01-01 00:00 UTC

std::expected<Json, std::string> parse_object(std::string_view body) {
  if (body.size() > kServerAnswerBytesMax) {
    return std::unexpected("is larger than " + std::to_string(kServerAnswerBytesMax) + " bytes");
  }
  Json json = Json::parse(body.begin(), body.end(), nullptr, false);
  if (!json.is_object()) {
    return std::unexpected("is not a JSON object");
  }
  if (json.size() > kServerAnswerMembersMax) {
    return std::unexpected("has more than " + std::to_string(kServerAnswerMembersMax) + " members");
  }
  return json;
}

// whole_number gives nullopt for what is none, or too large for our arithmetic.
std::optional<std::int64_t> whole_number(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_integer() ||
      (found->is_number_unsigned() &&
       found->get<std::uint64_t>() >
           static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))) {
    return std::nullopt;
  }
  return found->get<std::int64_t>();
}

std::optional<Timestamp> plausible(std::int64_t number) {
  if (number < 0 || number > to_unix_us(kLatestPlausible)) {
    return std::nullopt;
  }
  const Timestamp time = number < kMicrosecondsFrom ? Timestamp(std::chrono::milliseconds(number))
                                                    : from_unix_us(number);
  return time >= kEarliestPlausible && time < kLatestPlausible ? std::optional(time) : std::nullopt;
}

std::optional<Timestamp> time_of(const Json& object, const char* name) {
  const auto number = whole_number(object, name);
  return number ? plausible(*number) : std::nullopt;
}

bool is_field_name(std::string_view name) {
  return !name.empty() && name.size() <= kServerNameBytesMax &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_';
         });
}

}  // namespace

std::expected<ServerTime, std::string> parse_server_time(std::string_view body) {
  const auto json = parse_object(body);
  if (!json) {
    return std::unexpected(json.error());
  }
  const auto number = whole_number(*json, "serverTime");
  if (!number) {
    return std::unexpected("has no whole number \"serverTime\"");
  }
  const auto time = plausible(*number);
  if (!time) {
    return std::unexpected("tells a time that is not of this age");
  }
  const bool in_us = *number >= kMicrosecondsFrom;
  return ServerTime{.time = *time, .resolution = std::chrono::microseconds(in_us ? 1 : 1'000)};
}

bool KeyRights::has(std::string_view field) const {
  return std::ranges::any_of(
      fields, [&](const auto& entry) { return entry.first == field && entry.second; });
}

std::expected<KeyRights, std::string> parse_key_rights(std::string_view body) {
  const auto json = parse_object(body);
  if (!json) {
    return std::unexpected(json.error());
  }
  const auto restricted = json->find("ipRestrict");
  if (restricted == json->end() || !restricted->is_boolean()) {
    return std::unexpected("does not say \"ipRestrict\"");
  }
  KeyRights rights{.ip_restricted = restricted->get<bool>(),
                   .created = time_of(*json, "createTime"),
                   .trading_ends = time_of(*json, "tradingAuthorityExpirationTime"),
                   .fields = {}};
  for (const auto& [name, value] : json->items()) {
    if (value.is_boolean() && name != "ipRestrict" && is_field_name(name)) {
      rights.fields.emplace_back(name, value.get<bool>());
    }
  }
  if (rights.fields.empty()) {
    return std::unexpected("names no right at all");
  }
  return rights;
}

std::optional<ServerRefusal> parse_refusal(std::string_view body) {
  const auto json = parse_object(body);
  const auto code = json ? whole_number(*json, "code") : std::nullopt;
  if (!code) {
    return std::nullopt;
  }
  const auto text = json->find("msg");
  return ServerRefusal{.code = *code,
                       .text = text != json->end() && text->is_string()
                                   ? terminal_text(text->get<std::string>())
                                   : std::string()};
}

std::string terminal_text(std::string_view text) {
  constexpr char kFirstPrintable = ' ';
  constexpr char kLastPrintable = '~';
  std::string safe(text.substr(0, kServerTextBytesMax));
  std::ranges::replace_if(
      safe, [](char c) { return c < kFirstPrintable || c > kLastPrintable; }, '?');
  if (text.size() > kServerTextBytesMax) {
    safe += "…";
  }
  return safe;
}

}  // namespace counterfoil
