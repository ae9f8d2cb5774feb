// Signing in at an identity provider and linking an account there, as a browser calls them.
#include <gtest/gtest.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "authority/people_desk.h"
#include "authority/test_oidc_desk.h"
#include "doors/management/management_api.h"
#include "doors/management/test_console.h"
#include "doors/management/test_management.h"
#include "outbound/test_oidc_provider.h"
#include "wire/http/request_head.h"

namespace counterfoil {
namespace {

using management_test::ConsoleTest;
using management_test::Reply;
using management_test::TestBrowser;
using nlohmann::json;
using enum http::Method;

TEST_F(ConsoleTest, WithoutAProviderThereIsNobodyToGoTo) {
  TestBrowser browser;
  EXPECT_EQ(get(browser, "/api/v1/session/oidc").json, (json{{"name", nullptr}}));
  for (const std::string_view path :
       {"/api/v1/session/oidc/begin", "/api/v1/session/oidc", "/api/v1/session/oidc/factor"}) {
    const Reply reply = post(browser, path, "{}");
    EXPECT_EQ(reply.status, 404) << path;
    EXPECT_EQ(reply.reason(), "no_identity_provider") << path;
  }
  Somebody ann = owner();
  EXPECT_EQ(get(ann.browser, "/api/v1/me/identities").json["items"], json::array());
  EXPECT_EQ(confirmed(ann, kPost, "/api/v1/me/identities/begin", "{}").reason(),
            "no_identity_provider");
}

class OidcCallsTest : public ConsoleTest {
 protected:
  OidcCallsTest() {
    ManagementApi::Parts with_provider = parts();
    with_provider.people.emplace(PeopleDesk{.sign_in = people_.sign_in,
                                            .sessions = people_.sessions,
                                            .people = people_.people,
                                            .party = people_.party,
                                            .oidc = at_.desk.get()});
    api_.emplace(std::move(with_provider));
  }
  // come_back is what the page posts after the person has signed in at the provider.
  std::string come_back(const Reply& departure) {
    const std::string url = departure.text("url");
    return json{{"code", at_.provider.go_through(url)},
                {"state", TestOidcProvider::parameter(url, "state")},
                {"iss", TestOidcProvider::kIssuer}}
        .dump();
  }
  Reply link(Somebody& who) {
    const Reply departure = confirmed(who, kPost, "/api/v1/me/identities/begin", "{}");
    EXPECT_EQ(departure.status, 200) << departure.body;
    return post(who.browser, "/api/v1/me/identities", come_back(departure));
  }
  std::string code_body(const Somebody& who) {
    return json{{"totp", people_.code(who.known.seed_base32)}}.dump();
  }

