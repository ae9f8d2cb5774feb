#include "authority/receipts.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "authority/audit_lines.h"
#include "authority/authority_fixture.h"
#include "authority/revocation_wait.h"
#include "base/time.h"
#include "crypto/private_key.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

class ReceiptsTest : public testing::Test {
 protected:
  std::string revoke() {
    const auto revoked = house_.issuer->revoke_key(caller_.id(), "leak", house_.actor);
    EXPECT_TRUE(revoked.has_value());
    return revoked->receipt.value();
  }
  static AuditKey key_of(const PrivateKey& key) {
    return AuditKey::from_pem(key.public_key().pem()).value();
  }
  [[nodiscard]] AuditKey node_key() const { return key_of(house_.gateway->node_key); }
  [[nodiscard]] std::optional<ReceiptFault> fault_of(std::string_view text) const {
    const auto checked = check_receipt(text, node_key());
    return checked ? std::nullopt : std::optional(checked.error());
  }

  TestAuthority house_;
  TestAuthority::HmacCaller caller_ = house_.new_key();
};

TEST_F(ReceiptsTest, ProvesThatARevocationIsInForce) {
  const auto facts = check_receipt(revoke(), node_key());

  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->subject.action, "key.revoke");
  EXPECT_EQ(facts->subject.object, caller_.id());
  EXPECT_EQ(facts->subject.account, "demo");
  EXPECT_EQ(facts->committed_at, kTestStart);
  EXPECT_EQ(facts->in_force_at, kTestStart);
  EXPECT_EQ(facts->revision, house_.registry->revision().value());
  EXPECT_EQ(facts->bound, 5s);
  EXPECT_EQ(facts->node, "node-1");
  EXPECT_EQ(facts->upstream, std::nullopt);
  ASSERT_EQ(facts->gateways.size(), 1U);
  EXPECT_EQ(facts->gateways[0].kind, GatewayAnswer::Kind::kApplied);
  EXPECT_EQ(facts->gateways[0].applied.number, facts->revision.number);
}

TEST_F(ReceiptsTest, SaysWhenAGatewayHadToBeWaitedOut) {
  house_.loop.mode = InlineLoop::Mode::kKeep;

  const auto facts = check_receipt(revoke(), node_key());

  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->gateways.at(0).kind, GatewayAnswer::Kind::kCountedOut);
  EXPECT_GE(facts->in_force_at - facts->committed_at, 5s);
  EXPECT_GE(facts->gateways.at(0).since.time_since_epoch(), 5s);
}

TEST_F(ReceiptsTest, EveryChangeThatTakesSomethingAwayHasOne) {
  const std::string id = caller_.id();
  const auto action_of = [this](const std::optional<std::string>& receipt) {
    return check_receipt(receipt.value(), node_key())->subject.action;
  };
  EXPECT_EQ(
      action_of(house_.issuer->edit_key(id, {.allow_list = "203.0.113.7"}, house_.actor)->receipt),
      "key.edit");
  EXPECT_EQ(action_of(house_.issuer->rotate_key(id, {}, {.overlap = 1h}, house_.actor)->receipt),
            "key.rotate");
  EXPECT_EQ(action_of(house_.issuer->end_retiring(id, house_.actor)->receipt), "key.end_retiring");
  EXPECT_EQ(action_of(house_.issuer->suspend_key(id, "", house_.actor)->receipt), "key.suspend");
  EXPECT_EQ(action_of(house_.issuer->suspend_account("demo", "", house_.actor)->receipt),
            "account.suspend");
  EXPECT_EQ(action_of(house_.issuer->revoke_key(id, "", house_.actor)->receipt), "key.revoke");
  EXPECT_EQ(action_of(house_.issuer->revoke_key(id, "", house_.actor)->receipt), "key.revoke");

  EXPECT_EQ(house_.gateway->journal->receipts(id, 100)->size(), 6U);
  EXPECT_EQ(house_.gateway->journal->receipts("demo", 100)->size(), 1U);
}

TEST_F(ReceiptsTest, ItIsAProofInWhateverOrderAndBlanksItIsHandedOn) {
  const Json receipt = Json::parse(revoke());

  EXPECT_EQ(fault_of(receipt.dump(2)), std::nullopt);
  EXPECT_EQ(fault_of(Json{{"id", "an API key"}, {"receipt", receipt["receipt"]}}.dump()),
            std::nullopt);
}

