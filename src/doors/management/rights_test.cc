#include "doors/management/rights.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "authority/people_desk.h"
#include "base/ip_address.h"
#include "base/wiped_text.h"
#include "doors/management/management_api.h"
#include "doors/management/route_table.h"
#include "doors/management/test_console.h"
#include "doors/management/test_key_caller.h"
#include "doors/management/test_management.h"
#include "doors/management/test_webhooks.h"
#include "journal/journal.h"
#include "wire/http/request_head.h"

namespace counterfoil {
namespace {

using management_test::ConsoleTest;
using management_test::KeyCallerTest;
using management_test::Reply;
using management_test::TestBrowser;
using management_test::TestKey;
using management_test::TestWebhooks;
using enum http::Method;

// What is expected of each route, written out by hand: who may call it, and whether a fresh second
// factor is wanted of whoever may.
//   s stranger, e in a session that must add a factor, h holder, a auditor, o operator, w owner,
//   k admin socket
// And which API keys may, that sign it:
//   r reads own, m manages own, a reads all, x manages all
// Routes for who holds the account take operators and owners too, but refuse them another's.
struct Expected {
  http::Method method;
  std::string_view path;  // below /api/v1
  std::string_view callers;
  char step_up;  // y yes, n no, e not while enrolling, c decided by what the call does
  std::string_view keys;
};
// clang-format off
constexpr auto kExpected = std::to_array<Expected>({
    {kGet,    "/setup",                               "sehaow",  'n', ""},
    {kPost,   "/setup",                               "sehaow",  'n', ""},
    {kGet,    "/setup/checks",                        "sehaow",  'n', ""},
    {kPost,   "/setup-link",                          "k",       'n', ""},
    {kPost,   "/password-reset",                      "sehaow",  'n', ""},
    {kPost,   "/registration",                        "sehaow",  'n', ""},
    {kGet,    "/session",                             "ehaow",   'n', ""},
    {kPost,   "/session",                             "sehaow",  'n', ""},
    {kDelete, "/session",                             "ehaow",   'n', ""},
    {kPost,   "/session/passkey-options",             "sehaow",  'n', ""},
    {kGet,    "/session/oidc",                        "sehaow",  'n', ""},
    {kPost,   "/session/oidc/begin",                  "sehaow",  'n', ""},
    {kPost,   "/session/oidc",                        "sehaow",  'n', ""},
    {kPost,   "/session/oidc/factor",                 "sehaow",  'n', ""},
    {kPatch,  "/me",                                  "haow",    'n', ""},
    {kPost,   "/me/password",                         "haow",    'y', ""},
    {kPost,   "/me/totp",                             "ehaow",   'e', ""},
    {kDelete, "/me/totp",                             "haow",    'y', ""},
    {kPost,   "/me/totp/confirm",                     "ehaow",   'n', ""},
    {kGet,    "/me/passkeys",                         "haow",    'n', ""},
    {kPost,   "/me/passkeys",                         "ehaow",   'e', ""},
    {kPost,   "/me/passkeys/options",                 "ehaow",   'n', ""},
    {kPatch,  "/me/passkeys/{id}",                    "haow",    'n', ""},
    {kDelete, "/me/passkeys/{id}",                    "haow",    'y', ""},
    {kPost,   "/me/recovery-codes",                   "haow",    'c', ""},
    {kGet,    "/me/identities",                       "haow",    'n', ""},
    {kPost,   "/me/identities/begin",                 "haow",    'y', ""},
    {kPost,   "/me/identities",                       "haow",    'n', ""},
    {kDelete, "/me/identities/{id}",                  "haow",    'y', ""},
    {kPost,   "/me/step-up/options",                  "haow",    'n', ""},
    {kPost,   "/me/step-up",                          "haow",    'n', ""},
    {kGet,    "/me/sessions",                         "haow",    'n', ""},
    {kDelete, "/me/sessions",                         "haow",    'n', ""},
    {kDelete, "/me/sessions/{id}",                    "haow",    'n', ""},
    {kGet,    "/me/notices",                          "haow",    'n', ""},
    {kPost,   "/me/notices/seen",                     "haow",    'n', ""},
    {kGet,    "/people",                              "aowk",    'n', ""},
    {kPost,   "/people/invitations",                  "w",       'y', ""},
    {kGet,    "/people/{id}",                         "aow",     'n', ""},
    {kPost,   "/people/{id}/disable",                 "wk",      'y', ""},
    {kPost,   "/people/{id}/enable",                  "wk",      'y', ""},
    {kPost,   "/people/{id}/offer-reset",             "wk",      'y', ""},
    {kPost,   "/people/{id}/unlink-identity",         "wk",      'y', ""},
    {kPost,   "/people/{id}/force-new-factor",        "w",       'y', ""},
    {kGet,    "/accounts",                            "haowk",   'n', "rmax"},
    {kPost,   "/accounts",                            "owk",     'y', ""},
    {kGet,    "/accounts/{account}",                  "haowk",   'n', "rmax"},
    {kPost,   "/accounts/{account}/suspend",          "owk",     'n', "x"},
    {kPost,   "/accounts/{account}/resume",           "owk",     'y', ""},
    {kGet,    "/keys",                                "haowk",   'n', "rmax"},
    {kPost,   "/keys",                                "howk",    'y', ""},
    {kPost,   "/keys/import",                         "k",       'n', ""},
    {kPost,   "/keys/import-batch",                   "k",       'n', ""},
    {kGet,    "/keys/{api_key}",                      "haowk",   'n', "rmax"},
    {kGet,    "/keys/{api_key}/descendants",          "haowk",   'n', "rmax"},
    {kPatch,  "/keys/{api_key}",                      "howk",    'c', "mx"},
    {kPost,   "/keys/{api_key}/rotate",               "howk",    'y', ""},
    {kPost,   "/keys/{api_key}/end-retiring",         "howk",    'n', "mx"},
    {kPost,   "/keys/{api_key}/back-out",             "howk",    'y', ""},
    {kPost,   "/keys/{api_key}/suspend",              "howk",    'n', "mx"},
    {kPost,   "/keys/{api_key}/resume",               "howk",    'y', ""},
    {kPost,   "/keys/{api_key}/revoke",               "howk",    'n', "mx"},
    {kGet,    "/keys/{api_key}/usage",                "haowk",   'n', "rmax"},
    {kGet,    "/keys/{api_key}/requests",             "haowk",   'n', "rmax"},
    {kGet,    "/keys/{api_key}/findings",             "haowk",   'n', "rmax"},
    {kGet,    "/keys/{api_key}/fix",                  "haowk",   'n', "rmax"},
    {kGet,    "/mass-actions",                        "haowk",   'n', "rmax"},
    {kPost,   "/mass-actions",                        "howk",    'n', "mx"},
    {kGet,    "/mass-actions/{mass_action}",          "haowk",   'n', "rmax"},
    {kPost,   "/mass-actions/{mass_action}/keys",     "howk",    'n', "mx"},
    {kPost,   "/mass-actions/{mass_action}/start",    "howk",    'c', "mx"},
    {kPost,   "/mass-actions/{mass_action}/stop",     "howk",    'n', "mx"},
    {kGet,    "/mass-actions/{mass_action}/results",  "haowk",   'n', "rmax"},
    {kGet,    "/receipts",                            "haowk",   'n', "rmax"},
    {kGet,    "/receipts/{receipt}",                  "haowk",   'n', "rmax"},
    {kGet,    "/receipt-key",                         "haowk",   'n', "rmax"},
    {kPost,   "/challenges",                          "howk",    'n', "mx"},
    {kGet,    "/enrolment-links",                     "haowk",   'n', "rmax"},
    {kPost,   "/enrolment-links",                     "howk",    'y', ""},
    {kPost,   "/enrolment-links/{id}/withdraw",       "howk",    'n', "mx"},
    {kPost,   "/enrolment",                           "sehaow",  'n', ""},
    {kPost,   "/enrolment/challenge",                 "sehaow",  'n', ""},
    {kPost,   "/enrolment/key",                       "sehaow",  'n', ""},
    {kGet,    "/webhooks",                            "haowk",   'n', "rmax"},
    {kPost,   "/webhooks",                            "howk",    'y', ""},
    {kPatch,  "/webhooks/{id}",                       "howk",    'y', ""},
    {kDelete, "/webhooks/{id}",                       "howk",    'y', ""},
    {kPost,   "/webhooks/{id}/rotate-secret",         "howk",    'y', ""},
    {kPost,   "/webhooks/{id}/test",                  "howk",    'n', "mx"},
    {kGet,    "/webhooks/{id}/deliveries",            "haowk",   'n', "rmax"},
    {kPost,   "/webhooks/{id}/redeliver",             "howk",    'n', "mx"},
    {kPost,   "/relay",                               "how",     'n', ""},
    {kGet,    "/refusals",                            "haowk",   'n', "rmax"},
    {kGet,    "/refusals/{request_id}",               "haowk",   'n', "rmax"},
    {kPost,   "/doctor",                              "haow",    'n', ""},
    {kGet,    "/events",                              "haowk",   'n', "rmax"},
    {kGet,    "/audit",                               "aowk",    'n', "ax"},
    {kGet,    "/audit/export",                        "aowk",    'y', ""},
    {kPost,   "/backups",                             "k",       'n', ""},
    {kGet,    "/secrets",                             "aowk",    'n', "ax"},
    {kPost,   "/secrets/rotate-kek",                  "wk",      'y', ""},
    {kPost,   "/secrets/rotate-root",                 "k",       'n', ""},
    {kPost,   "/secrets/scrub",                       "wk",      'y', ""},
    {kGet,    "/status",                              "aowk",    'n', "ax"},
    {kPost,   "/reload",                              "wk",      'y', ""},
    {kPost,   "/clock/confirm",                       "owk",     'y', ""},
    {kGet,    "/profile",                             "haowk",   'n', "rmax"},
});
// clang-format on

const Expected* expected_of(const ManagementRoute& route) {
  const auto* const found = std::ranges::find_if(kExpected, [&](const Expected& one) {
    return one.method == route.method && "/api/v1" + std::string(one.path) == route.path;
  });
  return found == kExpected.end() ? nullptr : found;
}

// A path whose {name} is that of something which is there.
std::string filled(std::string_view path, const std::string& key, const std::string& action) {
  std::string made(path);
  const auto open = made.find('{');
  if (open != std::string::npos) {
    const std::string id = path.contains("{api_key}")       ? key
                           : path.contains("{account}")     ? "demo"
                           : path.contains("{mass_action}") ? action
                                                            : "11111111111111111111111111111111";
    made.replace(open, made.find('}') + 1 - open, id);
  }
  return made;
}

bool is_turned_away(const Reply& reply) {
  constexpr auto kReasons = std::to_array<std::string_view>(
      {"not_signed_in", "second_factor_wanted", "role_not_allowed", "socket_only", "session_only"});
  return std::ranges::find(kReasons, reply.reason()) != kReasons.end();
}

class RightsTest : public ConsoleTest {
 protected:
  RightsTest() {
    people_of_.emplace('w', owner());
    people_of_.emplace('h', holder(people_of_.at('w'), "demo"));
    people_of_.emplace('o', invited(people_of_.at('w'), "op@example.com", Role::kOperator));
    people_of_.emplace('a', invited(people_of_.at('w'), "aud@example.com", Role::kAuditor));
    key_ = make_own_key(people_of_.at('h'), "demo");
  }

