#include "app/node_setup_checks.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "doors/management/node_status.h"
#include "doors/management/setup_check.h"

namespace counterfoil {
namespace {

SetupCheck::State state_of(const std::vector<SetupCheck>& checks, std::string_view id) {
  for (const SetupCheck& check : checks) {
    if (check.id == id) {
      EXPECT_EQ(check.state == SetupCheck::State::kOk, check.fix.empty()) << id;
      return check.state;
    }
  }
  ADD_FAILURE() << "no check " << id;
  return SetupCheck::State::kBad;
}

SetupCheck::State origin(std::string_view text) {
  return state_of(node_setup_checks(
                      {.origin = text, .status = {}, .data = testing::TempDir(), .upstream = "u"}),
                  "origin");
}

TEST(NodeSetupChecks, WarnWherePasskeysDoNotWork) {
  using enum SetupCheck::State;
  EXPECT_EQ(origin("http://localhost:8443"), kOk);
  EXPECT_EQ(origin("https://console.example.com"), kOk);
  EXPECT_EQ(origin("http://console.example.com"), kWarn);
  EXPECT_EQ(origin("https://192.0.2.1:8443"), kWarn);
  EXPECT_EQ(origin("https://[2001:db8::1]:8443"), kWarn);
}

TEST(NodeSetupChecks, TellOfTheClockTheUpstreamAndTroubles) {
  NodeStatus status;
  status.clock.in_doubt = true;
  status.upstream_targets = {{.url = "http://a", .state = "out", .failures = 5, .last_fault = ""}};
  status.troubles = {{.reason = "disk_full", .sentence = "The disk is full."}};
  const auto checks = node_setup_checks({.origin = "http://localhost:1",
                                         .status = status,
                                         .data = testing::TempDir(),
                                         .upstream = "http://a"});
  EXPECT_EQ(state_of(checks, "clock"), SetupCheck::State::kBad);
  EXPECT_EQ(state_of(checks, "upstream"), SetupCheck::State::kWarn);
  EXPECT_EQ(checks.back().id, "disk_full");
  EXPECT_EQ(checks.back().text, "The disk is full.");
}

TEST(NodeSetupChecks, WarnOfADataDirectoryThatCannotBeLookedAt) {
  EXPECT_EQ(state_of(node_setup_checks({.origin = "http://localhost:1",
                                        .status = {},
                                        .data = "/does/not/exist",
                                        .upstream = "u"}),
                     "disk"),
            SetupCheck::State::kWarn);
}

}  // namespace
}  // namespace counterfoil