  TestOidcDesk at_{people_, {.name = "Example"}};
};

TEST_F(OidcCallsTest, SomebodyLinksTheirAccountAndSignsInWithIt) {
  TestBrowser stranger;
  EXPECT_EQ(get(stranger, "/api/v1/session/oidc").text("name"), "Example");
  Somebody ann = owner();
  const std::string before = ann.browser.session;

  const Reply linked = link(ann);

  ASSERT_EQ(linked.status, 201) << linked.body;
  EXPECT_EQ(linked.text("issuer"), TestOidcProvider::kIssuer);
  EXPECT_EQ(linked.text("shown"), "ana@example.com");
  EXPECT_TRUE(linked.json["last_used_at"].is_null());
  EXPECT_NE(ann.browser.session, before);
  EXPECT_EQ(ann.browser.ticket, "");
  EXPECT_EQ(get(ann.browser, "/api/v1/me/identities").json["items"].size(), 1U);

  TestBrowser browser;
  const Reply departure = post(browser, "/api/v1/session/oidc/begin", "{}");
  ASSERT_EQ(departure.status, 200) << departure.body;
  EXPECT_EQ(TestOidcProvider::parameter(departure.text("url"), "redirect_uri"),
            "https://gate.example.com/login/oidc");
  EXPECT_FALSE(departure.body.contains(browser.ticket));
  const Reply wanted = post(browser, "/api/v1/session/oidc", come_back(departure));
  ASSERT_EQ(wanted.status, 202) << wanted.body;
  EXPECT_TRUE(wanted.json["public_key"]["challenge"].is_string());
  EXPECT_EQ(browser.session, "");
  EXPECT_EQ(get(browser, "/api/v1/session").status, 401) << "nobody is signed in yet";
  EXPECT_EQ(post(browser, "/api/v1/session/oidc/factor", R"({"totp":"000000"})").reason(),
            "sign_in_failed");
  const Reply in = post(browser, "/api/v1/session/oidc/factor", code_body(ann));
  ASSERT_EQ(in.status, 200) << in.body;
  EXPECT_EQ(in.json["person"]["id"], ann.known.person.id.text());
  EXPECT_EQ(browser.ticket, "");
  EXPECT_EQ(get(browser, "/api/v1/session").text("stage"), "full");
}

TEST_F(OidcCallsTest, AnOwnerUnlinksAnothersAccount) {
  Somebody ann = owner();
  Somebody bob = invited(ann, "bob@example.com", Role::kOperator);
  ASSERT_EQ(link(bob).status, 201);
  const std::string path = "/api/v1/people/" + bob.known.person.id.text();
  const json shown = get(ann.browser, path).json["identities"];
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_EQ(shown[0]["shown"], "ana@example.com");
  const std::string body = json{{"identity", shown[0]["id"]}}.dump();
  const Reply asked = post(ann.browser, path + "/unlink-identity", body);
  EXPECT_EQ(asked.reason(), "step_up_required");
  EXPECT_TRUE(asked.json["step_up"]["change"].get<std::string>().contains("bob@example.com"));
  EXPECT_EQ(post(bob.browser, path + "/unlink-identity", body).reason(), "role_not_allowed");

  const Reply unlinked = confirmed(ann, kPost, path + "/unlink-identity", body);

  ASSERT_EQ(unlinked.status, 200) << unlinked.body;
  EXPECT_EQ(unlinked.json["identities"], json::array());
  EXPECT_EQ(unlinked.json["sessions"], 0);
  EXPECT_EQ(get(bob.browser, "/api/v1/session").status, 401);
  EXPECT_EQ(confirmed(ann, kPost, path + "/unlink-identity", body).reason(), "no_such_identity");
  EXPECT_EQ(post(path + "/unlink-identity", body).reason(), "no_such_identity")
      << "the admin socket";
  EXPECT_EQ(post(path + "/unlink-identity", "{}").reason(), "member_missing");
}

TEST_F(OidcCallsTest, AnotherBrowserGetsNothingForTheCode) {
  Somebody ann = owner();
  ASSERT_EQ(link(ann).status, 201);
  TestBrowser victim;
  const std::string stolen = come_back(post(victim, "/api/v1/session/oidc/begin", "{}"));
  TestBrowser thief;
  (void)post(thief, "/api/v1/session/oidc/begin", "{}");

  const Reply refused = post(thief, "/api/v1/session/oidc", stolen);

  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.reason(), "oidc_sign_in_failed");
  EXPECT_EQ(post(victim, "/api/v1/session/oidc", stolen).status, 202);
}

TEST_F(OidcCallsTest, UnlinkingWantsAStepUpThatNamesTheAccount) {
  Somebody ann = owner();
  const std::string id = link(ann).text("id");
  const std::string path = "/api/v1/me/identities/" + id;
  const Reply refused = browse(ann.browser, kDelete, path);
  EXPECT_EQ(refused.json["step_up"]["change"],
            "Unlink your account ana@example.com at the identity provider");
  EXPECT_EQ(confirmed(ann, kDelete, path).status, 204);
  EXPECT_EQ(get(ann.browser, "/api/v1/me/identities").json["items"], json::array());
  EXPECT_EQ(confirmed(ann, kDelete, path).reason(), "no_such_identity");
}

TEST_F(OidcCallsTest, WhatComesBackIsReadStrictly) {
  TestBrowser browser;
  EXPECT_EQ(post(browser, "/api/v1/session/oidc", R"({"code":"a"})").status, 400);
  EXPECT_EQ(post(browser, "/api/v1/session/oidc", R"({"code":"a","state":"b","x":1})").status, 400);
  const auto with_code = [](std::size_t size) {
    return json{{"code", std::string(size, 'c')}, {"state", "s"}}.dump();
  };
  EXPECT_EQ(post(browser, "/api/v1/session/oidc", with_code(2048)).status, 401);
  EXPECT_EQ(post(browser, "/api/v1/session/oidc", with_code(2049)).status, 400);
  EXPECT_EQ(post(browser, "/api/v1/session/oidc/begin", R"({"to":"https://evil.example"})").status,
            400);
}

TEST_F(OidcCallsTest, AProviderThatIsDownIsSaidSo) {
  at_.provider.down = true;
  TestBrowser browser;
  const Reply reply = post(browser, "/api/v1/session/oidc/begin", "{}");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.reason(), "provider_unreachable");
  EXPECT_EQ(browser.ticket, "");
}

}  // namespace
}  // namespace counterfoil