  // person gives somebody who is signed in, anew where the session has ended meanwhile.
  Somebody& person(char who) {
    Somebody& somebody = people_of_.at(who);
    if (get(somebody.browser, "/api/v1/session").status != 200) {
      const auto in = people_.sign_in.sign_in(people_.try_of(somebody.known));
      EXPECT_TRUE(in.has_value()) << who << (in ? "" : in.error().detail);
      people_.clock.advance(kTotpStep);
      somebody.browser.session = std::string(std::string_view(in->token));
      somebody.browser.csrf = csrf_token(in->token);
    }
    return somebody;
  }
  TestBrowser enrolling() {
    const auto caller =
        people_.sessions.caller(person('w').browser.session, people_.browser.source);
    const std::string email = "new" + std::to_string(++enrolled_) + "@example.com";
    const auto made = people_.people.invite(*caller, TestSteppedUp::proof(),
                                            {.email = email, .role = Role::kAuditor});
    const auto begun = people_.people.enrol(
        made->token, {.name = "New", .email = email, .password = WipedText(TestPeople::kPassword)},
        people_.browser);
    EXPECT_TRUE(begun.has_value()) << (begun ? "" : begun.error().detail);
    return {.session = std::string(std::string_view(begun->token)),
            .csrf = csrf_token(begun->token)};
  }
  std::string mass_action() {
    return post(person('h').browser, "/api/v1/mass-actions",
                R"({"action":"suspend","select":{"account":"demo"}})")
        .text("id");
  }
  Reply as(char who, http::Method method, const std::string& path) {
    const std::string body = method == kGet ? "" : "{}";
    if (who == 'k') {
      return call(method, path, body);
    }
    TestBrowser stranger;
    if (who == 's' || who == 'e') {
      stranger = who == 'e' ? enrolling() : stranger;
      return browse(stranger, method, path, body);
    }
    return browse(person(who).browser, method, path, body);
  }

