#include "wire/http/response_head.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <expected>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "wire/http/body_framing.h"
#include "wire/http/limits.h"
#include "wire/http/message_head.h"
#include "wire/http/refusal.h"
#include "wire/http/request_head.h"

namespace counterfoil::http {
namespace {

using std::string_view_literals::operator""sv;
using enum RefusalKind;
using Parsed = std::expected<std::optional<std::size_t>, ResponseFault>;

// Answer is what the parser makes of some bytes, in copies.
struct Answer {
  Parsed parsed;
  int status = 0;
  std::string reason;
  std::string fields;

  bool operator==(const Answer&) const = default;
};

// parse_grown gives the parser ever longer starts of `bytes`, each at a new place in memory.
Answer parse_grown(std::string_view bytes, std::size_t first, std::size_t step) {
  ResponseHead head;
  Answer answer;
  for (std::size_t size = first;; size += step) {
    const std::string moved(bytes.substr(0, size));
    answer.parsed = parse_response_head(moved, Limits{}, head);
    if (answer.parsed && *answer.parsed) {
      answer.status = head.status();
      answer.reason = head.reason();
      for (const Field& field : head.fields()) {
        answer.fields.append(field.name).append("=").append(field.value).append(";");
      }
      return answer;
    }
    if (!answer.parsed || size >= bytes.size()) {
      return answer;
    }
  }
}

Answer parse_all_ways(std::string_view bytes) {
  const Answer whole = parse_grown(bytes, bytes.size(), 1);
  EXPECT_EQ(parse_grown(bytes, 1, 1), whole) << "byte by byte";
  for (std::size_t first = 0; first <= bytes.size(); ++first) {
    EXPECT_EQ(parse_grown(bytes, first, bytes.size()), whole) << "cut after " << first;
  }
  return whole;
}

TEST(ResponseHead, TellsAllOfAnAnswer) {
  constexpr std::string_view kBytes =
      "HTTP/1.1 404 Not \tFound\xe9\r\n"
      "Content-Type: application/json\r\n"
      "X-Counterfoil-Key: kept\r\n"
      "x_under: kept\r\n"
      "Host: a, b\r\n"
      "Content-Length: 2\r\n\r\n";

  const Answer answer = parse_all_ways(std::string(kBytes) + "{}");

  EXPECT_EQ(answer.parsed, Parsed(kBytes.size()));
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.reason, "Not \tFound\xe9");
  EXPECT_EQ(answer.fields,
            "Content-Type=application/json;X-Counterfoil-Key=kept;x_under=kept;Host=a, b;"
            "Content-Length=2;");
}

TEST(ResponseHead, TakesAnEmptyReason) {
  EXPECT_EQ(parse_all_ways("HTTP/1.0 299 \r\n\r\n").status, 299);
}

struct FaultCase {
  std::string_view name;
  std::string_view bytes;
  RefusalKind kind;

