#include "doors/management/management_api.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include "authority/audit_log_check.h"
#include "authority/issuer.h"
#include "authority/problem.h"
#include "base/ip_address.h"
#include "crypto/private_key.h"
#include "crypto/signature_scheme.h"
#include "doors/management/api_call.h"
#include "doors/management/reload_facts.h"
#include "doors/management/test_management.h"
#include "journal/journal.h"
#include "keys/api_key_id.h"
#include "verify/reason.h"
#include "wire/http/request_head.h"

namespace counterfoil {
namespace {

using management_test::kNow;
using management_test::ManagementTest;
using management_test::Reply;
using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace): durations in tests

// ---- accounts

TEST_F(ManagementTest, MakesListsAndShowsAccounts) {
  const Reply made = post("/api/v1/accounts", R"({"id":"demo","name":"Demo desk"})");

  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.header("Location"), "/api/v1/accounts/demo");
  EXPECT_EQ(made.text("state"), "active");
  EXPECT_EQ(made.text("created_at"), "2026-03-01T12:00:00.000Z");
  EXPECT_EQ(get("/api/v1/accounts/demo").text("name"), "Demo desk");
  EXPECT_EQ(get("/api/v1/accounts").json["items"].size(), 1U);
}

TEST_F(ManagementTest, PagesThroughAccountsWithoutLosingOrDoublingAny) {
  std::set<std::string> seen;
  for (const char* const id : {"a", "b", "c", "d", "e"}) {
    make_account(id);
  }

  std::string after;
  std::size_t pages = 0;
  do {
    const Reply page = get("/api/v1/accounts?limit=2&after=" + after);
    ASSERT_EQ(page.status, 200);
    EXPECT_FALSE(page.text("as_of").empty());
    for (const auto& account : page.json["items"]) {
      EXPECT_TRUE(seen.insert(account["id"]).second);
    }
    after = page.json["next"].is_string() ? page.json["next"].get<std::string>() : "";
    ++pages;
  } while (!after.empty() && pages < 10);

  EXPECT_EQ(seen.size(), 5U);
  EXPECT_EQ(pages, 3U);
}

TEST_F(ManagementTest, MakesSubAccountsAndListsThemByTheirMaster) {
  make_account();
  make_account("other");

  const Reply made =
      post("/api/v1/accounts", R"({"id":"desk-7","master":"demo","email":"Desk-7@Example.com"})");

  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.text("master"), "demo");
  EXPECT_EQ(made.text("email"), "desk-7@example.com");
  EXPECT_TRUE(get("/api/v1/accounts/demo").json["master"].is_null());
  EXPECT_EQ(get("/api/v1/accounts?master=demo").json["items"].size(), 1U);
  EXPECT_EQ(get("/api/v1/accounts?master=other").json["items"].size(), 0U);
  for (const char* const half : {R"({"id":"x","master":"demo"})", R"({"id":"x","email":"a@b"})"}) {
    EXPECT_EQ(post("/api/v1/accounts", half).reason(), "sub_account_incomplete") << half;
  }
  EXPECT_EQ(post("/api/v1/accounts", R"({"id":"x","master":"demo","email":"desk-7@example.com"})")
                .reason(),
            "email_taken");
}

TEST_F(ManagementTest, ListsWhatAnApiKeyMade) {
  make_account();
  ASSERT_EQ(post("/api/v1/accounts", R"({"id":"desk-7","master":"demo","email":"a@b"})").status,
            201);
  const Reply manager = post("/api/v1/keys",
                             R"({"account":"demo","type":"hmac-sha256","allow_list":["10.0.0.1"],
                                 "permissions":["USER_DATA","MANAGE_KEYS"]})");
  const std::string id = manager.text("api_key");
  const Actor by_key{.name = "key", .source = "10.0.0.1", .key = ApiKeyId::parse(id)};
  const auto first = issuer_->create_key({.account = "desk-7", .label = "first"}, by_key);
  const auto second = issuer_->create_key({.account = "desk-7", .label = "second"}, by_key);
  ASSERT_TRUE(first.has_value() && second.has_value());
  const std::string path = "/api/v1/keys/" + id;
  const std::string made = "/api/v1/keys?parent=" + id;

  EXPECT_EQ(get(path + "/descendants").json["items"].size(), 2U);
  EXPECT_EQ(get(path + "/descendants").json["items"][0]["parent"], id);
  EXPECT_EQ(get(made).json["items"].size(), 2U);
  EXPECT_EQ(get(made + "&q=first").json["items"].size(), 1U);
  (void)post("/api/v1/keys/" + std::string(first->key.id.text()) + "/suspend");
  EXPECT_EQ(get(made + "&state=suspended").json["items"].size(), 1U);
  (void)post(path + "/revoke");
  (void)post("/api/v1/keys/" + std::string(second->key.id.text()) + "/revoke");
  EXPECT_EQ(get(path + "/descendants").json["items"].size(), 1U);
  EXPECT_EQ(get("/api/v1/keys/" + std::string(64, 'z') + "/descendants").status, 404);
  EXPECT_EQ(get(path + "/descendants?x=1").status, 400);
}

TEST_F(ManagementTest, SuspendsAndResumesAnAccount) {
  make_account();

  const Reply suspended = post("/api/v1/accounts/demo/suspend", R"({"cause":"password leaked"})");
  EXPECT_EQ(suspended.text("state"), "suspended");
  EXPECT_EQ(suspended.text("state_cause"), "password leaked");
  EXPECT_EQ(post("/api/v1/accounts/demo/suspend").status, 409);
  EXPECT_EQ(post("/api/v1/accounts/demo/resume").text("state"), "active");
  EXPECT_EQ(post("/api/v1/accounts/demo/resume").reason(), "not_suspended");
}