  std::map<char, Somebody> people_of_;
  std::string key_;
  int enrolled_ = 0;
};

// ---- who may call what, and who must prove again that it is them (controls S-62, S-64)

TEST_F(RightsTest, EveryRouteTakesThoseWhoAreExpectedAndNobodyElse) {
  const std::string action = mass_action();
  for (const RouteRow& row : route_rows()) {
    const Expected* const expected = expected_of(row.route);
    const std::string name =
        std::string(http::method_name(row.route.method)) + " " + std::string(row.route.path);
    ASSERT_NE(expected, nullptr) << name << " is a route without an expectation";
    const std::string path = filled(row.route.path, key_, action);

    for (const char who : std::string_view("sehaowk")) {
      const bool is_allowed = expected->callers.contains(who);
      const Reply reply = as(who, row.route.method, path);

      EXPECT_EQ(!is_turned_away(reply), is_allowed) << who << " " << name << ": " << reply.body;
      if (row.rights.who == Who::kHolder && path.contains(key_) && (who == 'o' || who == 'w')) {
        EXPECT_EQ(reply.reason(), "not_your_account") << who << " " << name;
        continue;
      }
      if (is_allowed && expected->step_up != 'c') {
        const bool is_asked =
            who != 'k' && who != 's' &&
            (expected->step_up == 'y' || (expected->step_up == 'e' && who != 'e'));
        EXPECT_EQ(reply.reason() == "step_up_required", is_asked)
            << who << " " << name << ": " << reply.body;
      }
      if (reply.reason() == "step_up_required") {
        EXPECT_FALSE(reply.json["step_up"]["change"].get<std::string>().contains("{")) << name;
        EXPECT_EQ(reply.json["step_up"]["hash"].get<std::string>().size(), 64U) << name;
      }
    }
  }
  EXPECT_EQ(route_rows().size(), kExpected.size());
}

TEST_F(RightsTest, ARefusalSaysWhoMay) {
  const Reply refused = as('a', kPost, "/api/v1/accounts/demo/suspend");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.text("detail"),
            "your role (auditor) does not allow this; who may: operators, owners");
  EXPECT_EQ(as('w', kPost, "/api/v1/backups").reason(), "socket_only");
  EXPECT_EQ(as('k', kGet, "/api/v1/me/sessions").reason(), "session_only");
  EXPECT_EQ(as('s', kGet, "/api/v1/keys").status, 401);
  EXPECT_EQ(as('e', kGet, "/api/v1/keys").reason(), "second_factor_wanted");
}

TEST_F(RightsTest, AChangeIsAskedForOnlyWhereItWidens) {
  (void)confirmed(person('h'), kPatch, "/api/v1/keys/" + key_,
                  R"({"permissions":["USER_DATA","TRADE"],"allow_list":["10.0.0.1","10.0.0.2"]})");
  struct Case {
    std::string_view body;
    bool asks;
  };
  const auto cases = std::to_array<Case>({
      {R"({"label":"renamed"})", false},
      {R"({"vendor":"acme"})", false},
      {R"({"permissions":["USER_DATA","TRADE"]})", false},
      {R"({"permissions":["USER_DATA","MANAGE_KEYS"]})", true},
      {R"({"allow_list":["10.0.0.2"]})", false},
      {R"({"allow_list":["10.0.0.2","10.0.0.1"]})", true},  // .1 is gone by then
      {R"({"allow_list":["any"]})", true},
      {R"({"permissions":["USER_DATA"]})", false},
      {R"({"allow_list":["no address"]})", true},  // what cannot be read is not narrower
      {R"({"permissions":["NO_SUCH"]})", true},
      {R"({"symbols":["BTCUSDT"]})", false},
      {R"({"symbols":["BTCUSDT","ETHUSDT"]})", true},
      {R"({"symbols":[]})", true},
      {R"({"expires_at":"2026-03-02T12:00:00Z"})", false},
      {R"({"expires_at":"2026-03-03T12:00:00Z"})", true},
      {R"({"expires_at":null})", true},
  });
  for (const Case& one : cases) {
    const Reply reply = browse(person('h').browser, kPatch, "/api/v1/keys/" + key_, one.body);
    EXPECT_EQ(reply.reason() == "step_up_required", one.asks) << one.body << reply.body;
    EXPECT_EQ(reply.status, one.asks ? 403 : 200) << one.body << reply.body;
  }
  EXPECT_EQ(get("/api/v1/keys/" + key_).json["symbols"], nlohmann::json::array({"BTCUSDT"}));
}

TEST_F(RightsTest, AMassActionAsksOnlyOverKeysOfOthersOrToLetInAgain) {
  Somebody& holder = person('h');
  (void)make_own_key(holder, "demo", "two");
  const auto start = [&](char who, const std::string& body) {
    const Reply made = post(person(who).browser, "/api/v1/mass-actions", body);
    EXPECT_EQ(made.status, 201) << made.body;
    return post(person(who).browser, "/api/v1/mass-actions/" + made.text("id") + "/start");
  };
  const std::string suspend = R"({"action":"suspend","select":{"account":"demo"}})";

  const Reply asked = start('o', suspend);
  EXPECT_EQ(asked.reason(), "step_up_required");
  EXPECT_EQ(asked.json["step_up"]["change"],
            "Begin the mass action: suspend the API keys of account demo");
  EXPECT_EQ(start('o', R"({"action":"suspend","select":{"accounts":["desk","demo"]}})")
                .json["step_up"]["change"],
            "Begin the mass action: suspend the API keys of accounts demo, desk");
  EXPECT_EQ(start('o', R"({"action":"suspend","select":{"label":"two"}})").status, 200);
  EXPECT_EQ(start('h', suspend).status, 200);
  EXPECT_EQ(start('h', R"({"action":"resume","select":{"account":"demo"}})").reason(),
            "step_up_required");
}

TEST_F(RightsTest, AGrantIsForOneChangeInOneSessionOnce) {
  Somebody& holder = person('h');
  const std::string path = "/api/v1/keys/" + key_ + "/resume";
  ASSERT_EQ(post(holder.browser, "/api/v1/keys/" + key_ + "/suspend").status, 200);

  const Reply refused = post(holder.browser, path);
  EXPECT_EQ(refused.status, 403);
  EXPECT_TRUE(refused.json["step_up"]["change"].get<std::string>().starts_with("Let API key bot (" +
                                                                               key_.substr(0, 8)))
      << refused.body;
  confirm(holder, refused);

  // Not for another change: it is used up by the try.
  EXPECT_EQ(post(holder.browser, "/api/v1/keys/" + key_ + "/back-out").reason(),
            "step_up_required");
  EXPECT_EQ(post(holder.browser, path).reason(), "step_up_required");

  // Not in another session.
  confirm(holder, post(holder.browser, path));
  Somebody other = holder;
  other.browser.session.clear();
  people_of_.insert_or_assign('x', other);
  TestBrowser& elsewhere = person('x').browser;
  EXPECT_EQ(post(elsewhere, path).reason(), "step_up_required");

  // Once.
  EXPECT_EQ(post(holder.browser, path).status, 200);
  ASSERT_EQ(post(holder.browser, "/api/v1/keys/" + key_ + "/suspend").status, 200);
  EXPECT_EQ(post(holder.browser, path).reason(), "step_up_required");

  // Five minutes.
  holder.browser.grant.clear();
  confirm(holder, post(holder.browser, path));
  people_.clock.advance(kGrantLife);
  EXPECT_EQ(post(holder.browser, path).reason(), "step_up_required");
}

TEST_F(RightsTest, AListThatGrewAfterItWasConfirmedIsConfirmedAnew) {
  Somebody& holder = person('h');
  const std::string two = make_own_key(holder, "demo", "two");
  Somebody& chief = person('o');
  const Reply made =
      post(chief.browser, "/api/v1/mass-actions",
           R"({"action":"revoke","select":{"api_keys":[")" + key_ + "\",\"" + two + R"("]}})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string action = "/api/v1/mass-actions/" + made.text("id");
  const Reply asked = post(chief.browser, action + "/start");
  EXPECT_EQ(asked.json["step_up"]["change"], "Begin the mass action: revoke 2 listed API keys");
  confirm(chief, asked);

  const std::string three = make_own_key(holder, "demo", "three");
  ASSERT_EQ(post(chief.browser, action + "/keys", R"({"api_keys":[")" + three + R"("]})").status,
            200);
  const Reply again = post(chief.browser, action + "/start");

  EXPECT_EQ(again.json["step_up"]["change"], "Begin the mass action: revoke 3 listed API keys");
}

