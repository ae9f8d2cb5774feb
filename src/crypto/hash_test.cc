#include "crypto/hash.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/hex.h"

namespace counterfoil {
namespace {

std::string hex_of(HashName hash, std::string_view text) {
  const std::array<ByteView, 2> parts{as_bytes(text.substr(0, 1)), as_bytes(text.substr(1))};
  return to_hex(hash_of(hash, parts).value());
}

// FIPS 180-4, FIPS 202, RFC 1321, RFC 7693: the message "abc".
TEST(Hash, GivesThePublishedDigests) {
  EXPECT_EQ(hex_of(HashName::kMd5, "abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(hex_of(HashName::kSha1, "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex_of(HashName::kSha256, "abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_of(HashName::kSha3Short, "abc"),
            "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
  EXPECT_TRUE(hex_of(HashName::kSha512, "abc").starts_with("ddaf35a193617abacc417349ae204131"));
  EXPECT_TRUE(hex_of(HashName::kBlake2b, "abc").starts_with("ba80a53f981c4d0d6a2797b69f12f6e9"));
}

TEST(Hash, KnowsTheLengthOfEach) {
  for (const HashRow& row : kHashes) {
    EXPECT_EQ(hash_of(row.hash, {}).value().size(), row.bytes) << row.name;
  }
}

// RFC 4231, test case 2.
TEST(HmacOf, GivesThePublishedTags) {
  EXPECT_EQ(
      to_hex(hmac_of(HashName::kSha256, as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))
                 .value()),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(HmacOf, TakesAnEmptyKey) {
  EXPECT_EQ(to_hex(hmac_of(HashName::kSha256, {}, {}).value()),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

}  // namespace
}  // namespace counterfoil