// ---- making API keys

TEST_F(ManagementTest, ShowsANewSecretOnceAndForbidsToKeepIt) {
  make_account();
  const Reply made = post("/api/v1/keys",
                          R"({"account":"demo","type":"hmac-sha256","label":"bot",
                              "permissions":["USER_DATA","TRADE"],"allow_list":["203.0.113.7"]})");

  ASSERT_EQ(made.status, 201) << made.body;
  const std::string secret = made.text("secret");
  EXPECT_EQ(secret.size(), 64U);
  EXPECT_TRUE(secret.starts_with("cfs1"));
  EXPECT_TRUE(made.text("api_key").starts_with("cfk1"));
  EXPECT_EQ(made.header("Cache-Control"), "no-store");
  EXPECT_EQ(made.header("Location"), "/api/v1/keys/" + made.text("api_key"));
  EXPECT_EQ(made.text("type"), "hmac-sha256");
  EXPECT_EQ(made.json["permissions"].size(), 2U);
  EXPECT_EQ(made.json["allow_list"][0], "203.0.113.7");

  // Every other route, on the same key, gives it never again (control S-03).
  const std::string key = "/api/v1/keys/" + made.text("api_key");
  everything_.clear();
  for (const ManagementRoute& route : management_routes()) {
    std::string path(route.path);
    if (const auto brace = path.find('{'); brace != std::string::npos) {
      path.replace(brace, path.find('}') + 1 - brace,
                   path.contains("account}") ? "demo" : made.text("api_key"));
    }
    if (!path.ends_with("/revoke")) {
      (void)call(route.method, path, route.method == http::Method::kGet ? "" : "{}");
    }
  }
  (void)post(key + "/revoke");
  EXPECT_GT(everything_.size(), 1'000U);
  EXPECT_FALSE(everything_.contains(secret));
}

TEST_F(ManagementTest, GivesANewKeyTheProfilesDefaultsAndAnEnd) {
  make_account();
  const Reply key = get(make_key());

  EXPECT_EQ(key.json["permissions"], nlohmann::json::array({"USER_DATA"}));
  EXPECT_EQ(key.json["allow_list"], nlohmann::json::array({"any"}));
  EXPECT_EQ(key.text("expires_at"), "2026-05-30T12:00:00.000Z");  // 90 days
  EXPECT_TRUE(key.json["last_used_at"].is_null());
  EXPECT_EQ(key.json["pairs"][0]["state"], "active");
}

TEST_F(ManagementTest, RegistersAPublicKeyWhoseHolderProvesPossession) {
  make_account();
  const PrivateKey key = PrivateKey::generate(Scheme::kEd25519, random_).value();

  const Reply made =
      post("/api/v1/keys", R"({"account":"demo","type":"ed25519",)" + proof(key) + "}");

  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_FALSE(made.json.contains("secret"));
  EXPECT_EQ(made.json["pairs"][0]["fingerprint"], key.public_key().fingerprint_text());
  EXPECT_EQ(made.json["pairs"][0]["public_key"], key.public_key().pem());
}

TEST_F(ManagementTest, RefusesAPublicKeyWithoutAProofOrWithAnothersProof) {
  make_account();
  const PrivateKey key = PrivateKey::generate(Scheme::kEd25519, random_).value();
  const PrivateKey other = PrivateKey::generate(Scheme::kEd25519, random_).value();

  auto members = nlohmann::json::parse("{" + proof(key) + "}");
  members["account"] = "demo";
  members["type"] = "ed25519";
  auto without = members;
  without.erase("possession");
  auto foreign = members;
  foreign["public_key"] = other.public_key().pem();

  EXPECT_EQ(post("/api/v1/keys", without.dump()).status, 400);
  EXPECT_EQ(post("/api/v1/keys", foreign.dump()).status, 400);
}

TEST_F(ManagementTest, ImportsAForeignPairAndNeverShowsItsSecret) {
  make_account();
  const std::string id(64, 'A');
  const std::string secret = "TESTONLYsecretOfAnotherExchange0123456789";

  const Reply made = post("/api/v1/keys/import", R"({"account":"demo","api_key":")" + id +
                                                     R"(","secret":")" + secret + R"("})");

  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.json["imported"], true);
  EXPECT_TRUE(made.json["expires_at"].is_null());
  (void)get("/api/v1/keys/" + id);
  EXPECT_FALSE(everything_.contains(secret));
  EXPECT_EQ(
      post("/api/v1/keys/import", R"({"account":"demo","api_key":")" + id +
                                      R"(","secret":"TESTONLYanotherSecret0123456789ABCDEFGH"})")
          .reason(),
      "api_key_exists");
}

// ---- finding and listing

TEST_F(ManagementTest, FindsAKeyByIdBeginningAndLabel) {
  make_account();
  const std::string id = get(make_key("bot")).text("api_key");
  (void)make_key("twin");
  (void)make_key("twin");

  const auto count = [&](const std::string& word) {
    return get("/api/v1/keys?name=" + word).json["items"].size();
  };
  EXPECT_EQ(count(id), 1U);
  EXPECT_EQ(count(id.substr(0, 12)), 1U);
  EXPECT_EQ(count("bot"), 1U);
  EXPECT_EQ(count("twin"), 2U);
  EXPECT_EQ(count("nobody"), 0U);
  EXPECT_EQ(count("cfk1"), 0U);  // too short to mean anybody
}

