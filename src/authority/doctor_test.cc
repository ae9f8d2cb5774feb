#include "authority/doctor.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "authority/authority_fixture.h"
#include "authority/clock_skews.h"
#include "authority/problem.h"
#include "authority/refusal_findings.h"
#include "authority/secret_job.h"
#include "autopsy/explain.h"
#include "autopsy/pasted_request.h"
#include "base/time.h"
#include "keys/key_format.h"

namespace counterfoil {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Strings = std::vector<std::string>;
using Accounts = std::set<std::string, std::less<>>;

// Texts that somebody pastes, who holds the account "demo".
class DoctorTest : public testing::Test {
 protected:
  DoctorTest() { house_.clock.advance(seconds(60)); }

  [[nodiscard]] std::string stamp() const {
    return "timestamp=" + std::to_string(to_unix_ms(house_.clock.now()));
  }
  // curl writes a command for a GET.
  static std::string curl(const std::string& api_key, const std::string& query,
                          const std::string& path = "/v1/account") {
    return "curl -H 'X-MBX-APIKEY: " + api_key + "' 'https://api.example.com" + path + "?" + query +
           "'\n";
  }
  std::expected<Examination, Problem> ask(const std::string& text,
                                          std::optional<Timestamp> at = std::nullopt) {
    return doctor_.examine({.asker = asker_, .text = text, .at = at, .accounts = accounts_},
                           house_.profile);
  }
  // one asks about a text with one request.
  ExaminedRequest one(const std::string& text, std::optional<Timestamp> at = std::nullopt) {
    auto examined = ask(text, at);
    EXPECT_TRUE(examined.has_value()) << (examined ? "" : examined.error().detail);
    EXPECT_TRUE(examined && examined->requests.size() == 1);
    return examined && !examined->requests.empty() ? examined->requests[0] : ExaminedRequest();
  }
  static Strings causes(const ExaminedRequest& examined) {
    Strings ids;
    for (const ShownFinding& finding : examined.findings.findings) {
      ids.push_back(finding.id);
    }
    return ids;
  }
  static Strings not_checked(const ExaminedRequest& examined) {
    return {examined.not_checked.begin(), examined.not_checked.end()};
  }
  // foreign_key makes an API key of another account.
  TestAuthority::HmacCaller foreign_key() {
    EXPECT_TRUE(house_.issuer->create_account("other", "Other", house_.actor).has_value());
    auto made = house_.issuer->create_key(
        {.account = "other", .label = {}, .material = {}, .permissions = {}, .allow_list = "any"},
        house_.actor);
    return {.key = made->key, .secret = SecretJob::to_shown_text(*made->secret)};
  }
  // print writes all that an answer says.
  static std::string print(const ExaminedRequest& examined) {
    std::string text = examined.method + examined.host + examined.path + examined.api_key +
                       (examined.key ? examined.key->api_key + examined.key->label : "") +
                       std::string(examined.findings.verdict);
    for (const ShownFinding& finding : examined.findings.findings) {
      text += finding.id + finding.detail + std::string(finding.title);
    }
    for (const std::string_view word : examined.not_checked) {
      text += word;
    }
    if (examined.findings.difference) {
      const auto& texts = *examined.findings.difference;
      text += texts.before + texts.verified + texts.client_signed + texts.behind;
    }
    return text;
  }

