#include "crypto/hmac_sha1.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/hex.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {
namespace {

std::string tag_of(std::string_view key, std::string_view message) {
  return to_hex(HmacSha1::mac(SecretBytes::copy_of(as_bytes(key)).value(), as_bytes(message)));
}

// RFC 2202 section 3.
TEST(HmacSha1, GivesTheTagsOfTheRfc) {
  EXPECT_EQ(tag_of(std::string(20, '\x0b'), "Hi There"),
            "b617318655057264e28bc0b6fb378c8ef146be00");
  EXPECT_EQ(tag_of("Jefe", "what do ya want for nothing?"),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(tag_of(std::string(20, '\xaa'), std::string(50, '\xdd')),
            "125d7342b9ac11cd91a39af48aa17b4f63f175d3");
  EXPECT_EQ(
      tag_of(std::string(80, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
      "aa4ae5e15272d00e95705637ce8a3b55ed402112");
}

TEST(HmacSha1, TakesAnEmptyKeyForWhatItIs) {
  (void)tag_of("Jefe", "a call before");

  EXPECT_EQ(tag_of("", ""), "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
}

}  // namespace
}  // namespace counterfoil