TEST_F(ManagementTest, ListsKeysByStateAccountAndText) {
  make_account();
  make_account("other");
  const std::string first = make_key("alpha");
  (void)make_key("beta");
  (void)post("/api/v1/keys", R"({"account":"other","type":"hmac-sha256","label":"gamma"})");
  (void)post(first + "/suspend");

  const auto count = [&](const std::string& filter) {
    return get("/api/v1/keys?" + filter).json["items"].size();
  };
  EXPECT_EQ(count(""), 3U);
  EXPECT_EQ(count("state=active"), 2U);
  EXPECT_EQ(count("state=suspended"), 1U);
  EXPECT_EQ(count("account=demo"), 2U);
  EXPECT_EQ(count("account=demo&state=active"), 1U);
  EXPECT_EQ(count("q=gam"), 1U);
  EXPECT_EQ(get("/api/v1/keys?state=dead").reason(), "parameter_type");
}

TEST_F(ManagementTest, ListsKeysThatHoldAPermission) {
  make_account();
  const auto make = [&](const std::string& label, const std::string& permissions) {
    const Reply made = post("/api/v1/keys", R"({"account":"demo","type":"hmac-sha256","label":")" +
                                                label + R"(","permissions":[)" + permissions +
                                                R"(],"allow_list":["203.0.113.7"]})");
    EXPECT_EQ(made.status, 201) << made.body;
    return made.text("api_key");
  };
  const std::string reads = make("reads", R"("USER_DATA")");
  const std::string trades = make("trades", R"("USER_DATA","TRADE")");
  const std::string watches = make("watches", R"("MANAGEMENT_READ")");

  const auto listed = [&](const std::string& filter) {
    const Reply page = get("/api/v1/keys?permission=" + filter);
    EXPECT_EQ(page.status, 200) << page.body;
    std::set<std::string> ids;
    for (const auto& key : page.json["items"]) {
      ids.insert(key["api_key"].get<std::string>());
    }
    return ids;
  };
  EXPECT_EQ(listed("TRADE"), std::set{trades});
  EXPECT_EQ(listed("USER_DATA"), (std::set{reads, trades}));
  EXPECT_EQ(listed("TRADE,MANAGEMENT_READ"), (std::set{trades, watches}));
  EXPECT_EQ(listed("TRADE&account=demo"), std::set{trades});
  EXPECT_EQ(listed("TRADE&q=reads"), std::set<std::string>{});
  EXPECT_EQ(listed("MANAGE_KEYS"), std::set<std::string>{});
}

TEST_F(ManagementTest, RefusesToListByAPermissionThatTheProfileLacks) {
  const Reply near = get("/api/v1/keys?permission=TRADES");

  EXPECT_EQ(near.status, 400);
  EXPECT_EQ(near.reason(), "permission_unknown");
  EXPECT_TRUE(near.text("detail").ends_with("Did you mean 'TRADE'?")) << near.body;
  EXPECT_EQ(get("/api/v1/keys?permission=").reason(), "permission_unknown");
  EXPECT_EQ(get("/api/v1/keys?permission=TRADE,,USER_DATA").reason(), "permission_unknown");
  EXPECT_EQ(get("/api/v1/keys?permission=cfs1TESTONLY").body.find("cfs1TESTONLY"),
            std::string::npos);
}

TEST_F(ManagementTest, PagesThroughFilteredKeys) {
  make_account();
  for (int i = 0; i < 7; ++i) {
    const std::string key = make_key("bot" + std::to_string(i));
    if (i % 2 == 0) {
      (void)post(key + "/suspend");
    }
  }

  std::set<std::string> seen;
  std::string after;
  do {
    const Reply page = get("/api/v1/keys?state=suspended&limit=1&after=" + after);
    for (const auto& key : page.json["items"]) {
      EXPECT_TRUE(seen.insert(key["api_key"]).second);
    }
    after = page.json["next"].is_string() ? page.json["next"].get<std::string>() : "";
  } while (!after.empty() && seen.size() < 10);

  EXPECT_EQ(seen.size(), 4U);
}

// ---- changing API keys

TEST_F(ManagementTest, SuspendsResumesAndRevokes) {
  make_account();
  const std::string key = make_key();

  EXPECT_EQ(post(key + "/suspend", R"({"cause":"odd addresses"})").text("state"), "suspended");
  EXPECT_EQ(post(key + "/resume").text("state"), "active");
  const Reply revoked = post(key + "/revoke", R"({"cause":"leaked"})");
  EXPECT_EQ(revoked.text("state"), "revoked");
  EXPECT_EQ(revoked.text("state_cause"), "leaked");
  EXPECT_EQ(post(key + "/revoke").status, 200);  // whoever asks again gets the same end
  EXPECT_EQ(post(key + "/resume").status, 409);
  EXPECT_EQ(patch(key, R"({"label":"again"})").reason(), "api_key_revoked");
}

TEST_F(ManagementTest, AnswersAChangeWithItsReceiptAndKeepsIt) {
  make_account();
  const std::string key = make_key();
  const std::string id = get(key).text("api_key");

  const Reply revoked = post(key + "/revoke");

  ASSERT_TRUE(revoked.json.contains("receipt")) << revoked.body;
  const auto& receipt = revoked.json["receipt"];
  EXPECT_EQ(receipt["action"], "key.revoke");
  EXPECT_EQ(receipt["object"], id);
  EXPECT_EQ(receipt["gateways"][0]["outcome"], "applied");
  const Reply kept = get("/api/v1/receipts/" + receipt["id"].get<std::string>());
  EXPECT_EQ(kept.json["receipt"], receipt);
  const Reply listed = get("/api/v1/receipts?object=" + id);
  EXPECT_EQ(listed.json["items"][0]["receipt"], receipt);
  EXPECT_TRUE(get("/api/v1/receipt-key").text("public_key").starts_with("-----BEGIN PUBLIC KEY"));

  const Reply suspended = post("/api/v1/accounts/demo/suspend");
  EXPECT_EQ(suspended.json["receipt"]["action"], "account.suspend");
  EXPECT_EQ(get("/api/v1/receipts?object=demo").json["items"].size(), 1U);

  EXPECT_EQ(get("/api/v1/receipts/unknown").reason(), "no_such_receipt");
  EXPECT_EQ(get("/api/v1/receipts").reason(), "object_missing");
  EXPECT_EQ(get("/api/v1/receipts?object=x&more=1").status, 400);
}

