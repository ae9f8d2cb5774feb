#include "accounts/enrolment_link.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>

#include "accounts/person_id.h"
#include "base/account_id.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kStart = from_unix_ms(1'772'366'400'000);

EnrolmentLink full_link() {
  SystemRandom random;
  return {.id = std::string(32, 'a'),
          .account = *AccountId::parse("desk"),
          .scheme = Scheme::kHmacSha256,
          .label = "mm-bot-3",
          .permissions = "USER_DATA,TRADE",
          .allow_list = "203.0.113.7",
          .symbols = {"BTCUSDT", "ETHUSDT"},
          .vendor = "a vendor",
          .expires_at = kStart + 90 * 24h,
          .made_by = "person:1",
          .person = PersonId::generate(random),
          .created = kStart,
          .ends_at = kStart + kEnrolmentLinkLife,
          .used = EnrolmentLink::Use{.at = kStart + 1h, .api_key = std::string(64, 'k')}};
}

EnrolmentLink bare_link() {
  return {.id = std::string(32, '0'),
          .account = *AccountId::parse("desk"),
          .permissions = "USER_DATA",
          .allow_list = "any",
          .never_expires = true,
          .made_by = "socket:uid=0",
          .created = kStart,
          .ends_at = kStart + 1h};
}

TEST(EnrolmentLink, IsReadAsItWasWritten) {
  for (const EnrolmentLink& link : {full_link(), bare_link()}) {
    EXPECT_EQ(decode_enrolment_link(encode_enrolment_link(link)), link);
  }
}

TEST(EnrolmentLink, IsNotReadWhenAnythingOfItIsDamaged) {
  const std::string whole = encode_enrolment_link(full_link());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto read = decode_enrolment_link(whole.substr(0, size));
    // Cut before what may be absent, it is a link that was not used.
    EXPECT_TRUE(!read || !read->used) << size;
  }
  EXPECT_EQ(decode_enrolment_link(whole + "x"), std::nullopt);
  std::string newer = whole;
  newer[0] = kEnrolmentLinkRecordVersion + 1;
  EXPECT_EQ(decode_enrolment_link(newer), std::nullopt);
}

TEST(EnrolmentLink, IsNotReadWhenItSaysWhatCannotBe) {
  EnrolmentLink link = full_link();
  link.never_expires = true;
  EXPECT_EQ(decode_enrolment_link(encode_enrolment_link(link)), std::nullopt);
  link = full_link();
  link.id = "short";
  EXPECT_EQ(decode_enrolment_link(encode_enrolment_link(link)), std::nullopt);
  link = full_link();
  link.permissions.clear();
  EXPECT_EQ(decode_enrolment_link(encode_enrolment_link(link)), std::nullopt);
  link = full_link();
  link.used->api_key.clear();
  EXPECT_EQ(decode_enrolment_link(encode_enrolment_link(link)), std::nullopt);
}

TEST(EnrolmentLink, IsOpenUntilItsEndAndListedForAWhileAfterIt) {
  const EnrolmentLink link = bare_link();
  EXPECT_TRUE(is_open(link, link.ends_at - 1us));
  EXPECT_FALSE(is_open(link, link.ends_at));
  EXPECT_FALSE(is_past(link, link.ends_at + kEnrolmentLinkKept - 1us));
  EXPECT_TRUE(is_past(link, link.ends_at + kEnrolmentLinkKept));

  const EnrolmentLink used = full_link();
  EXPECT_FALSE(is_open(used, kStart));
  EXPECT_TRUE(is_past(used, used.used->at + kEnrolmentLinkKept));
}

}  // namespace
}  // namespace counterfoil
