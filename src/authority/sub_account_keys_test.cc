#include "authority/sub_account_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/authority_fixture.h"
#include "authority/call_refusal.h"
#include "authority/gatekeeper.h"
#include "authority/gatekeeper_fixture.h"
#include "authority/issuer.h"
#include "authority/key_records.h"
#include "authority/secret_job.h"
#include "base/base64.h"
#include "base/percent.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/private_key.h"
#include "crypto/signature_scheme.h"
#include "keys/allow_list.h"
#include "keys/api_key.h"
#include "keys/key_format.h"
#include "keys/life.h"
#include "policy/profile.h"
#include "policy/route.h"
#include "policy/shipped_profile.h"
#include "registry/registry.h"
#include "verify/reason.h"
#include "verify/signed_request.h"
#include "wire/rest/signed_parameters.h"

namespace counterfoil {
namespace {

using Json = nlohmann::ordered_json;
using HmacCaller = TestAuthority::HmacCaller;

constexpr std::string_view kKeys = "/sapi/v1/sub-account/subAccountApi";
constexpr std::string_view kKeysV2 = "/sapi/v2/sub-account/subAccountApi";
constexpr std::string_view kPermission = "/sapi/v1/sub-account/subAccountApiPermission";
constexpr std::string_view kAddAddresses = "/sapi/v2/sub-account/subAccountApi/ipRestriction";
constexpr std::string_view kShowAddresses = "/sapi/v1/sub-account/subAccountApi/ipRestriction";
constexpr std::string_view kRemoveAddresses =
    "/sapi/v1/sub-account/subAccountApi/ipRestriction/ipList";
constexpr std::string_view kManager =
    "USER_DATA,USER_STREAM,TRADE,FUTURES,FIX_API_READ_ONLY,MANAGE_KEYS";
constexpr std::string_view kNew = "email=desk-7%40example.com&apiName=bot&status=1";

Profile binance() { return *Profile::parse(*shipped_profile("binance-spot"), "binance-spot.toml"); }

class SubAccountKeys : public GatekeeperTest {
 protected:
  SubAccountKeys() : GatekeeperTest(binance()) {
    make_account("desk-7", Issuer::SubAccountOf{.master = "demo", .email = "desk-7@example.com"});
    make_account("rival", std::nullopt);
    make_account("rival-1", Issuer::SubAccountOf{.master = "rival", .email = "one@rival.example"});
    manager_ = house_.new_key(std::string(kManager), "203.0.113.0/24");
    give_right();
  }

  void make_account(const std::string& id, const std::optional<Issuer::SubAccountOf>& of) {
    ASSERT_TRUE(house_.issuer->create_account(id, "", house_.actor, of).has_value());
  }

  struct Parts {
    std::string query;
    std::string body;
  };
  // call makes a signed call as the door does, and gives the answer, or why there is none.
  OwnAnswer call(const HmacCaller& who, std::string_view method, std::string_view path,
                 Parts parts) {
    const Route& on = route(method, path);
    std::string& last = parts.body.empty() ? parts.query : parts.body;
    last += (last.empty() ? "" : "&") + std::string("n=") + std::to_string(++calls_) +
            "&timestamp=" + std::to_string(to_unix_ms(kNow));
    last += "&signature=" + hmac_hex(who.secret, parts.query + parts.body);
    rest::SignedParameters parameters;
    parameters.read(parts.query, parts.body, rest::BodyKind::kForm, {});
    const SignedRequest request{.api_key = who.key.id.text(),
                                .payload = parameters.payload(),
                                .signature = parameters.signature(),
                                .timestamp = parameters.timestamp(),
                                .recv_window = {},
                                .source = kHome,
                                .needs = {},
                                .symbol = {}};
    const auto charge = gatekeeper_->charge_address(kHome, on.weight, kNow, usage_);
    const auto admission = gatekeeper_->authenticate(request, on, *charge, kNow, usage_);
    if (!admission) {
      return std::unexpected(CallRefusal{.reason = admission.error().reason});
    }
    if (before_answer_) {
      before_answer_();
    }
    return answer_sub_account_call(
        *house_.issuer, house_.profile,
        {.admission = *admission, .parameters = parameters, .source = kHome});
  }
  Json answered(const HmacCaller& who, std::string_view method, std::string_view path,
                Parts parts) {
    const OwnAnswer answer = call(who, method, path, std::move(parts));
    EXPECT_TRUE(answer.has_value())
        << describe(answer ? Reason::kInternal : answer.error().reason).name;
    return answer ? Json::parse(std::string_view(*answer)) : Json();
  }
  // refusal gives the reason's name, and the parameter behind a blank if one is named.
  std::string refusal(const HmacCaller& who, std::string_view method, std::string_view path,
                      Parts parts) {
    const OwnAnswer answer = call(who, method, path, std::move(parts));
    if (answer) {
      return std::string(std::string_view(*answer));
    }
    const std::string parameter(answer.error().parameter);
    return std::string(describe(answer.error().reason).name) +
           (parameter.empty() ? "" : " " + parameter);
  }
  Json make(const std::string& more = "") {
    return answered(manager_, "POST", kKeys, {.query = {}, .body = std::string(kNew) + more});
  }
  // name gives the parameters that name a key of the sub-account.
  static std::string name(const Json& key, const std::string& more = "") {
    const char* const member = key.contains("apiKey") ? "apiKey" : "apikey";
    return "email=desk-7%40example.com&subAccountApiKey=" + key[member].get<std::string>() + more;
  }
  [[nodiscard]] ApiKey stored(const Json& key) const {
    return house_.issuer->find_key(key["apiKey"].get<std::string>()).value();
  }
  // meanwhile has somebody else store a key at the next commit, before it.
  void meanwhile(ApiKey key) {
    house_.registry->before_commit = [this, key = std::move(key), done = false]() mutable {
      if (std::exchange(done, true)) {
        return;
      }
      const auto found = house_.store->find(RecordKind::kApiKey, key.id.text()).value();
      ASSERT_TRUE(house_.store
                      ->commit({.writes = {api_key_write(key, house_.profile.permissions(),
                                                         found->modified)}})
                      .has_value());
    };
  }
  [[nodiscard]] std::string permissions_of(const ApiKey& key) const {
    return house_.profile.permissions().to_text(key.permissions);
  }
  [[nodiscard]] std::vector<std::string> living_keys() const {
    std::vector<std::string> ids;
    const auto keys = house_.issuer->keys_of("desk-7").value();
    for (const ApiKey& key : keys) {
      if (key.state != KeyState::kRevoked) {
        ids.emplace_back(key.id.text());
      }
    }
    return ids;
  }