TEST_F(ManagementTest, EditsOnlyWhatIsNamed) {
  make_account();
  const std::string key = make_key();

  const Reply edited = patch(key, R"({"label":"new name","permissions":["TRADE"],
                                      "allow_list":["10.0.0.0/8","203.0.113.7"],"expires_at":"2026-12-31T00:00:00Z"})");

  ASSERT_EQ(edited.status, 200) << edited.body;
  EXPECT_EQ(edited.text("label"), "new name");
  EXPECT_EQ(edited.json["permissions"], nlohmann::json::array({"TRADE"}));
  EXPECT_EQ(edited.json["allow_list"].size(), 2U);
  EXPECT_EQ(edited.text("expires_at"), "2026-12-31T00:00:00.000Z");
  EXPECT_EQ(edited.text("account"), "demo");
}

TEST_F(ManagementTest, ChangesAKeyOnlyIfItIsAsItsMakerSawIt) {
  make_account();
  const std::string key = make_key();
  const std::string seen = get(key).header("ETag");
  ASSERT_FALSE(seen.empty());

  const Reply first = patch(key, R"({"label":"one"})", seen);
  EXPECT_EQ(first.status, 200);
  EXPECT_NE(first.header("ETag"), seen);
  const Reply second = patch(key, R"({"label":"two"})", seen);

  EXPECT_EQ(second.status, 412);
  EXPECT_EQ(second.reason(), "changed_meanwhile");
  EXPECT_EQ(get(key).text("label"), "one");
  for (const char* const action : {"/rotate", "/suspend", "/resume", "/revoke", "/end-retiring"}) {
    const std::string body =
        std::string_view(action) == "/rotate" ? R"({"type":"hmac-sha256"})" : "{}";
    EXPECT_EQ(post(key + action, body, seen).status, 412) << action;
  }
  EXPECT_EQ(post(key + "/suspend", "{}", "7").reason(), "if_match_malformed");
  EXPECT_EQ(post(key + "/suspend", "{}", get(key).header("ETag")).status, 200);
}

TEST_F(ManagementTest, RotatesWithOverlapAndEndsIt) {
  make_account();
  const std::string key = make_key();
  const PrivateKey next = PrivateKey::generate(Scheme::kEd25519, random_).value();

  const Reply rotated =
      post(key + "/rotate", R"({"type":"ed25519","overlap_s":3600,)" + proof(next) + "}");

  ASSERT_EQ(rotated.status, 200) << rotated.body;
  EXPECT_EQ(rotated.text("type"), "ed25519");
  ASSERT_EQ(rotated.json["pairs"].size(), 2U);
  EXPECT_EQ(rotated.json["pairs"][0]["state"], "retiring");
  EXPECT_EQ(rotated.json["pairs"][0]["retires_at"], "2026-03-01T13:00:00.000Z");
  EXPECT_EQ(post(key + "/rotate", R"({"type":"hmac-sha256"})").reason(), "already_rotating");
  EXPECT_EQ(post(key + "/end-retiring").json["pairs"].size(), 1U);
}

TEST_F(ManagementTest, ShowsTheNewSecretOfARotationOnce) {
  make_account();
  const Reply rotated = post(make_key() + "/rotate", R"({"type":"hmac-sha256","overlap_s":0})");

  EXPECT_TRUE(rotated.text("secret").starts_with("cfs1"));
  EXPECT_EQ(rotated.header("Cache-Control"), "no-store");
}

// ---- what happened

TEST_F(ManagementTest, TellsWhoUsedAKey) {
  make_account();
  const std::string key = make_key();
  const std::string id = get(key).text("api_key");
  const UsageRow row{.api_key = id,
                     .pair = 1,
                     .address = IpAddress::parse("203.0.113.7").value(),
                     .client = "bot/1.0",
                     .route = "GET /api/v3/account",
                     .first = kNow - 90s,
                     .last = kNow - 60s,
                     .count = 3,
                     .last_request_id = "r1"};
  ASSERT_TRUE(journal_->record_usage({{row}}).has_value());

  const Reply usage = get(key + "/usage");

  ASSERT_EQ(usage.status, 200) << usage.body;
  EXPECT_EQ(usage.json["accepted_last_hour"], 3);
  EXPECT_EQ(usage.text("last_used_at"), "2026-03-01T11:59:00.000Z");
  EXPECT_EQ(usage.json["clients"][0]["address"], "203.0.113.7");
  EXPECT_EQ(usage.json["routes"][0]["route"], "GET /api/v3/account");
  EXPECT_EQ(get(key).text("last_used_at"), "2026-03-01T11:59:00.000Z");
  const Reply listed = get("/api/v1/keys?usage=day");
  EXPECT_EQ(listed.json["items"][0]["usage"]["accepted"], 3);
  EXPECT_EQ(listed.json["items"][0]["usage"]["steps"].size(), 1U);
  EXPECT_EQ(listed.json["items"][0]["last_use"]["client"], "bot/1.0");
  EXPECT_FALSE(get("/api/v1/keys").json["items"][0].contains("usage"));
  EXPECT_EQ(get("/api/v1/keys?usage=week").reason(), "parameter_type");
  EXPECT_EQ(get(key + "/usage?step=day").reason(), "parameter_type");
}