  TestAuthority house_;
  ClockSkews skews_;
  KeyFormat format_;
  std::chrono::nanoseconds cost_{0};  // of each reading of the processor's time
  std::chrono::nanoseconds spent_{0};
  Doctor doctor_{{.issuer = *house_.issuer,
                  .sealer = *house_.sealer,
                  .skews = skews_,
                  .permissions = house_.profile.permissions(),
                  .format = format_,
                  .clock = house_.clock,
                  .cpu_spent = [this] { return spent_ += cost_; }}};
  std::string asker_ = "ana";
  std::optional<Accounts> accounts_ = Accounts{"demo"};
};

TEST_F(DoctorTest, TellsTheMistakeWithItsProof) {
  const auto caller = house_.new_key();
  const std::string sent = "note=caf%C3%A9&" + stamp();
  const std::string meant = "note=caf\xc3\xa9&" + stamp();

  const ExaminedRequest found =
      one(curl(caller.id(), sent + "&signature=" + hmac_hex(caller.secret, meant)));

  EXPECT_EQ(found.form, "curl command");
  EXPECT_EQ(found.line, 1U);
  EXPECT_EQ(found.method, "GET");
  EXPECT_EQ(found.host, "api.example.com");
  EXPECT_EQ(found.path, "/v1/account");
  EXPECT_EQ(found.api_key, caller.id());
  ASSERT_TRUE(found.key);
  EXPECT_EQ(found.key->api_key, caller.id());
  EXPECT_EQ(found.findings.verdict, "explained");
  EXPECT_EQ(causes(found), Strings{"payload-not-percent-encoded"});
  ASSERT_TRUE(found.findings.difference);
  EXPECT_EQ(found.findings.difference->verified, "%C3%A9");
  EXPECT_EQ(not_checked(found), (Strings{"time", "address"}));
}

TEST_F(DoctorTest, NeverShowsASecretOrARightSignature) {
  const auto caller = house_.new_key();
  const std::string payload = stamp();

  const std::string shown =
      print(one(
          curl(caller.id(), payload + "&signature=" + hmac_hex(caller.secret, "?" + payload)))) +
      print(one(curl(caller.secret, payload + "&signature=" + hmac_hex(caller.id(), payload))));

  EXPECT_TRUE(shown.contains("question-mark-in-payload"));
  EXPECT_TRUE(shown.contains("key-and-secret-swapped"));
  EXPECT_FALSE(shown.contains(caller.secret));
  EXPECT_FALSE(shown.contains(hmac_hex(caller.secret, payload)));
}

TEST_F(DoctorTest, JudgesTheTimeOnlyWhereItIsToldOne) {
  const auto caller = house_.new_key();
  const std::string payload = stamp();
  const std::string text =
      curl(caller.id(), payload + "&signature=" + hmac_hex(caller.secret, payload));
  house_.clock.advance(minutes(7));

  const ExaminedRequest untold = one(text);
  EXPECT_EQ(untold.findings.verdict, "nothing_wrong");
  EXPECT_EQ(not_checked(untold), (Strings{"time", "address"}));

  const ExaminedRequest told = one(text, house_.clock.now());
  EXPECT_EQ(causes(told), Strings{"clock-behind"});
  EXPECT_EQ(not_checked(told), Strings{"address"});
}

TEST_F(DoctorTest, KnowsWhatTheRouteNeeds) {
  const auto caller = house_.new_key();
  const std::string payload = "symbol=BTCUSDT&" + stamp();
  const std::string signed_text = payload + "&signature=" + hmac_hex(caller.secret, payload);

  const ExaminedRequest order = one("curl -X DELETE -H 'X-MBX-APIKEY: " + caller.id() +
                                    "' 'https://h/v1/order?" + signed_text + "'");
  EXPECT_EQ(causes(order), Strings{"permission-missing"});

  const ExaminedRequest elsewhere = one(curl(caller.id(), signed_text, "/v1/nowhere"));
  EXPECT_EQ(not_checked(elsewhere), (Strings{"time", "address", "permission"}));
}

// Whether somebody else's API key exists is nothing that may be learned here.
TEST_F(DoctorTest, AnswersForAForeignKeyAsForOneThatDoesNotExist) {
  const auto foreign = foreign_key();
  const std::string unknown(format_.generate_api_key(house_.random)->text());
  const std::string payload = "note=caf%C3%A9&" + stamp();
  const auto shown = [&](const std::string& api_key, const std::string& signature) {
    ExaminedRequest found = one(curl(api_key, payload + "&signature=" + signature));
    EXPECT_FALSE(found.key);
    EXPECT_EQ(found.findings.verdict, "format_only");
    EXPECT_EQ(not_checked(found), (Strings{"time", "address", "signature", "permission"}));
    EXPECT_EQ(found.api_key, api_key.substr(0, 4) + "…" + api_key.substr(60));
    found.api_key.clear();
    return print(found);
  };
  const std::string right = hmac_hex(foreign.secret, payload);
  const std::string wrong = hmac_hex("x", payload);

  const std::string of_unknown = shown(unknown, wrong);
  EXPECT_EQ(shown(foreign.id(), right), of_unknown);
  EXPECT_EQ(shown(foreign.id(), wrong), of_unknown);

  ASSERT_TRUE(house_.issuer->revoke_key(foreign.id(), "", house_.actor));
  asker_ = "ben";
  EXPECT_EQ(shown(foreign.id(), right), of_unknown);
  accounts_->clear();  // somebody who holds no account
  EXPECT_EQ(shown(foreign.id(), right), of_unknown);
}

TEST_F(DoctorTest, AnswersForAForeignSecretAsForOneThatWasNeverMade) {
  const auto foreign = foreign_key();
  const std::string invented = format_.generate_secret(house_.random);
  const std::string query = stamp() + "&signature=00";

  const ExaminedRequest theirs = one(curl(foreign.secret, query));
  const ExaminedRequest nobodys = one(curl(invented, query));

  EXPECT_FALSE(theirs.key);
  EXPECT_EQ(causes(theirs), causes(nobodys));
  EXPECT_EQ(causes(theirs).front(), "key-and-secret-swapped");
  EXPECT_FALSE(print(theirs).contains(foreign.secret));
}

TEST_F(DoctorTest, TellsOperatorsOfEveryKey) {
  const auto foreign = foreign_key();
  accounts_.reset();
  const std::string payload = stamp();

  const ExaminedRequest found =
      one(curl(foreign.id(), payload + "&signature=" + hmac_hex(foreign.secret, payload)));

  ASSERT_TRUE(found.key);
  EXPECT_EQ(found.findings.verdict, "nothing_wrong");
}

TEST_F(DoctorTest, SeesTheFormOfForeignRequests) {
  const std::string unknown(format_.generate_api_key(house_.random)->text());
  std::string mistyped = unknown;
  mistyped[20] = mistyped[20] == 'a' ? 'b' : 'a';

  EXPECT_EQ(causes(one(curl(unknown, stamp()))), Strings{"signature-missing"});
  EXPECT_EQ(causes(one(curl(mistyped, stamp() + "&signature=" + std::string(64, 'a')))),
            Strings{"api_key_checksum"});
  asker_ = "ben";
  EXPECT_EQ(causes(one(curl("short", stamp() + "&signature=" + std::string(64, 'a')))),
            Strings{"api_key_malformed"});
  // A URL alone tells no headers, so none is missing.
  EXPECT_EQ(causes(one("https://h/v1/account?" + stamp() + "&signature=" + std::string(64, 'a'))),
            Strings{});
}

TEST_F(DoctorTest, LooksAtTwentyRequestsAndSaysHowManyMoreThereAre) {
  std::string text;
  for (std::size_t i = 0; i <= Doctor::kRequestsMax; ++i) {
    text += curl(std::string(64, 'u'), stamp() + "&signature=aa");
  }

  const auto examined = ask(text);

  ASSERT_TRUE(examined.has_value());
  EXPECT_EQ(examined->requests.size(), Doctor::kRequestsMax);
  EXPECT_EQ(examined->more, 1U);
  EXPECT_EQ(examined->requests.back().line, Doctor::kRequestsMax);
}

TEST_F(DoctorTest, LooksAtFewerWhereSignaturesAreCostly) {
  const auto caller = house_.new_key();
  std::string text;
  for (std::size_t i = 0; i < Doctor::kRequestsMax; ++i) {
    text += curl(caller.id(), stamp() + "&symbol=BTCUSDT&side=BUY&type=LIMIT&price=0.1&signature=" +
                                  std::string(64, 'a'));
  }

  const auto examined = ask(text);

  ASSERT_TRUE(examined.has_value());
  EXPECT_GE(examined->requests.size(), Doctor::kTriesMax / autopsy::kTriesMax);
  EXPECT_LT(examined->requests.size(), Doctor::kRequestsMax);
  EXPECT_EQ(examined->requests.size() + examined->more, Doctor::kRequestsMax);
  EXPECT_EQ(examined->requests.front().findings.verdict, "unknown_signature");
}

TEST_F(DoctorTest, RefusesWhatIsTooLargeOrHoldsNoRequest) {
  std::string text = curl(std::string(64, 'u'), stamp() + "&signature=aa");
  text.resize(Doctor::kTextBytesMax, '\n');
  EXPECT_TRUE(ask(text).has_value());
  text += '\n';
  EXPECT_EQ(ask(text).error().reason, "text_too_large");

  const auto nothing = ask("it does not work");
  ASSERT_FALSE(nothing.has_value());
  EXPECT_EQ(nothing.error().reason, "nothing_found");
  EXPECT_FALSE(nothing.error().detail.empty());
}

TEST_F(DoctorTest, AnswersSixTextsAMinuteOfOneAsker) {
  const std::string text = curl(std::string(64, 'u'), stamp() + "&signature=aa");
  for (int i = 0; i < Doctor::kTextsPerMinute; ++i) {
    ASSERT_TRUE(ask(text).has_value());
  }

  const auto refused = ask(text);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason, "doctor_busy");
  EXPECT_EQ(refused.error().retry_after, seconds(10));
  asker_ = "ben";
  EXPECT_TRUE(ask(text).has_value());