  HmacCaller manager_ = key_;
  std::function<void()> before_answer_;
  int calls_ = 0;
};

// ---- making

// The vendor's sample, member by member.
TEST_F(SubAccountKeys, ANewKeyIsAnsweredInTheVendorsFormWithItsSecretOnce) {
  const Json made =
      answered(manager_, "POST", kKeys,
               {.query = {},
                .body = "email=desk-7%40example.com&apiName=myKey&status=2&canTrade=true&"
                        "ipAddress=192.168.1.1,10.0.0.1"});

  const std::string secret = made["secretKey"];
  EXPECT_EQ(made.dump(),
            R"({"apiName":"myKey","apiKey":")" + made["apiKey"].get<std::string>() +
                R"(","secretKey":")" + secret +
                R"(","canTrade":true,"canMarginLoanRepay":false,"canFuturesTrade":false,)"
                R"("canVanillaOptions":false,"canUniversalTransfer":false,"status":2,)"
                R"("ipList":["192.168.1.1","10.0.0.1"]})");
  EXPECT_EQ(secret.size(), 64U);
  const ApiKey key = stored(made);
  EXPECT_EQ(key.account.text(), "desk-7");
  EXPECT_EQ(key.parent, manager_.key.id);
  EXPECT_EQ(permissions_of(key), "USER_DATA,USER_STREAM,TRADE");
  EXPECT_EQ(key.expires_at, house_.clock.now() + std::chrono::hours(24 * 90));
  EXPECT_EQ(house_.last_audit().find(secret), std::string::npos);
  EXPECT_NE(house_.last_audit().find(manager_.id()), std::string::npos) << "who made it";
}

TEST_F(SubAccountKeys, ANewKeyWorksWithItsSecretAndForItsAccount) {
  const Json made = make();
  const HmacCaller bot{.key = stored(made), .secret = made["secretKey"]};
  Sent sent = sign("a=1&");
  sent.api_key = bot.id();
  sent.signature = hmac_hex(bot.secret, sent.payload);

  const auto admission = send(sent, route("GET", "/api/v3/account"));

  ASSERT_TRUE(admission.has_value());
  EXPECT_EQ(admission->key->account.text(), "desk-7");
}

TEST_F(SubAccountKeys, AThirdPartyBecomesTheVendorAndMayHaveAddresses) {
  const Json made =
      answered(manager_, "POST", kKeys,
               {.query = {},
                .body = "email=desk-7%40example.com&apiName=x&status=3&"
                        "thirdPartyName=Bots%20Inc&canTrade=true&ipAddress=10.0.0.1"});

  EXPECT_EQ(made["status"], 3);
  EXPECT_EQ(made["ipList"], Json::array({"10.0.0.1"}));
  EXPECT_EQ(stored(made).vendor, "Bots Inc");
}