TEST_F(ManagementTest, ListsRefusalsWithTheirTrueReasons) {
  make_account();
  const std::string id = get(make_key()).text("api_key");
  const RefusalRow row{.request_id = "r-1",
                       .time = kNow,
                       .api_key = id,
                       .account = "demo",
                       .reason = static_cast<std::uint16_t>(Reason::kSignatureWrong),
                       .reason_name = std::string(describe(Reason::kSignatureWrong).name),
                       .method = "GET",
                       .route = "GET /api/v3/account",
                       .path = "/api/v3/account",
                       .address = IpAddress::parse("203.0.113.7").value(),
                       .client = "bot \x01\xff"};  // from a stranger: any byte
  ASSERT_TRUE(journal_->record_refusals({{row}}).has_value());

  const Reply listed = get("/api/v1/refusals?api_key=" + id + "&reason=signature_wrong");

  ASSERT_EQ(listed.json["items"].size(), 1U) << listed.body;
  EXPECT_EQ(listed.json["items"][0]["reason"], "signature_wrong");
  EXPECT_FALSE(listed.json["items"][0]["fix"].get<std::string>().empty());
  EXPECT_EQ(get("/api/v1/refusals/r-1").text("path"), "/api/v3/account");
  EXPECT_EQ(get("/api/v1/refusals/r-2").status, 404);
  EXPECT_EQ(get("/api/v1/refusals?reason=nonsense").status, 400);
}

TEST_F(ManagementTest, ExportsAnAuditLogThatTheCheckerFindsWhole) {
  make_account();
  (void)post(make_key() + "/revoke", R"({"cause":"test"})");
  ASSERT_TRUE(keeper_->pump().has_value());

  const Reply page = get("/api/v1/audit?limit=500");
  const Reply log = get("/api/v1/audit/export");

  ASSERT_FALSE(page.json["items"].empty());
  const auto& last = page.json["items"].back();
  EXPECT_EQ(last["action"], "key.revoke");
  EXPECT_EQ(last["actor"], "socket:uid=7");
  const auto checked = check_audit_log(log.body, {.public_key = keeper_->public_key()});
  ASSERT_TRUE(checked.has_value()) << checked.error().sentence;
  EXPECT_EQ(checked->records, last["seq"].get<std::uint64_t>());
}

// ---- the node

TEST_F(ManagementTest, TellsOfTheNodeAndItsProfile) {
  EXPECT_EQ(get("/api/v1/status").text("version"), "1.2.3");
  const Reply profile = get("/api/v1/profile");
  EXPECT_EQ(profile.json["permissions"][1]["name"], "TRADE");
  EXPECT_EQ(profile.json["permissions"][1]["needs_allow_list"], true);
  EXPECT_EQ(profile.json["types"].size(), 3U);
  EXPECT_EQ(profile.json["routes"], 1);
  EXPECT_EQ(profile.json["route_permissions"],
            nlohmann::json::parse(
                R"([{"route":"GET /api/v3/account","permissions":["USER_DATA"],"weight":1}])"));
  EXPECT_EQ(profile.json["limits"]["rules"][0],
            nlohmann::json::parse(R"({"type":"request_weight","of":"address",
                                      "interval":"minute","count":1,"limit":1000})"));
  EXPECT_EQ(profile.json["limits"]["api_keys_per_account"], 30);
  EXPECT_TRUE(profile.json["gateway_url"].is_null());
  EXPECT_EQ(profile.json["reminder_days"], nlohmann::json::array());
}

// ---- what is refused