  asker_ = "ana";
  house_.clock.advance(seconds(10));
  EXPECT_TRUE(ask(text).has_value());
  EXPECT_FALSE(ask(text).has_value());
}

TEST_F(DoctorTest, RemembersNoMoreAskersThanItMay) {
  const std::string text = curl(std::string(64, 'u'), stamp() + "&signature=aa");
  for (std::size_t i = 0; i < Doctor::kAskersMax; ++i) {
    asker_ = "p" + std::to_string(i);
    ASSERT_TRUE(ask(text).has_value()) << i;
  }
  asker_ = "one more";
  EXPECT_EQ(ask(text).error().reason, "doctor_busy");

  house_.clock.advance(minutes(1));
  EXPECT_TRUE(ask(text).has_value());
}

TEST_F(DoctorTest, CostsNoMoreThanItsShareOfTheProcessor) {
  const std::string text = curl(std::string(64, 'u'), stamp() + "&signature=aa");
  cost_ = Doctor::kAheadMax;
  ASSERT_TRUE(ask(text).has_value());

  EXPECT_EQ(ask(text).error().reason, "doctor_busy");

  house_.clock.advance(milliseconds(1));
  EXPECT_TRUE(ask(text).has_value());
}

TEST(PastedRequest, ClaimsAnInstantInWhateverUnit) {
  const auto stamp = [](const std::string& timestamp) {
    return autopsy::stamp_of(
        {.method = "GET", .path = "/", .query = "timestamp=" + timestamp + "&signature=a"});
  };
  const Timestamp then = from_unix_ms(1'700'000'000'000);
  EXPECT_EQ(stamp("1700000000"), then);
  EXPECT_EQ(stamp("1700000000000"), then);
  EXPECT_EQ(stamp("1700000000000000"), then);
  EXPECT_EQ(stamp("1700000000000000000"), then);
  EXPECT_EQ(stamp("9999999999999999999"), std::nullopt);  // beyond 64 bits
  EXPECT_EQ(stamp("170000000000"), std::nullopt);
  EXPECT_EQ(stamp("17000000000a0"), std::nullopt);
  EXPECT_EQ(stamp("-700000000000"), std::nullopt);
  EXPECT_EQ(autopsy::stamp_of({.method = "GET", .path = "/", .query = "a=1"}), std::nullopt);
}

}  // namespace
}  // namespace counterfoil
