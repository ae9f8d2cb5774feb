#include "authority/key_troubles.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/activity.h"
#include "authority/authority_fixture.h"
#include "authority/autopsy_reports.h"
#include "authority/issuer.h"
#include "authority/key_trouble.h"
#include "authority/test_use.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "journal/journal.h"
#include "journal/memory_journal.h"
#include "verify/reason.h"

namespace counterfoil {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using Strings = std::vector<std::string>;

constexpr std::string_view kListed = "192.0.2.0/24";
constexpr std::string_view kElsewhere = "198.51.100.9";

// One API key, what became of its requests, and the list that follows.
class KeyTroublesTest : public testing::Test {
 protected:
  KeyTroublesTest() {
    house_.clock.advance(hours(48));
    use(1);
  }

  [[nodiscard]] Timestamp now() const { return house_.clock.now(); }
  // use has a request accepted.
  void use(std::uint32_t pair, std::string_view address = "192.0.2.7") {
    UsageRow row = test_use(caller_.id(), now(), pair);
    row.address = IpAddress::parse(address).value();
    ASSERT_TRUE(journal_->record_usage(std::vector{row}));
  }
  // refuse has one refused; `causes` is what its autopsy found, empty: it was not examined.
  std::string refuse(Reason reason, std::string_view address, const std::string& causes = {},
                     const std::string& route = "GET /v1/account") {
    const std::string id = "r-" + std::to_string(++count_);
    EXPECT_TRUE(journal_->record_refusals(
        std::vector{RefusalRow{.request_id = id,
                               .time = now(),
                               .api_key = caller_.id(),
                               .account = "demo",
                               .reason = static_cast<std::uint16_t>(reason),
                               .reason_name = std::string(describe(reason).name),
                               .route = route,
                               .address = IpAddress::parse(address).value(),
                               .client = "go-client/1.1"}}));
    if (!causes.empty()) {
      EXPECT_TRUE(journal_->record_autopsies(std::vector{AutopsyRow{.request_id = id,
                                                                    .time = now(),
                                                                    .api_key = caller_.id(),
                                                                    .account = "demo",
                                                                    .causes = causes}}));
    }
    return id;
  }
  [[nodiscard]] std::vector<KeyTrouble> list() {
    const auto key = house_.issuer->stored_key(caller_.id());
    EXPECT_TRUE(key.has_value());
    const auto facts = key_facts(key->key, *house_.issuer, activity_, reports_, now());
    EXPECT_TRUE(facts.has_value()) << (facts ? "" : facts.error().detail);
    return troubles_of(*facts, house_.profile, now());
  }
  // brief writes "rank id: kinds of remedies".
  [[nodiscard]] Strings brief() {
    Strings lines;
    for (const KeyTrouble& trouble : list()) {
      std::string line = std::string(name_of(trouble.rank)) + " " + trouble.id + ":";
      for (const KeyRemedy& remedy : trouble.remedies) {
        line += " " + remedy.id;
      }
      lines.push_back(std::move(line));
    }
    return lines;
  }
  void edit(const KeyEdit& wanted) {
    const auto edited = house_.issuer->edit_key(caller_.id(), wanted, house_.actor);
    ASSERT_TRUE(edited.has_value()) << edited.error().detail;
  }

