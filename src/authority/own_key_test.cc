#include "authority/own_key.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "base/account_id.h"
#include "base/time.h"
#include "keys/allow_list.h"
#include "keys/api_key_id.h"
#include "keys/live_key.h"
#include "policy/profile.h"
#include "policy/shipped_profile.h"
#include "verify/reason.h"

namespace counterfoil {
namespace {

LiveKey live_key(const Profile& profile, std::string_view permissions,
                 const std::string& allow_list) {
  LiveKey key{.id = *ApiKeyId::parse(std::string(64, 'k')), .account = *AccountId::parse("demo")};
  key.permissions = *profile.permissions().parse(permissions);
  key.allow_list = *AllowList::parse(allow_list);
  key.created = from_unix_ms(1698645219000);
  return key;
}

Profile binance() { return *Profile::parse(*shipped_profile("binance-spot"), "binance-spot.toml"); }

// The vendor's sample, field by field; ours lists them in the order of the profile.
TEST(ApiRestrictions, HasTheVendorsFieldsAndTypes) {
  const Profile profile = binance();

  EXPECT_EQ(api_restrictions_body(
                live_key(profile, "USER_DATA,PORTFOLIO_MARGIN,FIX_API_READ_ONLY", "any"), profile),
            R"({"ipRestrict":false,"createTime":1698645219000,"enableReading":true,)"
            R"("enableSpotAndMarginTrading":false,"enableMargin":false,"enableFutures":false,)"
            R"("enableVanillaOptions":false,"enablePortfolioMarginTrading":true,)"
            R"("permitsUniversalTransfer":false,"enableInternalTransfer":false,)"
            R"("enableWithdrawals":false,"enableFixApiTrade":false,"enableFixReadOnly":true})");
}

TEST(ApiRestrictions, TellsThatThereIsAnAllowListAndNotWhich) {
  const Profile profile = binance();

  const std::string body =
      api_restrictions_body(live_key(profile, "TRADE", "203.0.113.7"), profile);

  EXPECT_NE(body.find(R"("ipRestrict":true)"), std::string::npos);
  EXPECT_NE(body.find(R"("enableSpotAndMarginTrading":true)"), std::string::npos);
  EXPECT_NE(body.find(R"("enableReading":false)"), std::string::npos);
  EXPECT_EQ(body.find("203.0.113.7"), std::string::npos);
}

TEST(ApiRestrictions, AFieldOfTwoPermissionsIsTrueForEither) {
  const Profile profile = binance();

  EXPECT_NE(api_restrictions_body(live_key(profile, "USER_STREAM", "any"), profile)
                .find(R"("enableReading":true)"),
            std::string::npos);
}

struct SelfRevokeCase {
  const char* name;
  const char* query;  // K stands for the key's own id
  const char* body;
  bool is_asked;
};
constexpr SelfRevokeCase kSelfRevokeCases[] = {
    {"in_the_query", "action=self-revoke&apiKey=K&timestamp=1", "", true},
    {"in_the_body", "", "timestamp=1&apiKey=K&action=self-revoke", true},
    {"in_both_parts", "action=self-revoke&timestamp=1", "apiKey=K", true},
    {"with_other_parameters", "recvWindow=5&action=self-revoke&reason=leak&apiKey=K", "", true},
    {"nothing", "timestamp=1", "", false},
    {"no_action", "apiKey=K", "", false},
    {"no_key", "action=self-revoke", "", false},
    {"another_action", "action=revoke&apiKey=K", "", false},
    {"another_key", "action=self-revoke&apiKey=kkk", "", false},
    {"upper_case_action", "action=SELF-REVOKE&apiKey=K", "", false},
    {"upper_case_name", "Action=self-revoke&apiKey=K", "", false},
    {"escaped_value", "action=self%2Drevoke&apiKey=K", "", false},
    {"escaped_name", "%61ction=self-revoke&apiKey=K", "", false},
    {"action_twice", "action=self-revoke&action=self-revoke&apiKey=K", "", false},
    {"action_in_both_parts", "action=self-revoke&apiKey=K", "action=buy", false},
    {"key_twice", "action=self-revoke&apiKey=K", "apiKey=K", false},
    {"action_without_value", "action&apiKey=K", "", false},
    {"name_as_a_suffix", "xaction=self-revoke&apiKey=K", "", false},
    {"value_with_a_tail", "action=self-revoke2&apiKey=K", "", false},
    {"divided_across_the_parts", "action=self-", "revoke&apiKey=K", false},
};

class SelfRevokeForm : public testing::TestWithParam<SelfRevokeCase> {};

TEST_P(SelfRevokeForm, IsJudgedByItsWords) {
  const ApiKeyId own = *ApiKeyId::parse(std::string(64, 'k'));
  const auto with_id = [&](std::string text) {
    const std::size_t at = text.find("=K");
    if (at != std::string::npos) {
      text.replace(at + 1, 1, own.text());
    }
    return text;
  };

  const auto asked = check_self_revoke(with_id(GetParam().query), with_id(GetParam().body), own);

  EXPECT_EQ(asked.has_value(), GetParam().is_asked);
  if (!asked) {
    EXPECT_EQ(asked.error(), Reason::kSelfRevokeMalformed);
  }
}
INSTANTIATE_TEST_SUITE_P(Cases, SelfRevokeForm, testing::ValuesIn(kSelfRevokeCases),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace counterfoil
