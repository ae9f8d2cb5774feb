// Calls of the management API that an API key signs in the place of a session.
#include "doors/management/signed_call.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/person.h"
#include "authority/issuer.h"
#include "authority/management_keys.h"
#include "authority/test_people.h"
#include "base/account_id.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "doors/management/api_fault.h"
#include "doors/management/test_console.h"
#include "doors/management/test_key_caller.h"
#include "doors/management/test_management.h"
#include "keys/api_key_id.h"
#include "policy/permission_rule.h"
#include "verify/reason.h"
#include "wire/http/request_head.h"

namespace counterfoil {
namespace {

using management_test::KeyCallerTest;
using management_test::Reply;
using management_test::SignedText;
using management_test::TestKey;
using enum http::Method;

constexpr std::string_view kList = "/api/v1/keys";

class SignedCallTest : public KeyCallerTest {
 protected:
  SignedCallTest() {
    make_account("demo");
    make_account("other");
    reader_ = management_key("demo", "MANAGEMENT_READ");
    manager_ = management_key("demo", "MANAGEMENT");
    trader_ = management_key("demo", "TRADE");
    key_ = make_key();  // a path
  }
  [[nodiscard]] std::string suspension() const { return key_ + "/suspend"; }

  TestKey reader_;
  TestKey manager_;
  TestKey trader_;
  std::string key_;
};

// ---- what is signed

TEST_F(SignedCallTest, ReadsWhatBelongsToItsAccount) {
  const Reply listed = by_key(reader_, kGet, "/api/v1/keys?limit=2");

  ASSERT_EQ(listed.status, 200) << listed.body;
  EXPECT_EQ(listed.json["items"].size(), 2U);
  EXPECT_EQ(by_key(reader_, kGet, key_).status, 200);
  EXPECT_EQ(by_key(reader_, kGet, "/api/v1/accounts/other").status, 404);
}

TEST_F(SignedCallTest, ChangesAndIsNamedInTheAuditLog) {
  const Reply suspended = by_key(manager_, kPost, suspension(), R"({"cause":"runaway"})");

  ASSERT_EQ(suspended.status, 200) << suspended.body;
  EXPECT_EQ(suspended.text("state"), "suspended");
  const auto record = nlohmann::json::parse(registry_->last_audit().value()->bytes);
  EXPECT_EQ(record["action"], "key.suspend");
  EXPECT_EQ(record["actor"], "key:" + manager_.id);
  EXPECT_EQ(record["source"], "203.0.113.7");
  EXPECT_EQ(record["detail"]["by_key"], manager_.id);
}

TEST_F(SignedCallTest, TheBodyIsSignedAsItIs) {
  const std::string query = "call=POST:" + suspension();
  const SignedText sent = signed_text(manager_, query, R"({"cause": "runaway" })");

  EXPECT_EQ(send_signed(manager_, kPost, suspension(),
                        {.query = sent.query, .body = R"({"cause":"runaway"})"})
                .reason(),
            "not_signed");
  EXPECT_EQ(send_signed(manager_, kPost, suspension(), {.query = sent.query, .body = {}}).reason(),
            "not_signed");
  EXPECT_EQ(send_signed(manager_, kPost, suspension(), sent).status, 200);
}

TEST_F(SignedCallTest, EveryPartThatIsTamperedWithIsNoticed) {
  const SignedText sent = signed_text(reader_, "limit=3");
  const auto changed = [&](std::string_view from, std::string_view to) {
    std::string query = sent.query;
    query.replace(query.find(from), from.size(), to);
    return send_signed(reader_, kGet, kList, {.query = query, .body = {}}).reason();
  };

  EXPECT_EQ(changed("limit=3", "limit=4"), "not_signed");
  EXPECT_EQ(changed("limit=3&", ""), "not_signed");
  EXPECT_EQ(changed("limit=3", "limit=3&q=x"), "not_signed");
  EXPECT_EQ(changed("timestamp=1772366400000", "timestamp=1772366400001"), "not_signed");
  EXPECT_EQ(changed("&signature=", "&signature=00"), "not_signed");
  EXPECT_EQ(changed("", ""), "");
}

// ---- published calls (testdata/signed-calls.json)

class SignedCallVectors : public KeyCallerTest {
 protected:
  void import(const nlohmann::json& key, std::string_view permission) {
    nlohmann::json wish{{"account", "demo"},
                        {"api_key", key["api_key"]},
                        {"permissions", {permission}},
                        {"allow_list", {"203.0.113.0/24"}}};
    const char* const half = key.contains("secret") ? "secret" : "public_key";
    wish[half] = key[half];
    const Reply made = post("/api/v1/keys/import", wish.dump());
    ASSERT_EQ(made.status, 201) << made.body;
  }
};

TEST_F(SignedCallVectors, AreJudgedAsTheySay) {
  std::ifstream file(COUNTERFOIL_SOURCE_DIR "/testdata/signed-calls.json");
  const auto vectors = nlohmann::json::parse(file);
  make_account("demo");
  ASSERT_EQ(to_unix_ms(clock_.now()), vectors["now_ms"].get<std::int64_t>());
  std::map<std::string, TestKey> keys;
  for (const auto& key : vectors["keys"]) {
    import(key, "MANAGEMENT");
    keys[key["key"]] = {.id = key["api_key"], .secret = {}};
  }
  const std::string object = vectors["object"];
  import({{"api_key", object},
          {"secret", "TESTONLYnotAsecretOfAnybody0123456789abcdefghijKLMNOPQRSTUVWXYZ9"}},
         "USER_DATA");

  for (const auto& one : vectors["cases"]) {
    const http::Method method = one["method"] == "GET" ? kGet : kPost;
    const Reply reply = send_signed(keys.at(one["key"]), method, one["path"].get<std::string>(),
                                    {.query = one["query"], .body = one["body"]});

    if (one["expect"] == 200) {
      EXPECT_EQ(reply.status, 200) << one["name"] << reply.body;
    } else {
      EXPECT_EQ(reply.reason(), one["expect"].get<std::string>()) << one["name"] << reply.body;
    }
    if (get("/api/v1/keys/" + object).text("state") == "suspended") {
      ASSERT_EQ(post("/api/v1/keys/" + object + "/resume").status, 200);
    }
  }
}

// ---- which call it is (the vendor's signature covers neither method nor path)

TEST_F(SignedCallTest, AChangeSaysWhichCallItIs) {
  const auto reason_of = [&](const std::string& query) {
    clock_.advance(std::chrono::milliseconds(1));
    return send_signed(manager_, kPost, suspension(), signed_text(manager_, query)).reason();
  };

  EXPECT_EQ(reason_of(""), "call_not_named");
  EXPECT_EQ(reason_of("call="), "call_not_named");
  EXPECT_EQ(reason_of("call=POST:" + key_ + "/revoke"), "call_not_named");
  EXPECT_EQ(reason_of("call=GET:" + suspension()), "call_not_named");
  EXPECT_EQ(reason_of("call=post:" + suspension()), "call_not_named");
  EXPECT_EQ(reason_of("call=POST:" + suspension() + "/"), "call_not_named");
  EXPECT_EQ(refused_reasons().front(), "call_not_named");
  EXPECT_EQ(get(key_).text("state"), "active");
  EXPECT_EQ(reason_of("call=POST%3A%2Fapi%2Fv1%2Fkeys%2F" + key_.substr(13) + "%2Fsuspend"), "");
  EXPECT_EQ(get(key_).text("state"), "suspended");
}

TEST_F(SignedCallTest, AReadThatSaysItIsForAnotherCallIsRefused) {
  EXPECT_EQ(by_key(reader_, kGet, "/api/v1/keys?call=GET:/api/v1/keys").status, 200);
  EXPECT_EQ(by_key(reader_, kGet, "/api/v1/keys?call=GET:/api/v1/accounts").reason(),
            "call_not_named");
}

TEST_F(SignedCallTest, AReadThatWasSeenServesForNoChange) {
  const SignedText read = signed_text(manager_, "call=POST:" + suspension());
  EXPECT_EQ(send_signed(manager_, kGet, key_, read).reason(), "call_not_named");

  const SignedText seen = signed_text(manager_, "");
  EXPECT_EQ(send_signed(manager_, kGet, key_, seen).status, 200);
  EXPECT_EQ(send_signed(manager_, kPost, suspension(), seen).reason(), "replayed");
}

// ---- replay

TEST_F(SignedCallTest, AChangeIsMadeOnceForOneSignature) {
  const SignedText sent = signed_text(manager_, "call=POST:" + suspension());

  EXPECT_EQ(send_signed(manager_, kPost, suspension(), sent).status, 200);
  const Reply again = send_signed(manager_, kPost, suspension(), sent);
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.reason(), "replayed");
}

TEST_F(SignedCallTest, TheWindowHolds) {
  const SignedText sent = signed_text(reader_, "recvWindow=3000");
  clock_.advance(std::chrono::milliseconds(3'000));
  EXPECT_EQ(send_signed(reader_, kGet, kList, sent).status, 200);
  clock_.advance(std::chrono::milliseconds(1));
  const Reply late = send_signed(reader_, kGet, kList, sent);
  EXPECT_EQ(late.status, 401);
  EXPECT_EQ(late.reason(), "timestamp_late");
}

// ---- who may, and what a stranger is told

TEST_F(SignedCallTest, WhatAKeyIsInIsToldToNobodyWhoMayNotCall) {
  const TestKey unknown{.id = std::string(64, 'z'), .secret = reader_.secret};
  const TestKey wrong{.id = reader_.id, .secret = trader_.secret};
  const TestKey suspended = management_key("demo", "MANAGEMENT_READ");
  const TestKey revoked = management_key("demo", "MANAGEMENT_READ");
  ASSERT_EQ(post("/api/v1/keys/" + suspended.id + "/suspend").status, 200);
  ASSERT_EQ(post("/api/v1/keys/" + revoked.id + "/revoke").status, 200);

  const std::string nobody = told(by_key(unknown, kGet, kList));
  for (const TestKey& key : {wrong, suspended, revoked}) {
    const Reply refused = by_key(key, kGet, kList);
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(told(refused), nobody);
  }
  EXPECT_EQ(refused_reasons(), (std::vector<std::string>{"api_key_revoked", "api_key_suspended",
                                                         "signature_wrong", "api_key_unknown"}));
}

TEST_F(SignedCallTest, AnAddressAndAPermissionAreRefusedInOneText) {
  const SignedText sent = signed_text(manager_, "");
  const Reply elsewhere = send_signed(manager_, kGet, kList, sent, "198.51.100.1");
  const Reply trading = by_key(trader_, kGet, kList);

  EXPECT_EQ(elsewhere.status, 403);
  EXPECT_EQ(elsewhere.reason(), "not_for_this_key");
  EXPECT_EQ(told(elsewhere), told(trading));
  EXPECT_EQ(refused_reasons(),
            (std::vector<std::string>{"permission_missing", "address_not_allowed"}));
}

TEST_F(SignedCallTest, WithoutAnApiKeyOrSignatureItSaysWhatIsMissing) {
  EXPECT_EQ(send_signed({.id = "", .secret = ""}, kGet, kList, signed_text(reader_, "")).reason(),
            "api_key_missing");
  EXPECT_EQ(
      send_signed(reader_, kGet, kList, {.query = "timestamp=1772366400000", .body = {}}).reason(),
      "signature_missing");
  EXPECT_EQ(send_signed(reader_, kGet, kList, {.query = "signature=00", .body = {}}).reason(),
            "timestamp_missing");
}

TEST_F(SignedCallTest, TooManyWrongSignaturesAreHeldBack) {
  const TestKey wrong{.id = reader_.id, .secret = trader_.secret};
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(by_key(wrong, kGet, kList).reason(), "not_signed");
  }
  EXPECT_EQ(by_key(wrong, kGet, kList).status, 429);
}

TEST_F(SignedCallTest, ARevokedKeyCallsNoMore) {
  ASSERT_EQ(by_key(manager_, kGet, kList).status, 200);
  ASSERT_EQ(post("/api/v1/keys/" + manager_.id + "/revoke").status, 200);
  EXPECT_EQ(by_key(manager_, kPost, suspension()).reason(), "not_signed");
  EXPECT_EQ(get(key_).text("state"), "active");
}

TEST_F(SignedCallTest, AKeyMayRevokeItself) {
  const Reply revoked = by_key(manager_, kPost, "/api/v1/keys/" + manager_.id + "/revoke");
  EXPECT_EQ(revoked.status, 200) << revoked.body;
  EXPECT_EQ(revoked.text("state"), "revoked");
}

// A key that was revoked between the look at it and the change changes nothing.
TEST_F(SignedCallTest, AChangeOfAKeyThatMayCallNoMoreIsNotStored) {
  const std::string id = key_.substr(13);
  Actor actor{.name = "key", .source = "local", .management_key = ApiKeyId::parse(trader_.id)};
  EXPECT_EQ(issuer_->suspend_key(id, "", actor).error().reason, "caller_not_allowed");
  EXPECT_EQ(issuer_->suspend_account("demo", "", actor).error().reason, "caller_not_allowed");
  actor.management_key = ApiKeyId::parse(manager_.id);
  ASSERT_EQ(post("/api/v1/keys/" + manager_.id + "/revoke").status, 200);
  EXPECT_EQ(issuer_->suspend_key(id, "", actor).error().reason, "caller_not_allowed");
  EXPECT_EQ(get(key_).text("state"), "active");
}

// ---- what no key may do

TEST_F(SignedCallTest, WhatWantsAStepUpIsForAPerson) {
  const Reply made =
      by_key(manager_, kPost, std::string(kList), R"({"account":"demo","type":"hmac-sha256"})");
  EXPECT_EQ(made.status, 403);
  EXPECT_EQ(made.reason(), "person_wanted");
  EXPECT_EQ(made.text("detail"), "a person has to do this in the console; nothing was changed");

  EXPECT_EQ(by_key(manager_, kPatch, key_, R"({"label":"renamed"})").status, 200);
  EXPECT_EQ(
      by_key(manager_, kPatch, key_, R"({"permissions":["USER_DATA","MANAGEMENT"]})").reason(),
      "person_wanted");
  EXPECT_EQ(by_key(manager_, kPost, "/api/v1/session", "{}").reason(), "person_wanted");
  EXPECT_EQ(by_key(manager_, kGet, "/api/v1/people").reason(), "person_wanted");
}

TEST_F(SignedCallTest, TheSignatureIsNoParameterOfTheRoute) {
  EXPECT_EQ(by_key(reader_, kGet, "/api/v1/keys?recvWindow=5000&limit=1").status, 200);
  EXPECT_EQ(by_key(reader_, kGet, "/api/v1/keys?limt=1").reason(), "parameter_unknown");
  // And over the admin socket it is a parameter that nobody knows: there nothing is signed.
  EXPECT_EQ(get("/api/v1/keys?signature=00").reason(), "parameter_unknown");
}

// ---- rights beyond the account

class BeyondAccountTest : public KeyCallerTest {
 protected:
  BeyondAccountTest() : first_(owner()) {
    for (const char* const account : {"demo", "ops"}) {
      make_account(account);
      people_.add_account(account);
    }
    operator_ = management_key("ops", "MANAGEMENT_OPERATOR");
    auditor_ = management_key("ops", "MANAGEMENT_AUDITOR");
    key_ = make_key();
  }
  Somebody first_;
  TestKey operator_;
  TestKey auditor_;
  std::string key_;
};

TEST_F(BeyondAccountTest, ItActsOnlyWhileSomebodyOfThatRoleHoldsItsAccount) {
  EXPECT_EQ(by_key(operator_, kGet, kList).reason(), "not_for_this_key");
  const Somebody auditor = invited(first_, "aud@example.com", Role::kAuditor, "ops");
  EXPECT_EQ(by_key(operator_, kGet, kList).reason(), "not_for_this_key");
  EXPECT_EQ(by_key(auditor_, kGet, kList).status, 200);
  EXPECT_EQ(by_key(auditor_, kPost, key_ + "/suspend").reason(), "scope_not_allowed");

  const Somebody chief = invited(first_, "op@example.com", Role::kOperator, "ops");
  EXPECT_EQ(by_key(operator_, kPost, key_ + "/suspend").status, 200);

  const auto caller = people_.sessions.caller(first_.browser.session, people_.browser.source);
  ASSERT_TRUE(
      people_.people.disable(*caller, TestSteppedUp::proof(), chief.known.person.id.text(), "left")
          .has_value());
  EXPECT_EQ(by_key(operator_, kGet, kList).reason(), "not_for_this_key");
  EXPECT_EQ(by_key(auditor_, kGet, kList).status, 200);
  EXPECT_EQ(refused_reasons(),
            (std::vector<std::string>{"role_not_held", "role_not_held", "role_not_held"}));
}

TEST_F(BeyondAccountTest, OneMayStopAndManyWantAPerson) {
  (void)invited(first_, "op@example.com", Role::kOperator, "ops");
  (void)make_key("two");
  const auto start = [&](const std::string& select) {
    const Reply made = by_key(operator_, kPost, "/api/v1/mass-actions",
                              R"({"action":"suspend","cause":"test","select":)" + select + "}");
    EXPECT_EQ(made.status, 201) << made.body;
    return by_key(operator_, kPost, "/api/v1/mass-actions/" + made.text("id") + "/start");
  };
  EXPECT_EQ(start(R"({"account":"demo"})").reason(), "person_wanted");
  EXPECT_EQ(start(R"({"label":"two"})").status, 200);
}

TEST_F(BeyondAccountTest, NobodyGivesAKeyMoreThanTheirRoleHas) {
  Somebody holds = invited(first_, "h@example.com", Role::kHolder, "ops");
  const auto wish = [&](std::string_view permission) {
    return nlohmann::json{{"account", "ops"},
                          {"type", "hmac-sha256"},
                          {"permissions", {permission}},
                          {"allow_list", {"203.0.113.7"}}}
        .dump();
  };
  EXPECT_EQ(confirmed(holds, kPost, kList, wish("MANAGEMENT")).status, 201);
  EXPECT_EQ(confirmed(holds, kPost, kList, wish("MANAGEMENT_AUDITOR")).reason(),
            "permission_beyond_role");
  EXPECT_EQ(confirmed(holds, kPost, kList, wish("MANAGEMENT_OPERATOR")).reason(),
            "permission_beyond_role");

  // Nor makes they theirs what somebody else gave more: whoever rotates a key can use it.
  const std::string path = "/api/v1/keys/" + operator_.id;
  EXPECT_EQ(confirmed(holds, kPost, path + "/rotate", R"({"type":"hmac-sha256"})").reason(),
            "permission_beyond_role");
  EXPECT_EQ(confirmed(holds, kPatch, path, R"({"allow_list":["203.0.113.8"]})").reason(),
            "permission_beyond_role");
  EXPECT_EQ(post(holds.browser, path + "/suspend").status, 200);
  EXPECT_EQ(confirmed(holds, kPost, path + "/resume").reason(), "permission_beyond_role");

  Somebody chief = invited(first_, "op@example.com", Role::kOperator, "ops");
  EXPECT_EQ(confirmed(chief, kPost, path + "/resume").status, 200);
  EXPECT_EQ(confirmed(chief, kPost, kList, wish("MANAGEMENT_OPERATOR")).status, 201);
}

// ---- answers that go on

TEST_F(SignedCallTest, AStreamEndsWithTheRightOfItsKey) {
  const KeyCaller caller{.key = ApiKeyId::parse(reader_.id).value(),
                         .account = AccountId::parse("demo").value(),
                         .scope = ManagementScope::kReadOwn,
                         .source = *IpAddress::parse("203.0.113.7")};
  KeyCaller elsewhere = caller;
  elsewhere.source = *IpAddress::parse("198.51.100.1");
  KeyCaller trading = caller;
  trading.key = ApiKeyId::parse(trader_.id).value();

  EXPECT_TRUE(keys_->may_go_on(caller));
  EXPECT_FALSE(keys_->may_go_on(elsewhere));
  EXPECT_FALSE(keys_->may_go_on(trading));
  ASSERT_EQ(post("/api/v1/keys/" + reader_.id + "/suspend").status, 200);
  EXPECT_FALSE(keys_->may_go_on(caller));
}

// ---- every reason has a text, and those that tell of a key have one text

TEST(FaultOfSignature, TellsNothingOfAKeyThatAStrangerCouldNotKnow) {
  for (const ReasonRow& row : kReasons) {
    const ApiFault fault = fault_of_signature({.reason = row.reason, .context = {}});
    EXPECT_EQ(fault.status, http_status(row.category)) << row.name;
    EXPECT_FALSE(fault.detail.empty()) << row.name;
    if (row.category == Category::kForbidden) {
      EXPECT_EQ(fault.reason, "not_for_this_key") << row.name;
    }
  }
  for (const Reason reason :
       {Reason::kApiKeyUnknown, Reason::kApiKeyRevoked, Reason::kApiKeySuspended,
        Reason::kApiKeyExpired, Reason::kAccountSuspended, Reason::kSignatureWrong,
        Reason::kSignatureMalformed, Reason::kPayloadNotAscii}) {
    EXPECT_EQ(fault_of_signature({.reason = reason, .context = {}}).reason, "not_signed");
  }
}

}  // namespace
}  // namespace counterfoil
