#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/account_id.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "crypto/hmac.h"
#include "crypto/verification_key.h"
#include "keys/allow_list.h"
#include "keys/api_key_id.h"
#include "keys/live_key.h"
#include "keys/permission.h"
#include "verify/reason.h"
#include "verify/signed_request.h"

// For tests alone: a key, and a request that it signed. The secret is a test secret, worth nothing.
namespace counterfoil::test_request {

inline constexpr Timestamp kNow = from_unix_ms(1'700'000'000'000);
inline constexpr std::string_view kSecret =
    "TESTsecretTESTsecretTESTsecretTESTsecretTESTsecretTESTsecretTEST";
inline constexpr std::string_view kPayload = "symbol=BTCUSDT&timestamp=1700000000000";
inline constexpr PermissionSet kTrade = PermissionSet::of_index(1);

inline std::string key_text() { return std::string(64, 'K'); }

inline std::string hmac_hex(std::string_view payload, std::string_view secret = kSecret) {
  const auto key = HmacKey::from_secret(as_bytes(secret));
  return to_hex(key.value().mac(as_bytes(payload)));
}

inline LivePair hmac_pair(std::uint32_t number, std::string_view secret = kSecret,
                          Timestamp retires_at = kNever) {
  return LivePair{.number = number,
                  .retires_at = retires_at,
                  .key = VerificationKey::from_hmac_secret(as_bytes(secret)).value()};
}

// trading_key may trade BTCUSDT from 203.0.113.0/24.
inline LiveKey trading_key() {
  LiveKey key{.id = ApiKeyId::parse(key_text()).value(),
              .account = AccountId::parse("demo").value()};
  key.permissions = kTrade;
  key.allow_list = AllowList::parse("203.0.113.0/24").value();
  key.symbols = {"BTCUSDT"};
  key.expires_at = kNow + std::chrono::hours(1);
  key.pairs.push_back(hmac_pair(1));
  return key;
}

// Sent owns the texts of a request; request() is a view of it.
struct Sent {
  std::string api_key = key_text();
  std::string payload{kPayload};
  std::optional<std::string> signature = hmac_hex(kPayload);
  std::optional<std::string> timestamp = "1700000000000";
  std::optional<std::string> recv_window;
  std::optional<Reason> parameter_fault;
  bool api_key_repeated = false;
  IpAddress source = IpAddress::parse("203.0.113.7").value();
  PermissionSet needs = kTrade;
  bool acts = true;
  std::string symbol = "BTCUSDT";

  [[nodiscard]] SignedRequest request() const {
    const auto view = [](const std::optional<std::string>& text) {
      return text ? std::optional<std::string_view>(*text) : std::nullopt;
    };
    return SignedRequest{.api_key = api_key,
                         .api_key_repeated = api_key_repeated,
                         .parameter_fault = parameter_fault,
                         .payload = payload,
                         .signature = view(signature),
                         .timestamp = view(timestamp),
                         .recv_window = view(recv_window),
                         .source = source,
                         .needs = needs,
                         .acts = acts,
                         .symbol = symbol};
  }
};

}  // namespace counterfoil::test_request
