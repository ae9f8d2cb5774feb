#include "replica/live_key_table.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "base/account_id.h"
#include "keys/api_key.h"
#include "keys/api_key_id.h"
#include "keys/live_key.h"

namespace counterfoil {
namespace {

ApiKeyId id_of(int n) {
  std::string text = std::to_string(n);
  text.resize(ApiKeyId::kSize, 'x');
  return *ApiKeyId::parse(text);
}

LiveKey live_key(int n, KeyState state = KeyState::kActive) {
  LiveKey key{.id = id_of(n), .account = *AccountId::parse("demo")};
  key.state = state;
  return key;
}

TEST(LiveKeyTable, FindsWhatWasPublishedAndNothingElse) {
  LiveKeyTable table;
  table.publish(live_key(1));

  EXPECT_TRUE(table.find(id_of(1)));
  EXPECT_FALSE(table.find(id_of(2)));
  EXPECT_EQ(table.size(), 1U);
  EXPECT_EQ(table.find(id_of(2)).get(), nullptr);
}

TEST(LiveKeyTable, AReplacedValueStaysReadableAndIsNoLongerCurrent) {
  LiveKeyTable table;
  table.publish(live_key(1));
  const LiveKeyRef before = table.find(id_of(1));

  table.publish(live_key(1, KeyState::kSuspended));

  EXPECT_FALSE(before.is_current());
  EXPECT_EQ(before->state, KeyState::kActive);
  EXPECT_EQ(table.find(id_of(1))->state, KeyState::kSuspended);
  EXPECT_TRUE(table.find(id_of(1)).is_current());
  EXPECT_EQ(table.size(), 1U);
}

TEST(LiveKeyTable, ARemovedValueStaysReadableForWhoHoldsIt) {
  LiveKeyTable table;
  table.publish(live_key(1));
  const LiveKeyRef held = table.find(id_of(1));

  table.remove(id_of(1));
  table.remove(id_of(1));  // twice is once

  EXPECT_FALSE(table.find(id_of(1)));
  EXPECT_FALSE(held.is_current());
  EXPECT_EQ(held->id, id_of(1));
  EXPECT_EQ(table.size(), 0U);
}

TEST(LiveKeyTable, ARefOutlivesTheTable) {
  LiveKeyRef held;
  {
    LiveKeyTable table;
    table.publish(live_key(1));
    held = table.find(id_of(1));
  }

  EXPECT_EQ(held->id, id_of(1));
}

TEST(LiveKeyTable, RefsAreCopiedMovedAndAssigned) {
  LiveKeyTable table;
  table.publish(live_key(1));
  table.publish(live_key(2));
  LiveKeyRef a = table.find(id_of(1));
  LiveKeyRef b = a;
  LiveKeyRef c = std::move(a);

  b = table.find(id_of(2));
  c = b;

  EXPECT_EQ(b->id, id_of(2));
  EXPECT_EQ(c->id, id_of(2));
  EXPECT_FALSE(LiveKeyRef());
}

TEST(LiveKeyTable, RetainKeepsWhatItIsToldToKeep) {
  constexpr int kKeys = 1000;
  LiveKeyTable table;
  table.reserve(kKeys);
  for (int n = 0; n < kKeys; ++n) {
    table.publish(live_key(n));
  }

  table.retain([](const ApiKeyId& id) { return id.text().starts_with("1"); });

  EXPECT_EQ(table.size(), 111U);  // 1, 10-19, 100-199
  EXPECT_TRUE(table.find(id_of(123)));
  EXPECT_FALSE(table.find(id_of(234)));
}

}  // namespace
}  // namespace counterfoil
