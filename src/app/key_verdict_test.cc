#include "app/key_verdict.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/live_finding.h"
#include "app/server_answer.h"
#include "base/time.h"
#include "keys/api_key_form.h"
#include "policy/profile.h"

namespace counterfoil {
namespace {

using Kind = LiveFinding::Kind;

constexpr Timestamp kNow = from_unix_ms(1'790'000'000'000);

const Profile& profile() {
  static const Profile shipped = [] {
    std::ifstream stream(COUNTERFOIL_SOURCE_DIR "/profiles/binance-spot.toml");
    const std::string text(std::istreambuf_iterator<char>(stream), {});
    return Profile::parse(text, "binance-spot.toml").value();
  }();
  return shipped;
}

struct HostCase {
  std::string_view host;
  VendorHost world;
};
constexpr auto kHosts = std::to_array<HostCase>({
    {"api.binance.com", VendorHost::kLive},
    {"API1.Binance.com", VendorHost::kLive},
    {"binance.us", VendorHost::kLive},
    {"testnet.binance.vision", VendorHost::kTest},
    {"demo-api.binance.com", VendorHost::kTest},
    {"testnet.binancefuture.com", VendorHost::kTest},
    {"notbinance.com", VendorHost::kNone},
    {"binance.com.example.org", VendorHost::kNone},
    {"127.0.0.1", VendorHost::kNone},
    {"", VendorHost::kNone},
});

TEST(VendorHost, KnowsTheVendorsWorlds) {
  for (const HostCase& one : kHosts) {
    EXPECT_EQ(vendor_host(one.host), one.world) << one.host;
  }
}

TEST(ApiKeyForm, IsAProblemWhereTheServerNeedNotBeAsked) {
  EXPECT_EQ(judge_form(ApiKeyForm::kOurs, VendorHost::kNone), std::nullopt);
  EXPECT_EQ(judge_form(ApiKeyForm::kForeign, VendorHost::kLive), std::nullopt);
  EXPECT_EQ(judge_form(ApiKeyForm::kOurs, VendorHost::kLive)->id, "key_of_a_gateway");
  EXPECT_EQ(judge_form(ApiKeyForm::kOtherLength, VendorHost::kNone)->kind, Kind::kWarning);
  for (const ApiKeyForm form :
       {ApiKeyForm::kMistyped, ApiKeyForm::kSecret, ApiKeyForm::kUnsendable}) {
    const auto finding = judge_form(form, VendorHost::kNone);
    ASSERT_TRUE(finding);
    EXPECT_EQ(finding->kind, Kind::kProblem) << finding->id;
    EXPECT_FALSE(finding->next.empty());
  }
}

struct RefusalCase {
  int status;
  std::optional<std::int64_t> code;
  Kind kind;
  std::string_view id;
};
constexpr auto kRefusals = std::to_array<RefusalCase>({
    {401, -2015, Kind::kProblem, "key_refused"},
    {400, -1022, Kind::kProblem, "signature_wrong"},
    {401, -2014, Kind::kProblem, "api_key_malformed"},
    {400, -2008, Kind::kProblem, "api_key_unknown"},
    {400, -1021, Kind::kProblem, "timestamp_refused"},
    {401, -1002, Kind::kProblem, "not_authorized"},
    {401, -4056, Kind::kProblem, "key_type_refused"},
    {400, -2017, Kind::kProblem, "account_locked"},
    {429, -1003, Kind::kCannotTell, "limited"},
    {503, -1001, Kind::kCannotTell, "server_fault"},
    {503, -1008, Kind::kCannotTell, "server_fault"},
    {429, std::nullopt, Kind::kCannotTell, "limited"},
    {418, std::nullopt, Kind::kCannotTell, "limited"},
    {403, std::nullopt, Kind::kCannotTell, "blocked"},
    {502, std::nullopt, Kind::kCannotTell, "server_fault"},
    {401, std::nullopt, Kind::kCannotTell, "not_understood"},
    {200, std::nullopt, Kind::kCannotTell, "not_understood"},
    {400, -7777, Kind::kCannotTell, "not_understood"},
    {500, -7777, Kind::kCannotTell, "server_fault"},
});

TEST(JudgeRefusal, NeverTakesWhatItDoesNotKnowForANo) {
  for (const RefusalCase& one : kRefusals) {
    const auto refusal = one.code
                             ? std::optional(ServerRefusal{.code = *one.code, .text = "some text"})
                             : std::nullopt;
    const LiveFinding finding =
        judge_refusal(one.status, refusal, FromGateway::kNo, VendorHost::kNone);

    EXPECT_EQ(finding.kind, one.kind) << one.status;
    EXPECT_EQ(finding.id, one.id);
    EXPECT_TRUE(finding.text.contains("HTTP " + std::to_string(one.status))) << finding.text;
    EXPECT_EQ(finding.text.contains("some text"), one.code.has_value()) << finding.text;
    EXPECT_FALSE(finding.next.empty());
  }
}

TEST(JudgeRefusal, SaysWhatTheOrderOfTheChecksTells) {
  const ServerRefusal wrong{.code = -1022, .text = ""};
  const ServerRefusal rejected{.code = -2015, .text = ""};
  const auto text = [](const ServerRefusal& refusal, FromGateway from) {
    return judge_refusal(400, refusal, from, VendorHost::kNone).text;
  };

  EXPECT_TRUE(text(wrong, FromGateway::kYes).contains("address is allowed is not told"));
  EXPECT_TRUE(text(wrong, FromGateway::kNo).contains("address is probably allowed"));
  EXPECT_TRUE(text(rejected, FromGateway::kYes).contains("tells no stranger which"));
  EXPECT_FALSE(text(rejected, FromGateway::kNo).contains("tells no stranger which"));
}

TEST(JudgeRefusal, RemindsOfTheOtherWorldAtTheVendorsHosts) {
  const ServerRefusal rejected{.code = -2015, .text = ""};
  const auto next = [&](VendorHost host) {
    return judge_refusal(401, rejected, FromGateway::kNo, host).next;
  };

  EXPECT_TRUE(next(VendorHost::kLive).contains("test network is unknown on this live host"));
  EXPECT_TRUE(next(VendorHost::kTest).contains("live key is unknown on this test host"));
  EXPECT_FALSE(next(VendorHost::kNone).contains("host"));
}

KeyRights rights(bool ip_restricted, std::vector<std::pair<std::string, bool>> fields) {
  return {.ip_restricted = ip_restricted,
          .created = std::nullopt,
          .trading_ends = std::nullopt,
          .fields = std::move(fields)};
}

TEST(PermissionsTold, HaveTheProfilesNamesAndThenForeignOnes) {
  EXPECT_EQ(permissions_told(rights(true, {{"enableNewThing", true},
                                           {"enableOldThing", false},
                                           {"enableSpotAndMarginTrading", true},
                                           {"enableReading", true},
                                           {"enableWithdrawals", false}}),
                             profile()),
            (std::vector<std::string>{"USER_DATA", "USER_STREAM", "TRADE", "enableNewThing"}));
}

TEST(JudgeRights, WarnsOfAKeyThatTradesFromAnywhere) {
  const auto reading = rights(false, {{"enableReading", true}, {"enableMargin", false}});
  const auto trading = rights(false, {{"enableReading", true}, {"enableMargin", true}});
  const auto listed = rights(true, {{"enableReading", true}, {"enableMargin", true}});

  EXPECT_TRUE(judge_rights(reading, profile(), kNow).empty());
  EXPECT_TRUE(judge_rights(listed, profile(), kNow).empty());
  const auto findings = judge_rights(trading, profile(), kNow);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings.front().id, "no_allow_list");
  EXPECT_EQ(findings.front().kind, Kind::kWarning);
}

TEST(JudgeExpiry, WarnsAWeekBefore) {
  EXPECT_EQ(judge_expiry(kNow + kEndsSoon, kNow), std::nullopt);
  const auto finding = judge_expiry(kNow + kEndsSoon - std::chrono::seconds(1), kNow);
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->kind, Kind::kWarning);
  EXPECT_EQ(finding->id, "key_expires");
}