TEST_F(SubAccountKeys, APublicKeyNeedsNoProofAndTheAuditLogSaysSo) {
  SystemRandom random;
  const PrivateKey pair = PrivateKey::generate(Scheme::kEd25519, random).value();
  const std::string pem = "&publicKey=" + percent_encode(pair.public_key().pem());

  const Json made = make(pem);

  EXPECT_TRUE(made["secretKey"].is_null());
  EXPECT_EQ(stored(made).pairs.front().scheme, Scheme::kEd25519);
  EXPECT_NE(house_.last_audit().find(R"("possession":"not_asked")"), std::string::npos);
  EXPECT_EQ(refusal(manager_, "POST", kKeys, {.query = {}, .body = std::string(kNew) + pem}),
            "public_key_invalid")
      << "one pair belongs to one API key";
}

TEST_F(SubAccountKeys, Version2TakesRsaKeysInTheBodyAloneAndFixForEd25519Alone) {
  SystemRandom random;
  const PrivateKey rsa = PrivateKey::generate(Scheme::kRsaPkcs1Sha256, random, 2048).value();
  const PrivateKey ed25519 = PrivateKey::generate(Scheme::kEd25519, random).value();
  const std::string rsa_pem = "publicKey=" + percent_encode(rsa.public_key().pem());
  const std::string ed_pem = "publicKey=" + percent_encode(ed25519.public_key().pem());
  const std::string wanted(kNew);
  const std::string restricted =
      "email=desk-7%40example.com&apiName=fix&status=2&ipAddress=10.0.0.1&canFixApiReading=true";

  EXPECT_EQ(refusal(manager_, "POST", kKeys, {.query = {}, .body = wanted + "&" + rsa_pem}),
            "public_key_invalid");
  EXPECT_EQ(refusal(manager_, "POST", kKeysV2, {.query = rsa_pem, .body = wanted}),
            "parameter_not_expected publicKey");
  EXPECT_EQ(refusal(manager_, "POST", kKeysV2, {.query = {}, .body = restricted}),
            "operation_unsupported");
  EXPECT_EQ(refusal(manager_, "POST", kKeysV2, {.query = {}, .body = restricted + "&" + rsa_pem}),
            "operation_unsupported");
  EXPECT_EQ(living_keys().size(), 0U);

  const Json made =
      answered(manager_, "POST", kKeysV2, {.query = {}, .body = restricted + "&" + ed_pem});
  EXPECT_EQ(permissions_of(stored(made)), "USER_DATA,USER_STREAM,FIX_API_READ_ONLY");
  EXPECT_TRUE(answered(manager_, "POST", kKeysV2,
                       {.query = {}, .body = wanted + "&" + rsa_pem})["secretKey"]
                  .is_null());
}

TEST_F(SubAccountKeys, AnOperatorMayRefusePublicKeysWithoutAProof) {
  SystemRandom random;
  const PrivateKey pair = PrivateKey::generate(Scheme::kEd25519, random).value();
  TestAuthority strict({.public_keys_by_keys = PublicKeysByKeys::kRefuse}, binance());
  ASSERT_TRUE(strict.issuer
                  ->create_account("desk-7", "", strict.actor,
                                   Issuer::SubAccountOf{.master = "demo", .email = "a@b"})
                  .has_value());
  const auto manager = strict.new_key(std::string(kManager), "203.0.113.0/24");
  const NewKey wanted{
      .account = "desk-7",
      .material = {.scheme = Scheme::kEd25519, .public_key = pair.public_key().pem()},
      .permissions = "USER_DATA"};

  const auto made =
      strict.issuer->create_key(wanted, {.name = "key", .source = "local", .key = manager.key.id});

  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().reason, "public_keys_by_keys_refused");
}

TEST_F(SubAccountKeys, AMakerCannotGiveWhatItLacks) {
  const std::string lacked = std::string(kNew) + "&canVanillaOptions=true";
  const HmacCaller nothing = house_.new_key("MANAGE_KEYS", "203.0.113.0/24");
  const HmacCaller reader = house_.new_key("USER_DATA,MANAGE_KEYS", "203.0.113.0/24");

  EXPECT_EQ(refusal(manager_, "POST", kKeys, {.query = {}, .body = lacked}), "allow_list_required");
  EXPECT_EQ(refusal(manager_, "POST", kKeys,
                    {.query = {},
                     .body = "email=desk-7%40example.com&apiName=x&status=2&ipAddress=10.0.0.1&"
                             "canVanillaOptions=true"}),
            "permission_beyond_maker");
  EXPECT_EQ(refusal(nothing, "POST", kKeys, {.query = {}, .body = std::string(kNew)}),
            "permission_beyond_maker");
  const Json made = answered(reader, "POST", kKeys, {.query = {}, .body = std::string(kNew)});
  EXPECT_EQ(permissions_of(stored(made)), "USER_DATA") << "reading, as far as the maker may read";
}

