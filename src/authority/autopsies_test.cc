#include "authority/autopsies.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "authority/authority_fixture.h"
#include "authority/autopsy_queue.h"
#include "authority/autopsy_reports.h"
#include "authority/clock_skews.h"
#include "authority/issuer.h"
#include "authority/refusal_findings.h"
#include "authority/secret_job.h"
#include "authority/test_faults.h"
#include "authority/test_use.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "journal/journal.h"
#include "journal/memory_journal.h"
#include "verify/reason.h"
#include "wire/http/message_head.h"

namespace counterfoil {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Strings = std::vector<std::string>;

// Requests that are refused, each with an id of its own.
class AutopsiesTest : public testing::Test {
 protected:
  AutopsiesTest() { house_.clock.advance(seconds(60)); }

  [[nodiscard]] std::string stamp(milliseconds ahead = milliseconds(0)) const {
    return "timestamp=" + std::to_string(to_unix_ms(house_.clock.now() + ahead));
  }
  // refuse hands one request in; `api_key` is what it names, where that is one of ours.
  std::string refuse(const std::string& api_key, const std::string& header,
                     const std::string& query, Reason reason = Reason::kSignatureWrong) {
    const std::string id = "r-" + std::to_string(++count_);
    const std::vector<http::Field> headers{{.name = "X-MBX-APIKEY", .value = header}};
    queue_.offer({.request_id = id,
                  .time = house_.clock.now(),
                  .reason = reason,
                  .api_key = api_key,
                  .permissions = {},
                  .method = "GET",
                  .path = "/v1/account",
                  .query = query,
                  .body = {},
                  .headers = headers,
                  .source = IpAddress::v4({192, 0, 2, 7})});
    return id;
  }
  std::string refuse(const TestAuthority::HmacCaller& caller, const std::string& query,
                     Reason reason = Reason::kSignatureWrong) {
    return refuse(caller.id(), caller.id(), query, reason);
  }
  // causes examines what waits and gives what was found of one request.
  Strings causes(const std::string& id) {
    autopsies_.work();
    EXPECT_TRUE(autopsies_.store(*journal_).has_value());
    const auto report = reports_.of_refusal(id);
    EXPECT_TRUE(report.has_value());
    Strings found;
    if (report && *report) {
      for (const ShownFinding& finding : (*report)->findings.findings) {
        found.push_back(finding.id);
      }
      if ((*report)->findings.verdict == "unknown_signature") {
        found.emplace_back("unknown-signature");
      }
    } else {
      found.emplace_back("not examined");
    }
    return found;
  }

