#include "accounts/client_data.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "accounts/passkey.h"
#include "base/base64.h"
#include "base/bytes.h"

namespace counterfoil {
namespace {

using Json = nlohmann::json;

constexpr int kDepthMax = 4;

// nullopt: not one object, a name twice in it, or nested too deep.
std::optional<Json> parse_object(std::string_view text) {
  // The library passes over a byte order mark.
  if (text.empty() || text.size() > kClientDataBytesMax || text.front() != '{') {
    return std::nullopt;
  }
  std::set<std::string> names;
  bool is_fine = true;
  Json parsed = Json::parse(
      text,
      [&](int depth, Json::parse_event_t event, Json& value) {
        is_fine = is_fine && depth <= kDepthMax;
        if (event == Json::parse_event_t::key && depth == 1) {
          is_fine = names.insert(value.get<std::string>()).second && is_fine;
        }
        return is_fine;
      },
      false);
  return is_fine && parsed.is_object() ? std::optional(std::move(parsed)) : std::nullopt;
}

std::string_view text_of(const Json& object, const char* name) {
  const auto member = object.find(name);
  const auto* text = member == object.end() ? nullptr : member->get_ptr<const Json::string_t*>();
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

// A page inside a foreign page asks: its person does not see who that is.
bool is_cross_origin(const Json& object) {
  const auto member = object.find("crossOrigin");
  return object.contains("topOrigin") ||
         (member != object.end() && (!member->is_boolean() || member->get<bool>()));
}

}  // namespace

std::optional<PasskeyFault> fault_of_client_data(std::string_view json, std::string_view type,
                                                 ByteView challenge, const RelyingParty& party) {
  const auto object = parse_object(json);
  if (!object) {
    return PasskeyFault::kMalformed;
  }
  if (text_of(*object, "type") != type) {
    return PasskeyFault::kWrongType;
  }
  if (challenge.empty() || text_of(*object, "challenge") != to_base64url(challenge)) {
    return PasskeyFault::kWrongChallenge;
  }
  if (std::ranges::find(party.origins, text_of(*object, "origin")) == party.origins.end() ||
      is_cross_origin(*object)) {
    return PasskeyFault::kWrongOrigin;
  }
  return std::nullopt;
}

}  // namespace counterfoil
