// Whole requests: the array `http_cases`. "accept means that the signature stage passes; timestamps
// are old, so freeze the server clock at the timestamp given".
#include <gtest/gtest.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "expected_answer.h"
#include "keys/allow_list.h"
#include "keys/api_key_id.h"
#include "keys/key_format.h"
#include "keys/live_key.h"
#include "policy/profile.h"
#include "policy/route.h"
#include "verify/claims.h"
#include "verify/reason.h"
#include "verify/signed_request.h"
#include "verify/test_request.h"
#include "verify/verify.h"
#include "wire/rest/signed_parameters.h"

namespace counterfoil {
namespace {

using nlohmann::json;

// The vendor's published sample pair. Everybody knows it: worth nothing.
constexpr std::string_view kSampleKey =
    "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
constexpr std::string_view kSampleSecret =
    "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";
constexpr Timestamp kFrozen = from_unix_ms(1'499'827'319'559);

// The sample key may do everything from everywhere.
LiveKey sample_key() {
  LiveKey key = test_request::trading_key();
  key.id = ApiKeyId::parse(kSampleKey).value();
  key.permissions = PermissionSet::of_bits(0xfff);
  key.allow_list = AllowList::any();
  key.symbols.clear();
  key.expires_at = kNever;
  key.pairs.clear();
  key.pairs.push_back(test_request::hmac_pair(1, kSampleSecret));
  return key;
}

rest::ParameterRules rules_of(const Profile& profile, const Route& route) {
  const SigningRules& signing = profile.signing();
  return {.signature = signing.signature_parameter,
          .timestamp = signing.timestamp_parameter,
          .recv_window = signing.recv_window_parameter,
          .api_key = signing.api_key_parameter,
          .symbol = route.symbol_parameter,
          .repeats = route.repeats};
}

// judge is a gateway's way with one request; gives why it is refused, or nullopt.
std::optional<Reason> judge(const json& row, std::string& payload) {
  const Profile& profile = vectors::binance_profile();
  const std::string target = row["target"];
  const std::string body = row["body"];
  const std::size_t mark = target.find('?');
  const Route* route = profile.find(row["method"].get<std::string>(), target.substr(0, mark));
  if (route == nullptr) {
    return Reason::kRouteUnknown;
  }
  const std::string query = mark == std::string::npos ? "" : target.substr(mark + 1);
  rest::SignedParameters parameters;
  parameters.read(query, body, rest::BodyKind::kForm, rules_of(profile, *route));
  payload = parameters.payload();
  const std::string api_key = row["headers"].value("X-MBX-APIKEY", "");
  const SignedRequest request{.api_key = api_key,
                              .parameter_fault = parameters.fault(),
                              .payload = parameters.payload(),
                              .signature = parameters.signature(),
                              .timestamp = parameters.timestamp(),
                              .recv_window = parameters.recv_window(),
                              .source = test_request::Sent().source,
                              .needs = route->permissions,
                              .symbol = parameters.symbol()};
  const auto claims = read_claims(request, KeyFormat(), kFrozen);
  if (!claims) {
    return claims.error();
  }
  const LiveKey key = sample_key();
  const Verdict verdict = verify(request, claims->api_key == key.id ? &key : nullptr, kFrozen);
  return verdict ? std::nullopt : std::optional(verdict.error());
}

TEST(HttpVectors, AreAnsweredAsStatedAndTheirPayloadIsRebuilt) {
  vectors::run_array("http_cases", 18, [](const json& row) {
    std::string payload;
    vectors::expect_answer(row, judge(row, payload));
    EXPECT_EQ(payload, row["server_payload"].get<std::string>()) << row["id"];
  });
}

// The published HMAC vectors again, as whole requests: with the signature behind, before and amid
// the parameters, in the query and in the body.
TEST(HttpVectors, PublishedPayloadsAreRebuiltWhereverTheSignatureStands) {
  vectors::run_array("hmac", 11, [](const json& row) {
    if (row["surface"] != "rest" || row["api_key"] != kSampleKey || !row.contains("query")) {
      return;
    }
    const std::string query = row["query"];
    const std::string body = row["body"];
    const std::string pair = "signature=" + row["signature"].get<std::string>();
    const auto joined = [](const std::string& a, const std::string& b) {
      return a.empty() || b.empty() ? a + b : a + "&" + b;
    };
    const std::size_t amid = query.find('&');
    const std::string middle = amid == std::string::npos
                                   ? joined(query, pair)
                                   : query.substr(0, amid) + "&" + pair + query.substr(amid);
    for (const auto& [sent_query, sent_body] :
         {std::pair(joined(query, pair), body), std::pair(joined(pair, query), body),
          std::pair(middle, body), std::pair(query, joined(body, pair)),
          std::pair(query, joined(pair, body))}) {
      rest::SignedParameters parameters;
      parameters.read(sent_query, sent_body, rest::BodyKind::kForm, {});
      EXPECT_EQ(parameters.fault(), std::nullopt) << row["id"];
      EXPECT_EQ(parameters.payload(), row["payload"].get<std::string>())
          << row["id"] << " " << sent_query;
      EXPECT_EQ(parameters.signature(), row["signature"].get<std::string>()) << row["id"];
    }
  });
}

}  // namespace
}  // namespace counterfoil