struct BadCall {
  const char* name;
  http::Method method;
  const char* target;  // KEY stands for an API key that exists
  const char* body;
  int status;
  const char* reason;
};
constexpr auto kBadCalls = std::to_array<BadCall>({
    {"no_such_path", http::Method::kGet, "/api/v1/nothing", "", 404, "no_such_resource"},
    {"path_below_a_key", http::Method::kGet, "/api/v1/keys/KEY/a/b", "", 404, "no_such_resource"},
    {"empty_id", http::Method::kGet, "/api/v1/keys/", "", 404, "no_such_resource"},
    {"wrong_method", http::Method::kDelete, "/api/v1/keys/KEY", "", 405, "method_not_allowed"},
    {"get_with_a_body", http::Method::kGet, "/api/v1/keys", "{}", 400, "body_unexpected"},
    {"not_json", http::Method::kPost, "/api/v1/accounts", "{", 400, "json_malformed"},
    {"two_documents", http::Method::kPost, "/api/v1/accounts", "{}{}", 400, "json_malformed"},
    {"invalid_utf8", http::Method::kPost, "/api/v1/accounts", "{\"id\":\"\xff\"}", 400,
     "json_malformed"},
    {"member_twice", http::Method::kPost, "/api/v1/accounts", R"({"id":"a","id":"b"})", 400,
     "json_member_repeated"},
    {"not_an_object", http::Method::kPost, "/api/v1/accounts", "[1]", 400, "json_not_an_object"},
    {"fraction", http::Method::kPost, "/api/v1/accounts", R"({"id":1.5})", 400,
     "json_number_refused"},
    {"id_missing", http::Method::kPost, "/api/v1/accounts", "{}", 400, "member_missing"},
    {"id_of_wrong_type", http::Method::kPost, "/api/v1/accounts", R"({"id":7})", 400, "json_type"},
    {"id_null", http::Method::kPost, "/api/v1/accounts", R"({"id":null})", 400, "json_type"},
    {"id_too_long", http::Method::kPost, "/api/v1/accounts",
     R"({"id":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})", 400, "too_long"},
    {"id_with_capitals", http::Method::kPost, "/api/v1/accounts", R"({"id":"Demo"})", 400,
     "account_id_invalid"},
    {"account_exists", http::Method::kPost, "/api/v1/accounts", R"({"id":"demo"})", 409,
     "account_exists"},
    {"unknown_member", http::Method::kPost, "/api/v1/accounts", R"({"id":"x","nmae":"y"})", 400,
     "member_unknown"},
    {"unknown_account", http::Method::kGet, "/api/v1/accounts/nobody", "", 404, "no_such_account"},
    {"unknown_parameter", http::Method::kGet, "/api/v1/keys?stat=active", "", 400,
     "parameter_unknown"},
    {"parameter_twice", http::Method::kGet, "/api/v1/keys?limit=1&limit=2", "", 400,
     "parameter_repeated"},
    {"limit_zero", http::Method::kGet, "/api/v1/keys?limit=0", "", 400, "parameter_type"},
    {"limit_past_most", http::Method::kGet, "/api/v1/keys?limit=501", "", 400, "parameter_type"},
    {"limit_not_a_number", http::Method::kGet, "/api/v1/keys?limit=x", "", 400, "parameter_type"},
    {"query_escape", http::Method::kGet, "/api/v1/keys?q=%zz", "", 400, "query_malformed"},
    {"post_with_query", http::Method::kPost, "/api/v1/keys/KEY/suspend?cause=x", "", 400,
     "parameter_unknown"},
    {"unknown_key", http::Method::kGet, "/api/v1/keys/AAAA", "", 404, "no_such_key"},
    {"unknown_key_usage", http::Method::kGet, "/api/v1/keys/AAAA/usage", "", 404, "no_such_key"},
    {"key_for_no_account", http::Method::kPost, "/api/v1/keys",
     R"({"account":"nobody","type":"hmac-sha256"})", 404, "no_such_account"},
    {"type_missing", http::Method::kPost, "/api/v1/keys", R"({"account":"demo"})", 400,
     "member_missing"},
    {"type_unknown", http::Method::kPost, "/api/v1/keys", R"({"account":"demo","type":"rsa"})", 400,
     "type_unknown"},
    {"permission_unknown", http::Method::kPost, "/api/v1/keys",
     R"({"account":"demo","type":"hmac-sha256","permissions":["FLY"]})", 400, "permission_unknown"},
    {"permissions_empty", http::Method::kPost, "/api/v1/keys",
     R"({"account":"demo","type":"hmac-sha256","permissions":[]})", 400, "list_empty"},
    {"permission_with_comma", http::Method::kPost, "/api/v1/keys",
     R"({"account":"demo","type":"hmac-sha256","permissions":["USER_DATA,TRADE"]})", 400,
     "json_type"},
    {"allow_list_needed", http::Method::kPost, "/api/v1/keys",
     R"({"account":"demo","type":"hmac-sha256","permissions":["TRADE"]})", 400,
     "allow_list_required"},
    {"allow_list_wrong", http::Method::kPost, "/api/v1/keys",
     R"({"account":"demo","type":"hmac-sha256","allow_list":["10.0.0.1/8"]})", 400,
     "allow_list_invalid"},
    {"expiry_past", http::Method::kPost, "/api/v1/keys",
     R"({"account":"demo","type":"hmac-sha256","expires_at":"2020-01-01T00:00:00Z"})", 400,
     "expiry_in_the_past"},
    {"expiry_not_a_time", http::Method::kPost, "/api/v1/keys",
     R"({"account":"demo","type":"hmac-sha256","expires_at":"soon"})", 400, "json_type"},
    {"public_key_for_hmac", http::Method::kPost, "/api/v1/keys",
     R"({"account":"demo","type":"hmac-sha256","public_key":"x"})", 400, "public_key_unexpected"},
    {"public_key_garbage", http::Method::kPost, "/api/v1/challenges",
     R"({"account":"demo","public_key":"x"})", 400, "public_key_invalid"},
    {"possession_not_an_object", http::Method::kPost, "/api/v1/keys",
     R"({"account":"demo","type":"ed25519","possession":7})", 400, "json_not_an_object"},
    {"possession_unknown_member", http::Method::kPost, "/api/v1/keys",
     R"({"account":"demo","type":"ed25519","possession":{"nonce":"a","signature":"b","c":1}})", 400,
     "member_unknown"},
    {"import_secret_missing", http::Method::kPost, "/api/v1/keys/import",
     R"({"account":"demo","api_key":"A"})", 400, "member_missing"},
    {"import_id_malformed", http::Method::kPost, "/api/v1/keys/import",
     R"({"account":"demo","api_key":"A","secret":"TESTONLY0123456789abcdefghijklmn"})", 400,
     "api_key_malformed"},
    {"edit_nothing", http::Method::kPatch, "/api/v1/keys/KEY", "{}", 400, "nothing_to_change"},
    {"edit_state", http::Method::kPatch, "/api/v1/keys/KEY", R"({"state":"active"})", 400,
     "nothing_to_change"},
    {"label_with_control_byte", http::Method::kPatch, "/api/v1/keys/KEY", R"({"label":"a\u0007b"})",
     400, "label_invalid"},
    {"overlap_negative", http::Method::kPost, "/api/v1/keys/KEY/rotate",
     R"({"type":"hmac-sha256","overlap_s":-1})", 400, "json_type"},
    {"overlap_too_long", http::Method::kPost, "/api/v1/keys/KEY/rotate",
     R"({"type":"hmac-sha256","overlap_s":2592001})", 400, "json_type"},
    {"end_without_rotation", http::Method::kPost, "/api/v1/keys/KEY/end-retiring", "", 409,
     "no_such_pair"},
    {"resume_active", http::Method::kPost, "/api/v1/keys/KEY/resume", "", 409, "not_suspended"},
    {"resume_with_members", http::Method::kPost, "/api/v1/keys/KEY/resume", R"({"cause":"x"})", 400,
     "member_unknown"},
    {"cause_with_line_end", http::Method::kPost, "/api/v1/keys/KEY/revoke", R"({"cause":"a\nb"})",
     400, "cause_invalid"},
});