TEST(JudgeRights, WarnsOfAnEndThatIsNear) {
  auto ending = rights(true, {{"enableReading", true}});

  ending.trading_ends = kNow + kEndsSoon;
  EXPECT_TRUE(judge_rights(ending, profile(), kNow).empty());
  ending.trading_ends = kNow + kEndsSoon - std::chrono::seconds(1);
  EXPECT_EQ(judge_rights(ending, profile(), kNow).front().id, "trading_ends");
  EXPECT_TRUE(judge_rights(ending, profile(), kNow).front().text.contains("within a week"));
  ending.trading_ends = kNow - std::chrono::seconds(1);
  EXPECT_TRUE(judge_rights(ending, profile(), kNow).front().text.contains("has ended"));
}

TEST(JudgeElsewhere, ProvesThatAKeyIsOfAnotherEnvironment) {
  const auto refused = [] {
    return judge_refusal(401, ServerRefusal{.code = -2015, .text = "Invalid API-key"},
                         FromGateway::kNo, VendorHost::kLive);
  };
  const std::string other = "https://testnet.binance.vision";
  const std::vector<LiveFinding> wrong{judge_refusal(400, ServerRefusal{.code = -1022, .text = ""},
                                                     FromGateway::kNo, VendorHost::kTest)};
  const std::vector<LiveFinding> silent{
      {.kind = Kind::kCannotTell, .id = "no_answer", .text = "", .next = ""}};

  const LiveFinding proved = judge_elsewhere(refused(), other, true, {});
  EXPECT_EQ(proved.id, "key_of_other_environment");
  EXPECT_EQ(proved.kind, Kind::kProblem);
  EXPECT_TRUE(proved.text.contains(other) && proved.next.contains(other));

  EXPECT_TRUE(judge_elsewhere(refused(), other, false, wrong).text.contains("knows this API key"));
  EXPECT_TRUE(judge_elsewhere(refused(), other, false, silent).text.contains("could not tell"));
  const LiveFinding neither = judge_elsewhere(refused(), other, false, {refused()});
  EXPECT_EQ(neither.id, kKeyRefused);
  EXPECT_TRUE(neither.text.contains("does not take it either"));
}

}  // namespace
}  // namespace counterfoil
