#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "authority/authority_fixture.h"
#include "authority/gatekeeper.h"
#include "authority/gatekeeper_fixture.h"
#include "journal/journal.h"
#include "journal/memory_journal.h"
#include "journal/recorder.h"
#include "policy/route.h"
#include "verify/reason.h"
#include "verify/signed_request.h"
#include "wire/http/message_head.h"

namespace counterfoil {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class Recording : public GatekeeperTest {
 protected:
  using GatekeeperTest::GatekeeperTest;
  Arrival arrival(const Route& on) const {
    return {.request_id = "0123456789abcdef0123456789abcdef",
            .route = &on,
            .method = "POST",
            .path = "/v1/order",
            .client = "client/1.0",
            .source = kHome,
            .now = house_.clock.now()};
  }
  RefusalRow refused(const Sent& sent, Reason reason) {
    const SignedRequest request = sent.view();
    gatekeeper_->record_refused(lane_, &request, arrival(ordering()), reason);
    EXPECT_TRUE(recorder_.drain(*journal_).has_value());
    const auto row = journal_->refusal("0123456789abcdef0123456789abcdef");
    EXPECT_TRUE(row.has_value() && row->has_value());
    return **row;
  }
  Recorder recorder_;
  Recorder::Lane& lane_ = recorder_.add_lane();
  std::unique_ptr<Journal> journal_ = make_memory_journal();
};

TEST_F(Recording, AnAcceptedRequestCountsForThePairThatSigned) {
  const auto admission = send(sign("a=1&"), ordering());
  ASSERT_TRUE(admission.has_value());

  gatekeeper_->record_accepted(lane_, *admission, arrival(ordering()));
  ASSERT_TRUE(recorder_.drain(*journal_).has_value());

  const auto uses = journal_->last_uses(key_.id());
  ASSERT_TRUE(uses.has_value());
  ASSERT_EQ(uses->pairs.size(), 1U);
  EXPECT_EQ(uses->pairs[0].pair, 1U);
  ASSERT_EQ(uses->clients.size(), 1U);
  EXPECT_EQ(uses->clients[0].client, "client/1.0");
  EXPECT_EQ(uses->clients[0].route, "POST /v1/order");
}

TEST_F(Recording, OfAWrongHmacHalfIsKeptAndThePayloadSealed) {
  Sent sent = sign("a=1&");
  sent.signature = std::string(32, 'a') + std::string(32, 'b');

  const RefusalRow row = refused(sent, Reason::kSignatureWrong);

  EXPECT_EQ(row.account, "demo");
  EXPECT_EQ(row.reason_name, "signature_wrong");
  EXPECT_EQ(row.signature_half, std::string(32, 'a'));
  EXPECT_FALSE(row.sealed_request.empty());
  const std::string sealed(row.sealed_request.begin(), row.sealed_request.end());
  EXPECT_EQ(sealed.find("timestamp"), std::string::npos);
}

TEST_F(Recording, OfARequestThatMayBecomeValidNoSignatureIsKept) {
  const Sent ahead = sign("a=1&", kNow + seconds(2));

  const RefusalRow row = refused(ahead, Reason::kTimestampAhead);

  EXPECT_EQ(row.signature_half, "");
  EXPECT_EQ(row.clock_offset_us, -2'000'000);
}

TEST_F(Recording, OfAnAsymmetricSignatureNothingIsKept) {
  Sent sent = sign("a=1&");
  sent.signature = std::string(86, 'A') + "==";

  EXPECT_EQ(refused(sent, Reason::kSignatureWrong).signature_half, "");
}

TEST_F(Recording, ARefusedRequestWaitsForItsAutopsyAsItArrived) {
  const Sent sent = sign("a=1&");
  const SignedRequest request = sent.view();
  const std::vector<http::Field> headers{{.name = "X-MBX-APIKEY", .value = sent.api_key}};
  Arrival arrived = arrival(ordering());
  arrived.query = "q=1";
  arrived.body = "b=2";
  arrived.headers = headers;
  gatekeeper_->record_refused(lane_, &request, arrived, Reason::kPermissionMissing);

  const auto taken = autopsies_.take();

  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->request_id, arrived.request_id);
  EXPECT_EQ(taken->reason, Reason::kPermissionMissing);
  EXPECT_EQ(taken->api_key, key_.id());
  EXPECT_EQ(taken->permissions, ordering().permissions);
  EXPECT_EQ(taken->request.query, "q=1");
  EXPECT_EQ(taken->request.body, "b=2");
  ASSERT_EQ(taken->request.headers.size(), 1U);
  EXPECT_EQ(taken->request.headers[0].second, key_.id());
}

TEST_F(Recording, NoAutopsyIsMadeOfWhatIsNotTheRequestsFault) {
  const Sent sent = sign("a=1&");
  const SignedRequest request = sent.view();
  for (const Reason reason : {Reason::kNotInForce, Reason::kOverloaded, Reason::kUpstreamTimeout,
                              Reason::kParameterMissing, Reason::kOperationUnsupported}) {
    gatekeeper_->record_refused(lane_, &request, arrival(ordering()), reason);
    EXPECT_FALSE(autopsies_.take()) << describe(reason).name;
  }
}

TEST_F(Recording, ASecretInThePlaceOfTheApiKeyIsNotWrittenDown) {
  Sent sent = sign("a=1&");
  sent.api_key = key_.secret;

  const RefusalRow row = refused(sent, Reason::kApiKeyUnknown);

  EXPECT_EQ(row.api_key, "(a secret)");
  ASSERT_TRUE(autopsies_.take());
}

TEST_F(Recording, OfAnUnknownKeyNoPayloadIsKept) {
  Sent sent = sign("a=1&");
  sent.api_key = std::string(64, 'u');

  const RefusalRow row = refused(sent, Reason::kApiKeyUnknown);

  EXPECT_EQ(row.account, "");
  EXPECT_TRUE(row.sealed_request.empty());
  EXPECT_EQ(row.api_key, std::string(64, 'u'));
  EXPECT_EQ(sealed_refusals_, 0U);
}

// Sealing takes longer than all the rest of a refusal, so it would tell what the answer does not.
class RecordingOfAlikeAnswers : public Recording {
 protected:
  RecordingOfAlikeAnswers() : Recording(test_profile("format = \"problem\"\n")) {}
};

TEST_F(RecordingOfAlikeAnswers, AnUnknownKeysPayloadIsSealedForTheTimeItTakesAndNotKept) {
  Sent sent = sign("a=1&");
  sent.api_key = std::string(64, 'u');

  const RefusalRow row = refused(sent, Reason::kApiKeyUnknown);

  EXPECT_EQ(sealed_refusals_, 1U);
  EXPECT_TRUE(row.sealed_request.empty());
}

}  // namespace
}  // namespace counterfoil
