// digest.h, hmac.h, keyed_hash.h, hkdf.h, constant_time.h, wipe.h
#include "crypto/hmac.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include "base/bytes.h"
#include "base/hex.h"
#include "base/wiped_text.h"
#include "crypto/constant_time.h"
#include "crypto/crypto_error.h"
#include "crypto/digest.h"
#include "crypto/hkdf.h"
#include "crypto/keyed_hash.h"
#include "crypto/secret_arena.h"
#include "crypto/secret_bytes.h"
#include "crypto/secret_peek.h"
#include "crypto/wipe.h"

namespace counterfoil {
namespace {

static_assert(!std::is_copy_constructible_v<HmacKey> && !std::is_copy_assignable_v<HmacKey>);
static_assert(std::is_nothrow_move_constructible_v<HmacKey> &&
              std::is_nothrow_move_assignable_v<HmacKey>);
static_assert(sizeof(HmacKey) == sizeof(void*));

// FIPS 180-4 examples ("abc", and the one of two blocks).
TEST(Sha256, GivesTheStandardsExamples) {
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256, PartsOfAnySizeGiveTheSameHash) {
  const std::string text(200, 'x');
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    Sha256 hash;
    hash.update(as_bytes(text).first(cut));
    const Sha256 copy = hash;
    hash.update(as_bytes(text).subspan(cut));
    EXPECT_EQ(hash.finish(), sha256(as_bytes(text))) << cut;
    EXPECT_EQ(hash.finish(), sha256({})) << "finish begins anew";
    Sha256 second = copy;
    second.update(as_bytes(text).subspan(cut));
    EXPECT_EQ(second.finish(), sha256(as_bytes(text))) << cut;
  }
}

// The definition, RFC 2104 section 2: H(K XOR opad, H(K XOR ipad, text)).
Digest hmac_by_definition(std::string key, std::string_view message) {
  if (key.size() > 64) {
    key = std::string(as_text(sha256(as_bytes(key))));
  }
  key.resize(64, '\0');
  std::string inner;
  std::string outer;
  for (const char byte : key) {
    inner.push_back(static_cast<char>(byte ^ 0x36));
    outer.push_back(static_cast<char>(byte ^ 0x5c));
  }
  inner += message;
  outer += as_text(sha256(as_bytes(inner)));
  return sha256(as_bytes(outer));
}

TEST(HmacKey, FollowsTheDefinitionForAllLengthsAroundABlock) {
  for (const std::size_t key_size : {1U, 31U, 32U, 63U, 64U, 65U, 127U, 128U, 200U}) {
    const std::string secret(key_size, 'k');
    const auto key = HmacKey::from_secret(as_bytes(secret));
    ASSERT_TRUE(key.has_value());
    for (std::size_t size = 0; size < 130; ++size) {
      const std::string message(size, 'm');
      EXPECT_EQ(key->mac(as_bytes(message)), hmac_by_definition(secret, message))
          << key_size << " " << size;
    }
  }
}

TEST(HmacKey, PartsAreOneMessage) {
  const auto key = HmacKey::from_secret(as_bytes("secret"));
  const std::array<ByteView, 4> parts{as_bytes("a"), ByteView(), as_bytes("bc"), as_bytes("d")};

  EXPECT_EQ(key->mac(parts), key->mac(as_bytes("abcd")));
  EXPECT_EQ(key->mac(std::span<const ByteView>()), key->mac(ByteView()));
}

TEST(HmacKey, VerifyRefusesEveryChangedBitAndOtherMessages) {
  const auto key = HmacKey::from_secret(as_bytes("secret"));
  const ByteView message = as_bytes("order");
  Digest tag = key->mac(message);
  ASSERT_TRUE(key->verify(message, tag));
  EXPECT_FALSE(key->verify(as_bytes("ordex"), tag));
  for (std::size_t bit = 0; bit < tag.size() * 8; ++bit) {
    tag[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_FALSE(key->verify(message, tag)) << bit;
    tag[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
  }
}

TEST(HmacKey, AnEmptySecretIsRefused) {
  EXPECT_EQ(HmacKey::from_secret(ByteView()).error(), CryptoError::kSecretEmpty);
  const auto empty = SecretBytes::create(0);
  EXPECT_EQ(HmacKey::from_secret(*empty).error(), CryptoError::kSecretEmpty);
}

TEST(HmacKey, AMovedFromKeyVerifiesNothingAndFreesNothing) {
  const std::size_t used = SecretArena::usage().used_slots;
  {
    auto first = HmacKey::from_secret(as_bytes("one"));
    auto second = HmacKey::from_secret(as_bytes("two"));
    const Digest tag = first->mac(ByteView());
    *second = std::move(*first);

    EXPECT_TRUE(second->verify({}, tag));
    EXPECT_FALSE(first->verify({}, tag));  // NOLINT(bugprone-use-after-move)
    EXPECT_EQ(SecretArena::usage().used_slots, used + 1);
  }
  EXPECT_EQ(SecretArena::usage().used_slots, used);
}

TEST(KeyedHash, IsHmacUnderThePepper) {
  const auto pepper = SecretBytes::copy_of(as_bytes("pepper pepper pepper pepper pepp"));
  const auto secret = SecretBytes::copy_of(as_bytes("a secret"));
  const auto hash = KeyedHash::from_pepper(*pepper);
  ASSERT_TRUE(hash.has_value());

  EXPECT_EQ(hash->hash(*secret),
            hmac_by_definition("pepper pepper pepper pepper pepp", "a secret"));
  EXPECT_EQ(hash->hash(as_bytes("a secret")), hash->hash(*secret));
  EXPECT_NE(hash->hash(as_bytes("b secret")), hash->hash(*secret));
}

TEST(Hkdf, IsLimitedTo255Blocks) {
  const ByteView key = as_bytes("key");
  EXPECT_TRUE(hkdf_sha256(key, {}, {}, kHkdfBytesMax).has_value());
  EXPECT_EQ(hkdf_sha256(key, {}, {}, kHkdfBytesMax + 1).error(), CryptoError::kSecretTooLarge);
  EXPECT_EQ(hkdf_sha256(key, {}, {}, 0)->size(), 0U);
  const auto short_one = hkdf_sha256(key, {}, as_bytes("a"), 33);
  const auto long_one = hkdf_sha256(key, {}, as_bytes("a"), 64);
  EXPECT_TRUE(std::ranges::equal(SecretPeek::at(*short_one), SecretPeek::at(*long_one).first(33)));
}

TEST(ConstantTimeEqual, ComparesLengthAndContent) {
  EXPECT_TRUE(constant_time_equal({}, {}));
  EXPECT_TRUE(constant_time_equal(as_bytes("abc"), as_bytes("abc")));
  EXPECT_FALSE(constant_time_equal(as_bytes("abc"), as_bytes("abd")));
  EXPECT_FALSE(constant_time_equal(as_bytes("abc"), as_bytes("abcd")));
  EXPECT_FALSE(constant_time_equal(as_bytes("abc"), {}));
}

TEST(Wipe, LeavesZerosAndAnEmptyText) {
  std::array<std::uint8_t, 3> bytes{1, 2, 3};
  wipe(bytes);
  EXPECT_EQ(bytes, (std::array<std::uint8_t, 3>{}));
  std::string text = "a text that is too long to stand in the string object itself";
  const char* const buffer = text.data();
  const std::size_t size = text.size();
  wipe(text);
  EXPECT_TRUE(text.empty());
  EXPECT_TRUE(std::all_of(buffer, buffer + size, [](char c) { return c == '\0'; }));
}

}  // namespace
}  // namespace counterfoil
