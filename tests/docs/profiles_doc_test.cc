// docs/profiles.md says what is true: its examples are the shipped files, it names every key and
// word there is, and the weather API of its example does what it promises.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "keys/key_format.h"
#include "keys/live_key.h"
#include "keys/permission.h"
#include "policy/answers.h"
#include "policy/profile.h"
#include "policy/profile_words.h"
#include "policy/route.h"
#include "policy/shipped_profile.h"
#include "policy/small_profile.h"
#include "verify/claims.h"
#include "verify/reason.h"
#include "verify/signed_request.h"
#include "verify/test_request.h"
#include "verify/verify.h"
#include "wire/rest/signed_parameters.h"

namespace counterfoil {
namespace {

std::string manual() {
  std::ifstream file(std::filesystem::path(COUNTERFOIL_SOURCE_DIR) / "docs" / "profiles.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

Profile weather() { return small_profile::parse(shipped_profile("weather").value()); }

// blocks_of gives the code blocks that are marked so.
std::vector<std::string> blocks_of(std::string_view text, std::string_view mark) {
  const std::string fence = "```" + std::string(mark) + "\n";
  std::vector<std::string> blocks;
  for (std::size_t at = text.find(fence); at != std::string_view::npos; at = text.find(fence, at)) {
    at += fence.size();
    const std::size_t end = text.find("```\n", at);
    blocks.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return blocks;
}

// ---- the text

TEST(ProfilesManual, ShowsTheShippedExampleWordForWordAndWhole) {
  std::string shipped(shipped_profile("weather").value());
  const std::vector<std::string> blocks = blocks_of(manual(), "toml weather");
  ASSERT_FALSE(blocks.empty());

  for (const std::string& block : blocks) {
    const std::size_t at = shipped.find(block);
    ASSERT_NE(at, std::string::npos) << block;
    shipped.erase(at, block.size());
  }

  // What is left are comments and empty lines.
  for (std::size_t at = 0; at < shipped.size();) {
    const std::size_t end = std::min(shipped.find('\n', at), shipped.size());
    const std::string line = shipped.substr(at, end - at);
    EXPECT_TRUE(line.empty() || line.starts_with('#')) << "not in the manual: " << line;
    at = end + 1;
  }
}

// keys_of lists every key that to_toml writes, which are all there are but for those without a
// default.
std::set<std::string> keys_of(std::string_view toml) {
  std::set<std::string> keys;
  while (!toml.empty()) {
    const std::size_t end = toml.find('\n');
    const std::string_view line = toml.substr(0, end);
    const std::size_t equals = line.find(" = ");
    const bool is_key =
        equals != std::string_view::npos && std::ranges::all_of(line.substr(0, equals), [](char c) {
          return (c >= 'a' && c <= 'z') || c == '_';
        });
    if (is_key) {
      keys.emplace(line.substr(0, equals));
    }
    toml.remove_prefix(end == std::string_view::npos ? toml.size() : end + 1);
  }
  return keys;
}

TEST(ProfilesManual, NamesEveryKey) {
  const std::string text = manual();
  std::set<std::string> keys = keys_of(weather().to_toml());
  keys.merge(keys_of(small_profile::parse(shipped_profile("binance-spot").value()).to_toml()));
  EXPECT_GT(keys.size(), 40U);

  for (const std::string& key : keys) {
    const bool is_named = text.find("`" + key + "`") != std::string::npos ||
                          text.find("\n" + key + " = ") != std::string::npos;
    EXPECT_TRUE(is_named) << key;
  }
}

template <std::size_t kCount>
void expect_words(const std::array<std::string_view, kCount>& words, const std::string& text) {
  for (const std::string_view word : words) {
    EXPECT_NE(text.find("\"" + std::string(word) + "\""), std::string::npos) << word;
  }
}

TEST(ProfilesManual, NamesEveryWord) {
  const std::string text = manual();

  expect_words(kSecurityWords, text);
  expect_words(kEffectWords, text);
  expect_words(kBodyWords, text);
  expect_words(kHandlerWords, text);
  expect_words(kSignaturePositionWords, text);
  expect_words(kSameNameWords, text);
  expect_words(kReplayedOrdersWords, text);
  expect_words(kAnswerFormatWords, text);
  expect_words(kLimitTypeWords, text);
  expect_words(kLimitOwnerWords, text);
  expect_words(kLimitIntervalWords, text);
  for (const std::string_view condition : kWeightConditionWords) {
    EXPECT_NE(text.find("`" + std::string(condition) + "`"), std::string::npos) << condition;
  }
}

TEST(ProfilesManual, ShowsTheErrorThatTheMistakeGives) {
  const std::string spoiled =
      small_profile::replaced(shipped_profile("weather").value(), "weight = 1\n", "wieght = 1\n");

  const auto profile = Profile::parse(spoiled, "weather.toml");

  ASSERT_FALSE(profile.has_value());
  EXPECT_EQ(blocks_of(manual(), "text mistake"),
            (std::vector<std::string>{profile.error().to_string() + "\n"}));
}

// ---- the weather API

struct Call {
  std::string_view method;
  std::string_view path;
  std::string query;  // less timestamp and signature
  std::string body;
  std::string_view permission;  // of the key that signs
  std::string_view source = "203.0.113.7";
};

LiveKey key_with(const Profile& profile, std::string_view permission) {
  LiveKey key = test_request::trading_key();
  key.permissions = profile.permissions().find(permission).value();
  key.symbols.clear();
  return key;
}

rest::BodyKind body_kind_of(const Route& route) {
  return route.body == BodyRule::kForm ? rest::BodyKind::kForm : rest::BodyKind::kOther;
}

// judge signs a call and judges it as a gateway does; gives why it is refused, or nullopt.
std::optional<Reason> judge(const Profile& profile, const Call& call) {
  const Route* route = profile.find(call.method, call.path);
  if (route == nullptr) {
    return Reason::kRouteUnknown;
  }
  if (route->security == Security::kPublic) {
    return std::nullopt;
  }
  const std::string signed_query =
      call.query + (call.query.empty() ? "" : "&") + "timestamp=1700000000000";
  const std::string query =
      signed_query + "&signature=" + test_request::hmac_hex(signed_query + call.body);
  rest::SignedParameters parameters;
  parameters.read(query, call.body, body_kind_of(*route), {});
  const SignedRequest request{.api_key =
                                  "KKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKK"
                                  "KKKK",
                              .parameter_fault = parameters.fault(),
                              .payload = parameters.payload(),
                              .signature = parameters.signature(),
                              .timestamp = parameters.timestamp(),
                              .recv_window = parameters.recv_window(),
                              .source = IpAddress::parse(call.source).value(),
                              .needs = route->permissions,
                              .symbol = parameters.symbol()};
  if (const auto claims = read_claims(request, KeyFormat(), test_request::kNow); !claims) {
    return claims.error();
  }
  const LiveKey key = key_with(profile, call.permission);
  const Verdict verdict = verify(request, &key, test_request::kNow);
  return verdict ? std::nullopt : std::optional(verdict.error());
}

constexpr std::string_view kReport = R"({"celsius":21.5,"note":"a&b=c"})";

struct CallCase {
  std::string_view name;
  Call call;
  std::optional<Reason> refused;
};
const CallCase kCalls[] = {
    {"anybody_reads_the_status", {"GET", "/v1/status", "", "", ""}, std::nullopt},
    {"a_customer_reads_a_forecast",
     {"GET", "/v1/forecasts/geneva", "days=3", "", "FORECASTS"},
     std::nullopt},
    {"a_customer_reads_the_nearest",
     {"GET", "/v1/forecasts/nearest", "", "", "FORECASTS"},
     std::nullopt},
    {"a_customer_reads_reports",
     {"GET", "/v1/stations/7/reports", "", "", "FORECASTS"},
     std::nullopt},
    {"a_station_reads_reports",
     {"GET", "/v1/stations/7/reports", "", "", "STATION_REPORTS"},
     std::nullopt},
    {"a_station_sends_a_report",
     {"POST", "/v1/stations/7/reports", "", std::string(kReport), "STATION_REPORTS"},
     std::nullopt},
    {"a_customer_sends_no_report",
     {"POST", "/v1/stations/7/reports", "", std::string(kReport), "FORECASTS"},
     Reason::kPermissionMissing},
    {"a_station_reads_no_forecast",
     {"GET", "/v1/forecasts/geneva", "", "", "STATION_REPORTS"},
     Reason::kPermissionMissing},
    {"a_station_elsewhere_sends_no_report",
     {"POST", "/v1/stations/7/reports", "", std::string(kReport), "STATION_REPORTS",
      "198.51.100.1"},
     Reason::kAddressNotAllowed},
    {"any_key_may_end_itself", {"POST", "/v1/self/revoke", "", "", "FORECASTS"}, std::nullopt},
    {"what_is_not_listed_is_not_there",
     {"DELETE", "/v1/forecasts/geneva", "", "", "FORECASTS"},
     Reason::kRouteUnknown},
};
class WeatherApi : public testing::TestWithParam<CallCase> {};

TEST_P(WeatherApi, DoesWhatTheManualPromises) {
  const std::optional<Reason> refused = judge(weather(), GetParam().call);

  EXPECT_EQ(refused, GetParam().refused)
      << (refused ? describe(*refused).name : std::string_view("accepted"));
}

INSTANTIATE_TEST_SUITE_P(Calls, WeatherApi, testing::ValuesIn(kCalls),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(WeatherProfile, AReportIsPartOfTheSignedText) {
  rest::SignedParameters parameters;
  const std::string query =
      "timestamp=1700000000000&signature=" +
      test_request::hmac_hex("timestamp=1700000000000" + std::string(kReport));

  parameters.read(query, kReport, rest::BodyKind::kOther, {});

  EXPECT_EQ(parameters.payload(), "timestamp=1700000000000" + std::string(kReport));
}

TEST(WeatherProfile, LongForecastsWeighMore) {
  const Profile profile = weather();
  const Route& place = *profile.find(Method::kGet, "/v1/forecasts/geneva");

  EXPECT_EQ(weight_of(place, "days=7", ""), 1U);
  EXPECT_EQ(weight_of(place, "days=8", ""), 5U);
  EXPECT_EQ(weight_of(*profile.find(Method::kGet, "/v1/forecasts/nearest"), "", ""), 2U);
}

TEST(WeatherProfile, RefusalsAreProblemsThatTellAStrangerNothing) {
  const Profile profile = weather();
  Rendered unknown;
  Rendered wrong;
  profile.render(Reason::kApiKeyUnknown, {}, unknown);
  profile.render(Reason::kSignatureWrong, {}, wrong);

  EXPECT_EQ(unknown.status, 401);
  EXPECT_EQ(unknown.content_type, "application/problem+json");
  EXPECT_EQ(unknown.body, wrong.body);
}

TEST(WeatherProfile, TellsThePlansOwnLimit) {
  EXPECT_EQ(weather().answers().render_text(Reason::kAccountOverWeight, {.limit = 50'000}),
            "Your plan's 50000 units a day are used up; the next day begins at 00:00 UTC.");
}

TEST(WeatherProfile, ReportsNeedAnAllowListAndReadingIsTheDefault) {
  const Profile profile = weather();

  EXPECT_EQ(profile.permissions().to_text(profile.default_permissions()), "FORECASTS");
  EXPECT_EQ(profile.permissions().to_text(profile.permissions_needing_allow_list()),
            "STATION_REPORTS");
}

}  // namespace
}  // namespace counterfoil