  TestAuthority house_;
  std::unique_ptr<Journal> journal_ = make_memory_journal();
  Activity activity_{*journal_};
  AutopsyReports reports_{*journal_, *house_.sealer};
  TestAuthority::HmacCaller caller_ = house_.new_key("USER_DATA", std::string(kListed));
  int count_ = 0;
};

TEST_F(KeyTroublesTest, OfAKeyThatIsWellAreNone) { EXPECT_EQ(brief(), Strings{}); }

TEST_F(KeyTroublesTest, RankARightSignatureFromAnUnlistedAddressFirst) {
  for (int i = 0; i < 5; ++i) {
    refuse(Reason::kSignatureWrong, "192.0.2.7", "key-and-secret-swapped");
  }
  refuse(Reason::kSignatureWrong, "192.0.2.7", "question-mark-in-payload");
  const std::string last = refuse(Reason::kAddressNotAllowed, kElsewhere, "ip-not-allowed");

  const auto troubles = list();

  EXPECT_EQ(brief(),
            (Strings{"possible_theft ip-not-allowed: suspend allow_address:198.51.100.9 rotate",
                     "compromised key-and-secret-swapped: rotate suspend client_change",
                     "refused question-mark-in-payload: client_change"}));
  EXPECT_TRUE(troubles[0].title.contains(kElsewhere));
  EXPECT_EQ(troubles[0].detail, "1 request by go-client/1.1");
  EXPECT_EQ(troubles[0].last_request_id, last);
  EXPECT_FALSE(troubles[0].remedies[0].step_up);  // stopping harm is never gated
  EXPECT_TRUE(troubles[0].remedies[1].step_up);
  EXPECT_FALSE(troubles[0].remedies[1].risk.empty());
}

TEST_F(KeyTroublesTest, NeverOfferToAllowAnAddressWhoseSignatureWasNotRight) {
  refuse(Reason::kSignatureWrong, kElsewhere, "ip-not-allowed,unknown-signature");
  refuse(Reason::kSignatureMissing, kElsewhere, "signature-missing,ip-not-allowed");

  for (const KeyTrouble& trouble : list()) {
    EXPECT_NE(trouble.rank, TroubleRank::kPossibleTheft) << trouble.id;
    for (const KeyRemedy& remedy : trouble.remedies) {
      EXPECT_NE(remedy.kind, RemedyKind::kAllowAddress) << trouble.id;
    }
  }
  EXPECT_EQ(list().size(), 2U);
}

TEST_F(KeyTroublesTest, SeeATheftBehindACheckThatCameEarlier) {
  refuse(Reason::kTimestampAhead, kElsewhere, "clock-ahead,ip-not-allowed");

  EXPECT_EQ(brief(),
            (Strings{"possible_theft ip-not-allowed: suspend allow_address:198.51.100.9 rotate",
                     "refused clock-ahead: client_change"}));
}

TEST_F(KeyTroublesTest, TellEachUnlistedAddressAndNoMoreThanTheLatestTen) {
  for (std::size_t i = 0; i <= kAddressesTold; ++i) {
    house_.clock.advance(minutes(1));
    refuse(Reason::kAddressNotAllowed, "198.51.100." + std::to_string(i + 1));
    refuse(Reason::kAddressNotAllowed, "198.51.100." + std::to_string(i + 1));
  }

  const auto troubles = list();

  ASSERT_EQ(troubles.size(), kAddressesTold);
  EXPECT_EQ(troubles[0].count, 2U);
  EXPECT_TRUE(troubles[0].title.contains("198.51.100.11"));
  for (const KeyTrouble& trouble : troubles) {
    EXPECT_FALSE(trouble.title.contains("198.51.100.1 "));
  }
}

TEST_F(KeyTroublesTest, LeaveOutWhatWasMended) {
  refuse(Reason::kAddressNotAllowed, kElsewhere, "ip-not-allowed");
  refuse(Reason::kPermissionMissing, "192.0.2.7", "permission-missing", "POST /v1/order");
  ASSERT_EQ(brief(),
            (Strings{"possible_theft ip-not-allowed: suspend allow_address:198.51.100.9 rotate",
                     "refused permission-missing: tick_permission:TRADE client_change"}));

  edit({.permissions = "USER_DATA,TRADE",
        .allow_list = std::string(kListed) + "," + std::string(kElsewhere)});

  EXPECT_EQ(brief(), Strings{});
}

TEST_F(KeyTroublesTest, SayWhatATickedPermissionRisksAndWhereItIsNotOneStep) {
  refuse(Reason::kPermissionMissing, "192.0.2.7", {}, "POST /v1/order");
  refuse(Reason::kPermissionMissing, "192.0.2.7", {}, "POST /v1/order");
  const auto listed = list();
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].count, 2U);
  EXPECT_EQ(listed[0].detail, "TRADE, for POST /v1/order");
  EXPECT_EQ(listed[0].remedies[0].risk, "A thief trades.");

  edit({.allow_list = "any"});

  EXPECT_EQ(brief(), (Strings{"refused permission-missing: edit client_change",
                              "warning used-from-anywhere: edit"}));
}

