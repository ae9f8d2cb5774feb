// Every limit of a message, at the limit and one past it (control S-37).
#include "wire/http/limits.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "wire/http/message_head.h"
#include "wire/http/refusal.h"
#include "wire/http/test_connection.h"

namespace counterfoil::http {
namespace {

constexpr std::string_view kRequestLine = "GET / HTTP/1.1\r\n";
constexpr std::string_view kHost = "Host: gw.test\r\n";
constexpr std::string_view kPost = "POST / HTTP/1.1\r\nHost: gw.test\r\n";
constexpr std::string_view kChunked =
    "POST / HTTP/1.1\r\nHost: gw.test\r\nTransfer-Encoding: chunked\r\n\r\n";

// outcome is the refusal's kind, or nullopt when the stream is one good request.
std::optional<RefusalKind> outcome(std::string_view stream, const Limits& limits = {}) {
  const Reception reception = receive(stream, limits);
  EXPECT_EQ(receive_bytewise(stream, limits), reception);
  if (reception.refusal) {
    return reception.refusal->kind;
  }
  EXPECT_EQ(reception.requests.size(), 1U);
  EXPECT_EQ(reception.consumed, stream.size());
  return std::nullopt;
}

std::string request_line(std::size_t bytes) {
  constexpr std::string_view kFrame = "GET / HTTP/1.1";
  return "GET /" + std::string(bytes - kFrame.size(), 'a') + " HTTP/1.1\r\n";
}

std::string field_line(std::size_t bytes) {
  constexpr std::string_view kName = "X-Note: ";
  return std::string(kName) + std::string(bytes - kName.size(), 'a') + "\r\n";
}

std::string text(std::string_view a, std::string_view b, std::string_view c = {},
                 std::string_view d = {}) {
  return std::string(a).append(b).append(c).append(d);
}

TEST(HttpLimits, AreTheProductsDefaults) {
  constexpr Limits kLimits;

  EXPECT_EQ(kLimits.request_line_bytes_max, 8192U);
  EXPECT_EQ(kLimits.field_line_bytes_max, 8192U);
  EXPECT_EQ(kLimits.fields_bytes_max, 32768U);
  EXPECT_EQ(kLimits.fields_max, 100U);
  EXPECT_EQ(kLimits.body_bytes_max, 1048576U);
  EXPECT_EQ(kLimits.chunk_line_bytes_max, 256U);
  EXPECT_EQ(kLimits.chunk_extensions_bytes_max, 4096U);
  EXPECT_EQ(kLimits.trailers_bytes_max, 4096U);
}

TEST(HttpLimits, RequestLine) {
  EXPECT_EQ(outcome(text(request_line(8191), kHost, "\r\n")), std::nullopt);
  EXPECT_EQ(outcome(text(request_line(8192), kHost, "\r\n")), std::nullopt);
  EXPECT_EQ(outcome(text(request_line(8193), kHost, "\r\n")), RefusalKind::kRequestLineTooLong);
  EXPECT_EQ(refuse(RefusalKind::kRequestLineTooLong).status, 414);
}

TEST(HttpLimits, RequestLineIsRefusedBeforeItEnds) {
  TestConnection connection;
  connection.feed("GET /" + std::string(8187, 'a'));
  EXPECT_FALSE(connection.reception().refusal.has_value());

  connection.feed("a");

  ASSERT_TRUE(connection.reception().refusal.has_value());
  EXPECT_EQ(connection.reception().refusal->kind, RefusalKind::kRequestLineTooLong);
}

TEST(HttpLimits, FieldLine) {
  EXPECT_EQ(outcome(text(kRequestLine, kHost, field_line(8191), "\r\n")), std::nullopt);
  EXPECT_EQ(outcome(text(kRequestLine, kHost, field_line(8192), "\r\n")), std::nullopt);
  EXPECT_EQ(outcome(text(kRequestLine, kHost, field_line(8193), "\r\n")),
            RefusalKind::kFieldLineTooLong);
  EXPECT_EQ(refuse(RefusalKind::kFieldLineTooLong).status, 431);
}

// fields_of makes header lines of `bytes` bytes in all, CRLFs included.
std::string fields_of(std::size_t bytes) {
  std::string lines(kHost);
  while (bytes - lines.size() > 8000) {
    lines += field_line(4000);
  }
  lines += field_line(bytes - lines.size() - 2);
  EXPECT_EQ(lines.size(), bytes);
  return lines;
}

TEST(HttpLimits, AllFieldLines) {
  EXPECT_EQ(outcome(text(kRequestLine, fields_of(32767), "\r\n")), std::nullopt);
  EXPECT_EQ(outcome(text(kRequestLine, fields_of(32768), "\r\n")), std::nullopt);
  EXPECT_EQ(outcome(text(kRequestLine, fields_of(32769), "\r\n")), RefusalKind::kFieldsTooLarge);
  EXPECT_EQ(outcome(text(kRequestLine, fields_of(32768), "a:\r\n", "\r\n")),
            RefusalKind::kFieldsTooLarge);
  EXPECT_EQ(refuse(RefusalKind::kFieldsTooLarge).status, 431);
}

std::string many_fields(std::size_t count) {
  std::string lines(kHost);
  for (std::size_t i = 1; i < count; ++i) {
    lines += "X-N: a\r\n";
  }
  return lines;
}

TEST(HttpLimits, CountOfFieldLines) {
  EXPECT_EQ(outcome(text(kRequestLine, many_fields(99), "\r\n")), std::nullopt);
  EXPECT_EQ(outcome(text(kRequestLine, many_fields(100), "\r\n")), std::nullopt);
  EXPECT_EQ(outcome(text(kRequestLine, many_fields(101), "\r\n")), RefusalKind::kTooManyFields);
  EXPECT_EQ(refuse(RefusalKind::kTooManyFields).status, 431);
}

TEST(HttpLimits, CountOfFieldLinesIncludesDroppedOnes) {
  constexpr Limits kLimits{.fields_max = 2};

  EXPECT_EQ(outcome(text(kRequestLine, kHost, "a_b: c\r\n", "\r\n"), kLimits), std::nullopt);
  EXPECT_EQ(outcome(text(kRequestLine, kHost, "a_b: c\r\na_b: c\r\n", "\r\n"), kLimits),
            RefusalKind::kTooManyFields);
}

TEST(HttpLimits, CountOfFieldLinesNeverExceedsTheCapacity) {
  constexpr Limits kLimits{.fields_max = 1000};

  EXPECT_EQ(outcome(text(kRequestLine, many_fields(MessageHead::kFieldsCapacity), "\r\n"), kLimits),
            std::nullopt);
  EXPECT_EQ(
      outcome(text(kRequestLine, many_fields(MessageHead::kFieldsCapacity + 1), "\r\n"), kLimits),
      RefusalKind::kTooManyFields);
}

TEST(HttpLimits, LargestHeadIsAsLongAsTheLimitsSay) {
  const std::string stream = text("\r\n\r\n", request_line(8192), fields_of(32768), "\r\n");

  EXPECT_EQ(stream.size(), Limits{}.head_bytes_max());
  EXPECT_EQ(outcome(stream), std::nullopt);
}

TEST(HttpLimits, TinyLimitsHoldToo) {
  constexpr Limits kNothing{
      .request_line_bytes_max = 0, .field_line_bytes_max = 0, .fields_bytes_max = 0};
  EXPECT_EQ(outcome(text(kRequestLine, kHost, "\r\n"), kNothing), RefusalKind::kRequestLineTooLong);

  constexpr Limits kNoFields{.fields_bytes_max = 1};
  EXPECT_EQ(outcome(text(kRequestLine, kHost, "\r\n"), kNoFields), RefusalKind::kFieldsTooLarge);
  EXPECT_EQ(outcome(text(kRequestLine, "\r\n"), kNoFields), RefusalKind::kHostMissing);
}

TEST(HttpLimits, HugeLimitsDoNotWrap) {
  constexpr auto kHuge = static_cast<std::size_t>(-1);
  constexpr Limits kLimits{.request_line_bytes_max = kHuge,
                           .field_line_bytes_max = kHuge,
                           .fields_bytes_max = kHuge,
                           .fields_max = kHuge,
                           .body_bytes_max = kHuge,
                           .chunk_line_bytes_max = kHuge,
                           .chunk_extensions_bytes_max = kHuge,
                           .trailers_bytes_max = kHuge};

  EXPECT_EQ(outcome(text(kRequestLine, kHost, "\r\n"), kLimits), std::nullopt);
  EXPECT_EQ(outcome(text(kChunked, "5;a=b\r\nhello\r\n0\r\nX-A: b\r\n\r\n"), kLimits),
            std::nullopt);
}

TEST(HttpLimits, BodyWithLength) {
  constexpr Limits kLimits{.body_bytes_max = 10};

  EXPECT_EQ(outcome(text(kPost, "Content-Length: 10\r\n\r\n", "0123456789"), kLimits),
            std::nullopt);
  EXPECT_EQ(outcome(text(kPost, "Content-Length: 11\r\n\r\n"), kLimits),
            RefusalKind::kBodyTooLarge);
  EXPECT_EQ(refuse(RefusalKind::kBodyTooLarge).status, 413);
}

TEST(HttpLimits, BodyInChunks) {
  constexpr Limits kLimits{.body_bytes_max = 10};

  EXPECT_EQ(outcome(text(kChunked, "5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n"), kLimits),
            std::nullopt);
  EXPECT_EQ(outcome(text(kChunked, "5\r\nhello\r\n6\r\n"), kLimits), RefusalKind::kBodyTooLarge);
  EXPECT_EQ(outcome(text(kChunked, "b\r\n"), kLimits), RefusalKind::kBodyTooLarge);
}

TEST(HttpLimits, BodyOfTheDefaultSize) {
  const std::string body(1048576, 'b');

  EXPECT_EQ(receive(text(kPost, "Content-Length: 1048576\r\n\r\n", body)).requests.size(), 1U);
  EXPECT_EQ(receive(text(kPost, "Content-Length: 1048577\r\n\r\n", body)).refusal,
            refuse(RefusalKind::kBodyTooLarge));
  EXPECT_EQ(receive(text(kChunked, "100000\r\n", body, "\r\n0\r\n\r\n")).requests.size(), 1U);
  EXPECT_EQ(receive(text(kChunked, "100000\r\n", body, "\r\n1\r\nb\r\n0\r\n\r\n")).refusal,
            refuse(RefusalKind::kBodyTooLarge));
}

// size_line is a chunk's size line of `bytes` bytes without its CRLF.
std::string size_line(std::size_t bytes) {
  constexpr std::string_view kStart = "1;a=";
  return std::string(kStart) + std::string(bytes - kStart.size(), 'x');
}

TEST(HttpLimits, ChunkLine) {
  EXPECT_EQ(outcome(text(kChunked, size_line(255), "\r\nb\r\n0\r\n\r\n")), std::nullopt);
  EXPECT_EQ(outcome(text(kChunked, size_line(256), "\r\nb\r\n0\r\n\r\n")), std::nullopt);
  EXPECT_EQ(outcome(text(kChunked, size_line(257), "\r\nb\r\n0\r\n\r\n")),
            RefusalKind::kChunkLineTooLong);
  EXPECT_EQ(refuse(RefusalKind::kChunkLineTooLong).status, 400);
}

// extensions_of makes chunks whose extensions have `bytes` bytes in all.
std::string extensions_of(std::size_t bytes) {
  std::string chunks;
  for (; bytes > 200; bytes -= 100) {
    chunks += size_line(101) + "\r\nb\r\n";
  }
  return chunks + size_line(bytes + 1) + "\r\nb\r\n0\r\n\r\n";
}

TEST(HttpLimits, ChunkExtensions) {
  EXPECT_EQ(outcome(text(kChunked, extensions_of(4095))), std::nullopt);
  EXPECT_EQ(outcome(text(kChunked, extensions_of(4096))), std::nullopt);
  EXPECT_EQ(outcome(text(kChunked, extensions_of(4097))), RefusalKind::kChunkExtensionsTooLarge);
  EXPECT_EQ(refuse(RefusalKind::kChunkExtensionsTooLarge).status, 400);
}

TEST(HttpLimits, ChunkSizeDigits) {
  EXPECT_EQ(outcome(text(kChunked, "0000000000000001\r\nb\r\n0000000000000000\r\n\r\n")),
            std::nullopt);
  EXPECT_EQ(outcome(text(kChunked, "00000000000000001\r\nb\r\n0\r\n\r\n")),
            RefusalKind::kChunkSize);
}

TEST(HttpLimits, Trailers) {
  const auto trailers = [](std::size_t bytes) {
    return field_line(2000) + field_line(bytes - 2000 - 4);
  };

  EXPECT_EQ(outcome(text(kChunked, "0\r\n", trailers(4095), "\r\n")), std::nullopt);
  EXPECT_EQ(outcome(text(kChunked, "0\r\n", trailers(4096), "\r\n")), std::nullopt);
  EXPECT_EQ(outcome(text(kChunked, "0\r\n", trailers(4097), "\r\n")),
            RefusalKind::kTrailersTooLarge);
  EXPECT_EQ(refuse(RefusalKind::kTrailersTooLarge).status, 400);
}

}  // namespace
}  // namespace counterfoil::http