TEST_F(ReceiptsTest, EveryChangedByteIsNoticed) {
  const std::string receipt = revoke();
  for (std::size_t at = 0; at < receipt.size(); ++at) {
    std::string changed = receipt;
    changed[at] = changed[at] == 'x' ? 'y' : 'x';
    EXPECT_NE(fault_of(changed), std::nullopt) << at;
    EXPECT_NE(fault_of(receipt.substr(0, at)), std::nullopt) << at;
  }
}

TEST_F(ReceiptsTest, EveryChangedMemberIsNoticed) {
  const Json receipt = Json::parse(revoke());
  for (const auto& [name, value] : receipt["receipt"].items()) {
    Json without = receipt;
    without["receipt"].erase(name);
    EXPECT_EQ(fault_of(without.dump()), ReceiptFault::kForm) << name;
    Json other = receipt;
    other["receipt"][name] = {{"another", "kind"}};
    EXPECT_EQ(fault_of(other.dump()), ReceiptFault::kForm) << name;
  }
  Json more = receipt;
  more["receipt"]["more"] = 1;
  EXPECT_EQ(fault_of(more.dump()), ReceiptFault::kForm);
  Json alive = receipt;
  alive["receipt"]["gateways"] = Json::array();
  EXPECT_EQ(fault_of(alive.dump()), ReceiptFault::kSignature);
  Json earlier = receipt;
  earlier["receipt"]["in_force_at"] = "2020-01-01T00:00:00.000000000Z";
  EXPECT_EQ(fault_of(earlier.dump()), ReceiptFault::kSignature);
}

TEST_F(ReceiptsTest, AMemberThatStandsTwiceIsNoReceipt) {
  const std::string receipt = revoke();
  std::string twice = receipt;
  twice.insert(twice.find("\"account\""), R"("action":"key.revoke",)");

  EXPECT_EQ(fault_of(twice), ReceiptFault::kNoReceipt);
}

TEST_F(ReceiptsTest, OtherTextsAreNoReceipts) {
  for (const std::string_view text : {"", "{}", "[]", "null", R"({"receipt":null})",
                                      R"({"receipt":{}})", "[[[[[[[[[[1]]]]]]]]]]"}) {
    EXPECT_NE(fault_of(text), std::nullopt) << text;
  }
  EXPECT_EQ(fault_of(std::string(kReceiptBytesMax, ' ')), ReceiptFault::kNoReceipt);
  EXPECT_EQ(fault_of(std::string(kReceiptBytesMax + 1, ' ')), ReceiptFault::kTooLong);
}

TEST_F(ReceiptsTest, AnotherKeysSignatureIsNone) {
  const std::string receipt = revoke();
  const auto other = PrivateKey::generate(Scheme::kEd25519, house_.random).value();

  EXPECT_EQ(check_receipt(receipt, key_of(other)).error(), ReceiptFault::kOtherKey);

  Json forged = Json::parse(receipt);
  forged["receipt"]["key_id"] = key_of(other).id();
  EXPECT_EQ(check_receipt(forged.dump(), key_of(other)).error(), ReceiptFault::kSignature);
}

TEST_F(ReceiptsTest, TheUpstreamsAnswerIsAddedToTheKeptOne) {
  const auto before = check_receipt(revoke(), node_key());
  const UpstreamAnswer answer{
      .event = "evt-1", .kind = UpstreamAnswer::Kind::kTaken, .status = 200, .canceled_orders = 2};

  EXPECT_TRUE(house_.gateway->receipts.amend(before->subject.id, answer));

  const auto row = house_.gateway->journal->receipt(before->subject.id).value().value();
  const auto after = check_receipt(row.bytes, node_key());
  ASSERT_TRUE(after);
  EXPECT_EQ(after->upstream, answer);
  EXPECT_EQ(after->in_force_at, before->in_force_at);
  EXPECT_EQ(after->gateways, before->gateways);
  EXPECT_TRUE(house_.gateway->receipts.amend("unknown", answer));
}

}  // namespace
}  // namespace counterfoil