TEST_F(KeyTroublesTest, TellWhatTheRecordSays) {
  ASSERT_TRUE(house_.issuer->suspend_key(caller_.id(), "seen from Oslo", house_.actor));
  refuse(Reason::kApiKeySuspended, "192.0.2.7", "key-disabled");
  EXPECT_EQ(brief(), Strings{"dead key-disabled: resume"});
  EXPECT_EQ(list()[0].detail, "seen from Oslo");
  EXPECT_TRUE(list()[0].remedies[0].step_up);

  ASSERT_TRUE(house_.issuer->suspend_account("demo", "", house_.actor));
  EXPECT_EQ(brief(), (Strings{"dead key-disabled: resume", "dead account-suspended:"}));
  ASSERT_TRUE(house_.issuer->resume_account("demo", house_.actor));

  ASSERT_TRUE(house_.issuer->revoke_key(caller_.id(), "leaked", house_.actor));
  EXPECT_EQ(brief(), Strings{"dead key-revoked: client_change"});
}

TEST_F(KeyTroublesTest, OfferToRenewWhatExpiresSoonAndWhatHasExpired) {
  edit({.expires_at = now() + kExpiresSoon + minutes(1)});
  EXPECT_EQ(brief(), Strings{});

  house_.clock.advance(minutes(2));
  ASSERT_EQ(brief(), Strings{"warning expires-soon: renew"});
  EXPECT_EQ(list()[0].remedies[0].expires_at, now() + kRenewal);

  house_.clock.advance(kExpiresSoon);
  EXPECT_EQ(brief(), Strings{"dead key-expired: renew"});
}

TEST_F(KeyTroublesTest, NameTheHostsThatStillSignWithARetiringPair) {
  ASSERT_TRUE(house_.issuer->rotate_key(caller_.id(), {}, {.overlap = hours(24)}, house_.actor));
  EXPECT_EQ(brief(), Strings{});  // nobody has used it since

  house_.clock.advance(minutes(1));
  use(1, "192.0.2.8");
  use(2, "192.0.2.9");

  ASSERT_EQ(brief(), Strings{"warning retiring-pair-in-use: client_change"});
  EXPECT_EQ(list()[0].detail, "192.0.2.8 (bot)");
  EXPECT_EQ(list()[0].at, now() - minutes(1) + hours(24));
}

TEST_F(KeyTroublesTest, PutWhatRequestsWereAcceptedAfterBehindTheRest) {
  refuse(Reason::kSignatureWrong, "192.0.2.7", "question-mark-in-payload");
  refuse(Reason::kSignatureWrong, "192.0.2.7", "question-mark-in-payload");
  house_.clock.advance(minutes(1));
  use(1);
  house_.clock.advance(minutes(1));
  refuse(Reason::kSignatureWrong, "192.0.2.7", "trailing-newline-in-payload");

  const auto troubles = list();

  ASSERT_EQ(troubles.size(), 2U);
  EXPECT_EQ(troubles[0].id, "trailing-newline-in-payload");
  EXPECT_FALSE(troubles[0].accepted_since);
  EXPECT_EQ(troubles[0].snippets.size(), 4U);
  EXPECT_TRUE(troubles[1].accepted_since);
  EXPECT_EQ(troubles[1].count, 2U);
}

TEST_F(KeyTroublesTest, ForgetWhatIsOlderThanADay) {
  refuse(Reason::kAddressNotAllowed, kElsewhere, "ip-not-allowed");
  refuse(Reason::kSignatureWrong, "192.0.2.7", "question-mark-in-payload");

  house_.clock.advance(kStillWrong);
  EXPECT_EQ(list().size(), 2U);
  house_.clock.advance(minutes(1));
  EXPECT_EQ(brief(), Strings{});
}

TEST_F(KeyTroublesTest, SayWhatToDoAboutAnUnknownSignature) {
  refuse(Reason::kSignatureWrong, "192.0.2.7", "unknown-signature");

  EXPECT_EQ(brief(), Strings{"refused unknown-signature: client_change rotate"});
}

}  // namespace
}  // namespace counterfoil
