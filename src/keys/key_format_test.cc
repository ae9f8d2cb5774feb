#include "keys/key_format.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <regex>
#include <set>
#include <span>
#include <string>

#include "base/random.h"
#include "keys/api_key_id.h"

namespace counterfoil {
namespace {

class BrokenRandom final : public RandomSource {
 public:
  [[nodiscard]] bool fill(std::span<std::uint8_t> /*out*/) override { return false; }
};

TEST(KeyFormat, TheRegularExpressionOfTheManualFindsEveryGeneratedKey) {
  const std::regex pattern("(cfk1|cfs1)[A-Za-z0-9]{60}");
  const KeyFormat format;
  SystemRandom random;
  std::set<std::string> seen;

  for (int i = 0; i < 10'000; ++i) {
    const auto key = format.generate_api_key(random);
    ASSERT_TRUE(key.has_value());
    ASSERT_TRUE(std::regex_match(std::string(key->text()), pattern)) << key->text();
    ASSERT_EQ(format.classify_api_key(key->text()), KeyFormat::Kind::kOurs);
    ASSERT_TRUE(seen.insert(std::string(key->text())).second);
  }
  EXPECT_EQ(format.classify_secret(format.generate_secret(random)), KeyFormat::Kind::kOurs);
}

TEST(KeyFormat, EveryChangedCharacterIsSeen) {
  const KeyFormat format;
  SystemRandom random;
  const std::string key(format.generate_api_key(random)->text());

  for (std::size_t i = KeyFormat::kMarkerSize; i < key.size(); ++i) {
    std::string changed = key;
    changed[i] = changed[i] == 'x' ? 'y' : 'x';
    EXPECT_EQ(format.classify_api_key(changed), KeyFormat::Kind::kBadChecksum) << i;
  }
  EXPECT_EQ(format.classify_api_key(key.substr(0, 63)), KeyFormat::Kind::kBadChecksum);
  EXPECT_EQ(format.classify_api_key("vmPU" + key.substr(4)), KeyFormat::Kind::kForeign);
}

TEST(KeyFormat, MakesNothingWhenTheRandomSourceFails) {
  BrokenRandom broken;

  EXPECT_FALSE(KeyFormat().generate_api_key(broken).has_value());
  EXPECT_EQ(KeyFormat().generate_secret(broken), "");
}

TEST(KeyFormat, TakesMarkersOfFourAlphanumericCharacters) {
  EXPECT_TRUE(KeyFormat::with_markers("exk1", "exs1").has_value());
  EXPECT_FALSE(KeyFormat::with_markers("ex_1", "exs1").has_value());
  EXPECT_FALSE(KeyFormat::with_markers("exk", "exs1").has_value());
  EXPECT_FALSE(KeyFormat::with_markers("exk1", "exk1").has_value());
}

TEST(ApiKeyId, IsSixtyFourAlphanumericCharacters) {
  const std::string good(64, 'a');

  EXPECT_TRUE(ApiKeyId::parse(good).has_value());
  EXPECT_FALSE(ApiKeyId::parse(std::string(63, 'a')).has_value());
  EXPECT_FALSE(ApiKeyId::parse(std::string(65, 'a')).has_value());
  for (const char bad : {'-', '_', ' ', '/', ':', '@', '[', '`', '{', '\0', '\xe9'}) {
    std::string text = good;
    text[40] = bad;
    EXPECT_FALSE(ApiKeyId::parse(text).has_value()) << static_cast<int>(bad);
  }
}

}  // namespace
}  // namespace counterfoil