TEST_F(SubAccountKeys, AMakersSymbolsHoldForWhatItMakes) {
  ASSERT_TRUE(
      house_.issuer
          ->edit_key(manager_.id(), {.symbols = std::vector<std::string>{"BTCUSDT"}}, house_.actor)
          .has_value());

  EXPECT_EQ(stored(make()).symbols, (std::vector<std::string>{"BTCUSDT"}));
}

TEST_F(SubAccountKeys, TradingNeedsAnAllowList) {
  EXPECT_EQ(
      refusal(manager_, "POST", kKeys, {.query = {}, .body = std::string(kNew) + "&canTrade=true"}),
      "allow_list_required");
}

TEST_F(SubAccountKeys, AFullOrSuspendedSubAccountGetsNoMore) {
  for (std::size_t i = 0; i < kKeysPerAccountMax; ++i) {
    (void)make();
  }
  EXPECT_EQ(refusal(manager_, "POST", kKeys, {.query = {}, .body = std::string(kNew)}),
            "too_many_api_keys");

  ASSERT_TRUE(house_.issuer->suspend_account("desk-7", "", house_.actor).has_value());
  EXPECT_EQ(refusal(manager_, "POST", kKeys, {.query = {}, .body = std::string(kNew)}),
            "sub_account_suspended");
}

struct BadCall {
  const char* name;
  std::string_view path;
  const char* body;
  const char* refusal;
};
const BadCall kBadCalls[] = {
    {"no_email", kKeys, "apiName=x&status=1", "parameter_missing email"},
    {"empty_email", kKeys, "email=&apiName=x&status=1", "parameter_missing email"},
    {"no_name", kKeys, "email=desk-7%40example.com&status=1", "parameter_missing apiName"},
    {"no_status", kKeys, "email=desk-7%40example.com&apiName=x", "parameter_missing status"},
    {"status_4", kKeys, "email=desk-7%40example.com&apiName=x&status=4",
     "parameter_invalid status"},
    {"status_a_word", kKeys, "email=desk-7%40example.com&apiName=x&status=1x",
     "parameter_invalid status"},
    {"no_addresses", kKeys, "email=desk-7%40example.com&apiName=x&status=2",
     "parameter_missing ipAddress"},
    {"no_third_party", kKeys, "email=desk-7%40example.com&apiName=x&status=3",
     "parameter_missing thirdPartyName"},
    {"address_malformed", kKeys,
     "email=desk-7%40example.com&apiName=x&status=2&ipAddress=10.0.0.256",
     "parameter_invalid ipAddress"},
    {"address_any", kKeys, "email=desk-7%40example.com&apiName=x&status=2&ipAddress=any",
     "parameter_invalid ipAddress"},
    {"flag_a_number", kKeys, "email=desk-7%40example.com&apiName=x&status=1&canTrade=1",
     "parameter_invalid canTrade"},
    {"name_with_a_line_end", kKeys, "email=desk-7%40example.com&apiName=a%0Ab&status=1",
     "parameter_invalid apiName"},
    {"public_key_broken", kKeys, "email=desk-7%40example.com&apiName=x&status=1&publicKey=MCow",
     "public_key_invalid"},
    {"unknown_email", kKeys, "email=nobody%40example.com&apiName=x&status=1",
     "sub_account_unknown"},
    {"another_masters", kKeys, "email=one%40rival.example&apiName=x&status=1",
     "sub_account_unknown"},
    {"not_an_email", kKeys, "email=desk-7&apiName=x&status=1", "sub_account_unknown"},
    {"no_flag", kPermission, "email=desk-7%40example.com&subAccountApiKey=x",
     "parameter_missing canTrade"},
    {"no_key", kPermission, "email=desk-7%40example.com&canTrade=true",
     "parameter_missing subAccountApiKey"},
    {"unknown_key", kPermission, "email=desk-7%40example.com&subAccountApiKey=x&canTrade=false",
     "sub_account_key_unknown"},
    {"status_3_of_addresses", kAddAddresses,
     "email=desk-7%40example.com&subAccountApiKey=x&status=3", "parameter_invalid status"},
};

TEST_F(SubAccountKeys, BadCallsAreRefusedAndNameTheParameter) {
  for (const BadCall& row : kBadCalls) {
    EXPECT_EQ(refusal(manager_, "POST", row.path, {.query = {}, .body = row.body}), row.refusal)
        << row.name;
  }
  EXPECT_TRUE(living_keys().empty());
}

