// Setting up, signing in, one's own factors and sessions, and people, as a browser calls them.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "accounts/test_authenticator.h"
#include "authority/people_desk.h"
#include "authority/test_people.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "doors/management/management_api.h"
#include "doors/management/test_console.h"
#include "doors/management/test_management.h"
#include "wire/http/request_head.h"

namespace counterfoil {
namespace {

using management_test::ConsoleTest;
using management_test::Reply;
using management_test::TestBrowser;
using enum http::Method;

// What a browser's toJSON() makes of a new passkey, and of one that was used.
nlohmann::json credential_json(ByteView id, nlohmann::json response) {
  return {{"id", to_base64url(id)},
          {"rawId", to_base64url(id)},
          {"type", "public-key"},
          {"authenticatorAttachment", "platform"},
          {"clientExtensionResults", nlohmann::json::object()},
          {"response", std::move(response)}};
}
nlohmann::json made_json(const TestAuthenticator& authenticator, const std::string& challenge) {
  const PasskeyRegistration made = authenticator.make(*from_base64url(challenge));
  return credential_json(made.id,
                         {{"clientDataJSON", to_base64url(as_bytes(made.client_data_json))},
                          {"attestationObject", to_base64url(made.attestation_object)},
                          {"transports", nlohmann::json::array({"internal"})},
                          {"publicKeyAlgorithm", -7}});
}
nlohmann::json used_json(const TestAuthenticator& authenticator, const Reply& options) {
  const PasskeyAssertion used = authenticator.use(
      *from_base64url(options.json["public_key"]["challenge"].get<std::string>()));
  return {
      {"challenge_id", options.json["challenge_id"]},
      {"credential",
       credential_json(used.id, {{"clientDataJSON", to_base64url(as_bytes(used.client_data_json))},
                                 {"authenticatorData", to_base64url(used.authenticator_data)},
                                 {"signature", to_base64url(used.signature)},
                                 {"userHandle", nullptr}})}};
}

class PeopleCallsTest : public ConsoleTest {
 protected:
  static std::string sign_in_body(const std::string& email, std::string_view password,
                                  const std::string& totp) {
    return nlohmann::json{{"email", email}, {"password", password}, {"totp", totp}}.dump();
  }
  Reply sign_in(TestBrowser& browser, const TestPeople::Known& known) {
    Reply reply = post(
        browser, "/api/v1/session",
        sign_in_body(known.person.email, TestPeople::kPassword, people_.code(known.seed_base32)));
    people_.clock.advance(kTotpStep);
    return reply;
  }
  // add_passkey adds one as a page does.
  Reply add_passkey(Somebody& who, const TestAuthenticator& authenticator) {
    const Reply options = post(who.browser, "/api/v1/me/passkeys/options", "{}");
    EXPECT_EQ(options.status, 200) << options.body;
    return confirmed(
        who, kPost, "/api/v1/me/passkeys",
        nlohmann::json{{"name", "laptop"},
                       {"challenge_id", options.json["challenge_id"]},
                       {"credential", made_json(authenticator, options.json["challenge"])}}
            .dump());
  }
};

TEST_F(PeopleCallsTest, TheFirstOwnerIsSetUp) {
  TestBrowser browser;
  EXPECT_EQ(get(browser, "/api/v1/setup").json, (nlohmann::json{{"open", false}}));
  const auto token = people_.people.new_setup_token();
  EXPECT_EQ(get(browser, "/api/v1/setup").json, (nlohmann::json{{"open", true}}));
  EXPECT_EQ(get(browser, "/api/v1/setup/checks").reason(), "setup_token_wrong");
  browser.setup_token = std::string(std::string_view(*token));
  EXPECT_EQ(
      get(browser, "/api/v1/setup/checks").json,
      nlohmann::json::parse(R"([{"id":"tls","state":"warn","text":"No TLS.","fix":"Add it."}])"));

  const Reply begun = post(browser, "/api/v1/setup",
                           nlohmann::json{{"token", browser.setup_token},
                                          {"name", "Ann"},
                                          {"email", "Ann@Example.com"},
                                          {"password", TestPeople::kPassword}}
                               .dump());
  ASSERT_EQ(begun.status, 201) << begun.body;
  EXPECT_EQ(begun.json["enrolment"]["stage"], "needs_factor_setup");
  EXPECT_EQ(begun.json["enrolment"]["person"]["role"], "owner");
  EXPECT_EQ(get(browser, "/api/v1/session").text("stage"), "needs_factor_setup");

  const std::string before = browser.session;
  const Reply totp = post(browser, "/api/v1/me/totp", "{}");
  ASSERT_EQ(totp.status, 201) << totp.body;
  EXPECT_TRUE(totp.text("otpauth_uri").contains(totp.text("secret_base32")));
  EXPECT_EQ(post(browser, "/api/v1/me/totp/confirm", R"({"code":"000000"})").reason(),
            "code_wrong");
  const Reply done = post(browser, "/api/v1/me/totp/confirm",
                          R"({"code":")" + people_.code(totp.text("secret_base32")) + R"("})");
  EXPECT_EQ(done.status, 204) << done.body;
  EXPECT_NE(browser.session, before);  // control S-58
  EXPECT_TRUE(done.body.empty());

  const Reply codes = post(browser, "/api/v1/me/recovery-codes", "{}");
  ASSERT_EQ(codes.status, 201) << codes.body;
  EXPECT_EQ(codes.json["codes"].size(), 10U);
  EXPECT_EQ(post(browser, "/api/v1/me/recovery-codes", "{}").reason(), "step_up_required");
  const Reply session = get(browser, "/api/v1/session");
  EXPECT_EQ(session.text("stage"), "full");
  EXPECT_EQ(session.json["person"]["email"], "ann@example.com");
  EXPECT_EQ(session.json["factors"],
            (nlohmann::json{{"passkeys", 0}, {"totp", true}, {"recovery_codes_left", 10}}));
  EXPECT_EQ(session.text("csrf"), browser.csrf);
  EXPECT_EQ(session.text("address"), "203.0.113.7");
  EXPECT_EQ(get(browser, "/api/v1/setup").json, (nlohmann::json{{"open", false}}));
  EXPECT_EQ(post(browser, "/api/v1/setup",
                 nlohmann::json{{"token", browser.setup_token},
                                {"name", "Eve"},
                                {"email", "eve@example.com"},
                                {"password", TestPeople::kPassword}}
                     .dump())
                .reason(),
            "enrolment_closed");
}

TEST_F(PeopleCallsTest, SomebodySignsInAndOut) {
  const Somebody ann = owner();
  TestBrowser browser;
  EXPECT_EQ(get(browser, "/api/v1/session").status, 401);

  const Reply in = sign_in(browser, ann.known);
  ASSERT_EQ(in.status, 200) << in.body;
  EXPECT_EQ(in.text("stage"), "full");
  EXPECT_EQ(in.json["accounts"], nlohmann::json::array());
  EXPECT_FALSE(browser.session.empty());
  EXPECT_FALSE(browser.device.empty());
  EXPECT_EQ(in.text("csrf"), browser.csrf);
  EXPECT_FALSE(in.body.contains(browser.session));

  const TestBrowser stolen = browser;
  const Reply out = browse(browser, kDelete, "/api/v1/session");
  EXPECT_EQ(out.status, 204);
  EXPECT_TRUE(browser.session.empty());
  TestBrowser late = stolen;
  EXPECT_EQ(get(late, "/api/v1/session").reason(), "not_signed_in");
  EXPECT_TRUE(late.session.empty());  // its cookie is to go
}

TEST_F(PeopleCallsTest, WhateverIsWrongIsOneAnswer) {
  const Somebody ann = owner();
  const std::string code = people_.code(ann.known.seed_base32);
  std::optional<nlohmann::json> first;
  for (const std::string& body :
       {sign_in_body("ann@example.com", "wrong password here", code),
        sign_in_body("ann@example.com", TestPeople::kPassword, "000000"),
        sign_in_body("ann@example.com", TestPeople::kPassword, " " + code),
        sign_in_body("ann@example.com", TestPeople::kPassword, ""),
        sign_in_body("nobody@example.com", TestPeople::kPassword, code)}) {
    TestBrowser browser;
    const Reply refused = post(browser, "/api/v1/session", body);
    EXPECT_EQ(refused.status, 401) << body << refused.body;
    EXPECT_EQ(refused.reason(), "sign_in_failed");
    nlohmann::json json = refused.json;
    json.erase("retry_after_s");
    EXPECT_EQ(first.value_or(json), json) << body;
    first = json;
  }
}

TEST_F(PeopleCallsTest, AfterFiveWrongTriesTheAnswerSaysHowLongToWait) {
  const Somebody ann = owner();
  TestBrowser browser;
  Reply refused;
  for (int i = 0; i < 6; ++i) {
    refused = post(browser, "/api/v1/session", sign_in_body("ann@example.com", "wrong!", "000000"));
  }
  EXPECT_EQ(refused.status, 401);
  EXPECT_GT(refused.json.value("retry_after_s", 0), 0) << refused.body;
  EXPECT_EQ(refused.header("Retry-After"), std::to_string(refused.json.value("retry_after_s", 0)));
}

TEST_F(PeopleCallsTest, BodiesOfStrangersHaveLimits) {
  TestBrowser browser;
  const auto padded = [](std::size_t size) {
    const std::string text = R"({"email":"a@b","password":"x","totp":"000000"})";
    return "{" + std::string(size - text.size(), ' ') + text.substr(1);
  };
  EXPECT_EQ(post(browser, "/api/v1/session", padded(4096)).status, 401);
  EXPECT_EQ(post(browser, "/api/v1/session", padded(4097)).status, 413);
  EXPECT_EQ(ManagementApi::body_bytes_max(kPost, "/api/v1/session"), 4096U);
  const std::string longest(1024, 'p');
  EXPECT_EQ(post(browser, "/api/v1/session", sign_in_body("a@b", longest, "000000")).status, 401);
  EXPECT_EQ(post(browser, "/api/v1/session", sign_in_body("a@b", longest + "p", "0")).reason(),
            "password_too_long");
  struct Case {
    const char* body;
    const char* reason;
  };
  const auto cases = std::to_array<Case>({
      {"{}", "sign_in_incomplete"},
      {R"({"email":"a@b"})", "sign_in_incomplete"},
      {R"({"email":1})", "json_type"},
      {R"({"email":"a@b","password":"x","otp":"1"})", "member_unknown"},
      {R"({"email":"a@b","password":"x","totp":"1","recovery_code":"2"})", "factor_ambiguous"},
      {R"({"passkey":{"challenge_id":"x"}})", "member_missing"},
      {R"({"passkey":{"challenge_id":"x","credential":{"id":"=","response":{}}}})", "json_type"},
      {R"({"passkey":{"challenge_id":"x","credential":[]}})", "json_not_an_object"},
      {R"({"passkey":{"challenge_id":"x","credential":{},"more":1}})", "member_missing"},
  });
  for (const Case& one : cases) {
    EXPECT_EQ(post(browser, "/api/v1/session", one.body).reason(), one.reason) << one.body;
  }
}

TEST_F(PeopleCallsTest, APasskeyIsAddedRenamedUsedAndRemoved) {
  Somebody ann = owner();
  const TestAuthenticator authenticator;

  const Reply added = add_passkey(ann, authenticator);
  ASSERT_EQ(added.status, 201) << added.body;
  EXPECT_EQ(added.text("name"), "laptop");
  EXPECT_TRUE(added.json["last_used_at"].is_null());
  const std::string path = "/api/v1/me/passkeys/" + added.text("id");
  EXPECT_EQ(browse(ann.browser, kPatch, path, R"({"name":"desk"})").text("name"), "desk");
  EXPECT_EQ(get(ann.browser, "/api/v1/me/passkeys").json["items"][0]["name"], "desk");
  const Reply again = post(ann.browser, "/api/v1/me/passkeys/options", "{}");
  EXPECT_EQ(again.json["excludeCredentials"][0]["id"], added.text("id"));
  EXPECT_EQ(again.json["rp"]["id"], "gate.example.com");
  EXPECT_EQ(again.json["authenticatorSelection"]["userVerification"], "required");

  // Alone, without an e-mail: it says whose it is.
  TestBrowser browser;
  const Reply asked = post(browser, "/api/v1/session/passkey-options", "{}");
  EXPECT_EQ(asked.json["public_key"]["allowCredentials"], nlohmann::json::array());
  const std::string body = nlohmann::json{{"passkey", used_json(authenticator, asked)}}.dump();
  const Reply in = post(browser, "/api/v1/session", body);
  EXPECT_EQ(in.status, 200) << in.body;
  TestBrowser replayed;
  EXPECT_EQ(post(replayed, "/api/v1/session", body).reason(), "sign_in_failed");
  const Reply named =
      post(replayed, "/api/v1/session/passkey-options", R"({"email":"ann@example.com"})");
  std::size_t found = 0;
  for (const auto& credential : named.json["public_key"]["allowCredentials"]) {
    found += credential["id"] == added.text("id") ? 1U : 0U;
  }
  EXPECT_EQ(found, 1U) << named.body;
  const Reply nobody =
      post(replayed, "/api/v1/session/passkey-options", R"({"email":"nobody@example.com"})");
  EXPECT_EQ(nobody.json["public_key"]["allowCredentials"].size(),
            named.json["public_key"]["allowCredentials"].size());
  EXPECT_EQ(nobody.json["public_key"]["allowCredentials"][0].size(), 2U);

  // For a step-up.
  const Reply refused = browse(browser, kDelete, "/api/v1/me/totp");
  ASSERT_EQ(refused.reason(), "step_up_required");
  EXPECT_EQ(refused.json["step_up"]["change"], "Remove your authenticator app");
  const std::string hash = refused.json["step_up"]["hash"];
  const Reply factors =
      post(browser, "/api/v1/me/step-up/options", nlohmann::json{{"hash", hash}}.dump());
  EXPECT_EQ(factors.json["totp"], true);
  const Reply granted =
      post(browser, "/api/v1/me/step-up",
           nlohmann::json{{"hash", hash}, {"passkey", used_json(authenticator, factors)}}.dump());
  ASSERT_EQ(granted.status, 200) << granted.body;
  EXPECT_EQ(granted.text("csrf"), browser.csrf);
  browser.grant = granted.text("grant");
  EXPECT_EQ(browse(browser, kDelete, "/api/v1/me/totp").status, 204);

  // The last factor stays.
  EXPECT_EQ(get(browser, "/api/v1/session").json["factors"]["passkeys"], 1);
  const Reply last = browse(browser, kDelete, path);
  ASSERT_EQ(last.reason(), "step_up_required") << last.body;
  EXPECT_EQ(last.json["step_up"]["change"], "Remove your passkey desk");
  const std::string remove = last.json["step_up"]["hash"];
  const Reply question =
      post(browser, "/api/v1/me/step-up/options", nlohmann::json{{"hash", remove}}.dump());
  browser.grant =
      post(browser, "/api/v1/me/step-up",
           nlohmann::json{{"hash", remove}, {"passkey", used_json(authenticator, question)}}.dump())
          .text("grant");
  EXPECT_EQ(browse(browser, kDelete, path).reason(), "last_factor");
}

TEST_F(PeopleCallsTest, AStepUpNeedsTheRightFactorAndTheRightHash) {
  Somebody ann = owner();
  const std::string hash(64, 'a');
  EXPECT_EQ(post(ann.browser, "/api/v1/me/step-up",
                 nlohmann::json{{"hash", hash}, {"totp", "000000"}}.dump())
                .reason(),
            "step_up_failed");
  EXPECT_EQ(post(ann.browser, "/api/v1/me/step-up", R"({"totp":"000000"})").reason(),
            "member_missing");
  for (const char* const bad : {R"({"hash":"aa"})", R"({"hash":"zz"})", R"({"hash":1})"}) {
    EXPECT_EQ(post(ann.browser, "/api/v1/me/step-up/options", bad).reason(), "json_type") << bad;
  }
  const Reply asked =
      post(ann.browser, "/api/v1/me/step-up/options", nlohmann::json{{"hash", hash}}.dump());
  EXPECT_EQ(asked.json,
            nlohmann::json::parse(R"({"challenge_id":"","public_key":null,"totp":true})"));
}

TEST_F(PeopleCallsTest, SomebodyChangesWhatIsTheirs) {
  Somebody ann = owner();
  const Reply edited = browse(ann.browser, kPatch, "/api/v1/me",
                              R"({"name":"Ann W.","language":"zh-CN","theme":"dark"})");
  ASSERT_EQ(edited.status, 200) << edited.body;
  EXPECT_EQ(edited.json["person"]["name"], "Ann W.");
  EXPECT_EQ(edited.json["person"]["language"], "zh-CN");
  EXPECT_EQ(browse(ann.browser, kPatch, "/api/v1/me", "{}").reason(), "nothing_to_change");
  EXPECT_EQ(browse(ann.browser, kPatch, "/api/v1/me", R"({"role":"owner"})").status, 400);

  TestBrowser other;
  ASSERT_EQ(sign_in(other, ann.known).status, 200);
  const Reply listed = get(ann.browser, "/api/v1/me/sessions");
  ASSERT_EQ(listed.json["items"].size(), 2U);
  EXPECT_EQ(listed.json["items"][0]["client"], "Mozilla/5.0");
  EXPECT_NE(listed.json["items"][0]["current"], listed.json["items"][1]["current"]);

  const std::string old_session = ann.browser.session;
  const Reply changed = confirmed(
      ann, kPost, "/api/v1/me/password",
      nlohmann::json{{"old", TestPeople::kPassword}, {"new", "a longer pass phrase"}}.dump());
  EXPECT_EQ(changed.status, 204) << changed.body;
  EXPECT_NE(ann.browser.session, old_session);
  EXPECT_EQ(get(other, "/api/v1/session").status, 401);  // all others have ended
  EXPECT_EQ(get(ann.browser, "/api/v1/session").status, 200);
  EXPECT_FALSE(people_.last_audit().contains("pass phrase"));
}

TEST_F(PeopleCallsTest, SessionsAreEndedOneByOneAndAllOthersAtOnce) {
  Somebody ann = owner();
  TestBrowser second;
  TestBrowser third;
  ASSERT_EQ(sign_in(second, ann.known).status, 200);
  ASSERT_EQ(sign_in(third, ann.known).status, 200);
  std::string id;
  const Reply sessions = get(second, "/api/v1/me/sessions");
  for (const auto& session : sessions.json["items"]) {
    if (session["current"] == true) {
      id = session["id"];
    }
  }
  EXPECT_EQ(browse(ann.browser, kDelete, "/api/v1/me/sessions/" + id).status, 204);
  EXPECT_EQ(get(second, "/api/v1/session").status, 401);
  EXPECT_EQ(browse(ann.browser, kDelete, "/api/v1/me/sessions/" + id).reason(), "no_such_session");
  EXPECT_EQ(browse(ann.browser, kDelete, "/api/v1/me/sessions").status, 204);
  EXPECT_EQ(get(third, "/api/v1/session").status, 401);
  EXPECT_EQ(get(ann.browser, "/api/v1/session").status, 200);
}

TEST_F(PeopleCallsTest, OwnersInviteAndLookAfterOthers) {
  Somebody ann = owner();
  make_account("demo");
  people_.add_account("demo");
  const Reply invited = confirmed(ann, kPost, "/api/v1/people/invitations",
                                  R"({"email":"bo@example.com","role":"holder","account":"demo"})");
  ASSERT_EQ(invited.status, 201) << invited.body;
  EXPECT_EQ(post(ann.browser, "/api/v1/people/invitations",
                 R"({"email":"bo@example.com","role":"holder","account":"demo"})")
                .json["step_up"]["change"],
            "Invite bo@example.com as holder of account demo");

  TestBrowser bo;
  const Reply begun = post(bo, "/api/v1/registration",
                           nlohmann::json{{"invitation", invited.text("url_token")},
                                          {"name", "Bo"},
                                          {"email", "bo@example.com"},
                                          {"password", TestPeople::kPassword}}
                               .dump());
  ASSERT_EQ(begun.status, 201) << begun.body;
  const std::string seed = post(bo, "/api/v1/me/totp", "{}").text("secret_base32");
  ASSERT_EQ(
      post(bo, "/api/v1/me/totp/confirm", R"({"code":")" + people_.code(seed) + R"("})").status,
      204);
  people_.clock.advance(kTotpStep);
  EXPECT_EQ(get(bo, "/api/v1/session").json["accounts"],
            nlohmann::json::parse(R"([{"id":"demo","name":"","master":null}])"));

  const Reply people = get(ann.browser, "/api/v1/people");
  ASSERT_EQ(people.json["items"].size(), 2U);
  std::string id;
  for (const auto& person : people.json["items"]) {
    if (person["email"] == "bo@example.com") {
      id = person["id"];
      EXPECT_EQ(person["account"], "demo");
      EXPECT_EQ(person["state"], "active");
      EXPECT_EQ(person["sessions"], 1);
      EXPECT_EQ(person["factors"]["totp"], true);
    }
  }
  const std::string path = "/api/v1/people/" + id;
  EXPECT_EQ(get(ann.browser, path).text("name"), "Bo");
  EXPECT_EQ(get(ann.browser, "/api/v1/people/" + std::string(32, '0')).status, 404);

  const Reply disabled = confirmed(ann, kPost, path + "/disable", R"({"cause":"left"})");
  EXPECT_EQ(disabled.text("state"), "disabled") << disabled.body;
  EXPECT_EQ(disabled.json["sessions"], 0);
  EXPECT_EQ(get(bo, "/api/v1/session").status, 401);
  EXPECT_EQ(confirmed(ann, kPost, path + "/enable", "{}").text("state"), "active");
  EXPECT_EQ(confirmed(ann, kPost, path + "/force-new-factor", "{}").text("state"), "needs_factor");
  const std::string self = "/api/v1/people/" + ann.known.person.id.text();
  EXPECT_EQ(confirmed(ann, kPost, self + "/disable", "{}").reason(), "not_yourself");
}

TEST_F(PeopleCallsTest, ANodeWithoutAConsoleLetsNobodyIn) {
  api_.emplace(parts());
  TestBrowser browser;
  EXPECT_EQ(get(browser, "/api/v1/setup").reason(), "no_console");
  EXPECT_EQ(post(browser, "/api/v1/session", R"({"email":"a@b","password":"x"})").reason(),
            "no_console");
  browser.session = "anything";
  EXPECT_EQ(get(browser, "/api/v1/keys").reason(), "not_signed_in");
}

}  // namespace
}  // namespace counterfoil
