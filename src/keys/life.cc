#include "keys/life.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "keys/api_key.h"

namespace counterfoil {
namespace {

constexpr std::size_t kBytesPerCharacterMax = 4;

// next_code_point reads one code point from the front of valid, shortest-form UTF-8.
std::optional<char32_t> next_code_point(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  std::size_t size = 1;
  char32_t value = lead;
  char32_t least = 0;
  if (lead >= 0xf0 && lead <= 0xf4) {
    size = 4, value = lead & 0x07U, least = 0x10000;
  } else if (lead >= 0xe0 && lead < 0xf0) {
    size = 3, value = lead & 0x0fU, least = 0x800;
  } else if (lead >= 0xc2 && lead < 0xe0) {
    size = 2, value = lead & 0x1fU, least = 0x80;
  } else if (lead >= 0x80) {
    return std::nullopt;
  }
  if (text.size() < size) {
    return std::nullopt;
  }
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) {
      return std::nullopt;
    }
    value = (value << 6U) | (byte(i) & 0x3fU);
  }
  if (value < least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
    return std::nullopt;
  }
  text.remove_prefix(size);
  return value;
}

// is_deceptive: characters that reorder or hide the text around them, or end a line.
bool is_deceptive(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x061c || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) || c == 0xfeff;
}

}  // namespace

std::string_view to_string(EffectiveState state) {
  switch (state) {
    case EffectiveState::kActive:
      return "active";
    case EffectiveState::kSuspended:
      return "suspended";
    case EffectiveState::kRevoked:
      return "revoked";
    case EffectiveState::kExpired:
      return "expired";
  }
  std::unreachable();
}

EffectiveState effective_state(const ApiKey& key, Timestamp now) {
  if (key.state == KeyState::kRevoked) {
    return EffectiveState::kRevoked;
  }
  if (key.state == KeyState::kSuspended) {
    return EffectiveState::kSuspended;
  }
  return key.expires_at && now >= *key.expires_at ? EffectiveState::kExpired
                                                  : EffectiveState::kActive;
}

std::optional<Timestamp> reset_notice_ends(const ApiKey& key) {
  return key.notice && key.notice->policy == kResetPolicy
             ? std::optional(key.notice->since + kResetHold)
             : std::nullopt;
}

std::string_view describe(LifeError error) {
  switch (error) {
    case LifeError::kRevoked:
      return "this API key is revoked, which is final; create a new one";
    case LifeError::kNotSuspended:
      return "this API key is not suspended, so there is nothing to resume";
    case LifeError::kAlreadySuspended:
      return "this API key is suspended already";
    case LifeError::kExpired:
      return "this API key has expired; give it a new expiry first (keys edit --expires)";
    case LifeError::kAlreadyRotating:
      return "this API key is rotating already; end the retiring pair first, or wait until it has "
             "retired";
    case LifeError::kNoSuchPair:
      return "this API key has no retiring pair";
    case LifeError::kLastPair:
      return "this is the only key pair of the API key; revoke the API key instead";
    case LifeError::kExpiryInThePast:
      return "the expiry must lie in the future";
    case LifeError::kAllowListRequired:
      return "one of these permissions needs an IP allow-list; name the addresses the key is used "
             "from (--ip)";
    case LifeError::kLabelInvalid:
      return "a label has at most 64 characters, none of them control or text-direction characters";
    case LifeError::kSymbolsInvalid:
      return "a symbol allow-list has at most 30 symbols such as BTCUSDT";
  }
  std::unreachable();
}

std::expected<void, LifeError> check(const ApiKey& key, const LifeRules& rules) {
  if (!is_label(key.label) || !is_label(key.vendor)) {
    return std::unexpected(LifeError::kLabelInvalid);
  }
  if (key.symbols.size() > kSymbolsMax || !std::ranges::all_of(key.symbols, is_symbol)) {
    return std::unexpected(LifeError::kSymbolsInvalid);
  }
  if (key.expires_at && *key.expires_at <= key.created) {
    return std::unexpected(LifeError::kExpiryInThePast);
  }
  if (key.allow_list.is_any() && key.permissions.intersects(rules.needs_allow_list)) {
    return std::unexpected(LifeError::kAllowListRequired);
  }
  return {};
}

std::optional<PolicyNotice> lasting_notice(const ApiKey& key, Timestamp now) {
  const auto ends = reset_notice_ends(key);
  return ends && now < *ends ? key.notice : std::nullopt;
}

std::expected<ApiKey, LifeError> suspend(ApiKey key, std::string_view cause, Timestamp now) {
  if (key.state == KeyState::kRevoked) {
    return std::unexpected(LifeError::kRevoked);
  }
  if (key.state == KeyState::kSuspended) {
    return std::unexpected(LifeError::kAlreadySuspended);
  }
  key.state = KeyState::kSuspended;
  key.state_since = now;
  key.state_cause = cause;
  return key;
}