TEST_F(SubAccountKeys, TextsAreTakenAtTheirLimitAndRefusedOnePast) {
  // A list of 500 characters: as many as the vendor takes, and fewer entries than we do.
  std::string list = "2001:db8:1111:2222:3333:4444:5555:6666";
  for (int i = 1; i < 13; ++i) {
    list += ",2001:db8:1111:2222:3333:4444:5555:66" + std::to_string(10 + i);
  }
  ASSERT_EQ(list.size(), 506U);  // 13 entries of 38, 12 commas
  list.resize(list.rfind(','));
  list.resize(500, ' ');
  const std::string wanted = "email=desk-7%40example.com&status=2&ipAddress=";

  EXPECT_EQ(answered(manager_, "POST", kKeys,
                     {.query = {}, .body = wanted + percent_encode(list) + "&apiName=a"})["ipList"]
                .size(),
            12U);
  EXPECT_EQ(refusal(manager_, "POST", kKeys,
                    {.query = {}, .body = wanted + percent_encode(list + " ") + "&apiName=a"}),
            "parameter_invalid ipAddress");
  const std::string label(kLabelSizeMax, 'x');
  EXPECT_EQ(answered(manager_, "POST", kKeys,
                     {.query = {}, .body = wanted + "10.0.0.1&apiName=" + label})["apiName"],
            label);
  EXPECT_EQ(refusal(manager_, "POST", kKeys,
                    {.query = {}, .body = wanted + "10.0.0.1&apiName=" + label + "x"}),
            "parameter_invalid apiName");
}

// CCXT escapes nothing in these calls: its '+' reads as a blank.
TEST_F(SubAccountKeys, AnUnescapedPlusIsUnderstoodWhereABlankCannotStand) {
  make_account("desk-8", Issuer::SubAccountOf{.master = "demo", .email = "desk+8@example.com"});
  SystemRandom random;
  std::string base64 = "/";
  while (!base64.contains('+')) {
    base64 =
        to_base64(PrivateKey::generate(Scheme::kEd25519, random).value().public_key().spki_der());
  }

  const Json made = answered(
      manager_, "POST", kKeys,
      {.query = {}, .body = "email=desk+8@example.com&apiName=a+b&status=1&publicKey=" + base64});

  EXPECT_EQ(made["apiName"], "a b");
  EXPECT_EQ(stored(made).account.text(), "desk-8");
}

// ---- who may

TEST_F(SubAccountKeys, AKeyWithoutThePermissionMayNotCall) {
  EXPECT_EQ(refusal(key_, "POST", kKeys, {.query = {}, .body = std::string(kNew)}),
            "permission_missing");
}

TEST_F(SubAccountKeys, ThePermissionAlwaysNeedsAnAllowListAndIsNoDefault) {
  const NewKey wanted{.account = "demo", .permissions = "MANAGE_KEYS"};
  TestAuthority loosened({}, binance());
  IssuerRules rules{
      .life = {.needs_allow_list = loosened.profile.permissions_always_needing_allow_list()}};
  Issuer issuer(loosened.audited, *loosened.sealer, loosened.gateway->enforcement(),
                loosened.random, loosened.clock, loosened.profile.permissions(), KeyFormat(),
                std::move(rules));

  EXPECT_EQ(house_.issuer->create_key(wanted, house_.actor).error().reason, "allow_list_required");
  EXPECT_EQ(issuer.create_key(wanted, house_.actor).error().reason, "allow_list_required");
  EXPECT_EQ(permissions_of(house_.new_key("").key), "USER_DATA");
}

TEST_F(SubAccountKeys, AKeyOfASubAccountManagesNothing) {
  const auto made = house_.issuer->create_key(
      {.account = "desk-7", .permissions = std::string(kManager), .allow_list = "203.0.113.0/24"},
      house_.actor);
  const HmacCaller of_sub{.key = made->key, .secret = SecretJob::to_shown_text(*made->secret)};

  EXPECT_EQ(refusal(of_sub, "POST", kKeys, {.query = {}, .body = std::string(kNew)}),
            "sub_account_unknown");
}

// Between the last look and the commit: what a revoked key asked for does not come after the answer
// to its revocation, where nobody would find it.
TEST_F(SubAccountKeys, AMakerThatIsRevokedMeanwhileMakesAndChangesNothing) {
  const Json made = make();
  before_answer_ = [&] { (void)house_.issuer->revoke_key(manager_.id(), "", house_.actor); };

  EXPECT_EQ(refusal(manager_, "POST", kKeys, {.query = {}, .body = std::string(kNew)}),
            "permission_missing");
  EXPECT_EQ(living_keys().size(), 1U);
}