// ---- API keys that sign in the place of a session

class KeyRightsTest : public KeyCallerTest {
 protected:
  KeyRightsTest() {
    const Somebody first = owner();
    Somebody holds = holder(first, "demo");
    for (const char* const account : {"audit", "ops"}) {
      make_account(account);
      people_.add_account(account);
    }
    (void)invited(first, "aud@example.com", Role::kAuditor, "audit");
    (void)invited(first, "op@example.com", Role::kOperator, "ops");
    object_ = make_own_key(holds, "demo");
    action_ = post(holds.browser, "/api/v1/mass-actions",
                   R"({"action":"suspend","select":{"account":"demo"}})")
                  .text("id");
    keys_of_.emplace('r', management_key("demo", "MANAGEMENT_READ"));
    keys_of_.emplace('m', management_key("demo", "MANAGEMENT"));
    keys_of_.emplace('a', management_key("audit", "MANAGEMENT_AUDITOR"));
    keys_of_.emplace('x', management_key("ops", "MANAGEMENT_OPERATOR"));
  }
  std::map<char, TestKey> keys_of_;
  std::string object_;
  std::string action_;
};

TEST_F(KeyRightsTest, EveryRouteTakesTheScopesThatAreExpectedAndNoOther) {
  for (const RouteRow& row : route_rows()) {
    const Expected* const expected = expected_of(row.route);
    ASSERT_NE(expected, nullptr) << row.route.path;
    const std::string path = filled(row.route.path, object_, action_);
    for (const char scope : std::string_view("rmax")) {
      const Reply reply =
          by_key(keys_of_.at(scope), row.route.method, path, row.route.method == kGet ? "" : "{}");
      const std::string name = std::string(1, scope) + " " +
                               std::string(http::method_name(row.route.method)) + " " + path;
      if (reply.reason() == "not_your_account") {
        // Who sees all accounts changes nothing of others, be it for people alone or not.
        EXPECT_EQ(scope, 'x') << name;
        EXPECT_EQ(row.rights.who, Who::kHolder) << name;
        continue;
      }
      const bool is_refused = reply.reason() == "person_wanted" ||
                              reply.reason() == "scope_not_allowed" ||
                              reply.reason() == "socket_only";
      const bool is_decided_by_what_it_does = expected->step_up == 'c' &&
                                              reply.reason() == "person_wanted" &&
                                              expected->keys.contains(scope);

      EXPECT_EQ(!is_refused || is_decided_by_what_it_does, expected->keys.contains(scope))
          << name << reply.body;
      EXPECT_NE(reply.status, 401) << name << reply.body;
      EXPECT_EQ(is_refused, reply.status == 403) << name << reply.body;
      if (expected->step_up == 'y') {
        EXPECT_TRUE(is_refused) << name << reply.body;
      }
      if (row.route.path.ends_with("{account}/suspend") && reply.status == 200) {
        ASSERT_EQ(post("/api/v1/accounts/demo/resume").status, 200);
      }
    }
  }
}

