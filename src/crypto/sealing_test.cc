#include "crypto/sealing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "crypto/root_key.h"
#include "crypto/secret_arena.h"
#include "crypto/secret_bytes.h"
#include "crypto/secret_peek.h"

namespace counterfoil {
namespace {

using Bytes = std::vector<std::uint8_t>;
using enum SealError;

static_assert(!std::is_copy_constructible_v<SealingKey> && !std::is_copy_constructible_v<RootKey>);

constexpr SealContext kPlace{
    .table = "api_key", .record_id = "key-1", .account_id = "acme", .field = "secret/1"};
constexpr std::string_view kValue = "a value worth sealing";

// CountingRandom gives other bytes at each call, the same ones in each run.
class CountingRandom final : public RandomSource {
 public:
  [[nodiscard]] bool fill(std::span<std::uint8_t> out) override {
    if (calls_left_ == 0) {
      return false;
    }
    --calls_left_;
    for (std::uint8_t& byte : out) {
      state_ = state_ * 6364136223846793005U + 1442695040888963407U;
      byte = static_cast<std::uint8_t>(state_ >> 56U);
    }
    return true;
  }
  void fail_after(std::size_t calls) { calls_left_ = calls; }

 private:
  std::uint64_t state_ = 1;
  std::size_t calls_left_ = SIZE_MAX;
};

class Sealing : public testing::Test {
 protected:
  Sealing() { ring_.add(*SealingKey::generate(7, random_)); }

  [[nodiscard]] SealingKey& kek() { return *ring_.newest(); }
  [[nodiscard]] Bytes sealed(const SealContext& place = kPlace, std::string_view value = kValue) {
    return *seal(place, as_bytes(value), kek(), random_);
  }
  // The text of an opened value, or the error.
  [[nodiscard]] std::expected<std::string, SealError> opened(const SealContext& place,
                                                             const Bytes& bytes) const {
    const auto value = open(place, bytes, ring_);
    if (!value) {
      return std::unexpected(value.error());
    }
    return std::string(as_text(SecretPeek::at(*value)));
  }

  CountingRandom random_;
  KekRing ring_;
};

TEST_F(Sealing, GivesBackWhatWasSealed) {
  for (const std::size_t size : {0UL, 1UL, 15UL, 16UL, 17UL, 64UL, 1000UL, kSealedValueBytesMax}) {
    const std::string value(size, 'v');
    const Bytes bytes = sealed(kPlace, value);
    EXPECT_EQ(bytes.size(), size + kSealOverheadBytes);
    EXPECT_EQ(opened(kPlace, bytes), value);
  }
}

TEST_F(Sealing, RefusesAValueOneByteTooLong) {
  EXPECT_EQ(seal(kPlace, Bytes(kSealedValueBytesMax + 1), kek(), random_).error(), kTooLong);
}

TEST_F(Sealing, TakesSecretMemoryToo) {
  const auto secret = SecretBytes::copy_of(as_bytes(kValue));
  EXPECT_EQ(opened(kPlace, *seal(kPlace, *secret, kek(), random_)), std::string(kValue));
}

TEST_F(Sealing, NeverGivesTheSameBytesTwice) { EXPECT_NE(sealed(), sealed()); }

TEST_F(Sealing, TheValueDoesNotStandInTheStoredForm) {
  const Bytes bytes = sealed();
  EXPECT_EQ(std::ranges::search(bytes, as_bytes(kValue).first(8)).size(), 0U);
}

// Control S-01: "flip each byte: every case fails to open".
TEST_F(Sealing, EveryFlippedBitFailsAndSuggestsTampering) {
  Bytes bytes = sealed();
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    const auto result = opened(kPlace, bytes);
    ASSERT_FALSE(result.has_value()) << bit;
    EXPECT_TRUE(suggests_tampering(result.error())) << bit;
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
  }
  EXPECT_EQ(opened(kPlace, bytes), std::string(kValue));
}

TEST_F(Sealing, ErrorsAreDistinct) {
  Bytes bytes = sealed();
  bytes.back() ^= 1U;
  EXPECT_EQ(opened(kPlace, bytes).error(), kTampered);
  bytes = sealed();
  bytes[0] = 2;
  EXPECT_EQ(opened(kPlace, bytes).error(), kUnknownFormat);
  bytes = sealed();
  bytes[1] ^= 1U;
  EXPECT_EQ(opened(kPlace, bytes).error(), kUnknownVersion);
}

TEST_F(Sealing, EveryCutAndEveryAddedByteFails) {
  const Bytes bytes = sealed();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(
        opened(kPlace, {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)}).error(),
        kTampered);
  }
  Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_EQ(opened(kPlace, longer).error(), kTampered);
  EXPECT_EQ(opened(kPlace, Bytes(kSealOverheadBytes + kSealedValueBytesMax + 1, 1)).error(),
            kTampered);
}