TEST_F(ManagementTest, RefusesEveryBadCallWithItsReason) {
  make_account();
  const std::string id = get(make_key()).text("api_key");

  for (const BadCall& bad : kBadCalls) {
    std::string target = bad.target;
    if (const auto at = target.find("KEY"); at != std::string::npos) {
      target.replace(at, 3, id);
    }
    const Reply reply = call(bad.method, target, bad.body);

    EXPECT_EQ(reply.status, bad.status) << bad.name << ": " << reply.body;
    EXPECT_EQ(reply.reason(), bad.reason) << bad.name << ": " << reply.body;
    EXPECT_EQ(reply.text("request_id"), "request-1") << bad.name;
    EXPECT_FALSE(reply.text("detail").empty()) << bad.name;
  }
  EXPECT_EQ(get("/api/v1/keys/" + id).text("state"), "active");  // none of them did anything
}

TEST_F(ManagementTest, SuggestsTheNameThatWasMeant) {
  make_account();
  const Reply reply =
      post("/api/v1/keys", R"({"account":"demo","type":"hmac-sha256","permision":["USER_DATA"]})");

  EXPECT_TRUE(reply.text("detail").contains("permissions")) << reply.body;
  EXPECT_EQ(reply.text("member"), "permision");
}

TEST_F(ManagementTest, DoesNotRepeatWhatMayBeASecretOutOfPlace) {
  make_account();
  const std::string secret =
      "cfs1TESTONLYTESTONLYTESTONLYTESTONLYTESTONLYTESTONLYTESTONLYTEST\xC3\xA9";
  (void)post("/api/v1/keys", R"({"account":"demo","type":"hmac-sha256",")" + secret + R"(":1})");
  (void)post("/api/v1/keys", R"({"account":"demo","type":")" + secret + R"("})");
  (void)post("/api/v1/keys", R"({"account":"demo","secret":")" + secret + "\"");
  (void)get("/api/v1/keys?" + std::string("limit=") + "cfs1TESTONLY");

  EXPECT_FALSE(everything_.contains("cfs1TESTONLY"));
}

TEST_F(ManagementTest, TakesNothingButJson) {
  for (const std::string_view type :
       {"text/plain", "", "application/json;charset=utf-16", "application/jsonp"}) {
    const ApiAnswer answer = api_->answer({.method = http::Method::kPost,
                                           .path = "/api/v1/accounts",
                                           .content_type = type,
                                           .body = R"({"id":"demo"})",
                                           .request_id = "r"});
    EXPECT_EQ(answer.status, 415) << type;
  }
  EXPECT_EQ(get("/api/v1/accounts/demo").status, 404);
}

TEST_F(ManagementTest, TakesABodyAtTheLimitAndRefusesOneByteMore) {
  const std::string body = R"({"id":"demo","name":")";
  const std::string end = "\"}";
  const std::string padded =
      "{" + std::string(ManagementApi::kBodyBytesMax - body.size() - end.size(), ' ') +
      body.substr(1) + end;
  ASSERT_EQ(padded.size(), ManagementApi::kBodyBytesMax);

  EXPECT_EQ(post("/api/v1/accounts", padded + " ").status, 413);
  EXPECT_EQ(post("/api/v1/accounts", padded).status, 201);
}

TEST_F(ManagementTest, ListsAMethodForEveryPathOnce) {
  std::set<std::tuple<int, std::string>> seen;
  for (const ManagementRoute& route : management_routes()) {
    EXPECT_TRUE(seen.insert({static_cast<int>(route.method), std::string(route.path)}).second);
    EXPECT_TRUE(route.path.starts_with("/api/v1/"));
    EXPECT_TRUE(route.purpose.ends_with("."));
  }
}

// The document holds the table word for word, so that neither can move without the other.
TEST(ManagementRoutes, StandInTheDocument) {
  std::ifstream file(COUNTERFOIL_SOURCE_DIR "/docs/management-api.md");
  std::string rows;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("| GET") || line.starts_with("| POST") || line.starts_with("| PATCH") ||
        line.starts_with("| DELETE")) {
      rows += line + "\n";
    }
  }

  std::string wanted;
  for (const ManagementRoute& route : management_routes()) {
    wanted += "| " + std::string(http::method_name(route.method)) + " | `" +
              std::string(route.path) + "` | " + std::string(route.purpose) + " |\n";
  }
  EXPECT_EQ(rows, wanted);
}

// ---- many keys at once

TEST_F(ManagementTest, AMassActionIsPreparedStartedAndReported) {
  make_account();
  const std::string key = make_key("bot");
  (void)make_key("other");

  const Reply prepared = post("/api/v1/mass-actions",
                              R"({"action":"revoke","cause":"leaked","select":{"label":"bot"}})");
  ASSERT_EQ(prepared.status, 201) << prepared.body;
  EXPECT_EQ(prepared.text("state"), "prepared");
  EXPECT_EQ(prepared.json["selected"]["keys"], 1);
  EXPECT_EQ(prepared.json["to_change"], 1);
  EXPECT_EQ(prepared.json["select"], nlohmann::json({{"label", "bot"}}));
  EXPECT_EQ(get(key).text("state"), "active");

  const std::string action = "/api/v1/mass-actions/" + prepared.text("id");
  EXPECT_EQ(post(action + "/start").text("state"), "running");
  while (mass_actions_->step()) {
  }

  const Reply ended = get(action);
  EXPECT_EQ(ended.text("state"), "done");
  EXPECT_EQ(ended.json["changed"], 1);
  EXPECT_EQ(ended.json["still_valid"], 0);
  EXPECT_EQ(ended.text("by"), "socket:uid=7");
  EXPECT_EQ(get(key).text("state"), "revoked");
  const auto line = nlohmann::json::parse(get(action + "/results").body);
  EXPECT_EQ(line["outcome"], "changed");
  EXPECT_EQ(get("/api/v1/receipts/" + line["receipt"].get<std::string>()).status, 200);
  EXPECT_EQ(get("/api/v1/mass-actions").json["items"].size(), 1U);
}