  TestAuthority house_;
  AutopsyQueue queue_{house_.random};
  ClockSkews skews_;
  std::chrono::nanoseconds cost_{0};  // of each reading of the processor's time
  std::chrono::nanoseconds spent_{0};
  Autopsies autopsies_{{.queue = queue_,
                        .issuer = *house_.issuer,
                        .sealer = *house_.sealer,
                        .skews = skews_,
                        .permissions = house_.profile.permissions(),
                        .clock = house_.clock,
                        .cpu_spent = [this] { return spent_ += cost_; }}};
  std::unique_ptr<Journal> journal_ = make_memory_journal();
  AutopsyReports reports_{*journal_, *house_.sealer};
  int count_ = 0;
};

TEST_F(AutopsiesTest, TellTheOwnerTheMistake) {
  const auto caller = house_.new_key();
  const std::string sent = "note=caf%C3%A9&" + stamp();
  const std::string meant = "note=caf\xc3\xa9&" + stamp();
  const std::string id = refuse(caller, sent + "&signature=" + hmac_hex(caller.secret, meant));

  EXPECT_EQ(causes(id), Strings{"payload-not-percent-encoded"});

  const auto report = reports_.of_refusal(id).value();
  EXPECT_EQ(report->account, "demo");
  EXPECT_EQ(report->api_key, caller.id());
  ASSERT_TRUE(report->findings.difference);
  EXPECT_EQ(report->findings.difference->verified, "%C3%A9");
  const auto sums = reports_.of_key(caller.id()).value();
  ASSERT_EQ(sums.size(), 1U);
  EXPECT_EQ(sums[0].causes, Strings{"payload-not-percent-encoded"});
  EXPECT_EQ(sums[0].count, 1U);
  EXPECT_EQ(sums[0].last_request_id, id);
}

TEST_F(AutopsiesTest, KeepNeitherPayloadNorSecretNorARightSignatureInTheClear) {
  const auto caller = house_.new_key();
  const std::string payload = "note=topsecretnote&" + stamp();
  const std::string id =
      refuse(caller, payload + "&signature=" + hmac_hex(caller.secret, "?" + payload));
  ASSERT_EQ(causes(id), Strings{"question-mark-in-payload"});

  const AutopsyRow row = journal_->autopsy(id).value().value();

  const std::string sealed(row.sealed_findings.begin(), row.sealed_findings.end());
  EXPECT_EQ((sealed + row.causes).find("topsecretnote"), std::string::npos);
  const auto report = reports_.of_refusal(id).value();
  std::string shown = report->findings.difference->before + report->findings.difference->behind;
  for (const ShownFinding& finding : report->findings.findings) {
    shown += finding.detail;
  }
  EXPECT_NE(shown.find("topsecretnote"), std::string::npos);
  EXPECT_EQ(shown.find(caller.secret), std::string::npos);
  EXPECT_EQ(shown.find(hmac_hex(caller.secret, payload)), std::string::npos);
}

TEST_F(AutopsiesTest, KnowThePairBeforeARotation) {
  const auto caller = house_.new_key();
  ASSERT_TRUE(house_.issuer->rotate_key(caller.id(), {}, {.overlap = seconds(60)}, house_.actor));
  house_.clock.advance(seconds(61));
  const std::string payload = stamp();

  const std::string id = refuse(caller, payload + "&signature=" + hmac_hex(caller.secret, payload));

  EXPECT_EQ(causes(id), Strings{"signed-with-predecessor-key"});
}

TEST_F(AutopsiesTest, KnowTheOwnersOtherKeysAndNobodyElses) {
  const auto caller = house_.new_key();
  const auto sibling = house_.new_key();
  ASSERT_TRUE(house_.issuer->create_account("other", "Other", house_.actor).has_value());
  auto made = house_.issuer->create_key(
      {.account = "other", .label = {}, .material = {}, .permissions = {}, .allow_list = "any"},
      house_.actor);
  const std::string strangers_secret = SecretJob::to_shown_text(*made->secret);
  const std::string payload = stamp();
  const auto signed_with = [&](const std::string& secret) {
    return causes(refuse(caller, payload + "&signature=" + hmac_hex(secret, payload)));
  };

  EXPECT_EQ(signed_with(sibling.secret), Strings{"signed-with-other-key"});
  EXPECT_EQ(signed_with(strangers_secret), Strings{"unknown-signature"});
}

TEST_F(AutopsiesTest, FindTheOwnerOfASecretThatWasSentAsTheApiKey) {
  const auto caller = house_.new_key();
  const std::string payload = stamp();

  const std::string id =
      refuse("", caller.secret, payload + "&signature=" + hmac_hex(caller.id(), payload),
             Reason::kApiKeyUnknown);

  EXPECT_EQ(causes(id), Strings{"key-and-secret-swapped"});
  EXPECT_EQ(reports_.of_refusal(id).value()->api_key, caller.id());
}

TEST_F(AutopsiesTest, FindTheOwnerOfAnApiKeyWithSomethingAroundIt) {
  const auto caller = house_.new_key();
  const std::string payload = stamp();

  const std::string id =
      refuse("", "Bearer " + caller.id(),
             payload + "&signature=" + hmac_hex(caller.secret, payload), Reason::kApiKeyMalformed);

  EXPECT_EQ(causes(id), Strings{"api-key-has-extra-characters"});
}

TEST_F(AutopsiesTest, OfNobodysKeyNothingIsFound) {
  const std::string id =
      refuse("", std::string(64, 'u'), stamp() + "&signature=aa", Reason::kApiKeyUnknown);

  EXPECT_EQ(causes(id), Strings{"not examined"});
}

TEST_F(AutopsiesTest, AreToldTheReasonWhereOnlyTheGatewayKnowsIt) {
  const auto caller = house_.new_key();
  const std::string payload = stamp();

  const std::string id =
      refuse(caller, payload + "&signature=" + hmac_hex(caller.secret, payload), Reason::kReplayed);

  EXPECT_EQ(causes(id), Strings{"request-replayed"});
}

TEST_F(AutopsiesTest, TellASlowClockFromOneSlowRequest) {
  const auto caller = house_.new_key();
  UsageRow use = test_use(caller.id(), house_.clock.now());
  use.last_delay = milliseconds(40);
  skews_.note_uses(std::vector{use, use, use});
  const std::string payload = stamp(milliseconds(-9'000));

  const std::string id = refuse(caller, payload + "&signature=" + hmac_hex(caller.secret, payload),
                                Reason::kTimestampLate);

  EXPECT_EQ(causes(id), Strings{"request-delayed"});
}

TEST_F(AutopsiesTest, StopWhenTheirShareOfTheProcessorIsUsedUpAndGoOnWithTime) {
  const auto caller = house_.new_key();
  cost_ = Autopsies::kAheadMax;
  const std::string query = stamp() + "&signature=00";
  const std::string first = refuse(caller, query);
  const std::string second = refuse(caller, query);
  autopsies_.work();
  ASSERT_TRUE(autopsies_.store(*journal_));
  EXPECT_TRUE(journal_->autopsy(first).value());
  EXPECT_FALSE(journal_->autopsy(second).value());

  house_.clock.advance(milliseconds(1));
  autopsies_.work();
  ASSERT_TRUE(autopsies_.store(*journal_));

  EXPECT_TRUE(journal_->autopsy(second).value());
}

TEST_F(AutopsiesTest, AreKeptUntilTheJournalTakesThem) {
  const auto caller = house_.new_key();
  const std::string id = refuse(caller, stamp() + "&signature=00");
  autopsies_.work();
  TestFault fault;
  FaultyJournal faulty(*journal_, fault);
  fault.arm(0, TestFault::When::kBefore);

  EXPECT_FALSE(autopsies_.store(faulty).has_value());
  EXPECT_TRUE(autopsies_.store(*journal_).has_value());

  EXPECT_TRUE(journal_->autopsy(id).value());
  EXPECT_EQ(autopsies_.lost(), 0U);
}

TEST(ClockSkewsTest, KeepTheLastOfEachKeyUsedLast) {
  ClockSkews skews;
  const auto note = [&](const std::string& api_key, int delay) {
    UsageRow use{.api_key = api_key};
    use.last_delay = milliseconds(delay);
    skews.note_uses(std::vector{use});
  };
  for (int i = 0; i <= static_cast<int>(ClockSkews::kPerKey); ++i) {
    note("a", i);
  }
  for (std::size_t i = 0; i + 1 < ClockSkews::kKeys; ++i) {
    note("other-" + std::to_string(i), 0);
  }

  const auto delays = skews.delays_ms("a");
  ASSERT_EQ(delays.size(), ClockSkews::kPerKey);
  EXPECT_EQ(delays.front(), 1);
  EXPECT_EQ(delays.back(), static_cast<std::int64_t>(ClockSkews::kPerKey));
  note("one-more", 0);
  EXPECT_TRUE(skews.delays_ms("a").empty());
  EXPECT_EQ(skews.delays_ms("one-more").size(), 1U);
}

}  // namespace
}  // namespace counterfoil
