#include "crypto/chunk_cipher.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "crypto/backup_key.h"

namespace counterfoil {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Place = ChunkCipher::Place;

class Chunks : public testing::Test {
 protected:
  [[nodiscard]] ChunkCipher cipher() const { return ChunkCipher::derive(key_, header_).value(); }

  // sealed gives the chunks "aaaa", "bbbb", "cccc" sealed in order.
  [[nodiscard]] std::vector<Bytes> sealed() const {
    ChunkCipher sealer = cipher();
    std::vector<Bytes> chunks(3);
    for (std::size_t i = 0; i < chunks.size(); ++i) {
      const Bytes plain(4, static_cast<std::uint8_t>('a' + i));
      EXPECT_TRUE(sealer.seal(plain, i == 2 ? Place::kLast : Place::kInside, chunks[i]));
    }
    return chunks;
  }

  // opened gives what the chunks say, the last one taken for the last. nullopt: one does not open.
  [[nodiscard]] std::optional<Bytes> opened(const std::vector<Bytes>& chunks) const {
    ChunkCipher opener = cipher();
    Bytes all;
    Bytes plain;
    for (std::size_t i = 0; i < chunks.size(); ++i) {
      if (!opener.open(chunks[i], i + 1 == chunks.size() ? Place::kLast : Place::kInside, plain)) {
        return std::nullopt;
      }
      all.insert(all.end(), plain.begin(), plain.end());
    }
    return all;
  }

  SystemRandom random_;
  BackupKey key_ = BackupKey::generate(random_).value();
  Bytes header_ = Bytes(32, 7);
};

TEST_F(Chunks, OpenAsTheyWereSealed) {
  const Bytes whole{'a', 'a', 'a', 'a', 'b', 'b', 'b', 'b', 'c', 'c', 'c', 'c'};
  EXPECT_EQ(opened(sealed()), whole);
}

TEST_F(Chunks, DoNotOpenInAnotherOrderNumberOrEnd) {
  const std::vector<Bytes> good = sealed();
  EXPECT_FALSE(opened({good[1], good[0], good[2]}));
  EXPECT_FALSE(opened({good[0], good[2]}));
  EXPECT_FALSE(opened({good[0], good[0], good[1], good[2]}));
  EXPECT_FALSE(opened({good[0], good[1]})) << "cut at the end of a chunk";
  EXPECT_FALSE(opened({good[0], good[1], good[2], good[2]}));
}

TEST_F(Chunks, DoNotOpenWithAFlippedBit) {
  const std::vector<Bytes> good = sealed();
  for (std::size_t chunk = 0; chunk < good.size(); ++chunk) {
    for (std::size_t bit = 0; bit < good[chunk].size() * 8; ++bit) {
      std::vector<Bytes> bad = good;
      bad[chunk][bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      EXPECT_FALSE(opened(bad)) << chunk << ' ' << bit;
    }
  }
}

TEST_F(Chunks, BelongToTheirKeyAndHeader) {
  const std::vector<Bytes> good = sealed();
  header_[0] ^= 1U;
  EXPECT_FALSE(opened(good));
  header_[0] ^= 1U;
  EXPECT_TRUE(opened(good));
  key_ = BackupKey::generate(random_).value();
  EXPECT_FALSE(opened(good));
}

TEST_F(Chunks, HaveALengthAtMost) {
  Bytes out;
  EXPECT_TRUE(cipher().seal(Bytes(kChunkBytesMax), Place::kLast, out));
  EXPECT_FALSE(cipher().seal(Bytes(kChunkBytesMax + 1), Place::kLast, out));
  EXPECT_FALSE(cipher().open(Bytes(kChunkBytesMax + kChunkTagBytes + 1), Place::kLast, out));
  EXPECT_FALSE(cipher().open(Bytes(kChunkTagBytes - 1), Place::kLast, out));
}

TEST_F(Chunks, TheIdOfAKeyTellsKeysApart) {
  EXPECT_EQ(key_.id().value(), key_.id().value());
  EXPECT_NE(key_.id().value(), BackupKey::generate(random_).value().id().value());
}

}  // namespace
}  // namespace counterfoil