TEST_F(SubAccountKeys, AMakerThatIsRevokedAtTheVeryCommitMakesNothing) {
  meanwhile(revoke(manager_.key, "", house_.clock.now()));

  EXPECT_EQ(refusal(manager_, "POST", kKeys, {.query = {}, .body = std::string(kNew)}),
            "permission_missing");
  EXPECT_TRUE(living_keys().empty());
}

TEST_F(SubAccountKeys, AFaultOfTheStoreIsNotTheCallersFault) {
  house_.registry->commit_fails = RegistryError::kUnavailable;

  const OwnAnswer answer = call(manager_, "POST", kKeys, {.query = {}, .body = std::string(kNew)});

  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().reason, Reason::kNotInForce);
  EXPECT_EQ(answer.error().tried, CallRefusal::Tried::kYes) << "it keeps its fingerprint";
}

// ---- listing

TEST_F(SubAccountKeys, ListsPageByPageWhatIsNotRevoked) {
  std::vector<Json> made;
  for (int i = 0; i < 3; ++i) {
    made.push_back(make());
    house_.clock.advance(std::chrono::milliseconds(1));
  }
  const Json dead = make();
  ASSERT_TRUE(house_.issuer->revoke_key(dead["apiKey"], "", house_.actor).has_value());
  const std::string email = "email=desk-7%40example.com";

  const Json first = answered(manager_, "GET", kKeys, {.query = email + "&size=2", .body = {}});
  const Json second =
      answered(manager_, "GET", kKeys, {.query = email + "&size=2&page=2", .body = {}});
  const Json third =
      answered(manager_, "GET", kKeys, {.query = email + "&size=2&page=3", .body = {}});
  const Json one = answered(
      manager_, "GET", kKeys,
      {.query = email + "&subAccountApiKey=" + made[1]["apiKey"].get<std::string>(), .body = {}});

  EXPECT_EQ(first["total"], 3);
  ASSERT_EQ(first["rows"].size(), 2U);
  EXPECT_EQ(first["rows"][0]["apikey"], made[0]["apiKey"]);
  EXPECT_EQ(second["rows"].size(), 1U);
  EXPECT_EQ(second["rows"][0].dump(),
            R"({"email":"desk-7@example.com","apiName":"bot","apikey":")" +
                made[2]["apiKey"].get<std::string>() +
                R"(","canTrade":false,"canMarginLoanRepay":false,"canFuturesTrade":false,)"
                R"("canVanillaOptions":false,"canUniversalTransfer":false,"timestamp":)" +
                std::to_string(to_unix_ms(stored(made[2]).created)) + "}");
  EXPECT_TRUE(third["rows"].empty());
  EXPECT_EQ(one["total"], 1);
  EXPECT_EQ(one["rows"][0]["apikey"], made[1]["apiKey"]);
  for (const char* const bad : {"&size=0", "&size=101", "&page=0"}) {
    EXPECT_TRUE(refusal(manager_, "GET", kKeys, {.query = email + bad, .body = {}})
                    .starts_with("parameter_invalid"))
        << bad;
  }
}

// ---- changing

TEST_F(SubAccountKeys, SetsPermissionsAndLeavesTheOthers) {
  const Json made = answered(manager_, "POST", kKeys,
                             {.query = {},
                              .body = "email=desk-7%40example.com&apiName=myKey&status=2&"
                                      "ipAddress=10.0.0.1&canTrade=true"});

  const Json changed =
      answered(manager_, "POST", kPermission,
               {.query = {}, .body = name(made, "&canTrade=false&canFuturesTrade=TRUE")});

  EXPECT_EQ(changed.dump(),
            R"({"apiName":"myKey","apikey":")" + made["apiKey"].get<std::string>() +
                R"(","canTrade":false,"canMarginLoanRepay":false,"canFuturesTrade":true,)"
                R"("canVanillaOptions":false,"canUniversalTransfer":false,"timestamp":)" +
                std::to_string(to_unix_ms(kNow)) + "}");
  EXPECT_EQ(permissions_of(stored(made)), "USER_DATA,USER_STREAM,FUTURES");
}

TEST_F(SubAccountKeys, WidensNoKeyBeyondItsOwnPermissionsButKeepsWhatOthersGave) {
  const auto by_operator = house_.issuer->create_key(
      {.account = "desk-7", .permissions = "USER_DATA,WITHDRAW,OPTIONS", .allow_list = "10.0.0.1"},
      house_.actor);
  const Json key{{"apiKey", by_operator->key.id.text()}};

  EXPECT_EQ(refusal(manager_, "POST", kPermission,
                    {.query = {}, .body = name(key, "&canMarginLoanRepay=true")}),
            "permission_beyond_maker");
  (void)answered(manager_, "POST", kPermission,
                 {.query = {}, .body = name(key, "&canTrade=true&canVanillaOptions=true")});
  EXPECT_EQ(permissions_of(stored(key)), "USER_DATA,TRADE,OPTIONS,WITHDRAW");
  EXPECT_EQ(refusal(manager_, "POST", kPermission,
                    {.query = {}, .body = name(key, "&canFixApiReading=true")}),
            "operation_unsupported");
}

