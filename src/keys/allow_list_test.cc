#include "keys/allow_list.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "base/ip_address.h"

namespace counterfoil {
namespace {

TEST(AllowList, OfNobodyContainsNobody) {
  EXPECT_FALSE(AllowList().contains(*IpAddress::parse("127.0.0.1")));
  EXPECT_FALSE(AllowList().is_any());
  EXPECT_TRUE(AllowList::any().contains(*IpAddress::parse("127.0.0.1")));
}

TEST(AllowList, ReadsItsOwnText) {
  const auto list = AllowList::parse("203.0.113.7, 10.0.0.0/8,2001:db8::/48,203.0.113.7");

  ASSERT_TRUE(list.has_value());
  EXPECT_EQ(list->to_text(), "203.0.113.7,10.0.0.0/8,2001:db8::/48");
  EXPECT_EQ(*AllowList::parse(list->to_text()), *list);
  EXPECT_TRUE(list->contains(*IpAddress::parse("::ffff:10.9.9.9")));
  EXPECT_FALSE(list->contains(*IpAddress::parse("203.0.113.8")));
}

TEST(AllowList, TellsWhichEntryIsWrongAndHowToWriteIt) {
  const auto list = AllowList::parse("203.0.113.7,10.0.0.1/8");

  ASSERT_FALSE(list.has_value());
  EXPECT_EQ(list.error(),
            "\"10.0.0.1/8\": bits behind the prefix are set; did you mean 10.0.0.0/8?");
  EXPECT_FALSE(AllowList::parse("").has_value());
  EXPECT_FALSE(AllowList::parse("any,10.0.0.0/8").has_value());
  EXPECT_FALSE(AllowList::parse("10.0.0.0/8,").has_value());
}

TEST(AllowList, HoldsThirtyEntriesAndNotOneMore) {
  std::string text = "10.0.0.1";
  for (int i = 2; i <= 30; ++i) {
    text += ",10.0.0." + std::to_string(i);
  }
  EXPECT_TRUE(AllowList::parse(text).has_value());
  EXPECT_FALSE(AllowList::parse(text + ",10.0.0.31").has_value());
  EXPECT_TRUE(
      AllowList::parse(text + ",10.0.0.30").has_value());  // a repeated entry is no entry more
}

// ---- control S-39: the table of verdicts, and texts against binary forms

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  for (std::size_t at = 0; at != std::string::npos;) {
    const std::size_t bar = line.find(" | ", at);
    fields.push_back(line.substr(at, bar - at));
    at = bar == std::string::npos ? bar : bar + 3;
  }
  return fields;
}

TEST(AllowList, JudgesEveryRowOfTheTableAsASecondOpinionDoes) {
  std::ifstream file(std::filesystem::path(COUNTERFOIL_SOURCE_DIR) / "testdata" / "allow_list" /
                     "verdicts.txt");
  std::size_t rows = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) {
      continue;
    }
    const std::vector<std::string> row = fields_of(line);
    ASSERT_EQ(row.size(), 3U) << line;
    const auto list = AllowList::parse(row[0]);
    const auto peer = IpAddress::parse(row[1]);
    ASSERT_TRUE(list.has_value() && peer.has_value()) << line;
    EXPECT_EQ(list->contains(*peer), row[2] == "yes") << line;
    EXPECT_EQ(*AllowList::parse(list->to_text()), *list) << line;
    ++rows;
  }
  EXPECT_GE(rows, 200U);
}

TEST(AllowList, AnAddressAndItsTextAreOne) {
  std::mt19937_64 dice(39);
  for (int i = 0; i < 10'000; ++i) {
    std::array<std::uint8_t, 16> bytes{};
    const std::size_t zeros = dice() % 17;  // runs of zeros are what texts abbreviate
    for (std::size_t at = zeros; at < bytes.size(); ++at) {
      bytes[at] = dice() % 3 == 0 ? 0 : static_cast<std::uint8_t>(dice());
    }
    const IpAddress address = i % 4 == 0
                                  ? IpAddress::v4({bytes[12], bytes[13], bytes[14], bytes[15]})
                                  : IpAddress::v6(bytes);

    EXPECT_EQ(IpAddress::parse(address.to_string()), address) << address.to_string();
    const auto list = AllowList::parse(address.to_string());
    ASSERT_TRUE(list.has_value()) << address.to_string();
    EXPECT_TRUE(list->contains(address)) << address.to_string();
  }
}

}  // namespace
}  // namespace counterfoil