// Control S-01: "swap sealed values between two rows, two fields, two accounts".
TEST_F(Sealing, AValueMovedElsewhereDoesNotOpen) {
  SealContext elsewhere = kPlace;
  elsewhere.table = "account";
  EXPECT_EQ(opened(elsewhere, sealed()).error(), kTampered);
  elsewhere = kPlace;
  elsewhere.record_id = "key-2";
  EXPECT_EQ(opened(elsewhere, sealed()).error(), kTampered);
  elsewhere = kPlace;
  elsewhere.account_id = "other";
  EXPECT_EQ(opened(elsewhere, sealed()).error(), kTampered);
  elsewhere = kPlace;
  elsewhere.field = "secret/2";
  EXPECT_EQ(opened(elsewhere, sealed()).error(), kTampered);
}

TEST_F(Sealing, PartsOfThePlaceDoNotRunTogether) {
  const SealContext place{.table = "a", .record_id = "r", .account_id = "bc", .field = "d"};
  const SealContext shifted{.table = "a", .record_id = "r", .account_id = "b", .field = "cd"};
  EXPECT_EQ(opened(shifted, sealed(place)).error(), kTampered);
  EXPECT_TRUE(opened(place, sealed(place)).has_value());
}

// Pieces of one sealed value put into another one of the same place.
TEST_F(Sealing, PiecesOfTwoValuesDoNotMix) {
  const Bytes first = sealed();
  const Bytes second = sealed();
  constexpr std::size_t kWrapEnd = 1 + 4 + 60;
  Bytes mixed = first;
  std::copy_n(second.begin(), kWrapEnd, mixed.begin());
  EXPECT_EQ(opened(kPlace, mixed).error(), kTampered);
}

TEST_F(Sealing, PartsOfThePlaceHaveALimit) {
  const std::string longest(SealContext::kPartBytesMax, 'p');
  const std::string too_long(SealContext::kPartBytesMax + 1, 'p');
  const SealContext full{
      .table = longest, .record_id = longest, .account_id = longest, .field = longest};
  EXPECT_EQ(opened(full, sealed(full)), std::string(kValue));
  for (const auto part : {&SealContext::table, &SealContext::record_id, &SealContext::account_id,
                          &SealContext::field}) {
    SealContext place = kPlace;
    place.*part = too_long;
    EXPECT_EQ(seal(place, as_bytes(kValue), kek(), random_).error(), kTooLong);
    EXPECT_EQ(opened(place, sealed()).error(), kTooLong);
  }
}

// Control S-02: "set the limit to 10; the 11th wrap uses a new version".
TEST_F(Sealing, AKeyMakesNoMoreWrapsThanItMay) {
  auto limited = SealingKey::generate(1, random_, 10);
  for (std::uint64_t i = 0; i < 10; ++i) {
    EXPECT_EQ(limited->wraps_used(), i);
    EXPECT_TRUE(seal(kPlace, as_bytes(kValue), *limited, random_).has_value());
  }
  EXPECT_EQ(seal(kPlace, as_bytes(kValue), *limited, random_).error(), kLimitReached);
  EXPECT_EQ(limited->wraps_used(), 10U);
}

TEST_F(Sealing, TheCountSurvivesStoring) {
  const auto root = RootKey::generate(random_);
  const Bytes stored = *kek().wrap(*root, random_);
  auto loaded = SealingKey::unwrap(stored, *root, 9, 10);
  ASSERT_TRUE(loaded.has_value());
  EXPECT_TRUE(seal(kPlace, as_bytes(kValue), *loaded, random_).has_value());
  EXPECT_EQ(seal(kPlace, as_bytes(kValue), *loaded, random_).error(), kLimitReached);
}