TEST_F(SubAccountKeys, AddsShowsAndRemovesAddresses) {
  const Json made = make();
  const std::string id = made["apiKey"];

  EXPECT_EQ(
      answered(manager_, "GET", kShowAddresses, {.query = name(made), .body = {}})["ipRestrict"],
      "false");
  EXPECT_EQ(
      refusal(manager_, "POST", kAddAddresses, {.query = {}, .body = name(made, "&status=2")}),
      "parameter_missing ipAddress");
  EXPECT_EQ(answered(manager_, "POST", kAddAddresses,
                     {.query = {}, .body = name(made, "&status=2&ipAddress=69.210.67.14")})
                .dump(),
            R"({"status":"2","ipList":["69.210.67.14"],"updateTime":)" +
                std::to_string(to_unix_ms(kNow)) + R"(,"apiKey":")" + id + "\"}");
  (void)answered(manager_, "POST", kAddAddresses,
                 {.query = {}, .body = name(made, "&status=2&ipAddress=8.34.21.10,69.210.67.14")});
  const Json shown = answered(manager_, "GET", kShowAddresses, {.query = name(made), .body = {}});
  EXPECT_EQ(shown["ipRestrict"], "true") << "text, not a boolean";
  EXPECT_EQ(shown["ipList"], Json::array({"69.210.67.14", "8.34.21.10"}));
  EXPECT_EQ(shown["apiKey"], id);

  const Json removed = answered(manager_, "DELETE", kRemoveAddresses,
                                {.query = name(made, "&ipAddress=69.210.67.14"), .body = {}});
  EXPECT_EQ(removed["ipList"], Json::array({"8.34.21.10"}));
  EXPECT_EQ(refusal(manager_, "DELETE", kRemoveAddresses,
                    {.query = name(made, "&ipAddress=69.210.67.14"), .body = {}}),
            "address_not_listed");
  EXPECT_EQ(refusal(manager_, "DELETE", kRemoveAddresses,
                    {.query = name(made, "&ipAddress=8.34.21.10"), .body = {}}),
            "allow_list_required")
      << "an empty list would not be a free one";
  EXPECT_EQ(stored(made).allow_list.to_text(), "8.34.21.10");

  const Json freed =
      answered(manager_, "POST", kAddAddresses, {.query = {}, .body = name(made, "&status=1")});
  EXPECT_EQ(freed["status"], "1");
  EXPECT_FALSE(freed.contains("ipList"));
  EXPECT_TRUE(stored(made).allow_list.is_any());
}

TEST_F(SubAccountKeys, DoesNotFreeATradingKeyOfItsAddresses) {
  const Json made = answered(manager_, "POST", kKeys,
                             {.query = {},
                              .body = "email=desk-7%40example.com&apiName=x&status=2&"
                                      "ipAddress=10.0.0.1&canTrade=true"});

  EXPECT_EQ(
      refusal(manager_, "POST", kAddAddresses, {.query = {}, .body = name(made, "&status=1")}),
      "allow_list_required");
}

TEST_F(SubAccountKeys, AChangeThatLostARaceIsDecidedAnew) {
  const Json made = make("&ipAddress=10.0.0.1");
  ApiKey edited = stored(made);
  edited.allow_list = *AllowList::parse("192.0.2.1");
  meanwhile(std::move(edited));

  const Json changed = answered(manager_, "POST", kAddAddresses,
                                {.query = {}, .body = name(made, "&status=2&ipAddress=192.0.2.2")});

  EXPECT_EQ(changed["ipList"], Json::array({"192.0.2.1", "192.0.2.2"})) << "neither is lost";
}

TEST_F(SubAccountKeys, RevokesAndAnswersARepetitionAlike) {
  const Json made = make();

  EXPECT_EQ(answered(manager_, "DELETE", kKeys, {.query = name(made), .body = {}}).dump(), "{}");
  EXPECT_EQ(answered(manager_, "DELETE", kKeys, {.query = name(made), .body = {}}).dump(), "{}");
  EXPECT_EQ(stored(made).state, KeyState::kRevoked);
  EXPECT_EQ(refusal(manager_, "GET", kShowAddresses, {.query = name(made), .body = {}}),
            "sub_account_key_unknown");
  EXPECT_EQ(
      refusal(manager_, "POST", kPermission, {.query = {}, .body = name(made, "&canTrade=false")}),
      "sub_account_key_unknown");
}

