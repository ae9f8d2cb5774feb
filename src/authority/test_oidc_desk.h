#pragma once

#include <gtest/gtest.h>

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "authority/oidc_desk.h"
#include "authority/passkey_challenges.h"
#include "authority/problem.h"
#include "authority/sessions.h"
#include "authority/sign_in.h"
#include "authority/test_people.h"
#include "base/bytes.h"
#include "crypto/secret_bytes.h"
#include "outbound/oidc_client.h"
#include "outbound/oidc_client_secret.h"
#include "outbound/test_oidc_provider.h"

namespace counterfoil {

inline constexpr std::string_view kReturnTo = "https://gate.example.com/login/oidc";

// TestOidcDesk is, for tests alone, a console that has an identity provider.
class TestOidcDesk {
 public:
  explicit TestOidcDesk(TestPeople& people, OidcDesk::Options options = {})
      : test(people), desk_options(std::move(options)) {
    restart();
  }
  // restart is a node that begins anew: it knows no ticket of before.
  void restart() {
    client = std::make_unique<OidcClient>(
        OidcClient::Settings{.issuer = std::string(TestOidcProvider::kIssuer),
                             .client_id = std::string(TestOidcProvider::kClientId)},
        OidcClientSecret(SecretBytes::copy_of(as_bytes(std::string_view("secret"))).value()),
        provider.fetch(), test.clock);
    desk = std::make_unique<OidcDesk>(
        OidcDesk::Parts{.audited = test.audited,
                        .throttle = test.throttle,
                        .factors = test.factors,
                        .sign_in = test.sign_in,
                        .people = test.people,
                        .client = *client,
                        .report = [this](std::string_view text) { reported = text; }},
        desk_options,
        PasskeyChallenges::make(test.random, test.clock, OidcDesk::kTicketLife).value());
  }

  // come_back is what the browser brings after the person has signed in at the provider.
  OidcDesk::Return come_back(const OidcDesk::Departure& departure) {
    return {.ticket = departure.ticket,
            .state = TestOidcProvider::parameter(departure.url, "state"),
            .code = provider.go_through(departure.url),
            .issuer = std::string(TestOidcProvider::kIssuer),
            .redirect_uri = std::string(kReturnTo)};
  }
  void link(const TestPeople::Known& known) {
    const Caller caller = test.caller_of(known);
    const auto departure = desk->begin_link(caller, TestSteppedUp::proof(), kReturnTo);
    ASSERT_TRUE(departure) << departure.error().detail;
    const auto linked = desk->finish_link(caller, come_back(*departure));
    ASSERT_TRUE(linked) << linked.error().reason;
  }
  std::expected<OidcDesk::Outcome, Problem> go() {
    const auto departure = desk->begin(kReturnTo);
    return departure ? desk->finish(come_back(*departure), from())
                     : std::unexpected(departure.error());
  }
  [[nodiscard]] OidcDesk::From from() const {
    return {.source = test.browser.source, .device = test.browser.device, .device_cookie = {}};
  }
  std::string reason_of(const std::expected<OidcDesk::Outcome, Problem>& outcome) {
    if (!outcome) {
      return outcome.error().reason;
    }
    return std::holds_alternative<SignedIn>(*outcome) ? "signed in" : "factor wanted";
  }

  TestPeople& test;
  TestOidcProvider provider{test.clock};
  OidcDesk::Options desk_options;
  std::string reported;
  std::unique_ptr<OidcClient> client;
  std::unique_ptr<OidcDesk> desk;
};

}  // namespace counterfoil
