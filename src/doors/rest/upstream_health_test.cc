#include "doors/rest/upstream_health.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "doors/rest/upstream_state.h"
#include "doors/rest/upstream_target.h"

namespace counterfoil {
namespace {

using std::chrono::milliseconds;
using enum UpstreamStanding;

constexpr BootTime kNow{std::chrono::hours(1)};
constexpr UpstreamFault kFault = UpstreamFault::kUnreachable;

class Health : public testing::Test {
 protected:
  void use(HealthRules rules, const std::string& urls = "http://a,http://b") {
    health_.emplace(rules, UpstreamTarget::parse_list(urls).value(),
                    [this](const UpstreamChange& change) {
                      changes_.push_back(change.url + (change.is_out ? " out" : " back"));
                    });
  }
  void fail(std::size_t target, std::uint32_t times, BootTime now = kNow) {
    for (std::uint32_t i = 0; i < times; ++i) {
      health_->failed(target, kFault, now);
    }
  }
  // probe_comes_after finds how long after `since` the target may be probed, and claims it.
  milliseconds probe_comes_after(std::size_t target, BootTime since) {
    for (milliseconds after(0); after < std::chrono::hours(1); after += milliseconds(50)) {
      if (health_->claim_probe(target, since + after)) {
        return after;
      }
    }
    return milliseconds(-1);
  }

  std::optional<UpstreamHealth> health_;
  std::vector<std::string> changes_;
};

TEST_F(Health, FaultsInARowPutATargetOutAndAnAnswerBreaksTheRow) {
  use({.failures_max = 3});
  fail(0, 2);
  health_->answered(0);
  fail(0, 2);
  EXPECT_EQ(health_->standing(0), kUp);

  fail(0, 1);

  EXPECT_EQ(health_->standing(0), kOut);
  EXPECT_EQ(health_->standing(1), kUp);
  EXPECT_EQ(changes_, std::vector<std::string>{"http://a out"});
}

TEST_F(Health, WithoutALimitFaultsPutNoTargetOut) {
  use({.failures_max = 0});
  fail(0, 1'000);

  EXPECT_EQ(health_->standing(0), kUp);
}

TEST_F(Health, ProbesComeAfterTwiceAsLongEachTimeUpToTheBound) {
  use({.failures_max = 1, .backoff_max = milliseconds(3'000)});
  fail(0, 1);
  BootTime now = kNow;
  for (const int wait : {500, 1'000, 2'000, 3'000, 3'000}) {
    EXPECT_EQ(probe_comes_after(0, now), milliseconds(wait));
    now += milliseconds(wait);
    health_->probed(0, kFault, now);
  }
  EXPECT_EQ(changes_.size(), 1U) << "it is told once";
}

TEST_F(Health, OnlyOneProbesATarget) {
  use({.failures_max = 1});
  fail(0, 1);
  const BootTime due = kNow + milliseconds(500);

  EXPECT_FALSE(health_->claim_probe(0, due - milliseconds(1)));
  EXPECT_TRUE(health_->claim_probe(0, due));
  EXPECT_FALSE(health_->claim_probe(0, due + std::chrono::hours(1)));
  EXPECT_FALSE(health_->claim_probe(1, due)) << "that one is up";
}

TEST_F(Health, ATargetThatIsBackIsOnTrialUntilItAnswers) {
  use({.failures_max = 5});
  fail(0, 5);
  ASSERT_EQ(probe_comes_after(0, kNow), milliseconds(500));
  health_->probed(0, std::nullopt, kNow + milliseconds(500));
  EXPECT_EQ(health_->standing(0), kOnTrial);
  EXPECT_EQ(changes_.back(), "http://a back");

  const BootTime failed_at = kNow + milliseconds(600);
  fail(0, 1, failed_at);
  EXPECT_EQ(health_->standing(0), kOut) << "one fault is enough";
  EXPECT_EQ(probe_comes_after(0, failed_at), milliseconds(1'000)) << "and longer than before";
  const BootTime back_at = failed_at + milliseconds(1'000);
  health_->probed(0, std::nullopt, back_at);
  health_->answered(0);
  EXPECT_EQ(health_->standing(0), kUp);

  fail(0, 4, back_at);
  EXPECT_EQ(health_->standing(0), kUp);
  fail(0, 1, back_at);
  EXPECT_EQ(probe_comes_after(0, back_at), milliseconds(500)) << "as in the beginning";
}

TEST_F(Health, AnAnswerToARequestOfBeforeDoesNotBringATargetBack) {
  use({.failures_max = 1});
  fail(0, 1);

  health_->answered(0);

  EXPECT_EQ(health_->standing(0), kOut);
}

TEST_F(Health, WhileNoTargetIsUpNoneIsProbedLaterThanASecond) {
  use({.failures_max = 1, .backoff_max = milliseconds(60'000)});
  fail(0, 1);
  BootTime now = kNow;
  for (const int wait : {500, 1'000, 2'000}) {
    ASSERT_EQ(probe_comes_after(0, now), milliseconds(wait));
    now += milliseconds(wait);
    health_->probed(0, kFault, now);
  }
  EXPECT_EQ(health_->next_probe_in(now), milliseconds(4'000));

  fail(1, 1, now);

  EXPECT_EQ(health_->next_probe_in(now), milliseconds(500)) << "of the other";
  EXPECT_EQ(probe_comes_after(0, now), milliseconds(1'000));
}

TEST_F(Health, TwoChecksInARowThatGoWrongPutATargetOut) {
  use({.failures_max = 5, .checks = true, .check_every = milliseconds(2'000)});
  ASSERT_TRUE(health_->claim_probe(0, kNow)) << "the first at once";
  health_->probed(0, UpstreamFault::kUnwell, kNow);
  EXPECT_EQ(health_->standing(0), kUp);
  health_->answered(0);  // requests may go well all the while
  EXPECT_EQ(probe_comes_after(0, kNow), milliseconds(2'000));
  const BootTime second = kNow + milliseconds(2'000);

  health_->probed(0, UpstreamFault::kUnwell, second);

  EXPECT_EQ(health_->standing(0), kOut);
  EXPECT_EQ(probe_comes_after(0, second), milliseconds(500));
  health_->probed(0, std::nullopt, second + milliseconds(500));
  EXPECT_EQ(health_->standing(0), kOnTrial);
}

TEST_F(Health, TellsTheStateOfEachTarget) {
  use({.failures_max = 2});
  fail(0, 2);
  fail(1, 1);

  const auto states = health_->states(kNow + milliseconds(200));

  ASSERT_EQ(states.size(), 2U);
  EXPECT_EQ(states[0].url, "http://a");
  EXPECT_EQ(states[0].standing, kOut);
  EXPECT_EQ(states[0].out_for, milliseconds(200));
  EXPECT_EQ(states[0].next_probe_in, milliseconds(300));
  EXPECT_EQ(states[0].last_fault, kFault);
  EXPECT_EQ(states[1].standing, kUp);
  EXPECT_EQ(states[1].failures, 1U);
  EXPECT_EQ(states[1].next_probe_in, milliseconds(0));
}

}  // namespace
}  // namespace counterfoil