// ---- CSRF (control S-70)

TEST_F(RightsTest, AChangeCarriesTheTokenOfItsSession) {
  Somebody& holder = person('h');
  const std::string right = holder.browser.csrf;
  struct Case {
    const char* name;
    std::string csrf;
    int status;
  };
  const auto cases = std::to_array<Case>({
      {"none", "", 403},
      {"anything", "token", 403},
      {"of another session", person('o').browser.csrf, 403},
      {"cut off", right.substr(1), 403},
      {"longer", right + "A", 403},
      {"the session's own token", holder.browser.session, 403},
      {"right", right, 200},
  });
  for (const Case& one : cases) {
    TestBrowser browser = holder.browser;
    browser.csrf = one.csrf;
    const Reply reply = browse(browser, kPatch, "/api/v1/me", R"({"theme":"dark"})");
    EXPECT_EQ(reply.status, one.status) << one.name << reply.body;
    EXPECT_EQ(reply.reason(), one.status == 403 ? "csrf_token_wrong" : "") << one.name;
    EXPECT_EQ(get(browser, "/api/v1/keys").status, 200) << one.name;  // reading needs none
  }
}

TEST_F(RightsTest, EveryChangeUnderASessionWantsTheToken) {
  const std::string action = mass_action();
  for (const RouteRow& row : route_rows()) {
    if (row.route.method == kGet || row.rights.who == Who::kAnybody) {
      continue;
    }
    for (const char who : std::string_view("haow")) {
      if (expected_of(row.route)->callers.contains(who)) {
        TestBrowser browser = person(who).browser;
        browser.csrf.clear();
        EXPECT_EQ(
            browse(browser, row.route.method, filled(row.route.path, key_, action), "{}").reason(),
            "csrf_token_wrong")
            << row.route.path;
      }
    }
  }
}