  friend void PrintTo(const FaultCase& row, std::ostream* out) { *out << row.name; }
};
class ResponseFaults : public testing::TestWithParam<FaultCase> {};

TEST_P(ResponseFaults, AreTheSameHoweverTheBytesArrive) {
  const Answer answer = parse_all_ways(GetParam().bytes);

  ASSERT_FALSE(answer.parsed.has_value());
  EXPECT_EQ(describe(answer.parsed.error().kind).name, describe(GetParam().kind).name);
}

// clang-format off
constexpr FaultCase kFaults[] = {
    {"EmptyLineFirst",        "\r\nHTTP/1.1 200 OK\r\n\r\n", kStatusLineMalformed},
    {"NoBlankAfterStatus",    "HTTP/1.1 200\r\n\r\n", kStatusLineMalformed},
    {"NoStatus",              "HTTP/1.1\r\n\r\n", kStatusLineMalformed},
    {"TwoBlanks",             "HTTP/1.1  200 OK\r\n\r\n", kStatusLineMalformed},
    {"StatusTwoDigits",       "HTTP/1.1 20 OK\r\n\r\n", kStatusLineMalformed},
    {"StatusFourDigits",      "HTTP/1.1 2000 OK\r\n\r\n", kStatusLineMalformed},
    {"StatusBelow100",        "HTTP/1.1 099 OK\r\n\r\n", kStatusLineMalformed},
    {"StatusAbove599",        "HTTP/1.1 600 OK\r\n\r\n", kStatusLineMalformed},
    {"StatusLetters",         "HTTP/1.1 2x0 OK\r\n\r\n", kStatusLineMalformed},
    {"VersionTwo",            "HTTP/2.0 200 OK\r\n\r\n", kStatusLineMalformed},
    {"VersionSmall",          "http/1.1 200 OK\r\n\r\n", kStatusLineMalformed},
    {"OtherProtocol",         "ICY 200 OK\r\n\r\n", kStatusLineMalformed},
    {"Body",                  "{\"code\":0}\r\n\r\n", kStatusLineMalformed},
    {"BareLineFeed",          "HTTP/1.1 200 OK\nContent-Length: 0\n\n", kBareLineFeed},
    {"BareReturn",            "HTTP/1.1 200 OK\r\nX-Note: a\rb\r\n\r\n", kBareCarriageReturn},
    {"NulInReason",           "HTTP/1.1 200 O\0K\r\n\r\n"sv, kControlByte},
    {"Folded",                "HTTP/1.1 200 OK\r\nX-Note: a\r\n b\r\n\r\n", kFieldFolded},
    {"BlankBeforeColon",      "HTTP/1.1 200 OK\r\nX-Note : a\r\n\r\n", kFieldName},
    {"LengthAndChunked",      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", kFramingConflict},
    {"LengthTwice",           "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", kContentLengthRepeated},
    {"LengthList",            "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n", kContentLengthMalformed},
    {"CodingTwice",           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", kTransferEncodingRepeated},
    {"CodingGzip",            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", kTransferEncoding},
    {"CodingInOldVersion",    "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", kTransferEncodingVersion},
    {"LengthInNoContent",     "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", kFramingConflict},
    {"CodingInNoContent",     "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", kFramingConflict},
    {"LengthInContinue",      "HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n", kFramingConflict},
    {"CodingInSwitching",     "HTTP/1.1 101 Switching\r\nTransfer-Encoding: chunked\r\n\r\n", kFramingConflict},
};
INSTANTIATE_TEST_SUITE_P(ResponseHead, ResponseFaults, testing::ValuesIn(kFaults),
                         [](const auto& row) { return std::string(row.param.name); });
// clang-format on

TEST(ResponseHead, FaultComesBeforeTheLineEnds) {
  ResponseHead head;
  constexpr Limits kLimits{.request_line_bytes_max = 20};

  EXPECT_TRUE(parse_response_head("HTTP/1.1 200 Fine..", kLimits, head).has_value());
  EXPECT_TRUE(parse_response_head("HTTP/1.1 200 Fine...", kLimits, head).has_value());
  EXPECT_EQ(parse_response_head("HTTP/1.1 200 Fine....", kLimits, head),
            Parsed(std::unexpected(ResponseFault{kRequestLineTooLong})));
}

ResponseHead parsed(const std::string& bytes) {
  ResponseHead head;
  const auto size = parse_response_head(bytes, Limits{}, head);
  EXPECT_TRUE(size && *size) << bytes;
  return head;
}

struct FramingCase {
  std::string_view bytes;
  Method method;
  BodyFraming framing;
  bool keeps_connection;
};

// RFC 9112 section 6.3, in its order
TEST(ResponseHead, FramesTheBodyByStatusMethodAndHeaderLines) {
  using enum BodyMode;
  // clang-format off
  constexpr FramingCase kCases[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",           Method::kHead, {kNone, 0}, true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",  Method::kHead, {kNone, 0}, true},
      {"HTTP/1.1 200 OK\r\n\r\n",                                Method::kHead, {kNone, 0}, true},
      {"HTTP/1.1 100 Continue\r\n\r\n",                          Method::kPost, {kNone, 0}, true},
      {"HTTP/1.1 101 Switching Protocols\r\n\r\n",               Method::kGet,  {kNone, 0}, false},
      {"HTTP/1.1 204 No Content\r\n\r\n",                        Method::kGet,  {kNone, 0}, true},
      {"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",   Method::kGet,  {kNone, 0}, true},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", Method::kGet,  {kNone, 0}, true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n",  Method::kGet,  {kChunked, 0}, true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",           Method::kGet,  {kLength, 5}, true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",           Method::kGet,  {kLength, 0}, true},
      {"HTTP/1.1 200 OK\r\n\r\n",                                Method::kGet,  {kUntilClose, 0}, false},
      {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\n", Method::kGet, {kLength, 5}, false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n",           Method::kGet,  {kLength, 5}, false},
      {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\n", Method::kGet, {kLength, 5}, true},
  };
  // clang-format on
  for (const FramingCase& row : kCases) {
    SCOPED_TRACE(row.bytes);
    const ResponseHead head = parsed(std::string(row.bytes));

    EXPECT_EQ(head.body_framing(row.method), row.framing);
    EXPECT_EQ(head.keeps_connection(row.method), row.keeps_connection);
  }
}

TEST(ResponseHead, TellsInterimAnswersFromFinalOnes) {
  EXPECT_TRUE(parsed("HTTP/1.1 100 Continue\r\n\r\n").is_interim());
  EXPECT_TRUE(parsed("HTTP/1.1 103 Early Hints\r\n\r\n").is_interim());
  EXPECT_FALSE(parsed("HTTP/1.1 101 Switching Protocols\r\n\r\n").is_interim());
  EXPECT_FALSE(parsed("HTTP/1.1 200 OK\r\n\r\n").is_interim());
}

}  // namespace
}  // namespace counterfoil::http
