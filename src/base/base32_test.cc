#include "base/base32.h"

#include <gtest/gtest.h>

#include <string_view>

#include "base/bytes.h"

namespace counterfoil {
namespace {

// RFC 4648 section 10, less the padding.
TEST(Base32, WritesAndReadsTheVectorsOfTheRfc) {
  struct Row {
    std::string_view bytes;
    std::string_view text;
  };
  for (const Row& row :
       {Row{"", ""}, Row{"f", "MY"}, Row{"fo", "MZXQ"}, Row{"foo", "MZXW6"}, Row{"foob", "MZXW6YQ"},
        Row{"fooba", "MZXW6YTB"}, Row{"foobar", "MZXW6YTBOI"}}) {
    EXPECT_EQ(to_base32(as_bytes(row.bytes)), row.text);
    const auto read = from_base32(row.text);
    ASSERT_TRUE(read.has_value()) << row.text;
    EXPECT_EQ(as_text(*read), row.bytes);
  }
}

TEST(Base32, HasOneTextForEachBytes) {
  for (const std::string_view bad : {"my", "MY======", "M", "MZX", "MZ", "M1", "M Y", "MZXW6Y"}) {
    EXPECT_FALSE(from_base32(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace counterfoil
