#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <expected>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/invitation.h"
#include "accounts/session.h"
#include "authority/clock_skews.h"
#include "authority/doctor.h"
#include "authority/issuer.h"
#include "authority/people_desk.h"
#include "authority/problem.h"
#include "authority/test_people.h"  // IWYU pragma: export
#include "base/wiped_text.h"
#include "doors/management/api_call.h"
#include "doors/management/management_api.h"
#include "doors/management/setup_link.h"
#include "doors/management/test_management.h"
#include "keys/key_format.h"
#include "wire/http/request_head.h"

// For tests alone: people with browsers in front of the management API.
namespace counterfoil::management_test {

// TestBrowser keeps cookies and the page's token, as a browser with our page does.
struct TestBrowser {
  std::string session = {};
  std::string device = {};
  std::string csrf = {};
  std::string setup_token = {};
  std::string grant = {};
  std::string ticket = {};
  std::string address = "203.0.113.7";
};

class ConsoleTest : public ManagementTest {
 protected:
  ConsoleTest() { api_.emplace(console_parts()); }

  [[nodiscard]] ManagementApi::Parts console_parts() {
    ManagementApi::Parts with_people = parts();
    with_people.people.emplace(PeopleDesk{.sign_in = people_.sign_in,
                                          .sessions = people_.sessions,
                                          .people = people_.people,
                                          .party = people_.party});
    with_people.doctor = &doctor_;
    with_people.setup_checks = [] {
      return std::vector<SetupCheck>{
          {.id = "tls", .state = SetupCheck::State::kWarn, .text = "No TLS.", .fix = "Add it."}};
    };
    with_people.setup_link = [this](const Actor& actor) -> std::expected<SetupLink, Problem> {
      auto token = people_.people.new_setup_token(actor);
      if (!token) {
        return std::unexpected(token.error());
      }
      SetupLink link{.url = WipedText("https://gate.example.com/setup#t="),
                     .ends_at = people_.clock.now() + kSetupLife};
      link.url += *token;
      return link;
    };
    with_people.gateway_url = [] { return std::string("https://api.example.com"); };
    with_people.reminders = {std::chrono::days(30), std::chrono::days(7)};
    return with_people;
  }

  Reply browse(TestBrowser& browser, http::Method method, std::string_view target,
               std::string_view body = {}) {
    const auto question = target.find('?');
    ApiAnswer answer = api_->answer(
        {.method = method,
         .path = target.substr(0, question),
         .query = question == std::string_view::npos ? "" : target.substr(question + 1),
         .content_type = body.empty() ? "" : "application/json",
         .if_match = {},
         .body = body,
         .request_id = "request-1",
         .actor = {},
         .browser = BrowserCall{.address = *IpAddress::parse(browser.address),
                                .user_agent = "Mozilla/5.0",
                                .session_token = browser.session,
                                .device_cookie = browser.device,
                                .csrf = browser.csrf,
                                .step_up = browser.grant,
                                .setup_token = browser.setup_token,
                                .last_event_id = {},
                                .ticket = browser.ticket,
                                .origin = "https://gate.example.com"}});
    Reply reply{.status = answer.status,
                .json = {},
                .body = std::string(std::string_view(answer.body)),
                .headers = answer.headers};
    if (answer.stream) {
      answer.stream([&](std::string_view piece) {
        reply.body += piece;
        return true;
      });
    } else {
      reply.json = nlohmann::json::parse(reply.body, nullptr, false);
    }
    browser.ticket = answer.ticket.value_or(browser.ticket);
    if (answer.cookies) {
      browser.session = std::string(std::string_view(answer.cookies->session));
      browser.device = answer.cookies->device.empty() ? browser.device : answer.cookies->device;
    }
    if (const std::string csrf = reply.header("X-Counterfoil-CSRF"); !csrf.empty()) {
      browser.csrf = csrf;
    }
    return reply;
  }
  Reply get(TestBrowser& browser, std::string_view target) {
    return browse(browser, http::Method::kGet, target);
  }
  Reply post(TestBrowser& browser, std::string_view target, std::string_view body = {}) {
    return browse(browser, http::Method::kPost, target, body);
  }
  using ManagementTest::get;
  using ManagementTest::post;

  // Somebody, and the browser in which they are signed in.
  struct Somebody {
    TestPeople::Known known;
    TestBrowser browser;
  };
  static Somebody with_browser(TestPeople::Known known) {
    TestBrowser browser{.session = known.token, .csrf = csrf_token(known.token)};
    return {.known = std::move(known), .browser = std::move(browser)};
  }
  Somebody owner() { return with_browser(people_.owner()); }
  Somebody invited(const Somebody& by, std::string email, Role role, std::string account = {}) {
    return with_browser(
        people_.invited({.person = by.known.person, .seed_base32 = {}, .token = by.browser.session},
                        std::move(email), role, std::move(account)));
  }
  // holder is somebody with an account of their own.
  Somebody holder(const Somebody& by, const std::string& account) {
    make_account(account);
    people_.add_account(account);
    return invited(by, account + "@example.com", Role::kHolder, account);
  }

  // confirm answers a refusal with a step-up, and gives the grant to the browser.
  void confirm(Somebody& who, const Reply& refused) {
    ASSERT_EQ(refused.reason(), "step_up_required") << refused.body;
    const std::string hash = refused.json["step_up"]["hash"];
    const Reply granted =
        post(who.browser, "/api/v1/me/step-up",
             nlohmann::json{{"hash", hash}, {"totp", people_.code(who.known.seed_base32)}}.dump());
    people_.clock.advance(kTotpStep);
    ASSERT_EQ(granted.status, 200) << granted.body;
    who.browser.grant = granted.text("grant");
  }
  // confirmed sends a call, steps up as it is asked to, and sends it again.
  Reply confirmed(Somebody& who, http::Method method, std::string_view target,
                  std::string_view body = {}) {
    confirm(who, browse(who.browser, method, target, body));
    Reply reply = browse(who.browser, method, target, body);
    who.browser.grant.clear();
    return reply;
  }
  // make_own_key gives the id of a new HMAC key of a holder.
  std::string make_own_key(Somebody& who, const std::string& account,
                           const std::string& label = "bot") {
    const Reply made = confirmed(
        who, http::Method::kPost, "/api/v1/keys",
        R"({"account":")" + account + R"(","type":"hmac-sha256","label":")" + label + "\"}");
    EXPECT_EQ(made.status, 201) << made.body;
    return made.text("api_key");
  }

  TestPeople people_;
  ClockSkews skews_;
  KeyFormat format_;
  Doctor doctor_{{.issuer = *issuer_,
                  .sealer = *sealer_,
                  .skews = skews_,
                  .permissions = profile_.permissions(),
                  .format = format_,
                  .clock = clock_,
                  .cpu_spent = [] { return std::chrono::nanoseconds(0); }}};
};

}  // namespace counterfoil::management_test
