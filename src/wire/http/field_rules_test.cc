#include "wire/http/field_rules.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace counterfoil::http {
namespace {

TEST(FieldRules, EqualsIgnoringCaseForAsciiLettersOnly) {
  EXPECT_TRUE(equals_ignoring_case("X-MBX-APIKEY", "x-mbx-apikey"));
  EXPECT_TRUE(equals_ignoring_case("", ""));
  EXPECT_FALSE(equals_ignoring_case("a", "ab"));
  EXPECT_FALSE(equals_ignoring_case("@", "`"));
  EXPECT_FALSE(equals_ignoring_case("[", "{"));
  EXPECT_FALSE(equals_ignoring_case("\xc9", "\xe9"));
  EXPECT_FALSE(equals_ignoring_case("_", "-"));
}

// Eight bytes are compared at once: every byte with every other, in such a word and behind it.
TEST(FieldRules, EqualsIgnoringCaseWhereverTheBytesStand) {
  const auto lower = [](int byte) { return byte >= 'A' && byte <= 'Z' ? byte + 32 : byte; };
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      for (const std::size_t place : {std::size_t{0}, std::size_t{7}, std::size_t{9}}) {
        std::string left = "Zz@[`{\x80\xff-@";
        std::string right = "zZ@[`{\x80\xff-@";
        left[place] = static_cast<char>(a);
        right[place] = static_cast<char>(b);
        ASSERT_EQ(equals_ignoring_case(left, right), lower(a) == lower(b)) << a << ' ' << b;
      }
    }
  }
}

TEST(FieldRules, SameFieldNameReadsUnderscoreAsHyphen) {
  EXPECT_TRUE(same_field_name("Content_Length", "content-length"));
  EXPECT_TRUE(same_field_name("a-b_c", "A_B-C"));
  EXPECT_FALSE(same_field_name("a-b", "ab"));
}

TEST(FieldRules, TokenBytesAreThoseOfRfc9110) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool expected = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                          (c >= 'a' && c <= 'z') || (byte != 0 && kMarks.contains(c));
    EXPECT_EQ(is_token(std::string(1, c)), expected) << byte;
  }
  EXPECT_FALSE(is_token(""));
  EXPECT_FALSE(is_token("a b"));
}

TEST(FieldRules, IdentityHeaders) {
  EXPECT_TRUE(is_identity_header("X-Counterfoil-Account"));
  EXPECT_TRUE(is_identity_header("x_COUNTERFOIL_key"));
  EXPECT_TRUE(is_identity_header("x-counterfoil-"));
  EXPECT_FALSE(is_identity_header("x-counterfoil"));
  EXPECT_FALSE(is_identity_header("xx-counterfoil-key"));
  EXPECT_FALSE(is_identity_header(""));
}

TEST(FieldRules, FramingNames) {
  for (const std::string_view name : {"Content-Length", "TRANSFER_ENCODING", "connection",
                                      "Keep_Alive", "Expect", "HOST", "te", "Trailer", "upgrade"}) {
    EXPECT_TRUE(is_framing_name(name)) << name;
  }
  for (const std::string_view name : {"Content-Type", "X-Host", "t-e", "hosts", ""}) {
    EXPECT_FALSE(is_framing_name(name)) << name;
  }
}

TEST(FieldRules, HopByHopNames) {
  for (const std::string_view name :
       {"Connection", "KEEP-ALIVE", "te", "Trailer", "Transfer-Encoding", "Upgrade",
        "HTTP2-Settings", "Proxy-Authorization", "proxy-connection", "Proxy-"}) {
    EXPECT_TRUE(is_hop_by_hop(name)) << name;
  }
  for (const std::string_view name : {"Content-Length", "Host", "X-Proxy-A", "Proxy", "Expect"}) {
    EXPECT_FALSE(is_hop_by_hop(name)) << name;
  }
}

TEST(FieldRules, ListMembers) {
  EXPECT_TRUE(lists("close", "Close"));
  EXPECT_TRUE(lists(" a ,\tb\t,, c", "b"));
  EXPECT_TRUE(lists("a,c", "c"));
  EXPECT_FALSE(lists("a b", "a"));
  EXPECT_FALSE(lists("closed", "close"));
  EXPECT_FALSE(lists("", "a"));

  EXPECT_TRUE(is_list_of_tokens(""));
  EXPECT_TRUE(is_list_of_tokens(",, a ,b,"));
  EXPECT_FALSE(is_list_of_tokens("a b"));
  EXPECT_FALSE(is_list_of_tokens("a,\"b\""));
  EXPECT_FALSE(is_list_of_tokens("a;q=1"));
}

}  // namespace
}  // namespace counterfoil::http
