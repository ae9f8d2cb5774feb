// base64_span.h, der.h, pem.h: the encodings of this room.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/base64.h"
#include "base/bytes.h"
#include "crypto/base64_span.h"
#include "crypto/der.h"
#include "crypto/pem.h"

namespace counterfoil {
namespace {

using Bytes = std::vector<std::uint8_t>;

std::optional<Bytes> decode(std::string_view text, LineEnds line_ends = LineEnds::kRefused) {
  Bytes out(base64_bytes_max(text.size()));
  const auto size = decode_base64(text, line_ends, out);
  if (!size) {
    return std::nullopt;
  }
  out.resize(*size);
  return out;
}

TEST(Base64Span, AgreesWithTheEncoderForAllLengths) {
  Bytes bytes;
  for (std::size_t size = 0; size < 70; ++size) {
    Bytes text(base64_characters(size));
    encode_base64(bytes, text);
    EXPECT_EQ(as_text(text), to_base64(bytes));
    EXPECT_EQ(decode(as_text(text)), bytes);
    bytes.push_back(static_cast<std::uint8_t>(size * 37 + 200));
  }
}

TEST(Base64Span, RefusesEveryOtherForm) {
  for (const std::string_view text :
       {"A", "AA", "AAA", "AA=", "A===", "AA==A", "AA==AAAA", "AAA=AAAA", "====", "=AAA",
        "AB==", "AAB=", "AA-_", "AA A", "AAAA ", " AAAA", "AAAA\n", "AAAA=", "AA=A"}) {
    EXPECT_EQ(decode(text), std::nullopt) << text;
  }
  EXPECT_EQ(decode(std::string_view("AA\0A", 4)), std::nullopt);
}

TEST(Base64Span, SkipsLineEndsOnlyWhereAllowed) {
  EXPECT_EQ(decode("AA\nAA\r\n", LineEnds::kSkipped), Bytes(3, 0));
  EXPECT_EQ(decode("AA\rAA", LineEnds::kSkipped), std::nullopt);
  EXPECT_EQ(decode("AAAA\r", LineEnds::kSkipped), std::nullopt);
}

TEST(Base64Span, NeverWritesBehindTheEnd) {
  Bytes out(2);
  EXPECT_EQ(decode_base64("AAAA", LineEnds::kRefused, out), std::nullopt);
  EXPECT_EQ(decode_base64("AAA=", LineEnds::kRefused, out), 2U);
  EXPECT_EQ(decode_base64("", LineEnds::kRefused, {}), 0U);
}

TEST(Der, ReadsWhatItWrites) {
  for (const std::size_t size : {0U, 1U, 127U, 128U, 255U, 256U, 65535U, 65536U}) {
    const Bytes content(size, 7);
    const Bytes element = der_element(DerTag::kOctetString, content);
    DerReader reader(element);
    const auto read = reader.read(DerTag::kOctetString);
    ASSERT_TRUE(read.has_value()) << size;
    EXPECT_EQ(read->size(), size);
    EXPECT_TRUE(reader.at_end());
  }
}

struct DerCase {
  std::string_view name;
  Bytes bytes;
};
class RefusedLength : public testing::TestWithParam<DerCase> {};
TEST_P(RefusedLength, GivesNothingAndTakesNothing) {
  DerReader reader(GetParam().bytes);
  EXPECT_EQ(reader.read(DerTag::kOctetString).has_value(), false);
  EXPECT_EQ(reader.at_end(), GetParam().bytes.empty());
}
INSTANTIATE_TEST_SUITE_P(Lengths, RefusedLength,
                         testing::Values(DerCase{"empty", {}}, DerCase{"no_length", {4}},
                                         DerCase{"indefinite", {4, 0x80, 0, 0}},
                                         DerCase{"long_form_of_short", {4, 0x81, 1, 0}},
                                         DerCase{"leading_zero", {4, 0x82, 0, 0x80}},
                                         DerCase{"length_cut", {4, 0x82, 1}},
                                         DerCase{"content_cut", {4, 2, 0}},
                                         DerCase{"five_length_bytes", {4, 0x85, 1, 0, 0, 0, 0}},
                                         DerCase{"reserved", {4, 0xff}},
                                         DerCase{"other_tag", {5, 0}}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Der, AnUnsignedNumberHasOneForm) {
  const auto read = [](const Bytes& content) {
    const Bytes element = der_element(DerTag::kInteger, content);
    DerReader reader(element);
    const auto number = reader.read_unsigned();
    return number ? std::optional(Bytes(number->begin(), number->end())) : std::nullopt;
  };
  EXPECT_EQ(read({0}), Bytes{0});
  EXPECT_EQ(read({0x7f}), Bytes{0x7f});
  EXPECT_EQ(read({0, 0x80}), Bytes{0x80});
  EXPECT_EQ(read({}), std::nullopt);
  EXPECT_EQ(read({0x80}), std::nullopt);     // negative
  EXPECT_EQ(read({0, 0x7f}), std::nullopt);  // a zero too many
  EXPECT_EQ(read({0, 0}), std::nullopt);
  EXPECT_EQ(der_unsigned(Bytes{0x80}), (Bytes{2, 2, 0, 0x80}));
  EXPECT_EQ(der_unsigned({}), (Bytes{2, 1, 0}));
}

TEST(Pem, GivesLabelAndBody) {
  const auto block = read_pem("-----BEGIN A B-----\r\nxx\r\nyy\r\n-----END A B-----\r\n");
  ASSERT_TRUE(block.has_value());
  EXPECT_EQ(block->label, "A B");
  EXPECT_EQ(block->body, "xx\r\nyy\r\n");
  EXPECT_EQ(read_pem("nothing").error(), PemError::kNone);
  EXPECT_EQ(read_pem("").error(), PemError::kNone);
}

}  // namespace
}  // namespace counterfoil