std::expected<ApiKey, LifeError> resume(ApiKey key, Timestamp now) {
  if (key.state == KeyState::kRevoked) {
    return std::unexpected(LifeError::kRevoked);
  }
  if (key.state != KeyState::kSuspended) {
    return std::unexpected(LifeError::kNotSuspended);
  }
  if (key.expires_at && now >= *key.expires_at) {
    return std::unexpected(LifeError::kExpired);
  }
  key.state = KeyState::kActive;
  key.state_since = now;
  key.state_cause.clear();
  key.notice = lasting_notice(key, now);
  return key;
}

ApiKey revoke(ApiKey key, std::string_view cause, Timestamp now) {
  if (key.state == KeyState::kRevoked) {
    return key;
  }
  key.state = KeyState::kRevoked;
  key.state_since = now;
  key.state_cause = cause;
  return key;
}

std::uint32_t next_pair_number(const ApiKey& key) {
  std::uint32_t last = key.last_pair;
  for (const KeyPair& pair : key.pairs) {
    last = std::max(last, pair.number);
  }
  return last + 1;
}

std::expected<ApiKey, LifeError> rotate(ApiKey key, KeyPair pair, Timestamp old_pair_ends,
                                        Timestamp now,
                                        std::optional<std::chrono::seconds> quiet_for) {
  if (key.state == KeyState::kRevoked) {
    return std::unexpected(LifeError::kRevoked);
  }
  if (effective_state(key, now) == EffectiveState::kExpired) {
    return std::unexpected(LifeError::kExpired);
  }
  const std::uint32_t number = next_pair_number(key);
  key = drop_retired(std::move(key), now);
  if (key.pairs.size() >= kPairsMax) {
    return std::unexpected(LifeError::kAlreadyRotating);
  }
  for (KeyPair& present : key.pairs) {
    present.retires_at = std::max(old_pair_ends, now);
    present.quiet_for = quiet_for;
  }
  pair.number = number;
  pair.created = now;
  pair.retires_at.reset();
  key.pairs.push_back(std::move(pair));
  return drop_retired(std::move(key), now);
}

std::expected<ApiKey, LifeError> back_out(ApiKey key, Timestamp now) {
  if (key.state == KeyState::kRevoked) {
    return std::unexpected(LifeError::kRevoked);
  }
  key = drop_retired(std::move(key), now);
  const auto retiring = std::ranges::find_if(
      key.pairs, [](const KeyPair& pair) { return pair.retires_at.has_value(); });
  if (retiring == key.pairs.end()) {
    return std::unexpected(LifeError::kNoSuchPair);
  }
  KeyPair kept = std::move(*retiring);
  kept.retires_at.reset();
  kept.quiet_for.reset();
  key.last_pair = next_pair_number(key) - 1;
  key.pairs.clear();
  key.pairs.push_back(std::move(kept));
  return key;
}

std::expected<ApiKey, LifeError> end_retiring(ApiKey key, Timestamp now) {
  if (key.state == KeyState::kRevoked) {
    return std::unexpected(LifeError::kRevoked);
  }
  const auto retiring = std::ranges::find_if(
      key.pairs, [](const KeyPair& pair) { return pair.retires_at.has_value(); });
  if (retiring == key.pairs.end()) {
    return std::unexpected(LifeError::kNoSuchPair);
  }
  if (key.pairs.size() == 1) {
    return std::unexpected(LifeError::kLastPair);
  }
  retiring->retires_at = now;
  return drop_retired(std::move(key), now);
}

ApiKey drop_retired(ApiKey key, Timestamp now) {
  if (key.pairs.size() > 1) {
    std::erase_if(key.pairs, [&](const KeyPair& pair) { return !pair.verifies_at(now); });
  }
  return key;
}

bool is_plain_text(std::string_view text, std::size_t characters_max) {
  if (text.size() > kBytesPerCharacterMax * characters_max) {
    return false;
  }
  std::size_t characters = 0;
  while (!text.empty()) {
    const auto c = next_code_point(text);
    if (!c || is_deceptive(*c)) {
      return false;
    }
    ++characters;
  }
  return characters <= characters_max;
}

bool is_label(std::string_view text) { return is_plain_text(text, kLabelSizeMax); }

bool is_symbol(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           static_cast<std::uint8_t>(c) >= 0x80;
  };
  return !text.empty() && text.size() <= kSymbolSizeMax && std::ranges::all_of(text, allowed);
}

}  // namespace counterfoil
