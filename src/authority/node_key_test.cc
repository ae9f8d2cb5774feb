#include "authority/node_key.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "authority/authority_fixture.h"
#include "crypto/private_key.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

class NodeKeyTest : public testing::Test {
 protected:
  auto ensure(const std::string& node) {
    return ensure_node_key(house_.audited, *house_.sealer, house_.random, node);
  }
  TestAuthority house_;
};

TEST_F(NodeKeyTest, IsMadeOnceANodeAndNamedInTheAuditLog) {
  const auto first = ensure("a");
  ASSERT_TRUE(first);
  const std::string pem = first->public_key().pem();
  EXPECT_TRUE(house_.last_audit().contains(R"("action":"node_key.make")"));
  EXPECT_TRUE(house_.last_audit().contains("BEGIN PUBLIC KEY"));

  const Revision before = house_.registry->revision().value();
  EXPECT_EQ(ensure("a")->public_key().pem(), pem);
  EXPECT_EQ(house_.registry->revision().value(), before);
  EXPECT_NE(ensure("b")->public_key().pem(), pem);
}

TEST_F(NodeKeyTest, OneThatDoesNotOpenIsAFaultAndIsNotReplaced) {
  ASSERT_TRUE(ensure("a"));
  auto record = house_.registry->find(RecordKind::kSetting, "node_key.a").value().value();
  record.bytes.back() ^= 1;
  ASSERT_TRUE(house_.store->commit({.writes = {{.kind = RecordKind::kSetting,
                                                .id = record.id,
                                                .bytes = record.bytes,
                                                .expected_modified = record.modified}}}));

  EXPECT_EQ(ensure("a").error().reason, "node_key_unusable");
}

TEST_F(NodeKeyTest, WithoutRandomnessNoneIsMade) {
  house_.random.fails = true;

  EXPECT_FALSE(ensure("a"));

  house_.random.fails = false;
  EXPECT_EQ(house_.registry->find(RecordKind::kSetting, "node_key.a").value(), std::nullopt);
}

}  // namespace
}  // namespace counterfoil