// ---- tenancy (control S-65)

class TenancyTest : public ConsoleTest {
 protected:
  TenancyTest() {
    ManagementApi::Parts with_webhooks = console_parts();
    with_webhooks.webhooks = &told_.webhooks;
    api_.emplace(std::move(with_webhooks));
    owner_.emplace(owner());
    mine_.emplace(holder(*owner_, "demo"));
    theirs_.emplace(holder(*owner_, "other"));
    EXPECT_EQ(
        post("/api/v1/accounts", R"({"id":"desk-7","master":"demo","email":"desk-7@example.com"})")
            .status,
        201);
    key_ = make_own_key(*mine_, "demo");
    sub_key_ = make_own_key(*mine_, "desk-7", "of the desk");
    const Reply revoked =
        post(mine_->browser, "/api/v1/keys/" + make_own_key(*mine_, "demo", "old") + "/revoke");
    receipt_ = revoked.json["receipt"]["id"];
    action_ = post(mine_->browser, "/api/v1/mass-actions",
                   R"({"action":"suspend","select":{"account":"demo"}})")
                  .text("id");
    webhook_ = post("/api/v1/webhooks",
                    R"({"account":"demo","url":"https://a.example/","events":["key.revoked"]})")
                   .text("id");
    EXPECT_TRUE(
        journal_
            ->record_refusals(std::array{RefusalRow{.request_id = "refused-1",
                                                    .time = clock_.now(),
                                                    .api_key = key_,
                                                    .account = "demo",
                                                    .reason = 1,
                                                    .reason_name = "timestamp_too_old",
                                                    .method = "GET",
                                                    .route = "/api/v3/account",
                                                    .path = "/api/v3/account",
                                                    .address = *IpAddress::parse("10.0.0.1"),
                                                    .client = "bot/1"}})
            .has_value());
  }
  [[nodiscard]] std::string own_id(std::string_view path) const {
    return path.contains("{api_key}")       ? key_
           : path.contains("{account}")     ? "demo"
           : path.contains("{mass_action}") ? action_
           : path.contains("{receipt}")     ? receipt_
           : path.contains("/webhooks/")    ? webhook_
                                            : "refused-1";
  }

  TestWebhooks told_{*audited_, *registry_, *journal_, *sealer_, random_, clock_};
  std::optional<Somebody> owner_;
  std::optional<Somebody> mine_;    // of account demo, whose sub-account is desk-7
  std::optional<Somebody> theirs_;  // of account other
  std::string key_;
  std::string sub_key_;
  std::string receipt_;
  std::string action_;
  std::string webhook_;
};

TEST_F(TenancyTest, WhatBelongsToOthersIsAnsweredLikeWhatDoesNotExist) {
  int routes = 0;
  for (const RouteRow& row : route_rows()) {
    const std::string_view path = row.route.path;
    const auto open = path.find('{');
    const bool is_theirs_to_ask = row.rights.who == Who::kSeer || row.rights.who == Who::kStopper ||
                                  row.rights.who == Who::kHolder;
    if (open == std::string_view::npos || !is_theirs_to_ask) {
      continue;
    }
    ++routes;
    const auto with = [&](const std::string& id) {
      std::string target(path);
      target.replace(open, target.find('}') + 1 - open, id);
      return browse(theirs_->browser, row.route.method, target,
                    row.route.method == kGet ? "" : "{}");
    };
    const Reply foreign = with(own_id(path));
    const Reply unknown = with(path.contains("{api_key}") ? std::string(64, 'z') : "unknown");

    EXPECT_EQ(foreign.status, 404) << path << foreign.body;
    EXPECT_EQ(foreign.body, unknown.body) << path;
    EXPECT_EQ(foreign.headers, unknown.headers) << path;
  }
  EXPECT_GE(routes, 23);
  EXPECT_EQ(get("/api/v1/keys/" + key_).text("state"), "active");
}

TEST_F(TenancyTest, AccountsAndKeysOfOthersInABodyDoNotExistEither) {
  struct Case {
    const char* path;
    std::string body;
    std::string unknown;
  };
  const std::string nobody(64, 'z');
  const auto cases = std::to_array<Case>({
      {"/api/v1/keys", R"({"account":"demo","type":"hmac-sha256"})",
       R"({"account":"none","type":"hmac-sha256"})"},
      {"/api/v1/webhooks", R"({"account":"demo","url":"https://a.example/","events":[]})",
       R"({"account":"none","url":"https://a.example/","events":[]})"},
      {"/api/v1/challenges", R"({"account":"demo","public_key":"x"})",
       R"({"account":"none","public_key":"x"})"},
      {"/api/v1/mass-actions", R"({"action":"revoke","select":{"account":"demo"}})",
       R"({"action":"revoke","select":{"account":"none"}})"},
      {"/api/v1/mass-actions", R"({"action":"revoke","select":{"accounts":["other","demo"]}})",
       R"({"action":"revoke","select":{"accounts":["other","none"]}})"},
      {"/api/v1/mass-actions", R"({"action":"revoke","select":{"api_keys":[")" + key_ + R"("]}})",
       R"({"action":"revoke","select":{"api_keys":[")" + nobody + R"("]}})"},
  });
  for (const Case& one : cases) {
    const Reply foreign = post(theirs_->browser, one.path, one.body);
    EXPECT_EQ(foreign.status, 404) << one.body << foreign.body;
    EXPECT_EQ(foreign.body, post(theirs_->browser, one.path, one.unknown).body);
  }
  for (const char* const select :
       {R"({"everything":true})", R"({"label":"bot"})", R"({"vendor":"acme"})"}) {
    EXPECT_EQ(post(theirs_->browser, "/api/v1/mass-actions",
                   std::string(R"({"action":"revoke","select":)") + select + "}")
                  .reason(),
              "account_wanted");
  }
  const Reply made = post(theirs_->browser, "/api/v1/mass-actions",
                          R"({"action":"revoke","select":{"api_keys":[")" +
                              make_own_key(*theirs_, "other") + R"("]}})");
  EXPECT_EQ(post(theirs_->browser, "/api/v1/mass-actions/" + made.text("id") + "/keys",
                 R"({"api_keys":[")" + key_ + R"("]})")
                .reason(),
            "no_such_key");
}