// Tenancy (control S-65): a key of the master itself, of another master's sub-account, and one that
// nobody has are the same.
TEST_F(SubAccountKeys, KeysOfOtherAccountsAreNotThere) {
  const auto rivals = house_.issuer->create_key({.account = "rival-1"}, house_.actor);
  const std::string nobodys(64, 'z');
  for (const std::string& id :
       {std::string(rivals->key.id.text()), manager_.id(), key_.id(), nobodys}) {
    const Json key{{"apiKey", id}};
    EXPECT_EQ(refusal(manager_, "DELETE", kKeys, {.query = name(key), .body = {}}),
              "sub_account_key_unknown");
    EXPECT_EQ(refusal(manager_, "GET", kShowAddresses, {.query = name(key), .body = {}}),
              "sub_account_key_unknown");
    EXPECT_EQ(
        refusal(manager_, "POST", kPermission, {.query = {}, .body = name(key, "&canTrade=false")}),
        "sub_account_key_unknown");
    EXPECT_EQ(
        refusal(manager_, "POST", kAddAddresses, {.query = {}, .body = name(key, "&status=1")}),
        "sub_account_key_unknown");
    EXPECT_EQ(refusal(manager_, "DELETE", kRemoveAddresses,
                      {.query = name(key, "&ipAddress=10.0.0.1"), .body = {}}),
              "sub_account_key_unknown");
  }
  EXPECT_EQ(house_.issuer->find_key(std::string(rivals->key.id.text()))->state, KeyState::kActive);
}

// The rule is the issuer's: no handler could forget it.
TEST_F(SubAccountKeys, TheIssuerItselfKeepsAKeyWithinItsSubAccounts) {
  const Actor by_key{.name = "key", .source = "local", .key = manager_.key.id};
  const auto rivals = house_.issuer->create_key({.account = "rival-1"}, house_.actor);
  const std::string id(rivals->key.id.text());

  EXPECT_EQ(house_.issuer->create_key({.account = "rival-1"}, by_key).error().reason,
            "maker_not_allowed");
  EXPECT_EQ(house_.issuer->create_key({.account = "demo"}, by_key).error().reason,
            "maker_not_allowed");
  EXPECT_EQ(house_.issuer->edit_key(id, {.label = "mine"}, by_key).error().reason,
            "maker_not_allowed");
  EXPECT_EQ(house_.issuer->revoke_key(id, "", by_key).error().reason, "maker_not_allowed");
  EXPECT_EQ(house_.issuer
                ->create_key({.account = "desk-7",
                              .permissions = "USER_DATA,MANAGE_KEYS",
                              .allow_list = "10.0.0.1"},
                             by_key)
                .error()
                .reason,
            "permission_beyond_maker");
}

// ---- what stays

TEST_F(SubAccountKeys, DescendantsAreWhatAKeyMadeAndIsNotRevoked) {
  const Json first = make();
  const Json second = make();
  const Json dead = make();
  (void)answered(manager_, "DELETE", kKeys, {.query = name(dead), .body = {}});
  (void)house_.issuer->create_key({.account = "desk-7"}, house_.actor);  // by nobody
  ASSERT_TRUE(house_.issuer->revoke_key(manager_.id(), "", house_.actor).has_value());

  const auto left = house_.issuer->descendants(manager_.id());

  ASSERT_TRUE(left.has_value());
  std::vector<std::string> ids;
  for (const VersionedKey& stored : left->keys) {
    ids.emplace_back(stored.key.id.text());
  }
  EXPECT_THAT(ids, testing::UnorderedElementsAre(first["apiKey"].get<std::string>(),
                                                 second["apiKey"].get<std::string>()));
  EXPECT_EQ(house_.issuer->descendants(std::string(64, 'z')).error().reason, "no_such_key");
}

TEST_F(SubAccountKeys, ACallCostsItsAccountAndNotItsAddress) {
  constexpr int kCallsAMinute = 60;  // 180,000 of account weight, 3000 each
  for (int i = 0; i < kCallsAMinute; ++i) {
    (void)answered(manager_, "GET", kKeys, {.query = "email=desk-7%40example.com", .body = {}});
  }

  EXPECT_EQ(refusal(manager_, "GET", kKeys, {.query = "email=desk-7%40example.com", .body = {}}),
            "account_over_weight");
  EXPECT_EQ(reason_of(sign("a=1&"), route("GET", "/api/v3/account")), std::nullopt);
}

}  // namespace
}  // namespace counterfoil
