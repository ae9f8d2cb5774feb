#include "registry/local_gateway_roll.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>

#include "registry/gateway_roll.h"
#include "registry/memory_registry.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;

class LocalGatewayRollTest : public testing::Test {
 protected:
  Revision commit() {
    return registry_
        ->commit({.writes = {{.kind = RecordKind::kSetting,
                              .id = std::to_string(++settings_),
                              .bytes = "x"}}})
        .value();
  }
  std::unique_ptr<Registry> registry_ = make_memory_registry();
  LocalGatewayRoll roll_{*registry_};
  int settings_ = 0;
};

TEST_F(LocalGatewayRollTest, ABeatPutsAGatewayOnTheRollAndReadsTheRevision) {
  EXPECT_TRUE(roll_.read()->gateways.empty());
  EXPECT_TRUE(roll_.read()->is_whole);
  const Revision committed = commit();

  EXPECT_EQ(roll_.beat("a", {}).value(), committed);
  EXPECT_EQ(roll_.beat("a", committed).value(), committed);

  const auto gateways = roll_.read()->gateways;
  ASSERT_EQ(gateways.size(), 1U);
  EXPECT_EQ(gateways[0], (GatewayEntry{.gateway = "a", .beats = 2, .applied = committed}));
}

TEST_F(LocalGatewayRollTest, OnlyWhoHasNotBeatenSinceIsStruck) {
  ASSERT_TRUE(roll_.beat("a", {}));
  const GatewayEntry seen = roll_.read()->gateways[0];
  ASSERT_TRUE(roll_.beat("a", {}));

  ASSERT_TRUE(roll_.strike(seen));
  EXPECT_EQ(roll_.read()->gateways.size(), 1U);
  ASSERT_TRUE(roll_.strike(roll_.read()->gateways[0]));
  EXPECT_TRUE(roll_.read()->gateways.empty());
  ASSERT_TRUE(roll_.strike(seen));
}

TEST_F(LocalGatewayRollTest, HoldsSoManyAndNotOneMore) {
  for (std::size_t i = 0; i < GatewayRoll::kGatewaysMax; ++i) {
    ASSERT_TRUE(roll_.beat("g" + std::to_string(i), {}));
  }
  EXPECT_EQ(roll_.beat("one more", {}).error(), RegistryError::kTooLarge);
  EXPECT_TRUE(roll_.beat("g0", {}));
}

TEST_F(LocalGatewayRollTest, OnlyNewsCountsAsAChange) {
  const auto before = roll_.changes();
  ASSERT_TRUE(roll_.beat("a", {}));
  const auto joined = roll_.changes();
  EXPECT_NE(joined, before);
  ASSERT_TRUE(roll_.beat("a", {}));
  EXPECT_EQ(roll_.changes(), joined);
  ASSERT_TRUE(roll_.beat("a", commit()));
  EXPECT_NE(roll_.changes(), joined);
}

TEST_F(LocalGatewayRollTest, WhoWaitsIsWokenByAChange) {
  const auto seen = roll_.changes();
  const std::jthread later([&] { ASSERT_TRUE(roll_.beat("a", {})); });

  while (roll_.changes() == seen) {
    roll_.wait_for_change(seen, 1min);
  }

  EXPECT_EQ(roll_.read()->gateways.size(), 1U);
}

}  // namespace
}  // namespace counterfoil