TEST_F(TenancyTest, ListsLeaveOutWhatBelongsToOthers) {
  const auto count = [&](Somebody& who, const std::string& target) {
    const Reply reply = get(who.browser, "/api/v1/" + target);
    EXPECT_EQ(reply.status, 200) << target << reply.body;
    return reply.json["items"].size();
  };
  struct Case {
    std::string target;
    std::size_t mine;
    std::size_t theirs;
  };
  const auto cases = std::to_array<Case>({
      {"accounts", 2, 1},
      {"accounts?master=demo", 1, 0},
      {"keys", 3, 0},
      {"keys?account=demo", 2, 0},
      {"keys?account=desk-7", 1, 0},
      {"keys?q=desk", 1, 0},
      {"keys?state=revoked", 1, 0},
      {"keys?name=bot", 1, 0},
      {"keys?name=" + key_, 1, 0},
      {"keys?name=" + key_.substr(0, 12), 1, 0},
      {"keys?parent=" + key_, 0, 99},
      {"refusals", 1, 0},
      {"refusals?account=demo", 1, 0},
      {"refusals?api_key=" + key_, 1, 0},
      {"receipts?object=" + key_, 0, 0},
      {"receipts?object=demo", 0, 0},
      {"mass-actions", 1, 0},
  });
  for (const Case& one : cases) {
    EXPECT_EQ(count(*mine_, one.target), one.mine) << one.target;
    if (one.theirs != 99) {
      EXPECT_EQ(count(*theirs_, one.target), one.theirs) << one.target;
    }
    EXPECT_GE(count(*owner_, one.target), one.mine) << one.target;
  }
  EXPECT_EQ(get(theirs_->browser, "/api/v1/keys?parent=" + key_).body,
            get(theirs_->browser, "/api/v1/keys?parent=" + std::string(64, 'z')).body);
  const std::string old = get("/api/v1/receipts/" + receipt_).json["receipt"]["object"];
  EXPECT_EQ(count(*mine_, "receipts?object=" + old), 1U);
  EXPECT_EQ(count(*theirs_, "receipts?object=" + old), 0U);
}

