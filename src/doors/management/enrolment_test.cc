// Links by which somebody else makes the pair of a prepared API key.

#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "accounts/person.h"
#include "authority/enrolment_links.h"
#include "authority/people_records.h"
#include "authority/sign_in_throttle.h"
#include "authority/test_people.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "crypto/private_key.h"
#include "crypto/signature_scheme.h"
#include "doors/management/management_api.h"
#include "doors/management/test_console.h"
#include "doors/management/test_management.h"
#include "wire/http/request_head.h"

namespace counterfoil::management_test {
namespace {

class EnrolmentTest : public ConsoleTest {
 protected:
  EnrolmentTest() {
    ManagementApi::Parts with_links = console_parts();
    with_links.links = &links_;
    api_.emplace(std::move(with_links));
  }
  // People and keys are in registries of their own in these tests: the links find a copy.
  Somebody known(Somebody who) {
    Person copy = who.known.person;
    copy.state_since = copy.password_changed = copy.factors_changed = {};
    EXPECT_TRUE(registry_->commit({.writes = {person_write(copy, 0)}}).has_value());
    return who;
  }
  static std::string wish(const std::string& more = R"("type":"hmac-sha256")") {
    return R"({"account":"demo","label":"theirs","allow_list":["203.0.113.7"],)" + more + "}";
  }
  Reply prepared(const std::string& more = R"("type":"hmac-sha256")") {
    Reply made = confirmed(holder_, http::Method::kPost, "/api/v1/enrolment-links", wish(more));
    EXPECT_EQ(made.status, 201) << made.body;
    return made;
  }
  Reply as_bearer(std::string_view path, const nlohmann::json& body) {
    return post(bearer_, path, body.dump());
  }

