#include "keys/api_key_form.h"

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"
#include "keys/key_format.h"

namespace counterfoil {
namespace {

TEST(ApiKeyForm, IsTakenFromTheTextAlone) {
  const KeyFormat format;
  SystemRandom random;
  const std::string ours(format.generate_api_key(random)->text());
  std::string mistyped = ours;
  mistyped.back() = mistyped.back() == 'a' ? 'b' : 'a';
  std::string secret = format.generate_secret(random);

  EXPECT_EQ(form_of(ours, format), ApiKeyForm::kOurs);
  EXPECT_EQ(form_of(mistyped, format), ApiKeyForm::kMistyped);
  EXPECT_EQ(form_of(ours.substr(1), format), ApiKeyForm::kOtherLength);
  EXPECT_EQ(form_of(ours.substr(0, ours.size() - 1), format), ApiKeyForm::kMistyped);
  EXPECT_EQ(form_of(ours + ";", format), ApiKeyForm::kOtherCharacters);
  EXPECT_EQ(form_of(secret, format), ApiKeyForm::kSecret);
  secret.back() = secret.back() == 'a' ? 'b' : 'a';
  EXPECT_EQ(form_of(secret, format), ApiKeyForm::kSecret) << "a mistyped one is none the less one";
  EXPECT_EQ(form_of(std::string(64, 'k'), format), ApiKeyForm::kForeign);
  EXPECT_EQ(form_of(std::string(63, 'k'), format), ApiKeyForm::kOtherLength);
  EXPECT_EQ(form_of(std::string(65, 'k'), format), ApiKeyForm::kOtherLength);
  EXPECT_EQ(form_of("a-b_c", format), ApiKeyForm::kOtherCharacters);
}

TEST(ApiKeyForm, SaysWhatCannotStandInAHeader) {
  const KeyFormat format;

  EXPECT_EQ(form_of(std::string(kSendableBytesMax, 'k'), format), ApiKeyForm::kOtherLength);
  EXPECT_EQ(form_of(std::string(kSendableBytesMax + 1, 'k'), format), ApiKeyForm::kUnsendable);
  EXPECT_EQ(form_of("", format), ApiKeyForm::kUnsendable);
  EXPECT_EQ(form_of("a\r\nX-Evil: 1", format), ApiKeyForm::kUnsendable);
  EXPECT_EQ(form_of(std::string(64, 'k') + " ", format), ApiKeyForm::kUnsendable);
  EXPECT_EQ(form_of("kéy", format), ApiKeyForm::kUnsendable);
}

}  // namespace
}  // namespace counterfoil