TEST_F(Sealing, ManyThreadsShareTheLimit) {
  auto limited = SealingKey::generate(1, random_, 100);
  std::atomic<int> made = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      SystemRandom random;
      for (int k = 0; k < 50; ++k) {
        made += seal(kPlace, as_bytes(kValue), *limited, random).has_value() ? 1 : 0;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(made, 100);
}

TEST_F(Sealing, ANewKeySealsWhileOldOnesOpen) {
  const Bytes old = sealed();
  ring_.add(*SealingKey::generate(9, random_));
  ring_.add(*SealingKey::generate(8, random_));

  EXPECT_EQ(kek().version(), 9U);
  EXPECT_EQ(kek_version_of(sealed()), 9U);
  EXPECT_EQ(kek_version_of(old), 7U);
  EXPECT_EQ(opened(kPlace, old), std::string(kValue));
  ring_.remove(7);
  EXPECT_EQ(opened(kPlace, old).error(), kUnknownVersion);
  EXPECT_EQ(kek_version_of(Bytes(3)), std::nullopt);
}

TEST_F(Sealing, AnEmptyRingHasNoNewestKey) {
  KekRing ring;
  EXPECT_EQ(ring.newest(), nullptr);
  EXPECT_EQ(ring.find(1), nullptr);
}

TEST_F(Sealing, AnotherKeyOfTheSameVersionDoesNotOpen) {
  const Bytes bytes = sealed();
  ring_.add(*SealingKey::generate(7, random_));
  EXPECT_EQ(opened(kPlace, bytes).error(), kTampered);
}

// Control S-05: only the wrap is made anew.
TEST_F(Sealing, RewrapChangesTheWrapAlone) {
  const Bytes old = sealed();
  auto fresh = SealingKey::generate(8, random_);
  const auto renewed = rewrap(kPlace.record_id, old, ring_, *fresh, random_);
  ASSERT_TRUE(renewed.has_value());
  constexpr std::size_t kWrapEnd = 1 + 4 + 60;
  EXPECT_TRUE(
      std::equal(old.begin() + kWrapEnd, old.end(), renewed->begin() + kWrapEnd, renewed->end()));
  EXPECT_EQ(kek_version_of(*renewed), 8U);
  EXPECT_EQ(fresh->wraps_used(), 1U);
  EXPECT_EQ(opened(kPlace, *renewed).error(), kUnknownVersion);
  ring_.add(std::move(*fresh));
  ring_.remove(7);
  EXPECT_EQ(opened(kPlace, *renewed), std::string(kValue));

  EXPECT_EQ(rewrap("key-2", *renewed, ring_, kek(), random_).error(), kTampered);
  EXPECT_EQ(rewrap(kPlace.record_id, old, ring_, kek(), random_).error(), kUnknownVersion);
}

TEST_F(Sealing, WrapOfOneRecordDoesNotServeAnother) {
  SealContext other = kPlace;
  other.record_id = "key-2";
  const Bytes first = sealed();
  Bytes moved = sealed(other);
  std::copy_n(first.begin(), 1 + 4 + 60, moved.begin());
  EXPECT_EQ(opened(other, moved).error(), kTampered);
}

TEST_F(Sealing, ABrokenRandomSourceSealsNothing) {
  for (std::size_t calls = 0; calls < 3; ++calls) {
    random_.fail_after(calls);
    EXPECT_EQ(seal(kPlace, as_bytes(kValue), kek(), random_).error(), kNoRandomness) << calls;
  }
  random_.fail_after(3);
  EXPECT_TRUE(seal(kPlace, as_bytes(kValue), kek(), random_).has_value());
}

TEST_F(Sealing, AStoredSealingKeyOpensUnderItsRootKeyOnly) {
  const auto root = RootKey::generate(random_);
  const auto other = RootKey::generate(random_);
  Bytes stored = *kek().wrap(*root, random_);
  const Bytes value = sealed();
  ring_ = {};
  ring_.add(*SealingKey::unwrap(stored, *root, 1));

  EXPECT_EQ(ring_.newest()->version(), 7U);
  EXPECT_EQ(ring_.newest()->wraps_used(), 1U);
  EXPECT_EQ(opened(kPlace, value), std::string(kValue));
  EXPECT_EQ(SealingKey::unwrap(stored, *other, 1).error(), kTampered);
  for (std::size_t i = 0; i < stored.size(); ++i) {
    stored[i] ^= 0x80U;
    const auto changed = SealingKey::unwrap(stored, *root, 1);
    ASSERT_FALSE(changed.has_value()) << i;
    EXPECT_TRUE(suggests_tampering(changed.error()));
    stored[i] ^= 0x80U;
  }
  stored.push_back(0);
  EXPECT_EQ(SealingKey::unwrap(stored, *root, 1).error(), kTampered);
  EXPECT_EQ(SealingKey::unwrap({}, *root, 1).error(), kTampered);
}

TEST_F(Sealing, NoWorkLeavesSlotsBehind) {
  const std::size_t used = SecretArena::usage().used_slots;
  Bytes bytes = sealed();
  EXPECT_TRUE(opened(kPlace, bytes).has_value());
  bytes.back() ^= 1U;
  EXPECT_FALSE(opened(kPlace, bytes).has_value());
  EXPECT_EQ(SecretArena::usage().used_slots, used);
}

TEST(SealError, EachHasAText) {
  std::set<std::string_view> texts;
  for (int i = 0; i <= std::to_underlying(kLibraryFailure); ++i) {
    texts.insert(describe(static_cast<SealError>(i)));
  }
  EXPECT_EQ(texts.size(), 8U);
}

}  // namespace
}  // namespace counterfoil