TEST_F(ManagementTest, TheListOfAMassActionIsFilledInParts) {
  make_account();
  const std::string one = make_key("bot").substr(std::string_view("/api/v1/keys/").size());
  const std::string two = make_key("bot").substr(std::string_view("/api/v1/keys/").size());

  const Reply prepared = post("/api/v1/mass-actions",
                              R"({"action":"suspend","select":{"api_keys":[")" + one + R"("]}})");
  ASSERT_EQ(prepared.status, 201) << prepared.body;
  const std::string action = "/api/v1/mass-actions/" + prepared.text("id");
  EXPECT_EQ(post(action + "/keys", R"({"api_keys":[")" + two + R"("]})").status, 200);
  EXPECT_EQ(post(action + "/start").json["selected"]["keys"], 2);
  while (mass_actions_->step()) {
  }
  EXPECT_EQ(get(action).json["changed"], 2);
}

TEST_F(ManagementTest, AMassActionSelectsInSeveralAccounts) {
  make_account("demo");
  make_account("desk");
  const Reply several =
      post("/api/v1/mass-actions",
           R"({"action":"suspend","select":{"accounts":["desk","demo","desk"]}})");
  EXPECT_EQ(several.status, 201) << several.body;
  EXPECT_EQ(several.json["select"], nlohmann::json::parse(R"({"accounts":["demo","desk"]})"));
  const Reply one =
      post("/api/v1/mass-actions", R"({"action":"suspend","select":{"accounts":["desk"]}})");
  EXPECT_EQ(one.json["select"], nlohmann::json::parse(R"({"account":"desk"})"));
  EXPECT_TRUE(one.json["stop_reason"].is_null());
}

TEST_F(ManagementTest, AMassActionThatMakesNoSenseIsRefusedWithTheMember) {
  const auto refused = [&](std::string_view body) {
    const Reply reply = post("/api/v1/mass-actions", body);
    EXPECT_EQ(reply.status, 400) << reply.body;
    return reply.reason() + " " + reply.text("member");
  };
  EXPECT_EQ(refused(R"({"action":"delete","select":{"vendor":"acme"}})"), "parameter_type action");
  EXPECT_EQ(refused(R"({"action":"revoke"})"), "selection_empty ");
  EXPECT_EQ(refused(R"({"action":"revoke","select":{"everything":false}})"), "selection_empty ");
  EXPECT_EQ(refused(R"({"action":"revoke","select":{"everything":1}})"),
            "json_type select.everything");
  EXPECT_EQ(refused(R"({"action":"revoke","select":{"used_from":"10.0.0.1/8"}})"),
            "parameter_type select.used_from");
  EXPECT_EQ(refused(R"({"action":"revoke","select":{"api_keys":["short"]}})"),
            "parameter_type select.api_keys");
  // A list of none does not mean all there are.
  EXPECT_EQ(refused(R"({"action":"revoke","select":{"label":"bot","accounts":[]}})"),
            "parameter_type select.accounts");
  EXPECT_EQ(refused(R"({"action":"revoke","select":{"accounts":["demo",""]}})"),
            "json_type select.accounts");
  EXPECT_EQ(get("/api/v1/mass-actions/nothing").reason(), "no_such_mass_action");
  EXPECT_EQ(post("/api/v1/mass-actions/nothing/start").reason(), "no_such_mass_action");
  EXPECT_EQ(get("/api/v1/mass-actions/nothing/results").status, 404);
}

TEST_F(ManagementTest, AReloadTellsWhatBecameOfIt) {
  reload_answer_ = ReloadFacts{.taken_over = {"rest.hosts"}, .needs_restart = {"rest.listen"}};
  const Reply done = post("/api/v1/reload");
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(done.json,
            (nlohmann::json{{"taken_over", {"rest.hosts"}}, {"needs_restart", {"rest.listen"}}}));
  EXPECT_EQ(post("/api/v1/reload", R"({"file":"/etc/passwd"})").status, 400);

  reload_answer_ = std::unexpected(Problem{.kind = Problem::Kind::kInvalid,
                                           .reason = "configuration_faulty",
                                           .detail = "counterfoil.toml:3: no"});
  const Reply faulty = post("/api/v1/reload");
  EXPECT_EQ(faulty.status, 400);
  EXPECT_EQ(faulty.text("detail"), "counterfoil.toml:3: no");
  EXPECT_EQ(faulty.text("action"), "counterfoil config check");
}

TEST_F(ManagementTest, AClockIsConfirmedWithTheStepThatWasSeen) {
  EXPECT_EQ(post("/api/v1/clock/confirm", R"({"step_ms":-3600000})").status, 200);
  EXPECT_EQ(confirmed_step_ms_, -3'600'000);
  EXPECT_EQ(post("/api/v1/clock/confirm").json.value("in_doubt", true), false);
  EXPECT_EQ(confirmed_step_ms_, std::nullopt);
  EXPECT_EQ(post("/api/v1/clock/confirm", R"({"step_ms":"1"})").status, 400);
  EXPECT_EQ(get("/api/v1/clock/confirm").status, 405);
}

}  // namespace
}  // namespace counterfoil