  SignInThrottle throttle_{*registry_, test_key("names")};
  EnrolmentLinks links_{
      {.audited = *audited_, .issuer = *issuer_, .throttle = throttle_, .random = random_}};
  Somebody boss_ = owner();
  Somebody holder_ = known(holder(boss_, "demo"));
  Somebody other_ = known(holder(boss_, "other"));
  TestBrowser bearer_{.address = "198.51.100.4"};
};

TEST_F(EnrolmentTest, TheBearerGetsTheSecretAndWhoPreparedItDoesNot) {
  const Reply made = prepared();
  const std::string token = made.text("url_token");
  EXPECT_EQ(made.header("Cache-Control"), "no-store");
  EXPECT_TRUE(made.text("page").ends_with("/enroll"));

  const Reply shown = as_bearer("/api/v1/enrolment", {{"token", token}});
  const Reply enrolled =
      as_bearer("/api/v1/enrolment/key", {{"token", token}, {"type", "hmac-sha256"}});
  const Reply listed = get(holder_.browser, "/api/v1/enrolment-links");

  ASSERT_EQ(shown.status, 200) << shown.body;
  EXPECT_EQ(shown.json["permissions"], nlohmann::json::array({"USER_DATA"}));
  EXPECT_EQ(shown.json["gateway_url"], "https://api.example.com");
  ASSERT_EQ(enrolled.status, 201) << enrolled.body;
  EXPECT_EQ(enrolled.text("secret").size(), 64U);
  ASSERT_EQ(listed.json["items"].size(), 1U);
  const nlohmann::json& link = listed.json["items"][0];
  EXPECT_EQ(link["state"], "used");
  EXPECT_EQ(link["api_key"], enrolled.json["api_key"]);
  EXPECT_FALSE(link["used_at"].is_null());
  EXPECT_FALSE(listed.body.contains(token));
  EXPECT_FALSE(listed.body.contains(enrolled.text("secret")));
  EXPECT_FALSE(get(holder_.browser, "/api/v1/keys/" + enrolled.text("api_key"))
                   .body.contains(enrolled.text("secret")));
}

TEST_F(EnrolmentTest, TheBearerProvesThatTheyHoldThePrivateKey) {
  const std::string token = prepared(R"("type":"ed25519")").text("url_token");
  const PrivateKey key = PrivateKey::generate(Scheme::kEd25519, random_).value();
  const std::string pem = key.public_key().pem();

  const Reply asked =
      as_bearer("/api/v1/enrolment/challenge", {{"token", token}, {"public_key", pem}});
  ASSERT_EQ(asked.status, 201) << asked.body;
  const Reply enrolled =
      as_bearer("/api/v1/enrolment/key",
                {{"token", token},
                 {"type", "ed25519"},
                 {"public_key", pem},
                 {"possession",
                  {{"nonce", asked.text("nonce")},
                   {"signature", to_base64(key.sign(as_bytes(asked.text("text"))).value())}}}});

  ASSERT_EQ(enrolled.status, 201) << enrolled.body;
  EXPECT_FALSE(enrolled.json.contains("secret"));
}

TEST_F(EnrolmentTest, WhatIsNoGoodIsAnsweredAlikeWordForWord) {
  const std::string used = prepared().text("url_token");
  (void)as_bearer("/api/v1/enrolment/key", {{"token", used}, {"type", "hmac-sha256"}});
  const Reply made = prepared();
  const Reply gone =
      post(holder_.browser, "/api/v1/enrolment-links/" + made.text("id") + "/withdraw", "{}");
  EXPECT_EQ(gone.status, 200) << gone.body;

  const Reply of_used = as_bearer("/api/v1/enrolment", {{"token", used}});
  const Reply of_withdrawn = as_bearer("/api/v1/enrolment", {{"token", made.text("url_token")}});
  const Reply of_nobody = as_bearer("/api/v1/enrolment", {{"token", std::string(43, 'A')}});

  EXPECT_EQ(of_used.reason(), "enrolment_link_closed");
  EXPECT_EQ(of_used.body, of_withdrawn.body);
  EXPECT_EQ(of_used.body, of_nobody.body);
}

TEST_F(EnrolmentTest, OthersNeitherSeeNorWithdrawWhatIsNotTheirs) {
  const std::string id = prepared().text("id");

  EXPECT_TRUE(get(other_.browser, "/api/v1/enrolment-links").json["items"].empty());
  const Reply theirs = post(other_.browser, "/api/v1/enrolment-links/" + id + "/withdraw", "{}");
  const Reply nobodys =
      post(other_.browser, "/api/v1/enrolment-links/" + std::string(32, '0') + "/withdraw", "{}");
  EXPECT_EQ(theirs.reason(), "no_such_enrolment_link");
  EXPECT_EQ(theirs.body, nobodys.body);
  EXPECT_EQ(get(boss_.browser, "/api/v1/enrolment-links").json["items"].size(), 1U);
  EXPECT_EQ(post(boss_.browser, "/api/v1/enrolment-links/" + id + "/withdraw", "{}").status, 200);
}

TEST_F(EnrolmentTest, NobodyPreparesAKeyOfAnAccountThatTheyDoNotHold) {
  EXPECT_EQ(post(boss_.browser, "/api/v1/enrolment-links", wish()).reason(), "not_your_account");
  EXPECT_EQ(post(other_.browser, "/api/v1/enrolment-links", wish()).reason(), "no_such_account");
  EXPECT_EQ(post(bearer_, "/api/v1/enrolment-links", wish()).status, 401);
}

TEST_F(EnrolmentTest, TheAdminSocketPreparesListsAndWithdraws) {
  make_account("desk");
  const Reply made = post("/api/v1/enrolment-links", R"({"account":"desk","type":"rsa-sha256"})");
  ASSERT_EQ(made.status, 201) << made.body;

  EXPECT_EQ(get("/api/v1/enrolment-links").json["items"][0]["id"], made.json["id"]);
  EXPECT_EQ(post("/api/v1/enrolment-links/" + made.text("id") + "/withdraw").status, 200);
  EXPECT_EQ(post("/api/v1/enrolment", R"({"token":"x"})").reason(), "session_only");
}

TEST_F(EnrolmentTest, FaultyCallsAreRefused) {
  constexpr auto kBodies =
      std::to_array<std::string_view>({R"({"token":"x","state":"open"})", R"({"token":7})",
                                       R"({"token":")"
                                       "\\u0000\"}"});
  for (const std::string_view body : kBodies) {
    const int status = post(bearer_, "/api/v1/enrolment", body).status;
    EXPECT_TRUE(status == 400 || status == 403) << body << status;
  }
  EXPECT_EQ(as_bearer("/api/v1/enrolment", {{"token", std::string(5'000, 'x')}}).status, 413);
  EXPECT_EQ(post("/api/v1/enrolment-links", R"({"account":"demo"})").reason(), "member_missing");
  EXPECT_EQ(
      post("/api/v1/enrolment-links", R"({"account":"demo","type":"ed25519","link_life_s":604801})")
          .status,
      400);
}

TEST_F(EnrolmentTest, ANodeWithoutAConsoleHasNone) {
  api_.emplace(parts());

  EXPECT_EQ(get("/api/v1/enrolment-links").reason(), "no_console");
  EXPECT_EQ(post("/api/v1/enrolment-links", R"({"account":"demo","type":"ed25519"})").reason(),
            "no_console");
}

}  // namespace
}  // namespace counterfoil::management_test
