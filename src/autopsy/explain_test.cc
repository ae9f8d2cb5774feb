#include "autopsy/explain.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autopsy/cause.h"
#include "autopsy/describe_causes.h"
#include "autopsy/evidence.h"
#include "autopsy/finding.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/percent.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/hmac.h"
#include "crypto/private_key.h"
#include "crypto/signature_scheme.h"

namespace counterfoil::autopsy {
namespace {

constexpr Timestamp kNow = from_unix_ms(1'773'118'511'807);
constexpr std::string_view kSecret =
    "TESTsecretTESTsecretTESTsecretTESTsecretTESTsecretTESTsecretTEST";
constexpr std::string_view kOldSecret =
    "TESTformerTESTformerTESTformerTESTformerTESTformerTESTformerTEST";
constexpr std::string_view kQuery =
    "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1.50&price=9100.25&timestamp="
    "1773118511659";

std::string mac(std::string_view text, std::string_view secret = kSecret) {
  return to_hex(HmacKey::from_secret(as_bytes(secret)).value().mac(as_bytes(text)));
}

AccountKey hmac_key(std::string api_key, std::string_view secret) {
  return {.api_key = std::move(api_key),
          .scheme = Scheme::kHmacSha256,
          .secret = secret,
          .permissions = {"USER_DATA", "TRADE"}};
}

Estate estate() {
  Estate held{.key = hmac_key(std::string(64, 'K'), kSecret)};
  held.predecessors.push_back(hmac_key(std::string(64, 'P'), kOldSecret));
  held.predecessors[0].state = PairState::kRetired;
  return held;
}

RefusedRequest order(std::string query) {
  return {.transport = Transport::kRest,
          .method = "POST",
          .path = "/api/v3/order",
          .query = std::move(query),
          .headers = {{"X-MBX-APIKEY", std::string(64, 'K')}},
          .source_ip = "203.0.113.7",
          .required_permission = "TRADE"};
}

RefusedRequest signed_order(std::string_view signature, std::string_view query = kQuery) {
  return order(std::string(query) + "&signature=" + std::string(signature));
}

Findings explained(const RefusedRequest& request, const Estate& held = estate()) {
  return explain(request, held, {}, {}, kNow);
}

std::vector<std::string> causes_of(const Findings& findings) {
  std::vector<std::string> causes;
  for (const Finding& finding : findings.all) {
    causes.emplace_back(finding.cause);
  }
  return causes;
}

using Ids = std::vector<std::string>;

TEST(Explain, FindsNothingWrongWithARightRequest) {
  const Findings findings = explained(signed_order(mac(kQuery)));

  EXPECT_EQ(findings.verdict, Findings::Verdict::kNone);
  EXPECT_EQ(causes_of(findings), Ids{});
}

TEST(Explain, SaysHonestlyThatASignatureIsUnknown) {
  const Findings findings = explained(signed_order(std::string(64, 'a')));

  EXPECT_EQ(findings.verdict, Findings::Verdict::kUnknownSignature);
  EXPECT_EQ(causes_of(findings), Ids{});
  EXPECT_LE(findings.tries_spent, kTriesMax);
}

// What an API that names everything otherwise refused (docs/profiles.md).
RefusedRequest forecast(std::string_view parameters, std::string_view client_signed,
                        std::string header = "X-Weather-Key") {
  RefusedRequest request{.transport = Transport::kRest,
                         .method = "GET",
                         .path = "/v1/forecasts/oslo",
                         .query = std::string(parameters) + "&sig=" + mac(client_signed),
                         .headers = {{std::move(header), std::string(64, 'K')}},
                         .source_ip = "203.0.113.7",
                         .required_permission = "USER_DATA"};
  request.names = {.api_key_header = "X-Weather-Key",
                   .api_key_parameter = "key",
                   .signature = "sig",
                   .timestamp = "at",
                   .recv_window = "good_for"};
  return request;
}

// As of a request whose API key is nobody's: there is no pair that it could be tried with.
TEST(Explain, ProvesNothingOfAnEmptyEstate) {
  RefusedRequest request = signed_order(mac(kQuery));
  request.headers.clear();

  EXPECT_EQ(causes_of(explained(request, Estate{})),
            std::vector<std::string>{"api-key-header-missing"});
}

TEST(Explain, KnowsARequestByTheNamesOfItsServer) {
  constexpr std::string_view kSent = "place=oslo&days=3&good_for=5000&at=1773118511659";
  struct Case {
    std::string_view client_signed;
    Ids causes;
  };
  const std::vector<Case> cases{
      {kSent, {}},
      {"at=1773118511659&days=3&good_for=5000&place=oslo", {"param-order-mismatch"}},
      {"place=oslo&days=3&good_for=5000&at=1773118511657", {"timestamp-regenerated-after-signing"}},
      {"place=oslo&days=3&good_for=5000&at=1773118511659\n", {"trailing-newline-in-payload"}},
  };
  for (const Case& one : cases) {
    const Findings findings =
        explain(forecast(kSent, one.client_signed), estate(), {}, {.is_routed = true}, kNow);
    EXPECT_EQ(causes_of(findings), one.causes) << one.client_signed;
  }
}

TEST(Explain, SeesWhatIsWrongWithTheOwnParametersOfAnyServer) {
  constexpr std::string_view kSent = "days=3&good_for=soon&at=1773118511659";
  const auto causes = [](const RefusedRequest& request) {
    return causes_of(explain(request, estate(), {}, {.is_routed = true}, kNow));
  };
  const Findings window = explain(forecast(kSent, kSent), estate(), {}, {.is_routed = true}, kNow);
  EXPECT_EQ(causes_of(window), Ids{"recv-window-malformed"});
  EXPECT_EQ(window.all[0].detail, "good_for=soon");
  RefusedRequest unsigned_one = forecast("days=3&at=1773118511659", "");
  unsigned_one.query = "days=3&at=1773118511659&signature=" + mac("days=3&at=1773118511659");
  EXPECT_EQ(causes(unsigned_one), Ids{"signature-missing"});
  EXPECT_EQ(causes(forecast("days=3&at=1773118511659", "days=3&at=1773118511659", "X-MBX-APIKEY")),
            Ids{"api-key-header-misnamed"});
}

struct TextCase {
  std::string_view cause;
  std::string_view client_signed;
  friend void PrintTo(const TextCase& row, std::ostream* out) { *out << row.cause; }
};
class SignedText : public testing::TestWithParam<TextCase> {};
TEST_P(SignedText, NamesTheOneMistake) {
  const Findings findings = explained(signed_order(mac(GetParam().client_signed)));

  EXPECT_EQ(causes_of(findings), Ids{std::string(GetParam().cause)});
  ASSERT_TRUE(findings.difference.has_value());
  EXPECT_EQ(findings.all[0].confidence, Confidence::kProved);
}
INSTANTIATE_TEST_SUITE_P(
    Explain, SignedText,
    testing::Values(
        TextCase{"trailing-newline-in-payload",
                 "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1.50&price=9100.25&"
                 "timestamp=1773118511659\n"},
        TextCase{"question-mark-in-payload",
                 "?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1.50&price=9100.25&"
                 "timestamp=1773118511659"},
        TextCase{"param-order-mismatch",
                 "price=9100.25&quantity=1.50&side=BUY&symbol=BTCUSDT&timeInForce=GTC&timestamp="
                 "1773118511659&type=LIMIT"},
        TextCase{"number-formatting-mismatch",
                 "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1.5&price=9100.25&"
                 "timestamp=1773118511659"},
        TextCase{"letter-case-mismatch",
                 "symbol=btcusdt&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1.50&price=9100.25&"
                 "timestamp=1773118511659"},
        TextCase{"value-whitespace-trimmed",
                 "symbol=BTCUSDT+&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1.50&price=9100.25&"
                 "timestamp=1773118511659"},
        TextCase{"timestamp-regenerated-after-signing",
                 "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1.50&price=9100.25&"
                 "timestamp=1773118508001"},
        TextCase{"only-some-params-signed", "timestamp=1773118511659"},
        TextCase{
            "json-payload-signed",
            R"({"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","quantity":"1.50","price":"9100.25","timestamp":1773118511659})"}));

TEST(Explain, NamesTwoMistakes) {
  const std::string sorted =
      "price=9100.25&quantity=1.50&side=BUY&symbol=BTCUSDT&timeInForce=GTC&timestamp="
      "1773118511659&type=LIMIT";

  EXPECT_EQ(causes_of(explained(signed_order(mac(sorted, kOldSecret)))),
            (Ids{"signed-with-predecessor-key", "param-order-mismatch"}));
  const std::string base64 =
      percent_encode(to_base64(from_hex(mac(std::string(kQuery) + "\n")).value()));
  EXPECT_EQ(causes_of(explained(signed_order(base64))),
            (Ids{"signature-base64-instead-of-hex", "trailing-newline-in-payload"}));
}

TEST(Explain, NamesWhatIsWrongBesideTheSignature) {
  Estate held = estate();
  held.key.permissions = {"USER_DATA"};
  held.key.allow_list = {"198.51.100.0/24"};
  const std::string late = "timestamp=1773118500000";

  EXPECT_EQ(causes_of(explained(signed_order(mac(late), late), held)),
            (Ids{"clock-behind", "ip-not-allowed", "permission-missing"}));
}

TEST(Explain, PutsWhatIsCompromisedFirst) {
  RefusedRequest request = signed_order(mac(kQuery, std::string(64, 'K')));
  request.headers = {{"X-MBX-APIKEY", std::string(kSecret)}};
  Estate held = estate();
  held.key.permissions.clear();

  EXPECT_EQ(causes_of(explained(request, held)),
            (Ids{"key-and-secret-swapped", "permission-missing"}));
}

// texts_of gives all that a finding shows to people.
std::string texts_of(const Findings& findings) {
  std::string all;
  for (const Finding& finding : findings.all) {
    all += finding.detail;
  }
  if (findings.difference) {
    all += findings.difference->before + findings.difference->verified +
           findings.difference->client_signed + findings.difference->behind;
  }
  return all;
}

TEST(Explain, ShowsNoSecret) {
  for (const std::string_view signature : {kSecret, kOldSecret}) {
    const Findings findings = explained(signed_order(signature));

    EXPECT_EQ(causes_of(findings), Ids{"secret-sent-as-signature"});
    EXPECT_FALSE(texts_of(findings).contains(kSecret));
    EXPECT_FALSE(texts_of(findings).contains(kOldSecret));
  }
  // A secret among the parameters, and another mistake that shows the text.
  const std::string query = "note=" + std::string(kSecret) + "&timestamp=1773118511659";
  const Findings findings = explained(signed_order(mac(query + "\n"), query));
  EXPECT_EQ(causes_of(findings), Ids{"trailing-newline-in-payload"});
  EXPECT_FALSE(texts_of(findings).contains(kSecret));
}

TEST(Explain, MarksTheDifference) {
  const Findings findings = explained(signed_order(mac("note=caf\xc3\xa9&timestamp=1773118511659"),
                                                   "note=caf%C3%A9&timestamp=1773118511659"));

  EXPECT_EQ(causes_of(findings), Ids{"payload-not-percent-encoded"});
  EXPECT_EQ(findings.difference.value().before, "note=caf");
  EXPECT_EQ(findings.difference->verified, "%C3%A9");
  EXPECT_EQ(findings.difference->client_signed, "\xc3\xa9");
  EXPECT_EQ(findings.difference->behind, "&timestamp=1773118511659");
}

TEST(Explain, EndsWithItsBudget) {
  for (const std::size_t tries : {0U, 1U, 10U, 1000U}) {
    const Findings findings =
        explain(signed_order(std::string(64, 'b')), estate(), {}, {}, kNow, tries);

    EXPECT_LE(findings.tries_spent, tries);
    EXPECT_EQ(findings.verdict, Findings::Verdict::kUnknownSignature);
  }
}

TEST(Explain, SearchesAmongNoMoreParametersThanAnyCallHas) {
  const auto with_parameters = [](std::size_t count) {
    std::string query = "timestamp=1773118511659";
    for (std::size_t i = 1; i < count; ++i) {
      query += "&a=";
    }
    return explained(signed_order(mac("?" + query), query));
  };

  EXPECT_EQ(with_parameters(128).verdict, Findings::Verdict::kExplained);
  EXPECT_EQ(with_parameters(129).verdict, Findings::Verdict::kUnknownSignature);
}

TEST(Explain, BelievesTheGatewaysRoutes) {
  RefusedRequest request = signed_order(mac(kQuery));
  request.path = "/v1/order";

  EXPECT_EQ(causes_of(explained(request)), Ids{"wrong-host-or-path"});
  EXPECT_EQ(explain(request, estate(), {}, {.is_routed = true}, kNow).verdict,
            Findings::Verdict::kNone);
}

TEST(Explain, CountsALongTextForMore) {
  const Findings findings = explained(signed_order(
      std::string(64, 'b'), "timestamp=1773118511659&note=" + std::string(16'000, 'x')));

  EXPECT_LE(findings.tries_spent, kTriesMax);
  EXPECT_EQ(
      explain(signed_order(mac("note=" + std::string(600, 'x')), "note=" + std::string(600, 'x')),
              estate(), {}, {}, kNow)
          .tries_spent,
      2U);
}

TEST(Explain, ExplainsEd25519) {
  SystemRandom random;
  const auto pair = PrivateKey::generate(Scheme::kEd25519, random).value();
  Estate held = estate();
  held.key.scheme = Scheme::kEd25519;
  held.key.secret = {};
  held.key.public_key = pair.public_key();
  const auto sent = [&](std::string_view text, bool hex) {
    const auto raw = pair.sign(as_bytes(text)).value();
    return causes_of(
        explained(signed_order(hex ? to_hex(raw) : percent_encode(to_base64(raw))), held));
  };

  EXPECT_EQ(sent(kQuery, false), Ids{});
  EXPECT_EQ(sent(kQuery, true), Ids{"signature-hex-instead-of-base64"});
  EXPECT_EQ(sent(std::string(kQuery) + "&", false), Ids{"stray-ampersand-in-payload"});
  EXPECT_EQ(
      sent("timestamp=1773118511659&" + std::string(kQuery.substr(0, kQuery.rfind('&'))), true),
      (Ids{"signature-hex-instead-of-base64", "param-order-mismatch"}));
}

TEST(Causes, EachHasASentenceAFixAndItsSnippets) {
  std::set<std::string_view> ids;
  for (const CauseGroup& group : cause_groups()) {
    for (const CauseRow& row : group.rows) {
      ids.insert(row.id);
      EXPECT_TRUE(row.mistake.ends_with('.')) << row.id;
      EXPECT_TRUE(row.fix.ends_with('.')) << row.id;
      EXPECT_FALSE(row.evidence.empty()) << row.id;
      EXPECT_NE(row.on, 0) << row.id;
    }
  }
  EXPECT_GE(ids.size(), 120U);
  EXPECT_EQ(find_cause("no-such-cause"), nullptr);
  EXPECT_TRUE(describe_causes().contains("### payload-not-percent-encoded\n"));
}

}  // namespace
}  // namespace counterfoil::autopsy
