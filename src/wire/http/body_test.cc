#include "wire/http/body.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wire/http/body_framing.h"
#include "wire/http/field_rules.h"
#include "wire/http/limits.h"
#include "wire/http/refusal.h"

namespace counterfoil::http {
namespace {

constexpr BodyFraming kChunked{.mode = BodyMode::kChunked};
constexpr BodyFraming kUntilClose{.mode = BodyMode::kUntilClose};

constexpr BodyFraming length(std::uint64_t bytes) {
  return {.mode = BodyMode::kLength, .length = bytes};
}

TEST(BodyInPlace, IsThereWhenNothingNeedsDecoding) {
  constexpr std::string_view kInput = "hello, next";

  EXPECT_EQ(body_in_place({}, kInput), "");
  EXPECT_EQ(body_in_place(length(5), kInput), "hello");
  EXPECT_EQ(body_in_place(length(5), kInput)->data(), kInput.data());
  EXPECT_EQ(body_in_place(length(11), kInput), kInput);
  EXPECT_EQ(body_in_place(length(12), kInput), std::nullopt);
  EXPECT_EQ(body_in_place(length(0), ""), "");
  EXPECT_EQ(body_in_place(kChunked, "0\r\n\r\n"), std::nullopt);
  EXPECT_EQ(body_in_place(kUntilClose, kInput), std::nullopt);
}

TEST(BodyReader, TakesTheBytesOfALengthAndNoMore) {
  BodyReader reader;
  std::string body;
  ASSERT_TRUE(reader.begin(length(5), {}));

  EXPECT_EQ(reader.read("", body), (BodyProgress{0, false}));
  EXPECT_EQ(reader.read("he", body), (BodyProgress{2, false}));
  EXPECT_FALSE(reader.may_end_at_close());
  EXPECT_EQ(reader.read("lloGET /", body), (BodyProgress{3, true}));

  EXPECT_EQ(body, "hello");
  EXPECT_TRUE(reader.may_end_at_close());
  EXPECT_EQ(reader.read("more", body), (BodyProgress{0, true}));
}

TEST(BodyReader, NoBodyAndAnEmptyOneAreCompleteAtOnce) {
  BodyReader reader;
  std::string body;

  ASSERT_TRUE(reader.begin({}, {}));
  EXPECT_EQ(reader.read("GET /", body), (BodyProgress{0, true}));
  EXPECT_TRUE(reader.may_end_at_close());
  ASSERT_TRUE(reader.begin(length(0), {}));
  EXPECT_EQ(reader.read("GET /", body), (BodyProgress{0, true}));
  EXPECT_EQ(body, "");
}

TEST(BodyReader, DecodesChunks) {
  BodyReader reader;
  std::string body = "kept ";
  constexpr std::string_view kCoded =
      "5\r\nhello\r\n1;a;b=\"c; d\"\r\n,\r\n0000A;x\r\n 0\r\n\r\n!!! \r\n00\r\nX-A: "
      "b\r\nX-B:\r\n\r\n";
  ASSERT_TRUE(reader.begin(kChunked, {}));

  EXPECT_EQ(reader.read(std::string(kCoded) + "GET /", body), (BodyProgress{kCoded.size(), true}));

  EXPECT_EQ(body, "kept hello, 0\r\n\r\n!!! ");
  EXPECT_TRUE(reader.may_end_at_close());
}

TEST(BodyReader, ChunksEndOnlyWithTheirLastLine) {
  BodyReader reader;
  std::string body;
  constexpr std::string_view kCoded = "2\r\nhi\r\n0\r\nX-A: b\r\n\r\n";
  ASSERT_TRUE(reader.begin(kChunked, {}));
  const auto goes_on = [&](std::string_view byte) {
    return !reader.may_end_at_close() && reader.read(byte, body) == BodyProgress{1, false} &&
           reader.read("", body) == BodyProgress{0, false};
  };

  for (std::size_t i = 0; i + 1 < kCoded.size(); ++i) {
    EXPECT_TRUE(goes_on(kCoded.substr(i, 1))) << i;
  }
  EXPECT_EQ(reader.read(kCoded.substr(kCoded.size() - 1), body), (BodyProgress{1, true}));
  EXPECT_EQ(body, "hi");
}

TEST(BodyReader, IsUsedForOneBodyAfterAnother) {
  BodyReader reader;
  constexpr Limits kLimits{
      .body_bytes_max = 5, .chunk_extensions_bytes_max = 4, .trailers_bytes_max = 6};
  const auto read = [&](std::string_view coded) -> std::optional<std::string> {
    std::string body;
    const bool complete =
        reader.begin(kChunked, kLimits) && reader.read(coded, body) && reader.may_end_at_close();
    return complete ? std::optional(body) : std::nullopt;
  };

  // Each body uses the limits up, and a refused one leaves nothing behind either.
  EXPECT_EQ(read("5;a=b\r\nhello\r\n0\r\nA: b\r\n\r\n"), "hello");
  EXPECT_EQ(read("5;a=b\r\nhello\r\n0\r\nA: b\r\n\r\n"), "hello");
  EXPECT_EQ(read("5;a=b\r\nhello!"), std::nullopt);
  EXPECT_EQ(read("5;a=b\r\nhello\r\n0\r\nA: b\r\n\r\n"), "hello");
}

TEST(BodyReader, ReadsUntilCloseWithinTheLimit) {
  BodyReader reader;
  std::string body;
  ASSERT_TRUE(reader.begin(kUntilClose, Limits{.body_bytes_max = 5}));

  EXPECT_EQ(reader.read("hel", body), (BodyProgress{3, false}));
  EXPECT_EQ(reader.read("lo", body), (BodyProgress{2, false}));
  EXPECT_TRUE(reader.may_end_at_close());
  const auto refused = reader.read("!", body);

  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error(), refuse(RefusalKind::kBodyTooLarge));
  EXPECT_EQ(body, "hello");
}

TEST(BodyReader, NeverGrowsTheBodyBeyondTheLimit) {
  BodyReader reader;
  std::string body;
  ASSERT_TRUE(reader.begin(kChunked, Limits{.body_bytes_max = 6}));

  const auto refused = reader.read("5\r\nhello\r\nffffffffffffffff\r\nworld", body);

  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, RefusalKind::kBodyTooLarge);
  EXPECT_LE(body.size(), 6U);
}

