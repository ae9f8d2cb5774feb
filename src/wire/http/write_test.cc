#include "wire/http/write.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "wire/http/body.h"
#include "wire/http/body_framing.h"
#include "wire/http/limits.h"
#include "wire/http/message_head.h"
#include "wire/http/request_head.h"
#include "wire/http/response_head.h"

namespace counterfoil::http {
namespace {

using std::string_view_literals::operator""sv;

TEST(Write, RequestLine) {
  std::string out;
  append_request_line(out, Method::kDelete, "/api/v3/order?a=%2F&b=\xc3\xa9");
  EXPECT_EQ(out, "DELETE /api/v3/order?a=%2F&b=\xc3\xa9 HTTP/1.1\r\n");
}

TEST(Write, RequestLineCannotBeSplit) {
  std::string out;
  append_request_line(out, Method::kGet, "/a HTTP/1.1\r\nX:\0\t\x7f"sv);
  EXPECT_EQ(out, "GET /a%20HTTP/1.1%0D%0AX:%00%09%7F HTTP/1.1\r\n");
}

// Sixteen bytes are looked at at once: every byte, in such a block and behind it.
TEST(Write, RequestLineIsOneLineWhereverABadByteStands) {
  for (int value = 0; value < 256; ++value) {
    for (const std::size_t place : {std::size_t{0}, std::size_t{15}, std::size_t{17}}) {
      std::string target(19, 'a');
      target[place] = static_cast<char>(value);
      std::string out;
      append_request_line(out, Method::kGet, target);
      const bool is_bad = value <= ' ' || value == 0x7f;
      EXPECT_EQ(out.size(), target.size() + (is_bad ? 17U : 15U)) << value;
      EXPECT_EQ(out.find(static_cast<char>(value), 4) < 4 + target.size(), !is_bad)
          << value << ' ' << place;
    }
  }
}

TEST(Write, StatusLine) {
  std::string out;
  append_status_line(out, 200);
  append_status_line(out, 429);
  append_status_line(out, 299);
  EXPECT_EQ(out, "HTTP/1.1 200 OK\r\nHTTP/1.1 429 Too Many Requests\r\nHTTP/1.1 299 \r\n");
}

TEST(Write, StatusOutOfRangeIsAFault) {
  for (const int status : {99, 600, 0, -1, 2000}) {
    std::string out;
    append_status_line(out, status);
    EXPECT_EQ(out, "HTTP/1.1 500 Internal Server Error\r\n") << status;
  }
}

TEST(Write, ReasonPhrases) {
  EXPECT_EQ(reason_phrase(100), "Continue");
  EXPECT_EQ(reason_phrase(413), "Content Too Large");
  EXPECT_EQ(reason_phrase(505), "HTTP Version Not Supported");
  EXPECT_EQ(reason_phrase(306), "");
  EXPECT_EQ(reason_phrase(0), "");
}

TEST(Write, Fields) {
  std::string out;
  append_field(out, "X-Note", "a\tb caf\xc3\xa9");
  append_field(out, "X-Empty", "");
  append_field(out, "Retry-After", 18446744073709551615ULL);
  EXPECT_EQ(out, "X-Note: a\tb caf\xc3\xa9\r\nX-Empty: \r\nRetry-After: 18446744073709551615\r\n");
}

TEST(Write, FieldValueStaysOneLine) {
  std::string out;
  append_field(out, "X-Note", "a\r\nSet-Cookie: b\n\rc\0\x7f\x1b end\r\n"sv);
  EXPECT_EQ(out, "X-Note: a  Set-Cookie: b  c    end  \r\n");
}

// Every byte at every place of a block: the value that is read back has no more lines.
TEST(Write, NoByteOfAValueEndsItsLine) {
  constexpr std::size_t kBytes = 40;
  for (int byte = 0; byte < 256; ++byte) {
    std::string value(kBytes, 'v');
    value[static_cast<std::size_t>(byte) % kBytes] = static_cast<char>(byte);
    value[kBytes - 1] = static_cast<char>(byte);
    std::string out = "HTTP/1.1 200 OK\r\n";
    append_field(out, "X-Note", value);
    append_end_of_head(out);

    ResponseHead head;
    const auto parsed = parse_response_head(out, Limits{}, head);

    ASSERT_TRUE(parsed && *parsed) << byte;
    EXPECT_EQ(**parsed, out.size());
    EXPECT_EQ(head.fields().size(), 1U);
  }
}

TEST(Write, FieldNameThatIsNoTokenIsLeftOut) {
  for (const std::string_view name : {"", "X Note", "X-Note:", "X\r\nY", "X\xc3\xa9", "X\tY"}) {
    std::string out;
    append_field(out, name, "a");
    append_field(out, name, 1U);
    EXPECT_EQ(out, "") << name;
  }
}

TEST(Write, Response) {
  constexpr auto kFields = std::to_array<Field>({{"X-Note", "a"}, {"Retry-After", "1"}});
  std::string out = "before|";

  append_response(out, {.status = 404,
                        .content_type = "application/json",
                        .body = "{}",
                        .fields = kFields,
                        .keep_alive = KeepAlive::kClose});

  EXPECT_EQ(out,
            "before|HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n"
            "Content-Length: 2\r\nX-Note: a\r\nRetry-After: 1\r\nConnection: close\r\n\r\n{}");
}

TEST(Write, ResponseToHeadTellsTheLengthOnly) {
  std::string out;
  append_response(out, {.body = "hello", .answers = Method::kHead});
  EXPECT_EQ(out, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
}

TEST(Write, ResponseWithoutABodySaysNothingOfOne) {
  for (const int status : {100, 101, 204, 304}) {
    std::string out;
    append_response(out, {.status = status, .content_type = "text/plain", .body = "hello"});
    EXPECT_TRUE(out.ends_with("\r\n\r\n")) << out;
    EXPECT_FALSE(out.contains("Content-")) << out;
  }
}

TEST(Write, ResponseCannotBeSplitOrFramedTwice) {
  constexpr auto kFields = std::to_array<Field>({
      {"X-Note", "a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0"},
      {"Content-Length", "99"},
      {"content_length", "99"},
      {"Transfer-Encoding", "chunked"},
      {"Bad Name\r\nX", "a"},
  });
  std::string out;
  append_response(out,
                  {.content_type = "text/plain\r\nX-Evil: 1", .body = "hi", .fields = kFields});

  ResponseHead head;
  const auto parsed = parse_response_head(out, Limits{}, head);

  ASSERT_TRUE(parsed && *parsed);
  EXPECT_EQ(out.substr(**parsed), "hi");
  EXPECT_EQ(head.content_length(), 2U);
  EXPECT_EQ(head.find("X-Evil"), std::nullopt);
  EXPECT_EQ(head.fields().size(), 3U);
}

TEST(Write, ChunksAreReadBack) {
  std::string out;
  const std::string large(100'000, 'x');
  append_chunk(out, "hello");
  append_chunk(out, "");
  append_chunk(out, large);
  append_last_chunk(out);
  EXPECT_TRUE(out.starts_with("5\r\nhello\r\n186a0\r\nxxx"));

  BodyReader reader;
  std::string body;
  ASSERT_TRUE(reader.begin({.mode = BodyMode::kChunked}, {}));
  EXPECT_EQ(reader.read(out, body), (BodyProgress{out.size(), true}));
  EXPECT_EQ(body, "hello" + large);
}

}  // namespace
}  // namespace counterfoil::http
