#include "outbound/webhook_signature.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/base64.h"
#include "base/bytes.h"
#include "crypto/hmac.h"

namespace counterfoil {
namespace {

// The vector of the specification's own libraries.
constexpr std::string_view kSecret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";  // behind whsec_
constexpr std::string_view kId = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr std::int64_t kTimestamp = 1614265330;
constexpr std::string_view kBody = R"({"test": 2432232314})";
constexpr std::string_view kSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

HmacKey key_of(std::string_view base64) {
  const auto bytes = from_base64(base64);
  return HmacKey::from_secret(ByteView(bytes.value())).value();
}

TEST(WebhookSignature, IsTheOneOfTheSpecification) {
  const HmacKey key = key_of(kSecret);
  const std::array<const HmacKey*, 1> keys{&key};

  EXPECT_EQ(webhook_signature(kId, kTimestamp, kBody, keys), kSignature);
}

TEST(WebhookSignature, CoversTheIdTheTimeAndTheBody) {
  const HmacKey key = key_of(kSecret);
  const std::array<const HmacKey*, 1> keys{&key};

  EXPECT_NE(webhook_signature("msg_p5jXN8AQM9LWM0D4loKWxJel", kTimestamp, kBody, keys), kSignature);
  EXPECT_NE(webhook_signature(kId, kTimestamp + 1, kBody, keys), kSignature);
  EXPECT_NE(webhook_signature(kId, kTimestamp, R"({"test": 2432232315})", keys), kSignature);
}

TEST(WebhookSignature, IsMadeWithEachKeyWhileASecretIsChanged) {
  const HmacKey newer = key_of("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
  const HmacKey older = key_of(kSecret);
  const std::array<const HmacKey*, 2> both{&newer, &older};
  const std::array<const HmacKey*, 1> newer_alone{&newer};

  const auto header = webhook_signature(kId, kTimestamp, kBody, both);

  EXPECT_EQ(header,
            webhook_signature(kId, kTimestamp, kBody, newer_alone) + " " + std::string(kSignature));
}

}  // namespace
}  // namespace counterfoil