TEST(BodyReader, SizesOnTheWayDoNotCount) {
  // "7ff" passes through "7f" and "7", and is then no size at all: the answer is about the bytes.
  BodyReader reader;
  std::string body;
  ASSERT_TRUE(reader.begin(kChunked, Limits{.body_bytes_max = 6}));

  ASSERT_TRUE(reader.read("7f", body).has_value());
  const auto refused = reader.read("fz", body);

  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, RefusalKind::kChunkSize);
}

TEST(BodyFramer, PassesOnTheRawBytesOfEachFraming) {
  BodyFramer framer;

  framer.begin({}, {});
  EXPECT_EQ(framer.advance("HTTP/1.1"), (BodyProgress{0, true}));
  EXPECT_TRUE(framer.may_end_at_close());

  framer.begin(length(5), {});
  EXPECT_EQ(framer.advance("hel"), (BodyProgress{3, false}));
  EXPECT_FALSE(framer.may_end_at_close());
  EXPECT_EQ(framer.advance("loHTTP/1.1"), (BodyProgress{2, true}));
  EXPECT_TRUE(framer.may_end_at_close());

  framer.begin(kChunked, {});
  EXPECT_EQ(framer.advance("5\r\nhe"), (BodyProgress{5, false}));
  EXPECT_FALSE(framer.may_end_at_close());
  EXPECT_EQ(framer.advance("llo\r\n0\r\n\r\nHTTP/1.1"), (BodyProgress{10, true}));
  EXPECT_TRUE(framer.may_end_at_close());

  framer.begin(kUntilClose, {});
  EXPECT_EQ(framer.advance("anything"), (BodyProgress{8, false}));
  EXPECT_TRUE(framer.may_end_at_close());
}

TEST(BodyFramer, KnowsNoLimitOfSize) {
  BodyFramer framer;
  constexpr Limits kLimits{.body_bytes_max = 1};

  framer.begin(kChunked, kLimits);
  EXPECT_EQ(framer.advance("ffffffffffffffff\r\nabc"), (BodyProgress{21, false}));
  framer.begin(length(1000), kLimits);
  EXPECT_EQ(framer.advance("abc"), (BodyProgress{3, false}));
}

TEST(BodyFramer, RefusesWhatTheReaderRefuses) {
  constexpr std::string_view kFaults[] = {"5\nhello",         "g\r\n",       "5\r\nhelloX",
                                          "0\r\nHost: a\r\n", "0\r\n\r\r\n", ";a\r\n"};
  for (const std::string_view fault : kFaults) {
    SCOPED_TRACE(fault);
    BodyFramer framer;
    BodyReader reader;
    std::string body;
    framer.begin(kChunked, {});
    ASSERT_TRUE(reader.begin(kChunked, {}));

    const auto framed = framer.advance(fault);
    const auto read = reader.read(fault, body);

    ASSERT_FALSE(framed.has_value());
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(framed.error(), read.error());
  }
}

TEST(BodyFramer, RefusesOnlyTheListenersOwnApiKeyNamesInTrailers) {
  static constexpr auto kNames = std::to_array<std::string_view>({"x-weather-key"});
  BodyFramer framer(FieldRules{.api_key_names = kNames});

  framer.begin(kChunked, {});
  EXPECT_FALSE(framer.advance("0\r\nX_Weather-KEY: k\r\n\r\n").has_value());
  framer.begin(kChunked, {});
  EXPECT_TRUE(framer.advance("0\r\nX-MBX-APIKEY: k\r\n\r\n").has_value());
}

}  // namespace
}  // namespace counterfoil::http