TEST_F(TenancyTest, AHolderPagesThroughTheirKeys) {
  const Reply first = get(mine_->browser, "/api/v1/keys?limit=2");
  ASSERT_EQ(first.json["items"].size(), 2U);
  const Reply second =
      get(mine_->browser, "/api/v1/keys?limit=2&after=" + first.json["next"].get<std::string>());
  EXPECT_EQ(second.json["items"].size(), 1U);
  EXPECT_TRUE(second.json["next"].is_null());
  EXPECT_NE(second.json["items"][0], first.json["items"][1]);
}

TEST_F(TenancyTest, AHolderActsForTheirSubAccounts) {
  EXPECT_EQ(get(mine_->browser, "/api/v1/keys/" + sub_key_).status, 200);
  EXPECT_EQ(get(mine_->browser, "/api/v1/keys/" + sub_key_ + "/usage").status, 200);
  EXPECT_EQ(post(mine_->browser, "/api/v1/keys/" + sub_key_ + "/revoke").text("state"), "revoked");
  EXPECT_EQ(get(mine_->browser, "/api/v1/accounts/desk-7").status, 200);
}

TEST_F(TenancyTest, AHolderChangesNoMassActionOfOthersThatNamesTheirAccount) {
  const Reply made = post(owner_->browser, "/api/v1/mass-actions",
                          R"({"action":"revoke","select":{"account":"demo"}})");
  const std::string action = "/api/v1/mass-actions/" + made.text("id");

  EXPECT_EQ(get(mine_->browser, action).status, 200);
  EXPECT_EQ(post(mine_->browser, action + "/start").reason(), "no_such_mass_action");
  EXPECT_EQ(post(mine_->browser, action + "/stop").reason(), "no_such_mass_action");
  EXPECT_EQ(get(theirs_->browser, action).status, 404);
}

TEST_F(TenancyTest, TheDoorFindsOutWhoCallsAndWhatTheySee) {
  const auto caller_of = [&](const TestBrowser& browser) {
    return api_->caller_of({.address = *IpAddress::parse(browser.address),
                            .user_agent = {},
                            .session_token = browser.session,
                            .device_cookie = {},
                            .csrf = {},
                            .step_up = {},
                            .setup_token = {},
                            .last_event_id = {}});
  };
  const auto caller = caller_of(mine_->browser);
  ASSERT_TRUE(caller.has_value());
  EXPECT_EQ(api_->may_see(*caller, "demo"), true);
  EXPECT_EQ(api_->may_see(*caller, "desk-7"), true);
  EXPECT_EQ(api_->may_see(*caller, "other"), false);
  EXPECT_EQ(api_->may_see(*caller, "unknown"), false);
  EXPECT_EQ(api_->may_see(*caller, ""), false);
  EXPECT_EQ(api_->may_see(*caller_of(owner_->browser), "other"), true);
  EXPECT_EQ(caller_of({}).error().reason, "not_signed_in");
}

}  // namespace
}  // namespace counterfoil
