#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "authority/acceptance.h"
#include "authority/authority_fixture.h"
#include "authority/autopsy_queue.h"
#include "authority/gatekeeper.h"
#include "authority/replay_memory.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "keys/api_key.h"
#include "policy/limits.h"
#include "policy/profile.h"
#include "policy/route.h"
#include "verify/reason.h"
#include "verify/signed_request.h"

// For tests alone: a gatekeeper over an authority in memory, and a caller with a key of its own.
namespace counterfoil {

inline const IpAddress kHome = *IpAddress::parse("203.0.113.7");
inline const IpAddress kElsewhere = *IpAddress::parse("198.51.100.1");
// Requests are stamped a minute after the start, so that none is from before it.
inline constexpr Timestamp kNow = kTestStart + std::chrono::seconds(60);

// Sent is one request as a client sends it; it owns the texts that a SignedRequest only views.
struct Sent {
  std::string api_key;
  std::string payload;
  std::string signature;
  std::string timestamp;
  std::optional<std::string> recv_window;
  IpAddress source = kHome;

  [[nodiscard]] SignedRequest view() const {
    return {
        .api_key = api_key,
        .payload = payload,
        .signature = signature,
        .timestamp = timestamp,
        .recv_window = recv_window ? std::optional<std::string_view>(*recv_window) : std::nullopt,
        .source = source,
        .needs = {},
        .symbol = {}};
  }
};

class GatekeeperTest : public testing::Test {
 protected:
  explicit GatekeeperTest(Profile profile = test_profile())
      : house_({}, std::move(profile)),
        address_limits_(house_.profile.limits(), {}),
        account_limits_(house_.profile.limits(), {}),
        bad_signatures_(house_.profile.limits(), {}) {
    start();
    key_ = house_.new_key("USER_DATA,TRADE", "203.0.113.0/24");
    house_.clock.advance(std::chrono::seconds(60));
    give_right();
  }

  // start is a start of the gateway: what it remembered in memory is gone.
  void start() {
    replays_ = std::make_unique<ReplayMemory>(1'000);
    gatekeeper_ = std::make_unique<Gatekeeper>(parts());
    acceptance_.forget_before(house_.clock.now());
    give_right();
  }
  void give_right() {
    const BootTime boot = house_.clock.boot_now();
    acceptance_.extend(boot + std::chrono::hours(1),
                       Acceptance::offset_of(house_.clock.now(), boot));
  }

  [[nodiscard]] Gatekeeper::Parts parts() { return parts(acceptance_); }
  [[nodiscard]] Gatekeeper::Parts parts(const Acceptance& acceptance) {
    return {.replica = *house_.replica,
            .replays = *replays_,
            .address_limits = address_limits_,
            .account_limits = account_limits_,
            .bad_signatures = bad_signatures_,
            .profile = house_.profile,
            .format = format_,
            .clock = house_.clock,
            .acceptance = acceptance,
            .seal_refusal =
                [this](std::string_view id, std::string_view payload) {
                  ++sealed_refusals_;
                  return house_.sealer->seal_refused(id, payload);
                },
            .autopsies = &autopsies_};
  }

  [[nodiscard]] const Route& route(std::string_view method, std::string_view path) const {
    return *house_.profile.find(method, path);
  }
  [[nodiscard]] const Route& reading() const { return route("GET", "/v1/account"); }
  [[nodiscard]] const Route& ordering() const { return route("POST", "/v1/order"); }
  [[nodiscard]] const Route& cancelling() const { return route("DELETE", "/v1/order"); }
  [[nodiscard]] const Route& self_revoking() const { return route("POST", "/v1/self/revoke"); }

  [[nodiscard]] Sent sign(std::string parameters, Timestamp stamp = kNow) const {
    Sent sent{.api_key = key_.id(),
              .payload = std::move(parameters),
              .signature = {},
              .timestamp = std::to_string(to_unix_ms(stamp)),
              .recv_window = std::nullopt};
    sent.payload += "timestamp=" + sent.timestamp;
    sent.signature = hmac_hex(key_.secret, sent.payload);
    return sent;
  }

  std::expected<Admission, Gatekeeper::Refusal> send(const Sent& sent, const Route& on) {
    const auto charge =
        gatekeeper_->charge_address(sent.source, on.weight, house_.clock.now(), usage_);
    if (!charge) {
      return std::unexpected(charge.error());
    }
    return gatekeeper_->authenticate(sent.view(), on, *charge, house_.clock.now(), usage_);
  }
  // reason_of is why a request is refused, or nullopt when it is accepted.
  std::optional<Reason> reason_of(const Sent& sent, const Route& on) {
    const auto answer = send(sent, on);
    return answer ? std::nullopt : std::optional(answer.error().reason);
  }

  KeyFormat format_;
  TestAuthority house_;
  AddressLimits address_limits_;
  AccountLimits account_limits_;
  BadSignatures bad_signatures_;
  Acceptance acceptance_;
  std::unique_ptr<ReplayMemory> replays_;
  std::unique_ptr<Gatekeeper> gatekeeper_;
  TestAuthority::HmacCaller key_{.key = {.id = key_id_of_nobody(), .account = nobody()},
                                 .secret = {}};
  Usage usage_;
  std::size_t sealed_refusals_ = 0;
  AutopsyQueue autopsies_{house_.random};

 private:
  static ApiKeyId key_id_of_nobody() { return *ApiKeyId::parse(std::string(64, 'n')); }
  static AccountId nobody() { return *AccountId::parse("nobody"); }
};

}  // namespace counterfoil
