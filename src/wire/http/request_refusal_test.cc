// What a request head is refused for, row by row of the security requirements, sections 5.1 and
// 5.2, as far as a parser sees them. Every row is read whole, byte by byte and cut everywhere.
#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "wire/http/refusal.h"
#include "wire/http/request_head.h"
#include "wire/http/test_connection.h"

namespace counterfoil::http {
namespace {

using std::string_view_literals::operator""sv;
using enum RefusalKind;

struct RefusalCase {
  std::string_view name;
  std::string_view stream;
  RefusalKind kind;
  int status;

  friend void PrintTo(const RefusalCase& row, std::ostream* out) { *out << row.name; }
};

std::string case_name(const testing::TestParamInfo<RefusalCase>& row) {
  return std::string(row.param.name);
}

class RequestRefusal : public testing::TestWithParam<RefusalCase> {};

TEST_P(RequestRefusal, IsTheSameHoweverTheBytesArrive) {
  const Reception reception = receive(GetParam().stream);

  ASSERT_TRUE(reception.refusal.has_value()) << reception.requests.size() << " requests passed";
  EXPECT_EQ(describe(reception.refusal->kind).name, describe(GetParam().kind).name);
  EXPECT_EQ(reception.refusal->status, GetParam().status);
  EXPECT_TRUE(reception.refusal->close);
  EXPECT_TRUE(reception.requests.empty());
  expect_same_however_cut(GetParam().stream);
}

#define HOST "Host: gw.test\r\n"
#define GET "GET / HTTP/1.1\r\n" HOST
#define POST "POST / HTTP/1.1\r\n" HOST

// clang-format off
constexpr RefusalCase kRequestLines[] = {
    {"EmptyMethod",             " / HTTP/1.1\r\n" HOST "\r\n", kRequestLineMalformed, 400},
    {"LeadingBlank",            " GET / HTTP/1.1\r\n" HOST "\r\n", kRequestLineMalformed, 400},
    {"TwoBlanksBeforeTarget",   "GET  / HTTP/1.1\r\n" HOST "\r\n", kRequestLineMalformed, 400},
    {"TwoBlanksBeforeVersion",  "GET /  HTTP/1.1\r\n" HOST "\r\n", kRequestLineMalformed, 400},
    {"TrailingBlank",           "GET / HTTP/1.1 \r\n" HOST "\r\n", kVersionMalformed, 400},
    {"TabsBetweenWords",        "GET\t/\tHTTP/1.1\r\n" HOST "\r\n", kRequestLineMalformed, 400},
    {"TabBeforeVersion",        "GET /\tHTTP/1.1\r\n" HOST "\r\n", kRequestLineMalformed, 400},
    {"TabInTarget",             "GET /a\tb HTTP/1.1\r\n" HOST "\r\n", kRequestLineMalformed, 400},
    {"BlankInPath",             "GET /a b HTTP/1.1\r\n" HOST "\r\n", kRequestLineMalformed, 400},
    {"BlankInQuery",            "GET /a?b c HTTP/1.1\r\n" HOST "\r\n", kRequestLineMalformed, 400},
    {"OneWord",                 "GET\r\n" HOST "\r\n", kRequestLineMalformed, 400},
    {"OnlyBlanks",              "  \r\n" HOST "\r\n", kVersionMalformed, 400},
    {"NoVersion",               "GET /\r\n", kRequestLineMalformed, 400},
    {"NoTarget",                "GET  HTTP/1.1\r\n" HOST "\r\n", kRequestLineMalformed, 400},
    {"MethodWithHighByte",      "G\xc3\x89T / HTTP/1.1\r\n" HOST "\r\n", kRequestLineMalformed, 400},
    {"MethodWithColon",         "GET: / HTTP/1.1\r\n" HOST "\r\n", kRequestLineMalformed, 400},
    {"VersionTwo",              "GET / HTTP/2.0\r\n" HOST "\r\n", kVersionNotSupported, 505},
    {"VersionOneTwo",           "GET / HTTP/1.2\r\n" HOST "\r\n", kVersionNotSupported, 505},
    {"VersionZeroNine",         "GET / HTTP/0.9\r\n" HOST "\r\n", kVersionNotSupported, 505},
    {"VersionWithoutMinor",     "GET / HTTP/2\r\n" HOST "\r\n", kVersionMalformed, 400},
    {"VersionTwoDigits",        "GET / HTTP/1.10\r\n" HOST "\r\n", kVersionMalformed, 400},
    {"VersionLongMajor",        "GET / HTTP/11.1\r\n" HOST "\r\n", kVersionMalformed, 400},
    {"VersionSmallLetters",     "GET / http/1.1\r\n" HOST "\r\n", kVersionMalformed, 400},
    {"VersionOtherName",        "GET / ICY/1.1\r\n" HOST "\r\n", kVersionMalformed, 400},
    {"VersionWithComma",        "GET / HTTP/1,1\r\n" HOST "\r\n", kVersionMalformed, 400},
    {"VersionHighDigits",       "GET / HTTP/1.\xb1\r\n" HOST "\r\n", kVersionMalformed, 400},
    {"Http2Preface",            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", kHttp2Preface, 400},
    {"ThreeEmptyLinesBefore",   "\r\n\r\n\r\n" GET "\r\n", kTooManyEmptyLines, 400},
    {"MethodInSmallLetters",    "get / HTTP/1.1\r\n" HOST "\r\n", kMethodNotAllowed, 405},
    {"MethodMixedCase",         "Get / HTTP/1.1\r\n" HOST "\r\n", kMethodNotAllowed, 405},
    {"Connect",                 "CONNECT gw.test:443 HTTP/1.1\r\n" HOST "\r\n", kMethodNotAllowed, 405},
    {"Trace",                   "TRACE / HTTP/1.1\r\n" HOST "\r\n", kMethodNotAllowed, 405},
    {"UnknownMethod",           "BREW / HTTP/1.1\r\n" HOST "\r\n", kMethodNotAllowed, 405},
    {"MethodTooLongByOne",      "GETS / HTTP/1.1\r\n" HOST "\r\n", kMethodNotAllowed, 405},
    {"AuthorityForm",           "GET gw.test:80 HTTP/1.1\r\n" HOST "\r\n", kTargetForm, 400},
    {"AsteriskWithGet",         "GET * HTTP/1.1\r\n" HOST "\r\n", kTargetForm, 400},
    {"AsteriskAndMore",         "OPTIONS *a HTTP/1.1\r\n" HOST "\r\n", kTargetForm, 400},
    {"TargetWithoutSlash",      "GET api HTTP/1.1\r\n" HOST "\r\n", kTargetForm, 400},
    {"TargetIsQuery",           "GET ?a=b HTTP/1.1\r\n" HOST "\r\n", kTargetForm, 400},
    {"OtherScheme",             "GET ftp://gw.test/ HTTP/1.1\r\n" HOST "\r\n", kTargetForm, 400},
    {"SchemeWithoutSlashes",    "GET http:/a HTTP/1.1\r\n" HOST "\r\n", kTargetForm, 400},
    {"AbsoluteQueryOnly",       "GET http://gw.test?a=b HTTP/1.1\r\n" HOST "\r\n", kTargetForm, 400},
    {"AbsoluteFragmentOnly",    "GET http://gw.test#a HTTP/1.1\r\n" HOST "\r\n", kTargetForm, 400},
    {"AbsoluteForeignHost",     "GET http://other.test/ HTTP/1.1\r\n" HOST "\r\n", kTargetForeignAuthority, 400},
    {"AbsoluteForeignPort",     "GET http://gw.test:81/ HTTP/1.1\r\n" HOST "\r\n", kTargetForeignAuthority, 400},
    {"AbsoluteUserPart",        "GET http://me@gw.test/ HTTP/1.1\r\n" HOST "\r\n", kTargetForeignAuthority, 400},
    {"AbsoluteEmptyAuthority",  "GET http:/// HTTP/1.1\r\n" HOST "\r\n", kTargetForeignAuthority, 400},
    {"AbsoluteBackslash",       "GET http://gw.test\\@other.test/ HTTP/1.1\r\n" HOST "\r\n", kTargetForeignAuthority, 400},
    {"AbsoluteDotSegment",      "GET http://gw.test/../a HTTP/1.1\r\n" HOST "\r\n", kPathDotSegment, 400},
};
INSTANTIATE_TEST_SUITE_P(RequestLine, RequestRefusal, testing::ValuesIn(kRequestLines), case_name);

constexpr RefusalCase kPaths[] = {
    {"EmptySegment",         "GET /a//b HTTP/1.1\r\n" HOST "\r\n", kPathEmptySegment, 400},
    {"EmptyFirstSegment",    "GET //a HTTP/1.1\r\n" HOST "\r\n", kPathEmptySegment, 400},
    {"EmptySegmentAtEnd",    "GET /a// HTTP/1.1\r\n" HOST "\r\n", kPathEmptySegment, 400},
    {"DotSegment",           "GET /a/./b HTTP/1.1\r\n" HOST "\r\n", kPathDotSegment, 400},
    {"DotSegmentAtEnd",      "GET /a/. HTTP/1.1\r\n" HOST "\r\n", kPathDotSegment, 400},
    {"DotSegmentThenQuery",  "GET /a/.?b HTTP/1.1\r\n" HOST "\r\n", kPathDotSegment, 400},
    {"TwoDotSegment",        "GET /a/../b HTTP/1.1\r\n" HOST "\r\n", kPathDotSegment, 400},
    {"TwoDotSegmentAtEnd",   "GET /a/.. HTTP/1.1\r\n" HOST "\r\n", kPathDotSegment, 400},
    {"TwoDotsAlone",         "GET /.. HTTP/1.1\r\n" HOST "\r\n", kPathDotSegment, 400},
    {"EncodedDot",           "GET /a/%2e/b HTTP/1.1\r\n" HOST "\r\n", kPathEncodedByte, 400},
    {"EncodedDotCapital",    "GET /a/.%2E/b HTTP/1.1\r\n" HOST "\r\n", kPathEncodedByte, 400},
    {"EncodedDotInside",     "GET /a%2eb HTTP/1.1\r\n" HOST "\r\n", kPathEncodedByte, 400},
    {"EncodedSlash",         "GET /a%2fb HTTP/1.1\r\n" HOST "\r\n", kPathEncodedByte, 400},
    {"EncodedSlashCapital",  "GET /a%2Fb HTTP/1.1\r\n" HOST "\r\n", kPathEncodedByte, 400},
    {"EncodedBackslash",     "GET /a%5cb HTTP/1.1\r\n" HOST "\r\n", kPathEncodedByte, 400},
    {"EncodedBackslashCap",  "GET /a%5Cb HTTP/1.1\r\n" HOST "\r\n", kPathEncodedByte, 400},
    {"EncodedNul",           "GET /a%00 HTTP/1.1\r\n" HOST "\r\n", kPathEncodedByte, 400},
    {"EncodedLineFeed",      "GET /a%0ab HTTP/1.1\r\n" HOST "\r\n", kPathEncodedByte, 400},
    {"EncodedUnitSeparator", "GET /a%1f HTTP/1.1\r\n" HOST "\r\n", kPathEncodedByte, 400},
    {"EncodedDel",           "GET /a%7f HTTP/1.1\r\n" HOST "\r\n", kPathEncodedByte, 400},
    {"Backslash",            "GET /a\\b HTTP/1.1\r\n" HOST "\r\n", kPathByte, 400},
    {"Semicolon",            "GET /a;b=c HTTP/1.1\r\n" HOST "\r\n", kPathByte, 400},
    {"DotsBehindSemicolon",  "GET /a/..;/b HTTP/1.1\r\n" HOST "\r\n", kPathByte, 400},
    {"Fragment",             "GET /a#b HTTP/1.1\r\n" HOST "\r\n", kPathByte, 400},
    {"Quote",                "GET /a\"b HTTP/1.1\r\n" HOST "\r\n", kPathByte, 400},
    {"Bracket",              "GET /a[1] HTTP/1.1\r\n" HOST "\r\n", kPathByte, 400},
    {"Brace",                "GET /{a} HTTP/1.1\r\n" HOST "\r\n", kPathByte, 400},
    {"Caret",                "GET /a^ HTTP/1.1\r\n" HOST "\r\n", kPathByte, 400},
    {"HighByte",             "GET /caf\xc3\xa9 HTTP/1.1\r\n" HOST "\r\n", kPathByte, 400},
    {"OverlongSlash",        "GET /a\xc0\xaf HTTP/1.1\r\n" HOST "\r\n", kPathByte, 400},
    {"EscapeOfLetters",      "GET /%zz HTTP/1.1\r\n" HOST "\r\n", kPathEscape, 400},
    {"EscapeOneDigit",       "GET /%4 HTTP/1.1\r\n" HOST "\r\n", kPathEscape, 400},
    {"EscapeSecondNoDigit",  "GET /%4g HTTP/1.1\r\n" HOST "\r\n", kPathEscape, 400},
    {"EscapeAlone",          "GET /% HTTP/1.1\r\n" HOST "\r\n", kPathEscape, 400},
    {"EscapeBeforeQuery",    "GET /%4?1 HTTP/1.1\r\n" HOST "\r\n", kPathEscape, 400},
    {"EscapeWide",           "GET /%u002f HTTP/1.1\r\n" HOST "\r\n", kPathEscape, 400},
    {"FragmentInQuery",      "GET /a?b#c HTTP/1.1\r\n" HOST "\r\n", kTargetByte, 400},
    {"BackslashInQuery",     "GET /a?b\\c HTTP/1.1\r\n" HOST "\r\n", kTargetByte, 400},
    {"FragmentFarInQuery",   "GET /a?bbbbbbbbbbbbbbbbbbbbbbbb#cccccccccccccccc HTTP/1.1\r\n" HOST "\r\n", kTargetByte, 400},
};
INSTANTIATE_TEST_SUITE_P(Path, RequestRefusal, testing::ValuesIn(kPaths), case_name);

constexpr RefusalCase kBytes[] = {
    {"BareLineFeeds",              "GET / HTTP/1.1\nHost: gw.test\n\n", kBareLineFeed, 400},
    {"BareLineFeedAfterField",     GET "X-Note: a\n\r\n", kBareLineFeed, 400},
    {"BareLineFeedEndsHead",       GET "\n", kBareLineFeed, 400},
    {"BareLineFeedFirst",          "\n" GET "\r\n", kBareLineFeed, 400},
    {"BareLineFeedInValue",        GET "X-Note: a\nX-More: b\r\n\r\n", kBareLineFeed, 400},
    {"BareReturnInRequestLine",    "GET /\rHTTP/1.1\r\n" HOST "\r\n", kBareCarriageReturn, 400},
    {"BareReturnsOnly",            "GET / HTTP/1.1\rHost: gw.test\r\r", kBareCarriageReturn, 400},
    {"BareReturnInValue",          GET "X-Note: a\rb\r\n\r\n", kBareCarriageReturn, 400},
    {"ReturnTwiceAfterField",      GET "X-Note: a\r\r\n\r\n", kBareCarriageReturn, 400},
    {"ReturnTwiceAfterRequest",    "GET / HTTP/1.1\r\r\n" HOST "\r\n", kBareCarriageReturn, 400},
    {"ReturnThenByteEndsHead",     GET "\rX", kBareCarriageReturn, 400},
    {"NulInValue",                 GET "X-Note: a\0b\r\n\r\n"sv, kControlByte, 400},
    {"NulInName",                  GET "X\0Note: a\r\n\r\n"sv, kControlByte, 400},
    {"NulInTarget",                "GET /\0 HTTP/1.1\r\n" HOST "\r\n"sv, kControlByte, 400},
    {"NulFirst",                   "\0" GET "\r\n"sv, kControlByte, 400},
    {"NulAloneNotWaitedFor",       "\0"sv, kControlByte, 400},
    {"TlsClientHello",             "\x16\x03\x01\x02\x00\x01\x00"sv, kControlByte, 400},
    {"DelInValue",                 GET "X-Note: a\x7f" "b\r\n\r\n", kControlByte, 400},
    {"EscInValue",                 GET "X-Note: a\x1b[2J\r\n\r\n", kControlByte, 400},
    {"VerticalTabInValue",         GET "X-Note: \v\r\n\r\n", kControlByte, 400},
    {"FormFeedBeforeChunked",      POST "Transfer-Encoding:\fchunked\r\n\r\n", kControlByte, 400},
    {"BellInRequestLine",          "GET /\a HTTP/1.1\r\n" HOST "\r\n", kControlByte, 400},
};
INSTANTIATE_TEST_SUITE_P(Bytes, RequestRefusal, testing::ValuesIn(kBytes), case_name);

constexpr RefusalCase kFieldLines[] = {
    {"Folded",                   GET "X-Note: one\r\n two\r\n\r\n", kFieldFolded, 400},
    {"FoldedWithTab",            GET "X-Note: one\r\n\ttwo\r\n\r\n", kFieldFolded, 400},
    {"FoldedEmpty",              GET "X-Note: one\r\n \r\n\r\n", kFieldFolded, 400},
    {"FirstLineWithBlank",       "GET / HTTP/1.1\r\n Host: gw.test\r\n\r\n", kFieldFolded, 400},
    {"WithoutColon",             GET "X-Note\r\n\r\n", kFieldWithoutColon, 400},
    {"SecondRequestLine",        GET "GET /smuggled HTTP/1.1\r\n\r\n", kFieldWithoutColon, 400},
    {"EmptyName",                GET ": a\r\n\r\n", kFieldName, 400},
    {"BlankBeforeColon",         POST "Content-Length : 5\r\n\r\nhello", kFieldName, 400},
    {"TabBeforeColon",           POST "Content-Length\t: 5\r\n\r\nhello", kFieldName, 400},
    {"BlankInName",              GET "X Note: a\r\n\r\n", kFieldName, 400},
    {"HighByteInName",           GET "X-Not\xc3\xa9: a\r\n\r\n", kFieldName, 400},
    {"SlashInName",              GET "X/Note: a\r\n\r\n", kFieldName, 400},
    {"ParenthesisInName",        GET "X(Note): a\r\n\r\n", kFieldName, 400},
    {"QuoteInName",              GET "\"X-Note\": a\r\n\r\n", kFieldName, 400},
    {"UnderscoreLength",         POST "Content_Length: 5\r\n\r\n", kFieldNameUnderscore, 400},
    {"UnderscoreCoding",         POST "Transfer_Encoding: chunked\r\n\r\n", kFieldNameUnderscore, 400},
    {"UnderscoreCodingCapital",  POST "TRANSFER_ENCODING: chunked\r\n\r\n", kFieldNameUnderscore, 400},
    {"UnderscoreKeepAlive",      GET "Keep_Alive: 5\r\n\r\n", kFieldNameUnderscore, 400},
    {"UnderscoreIdentity",       GET "X_Counterfoil_Account: 1\r\n\r\n", kFieldNameUnderscore, 400},
    {"UnderscoreInsideIdentity", GET "X-Counterfoil_Key: admin\r\n\r\n", kFieldNameUnderscore, 400},
    {"UnderscoreLaterIdentity",  GET "x-counterfoil-request_id: 1\r\n\r\n", kFieldNameUnderscore, 400},
    {"UnderscoreApiKey",         GET "X_MBX_APIKEY: k\r\n\r\n", kFieldNameUnderscore, 400},
    {"ConnectionNotTokens",      GET "Connection: close, a b\r\n\r\n", kConnectionMalformed, 400},
    {"ConnectionQuoted",         GET "Connection: \"close\"\r\n\r\n", kConnectionMalformed, 400},
    {"ExpectOther",              POST "Expect: 200-ok\r\n\r\n", kExpectation, 417},
    {"ExpectEmpty",              POST "Expect:\r\n\r\n", kExpectation, 417},
    {"ExpectList",               POST "Expect: 100-continue, x\r\n\r\n", kExpectation, 417},
    {"ExpectTwice",              POST "Expect: 100-continue\r\nExpect: 100-continue\r\n\r\n", kExpectation, 417},
};
INSTANTIATE_TEST_SUITE_P(FieldLines, RequestRefusal, testing::ValuesIn(kFieldLines), case_name);

#define REQUEST "GET / HTTP/1.1\r\n"
constexpr RefusalCase kHosts[] = {
    {"Missing",              REQUEST "X-Note: a\r\n\r\n", kHostMissing, 400},
    {"MissingInOldVersion",  "GET / HTTP/1.0\r\n\r\n", kHostMissing, 400},
    {"MissingThoughInTarget", "GET http://gw.test/ HTTP/1.1\r\n\r\n", kHostMissing, 400},
    {"Twice",                REQUEST HOST HOST "\r\n", kHostRepeated, 400},
    {"TwiceDifferent",       REQUEST HOST "host: other.test\r\n\r\n", kHostRepeated, 400},
    {"Empty",                REQUEST "Host:\r\n\r\n", kHostMalformed, 400},
    {"OnlyBlanks",           REQUEST "Host: \t \r\n\r\n", kHostMalformed, 400},
    {"UserPart",             REQUEST "Host: me@gw.test\r\n\r\n", kHostMalformed, 400},
    {"Path",                 REQUEST "Host: gw.test/a\r\n\r\n", kHostMalformed, 400},
    {"Scheme",               REQUEST "Host: http://gw.test\r\n\r\n", kHostMalformed, 400},
    {"BlankInside",          REQUEST "Host: gw.test x\r\n\r\n", kHostMalformed, 400},
    {"List",                 REQUEST "Host: gw.test, other.test\r\n\r\n", kHostMalformed, 400},
    {"PortEmpty",            REQUEST "Host: gw.test:\r\n\r\n", kHostMalformed, 400},
    {"PortLetters",          REQUEST "Host: gw.test:8x\r\n\r\n", kHostMalformed, 400},
    {"PortTooLarge",         REQUEST "Host: gw.test:65536\r\n\r\n", kHostMalformed, 400},
    {"PortZero",             REQUEST "Host: gw.test:0\r\n\r\n", kHostMalformed, 400},
    {"PortTwice",            REQUEST "Host: gw.test:80:80\r\n\r\n", kHostMalformed, 400},
    {"Underscore",           REQUEST "H_ost: a\r\n" "Host_: b\r\n\r\n", kHostMissing, 400},
};
INSTANTIATE_TEST_SUITE_P(Host, RequestRefusal, testing::ValuesIn(kHosts), case_name);

constexpr RefusalCase kFraming[] = {
    {"LengthAndChunked",       POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", kFramingConflict, 400},
    {"ChunkedAndLength",       POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", kFramingConflict, 400},
    {"ChunkedAndLengthZero",   POST "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n", kFramingConflict, 400},
    {"LengthTwiceEqual",       POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", kContentLengthRepeated, 400},
    {"LengthTwiceDifferent",   POST "Content-Length: 5\r\ncontent-length: 46\r\n\r\nhello", kContentLengthRepeated, 400},
    {"LengthList",             POST "Content-Length: 5, 5\r\n\r\nhello", kContentLengthMalformed, 400},
    {"LengthEmpty",            POST "Content-Length:\r\n\r\n", kContentLengthMalformed, 400},
    {"LengthBlank",            POST "Content-Length:  \r\n\r\n", kContentLengthMalformed, 400},
    {"LengthPlus",             POST "Content-Length: +5\r\n\r\nhello", kContentLengthMalformed, 400},
    {"LengthMinus",            POST "Content-Length: -5\r\n\r\nhello", kContentLengthMalformed, 400},
    {"LengthHex",              POST "Content-Length: 0x5\r\n\r\nhello", kContentLengthMalformed, 400},
    {"LengthInnerBlank",       POST "Content-Length: 1 2\r\n\r\nhello", kContentLengthMalformed, 400},
    {"LengthDecimal",          POST "Content-Length: 5.0\r\n\r\nhello", kContentLengthMalformed, 400},
    {"LengthExponent",         POST "Content-Length: 5e0\r\n\r\nhello", kContentLengthMalformed, 400},
    {"LengthGrouped",          POST "Content-Length: 1_0\r\n\r\nhello", kContentLengthMalformed, 400},
    {"LengthSemicolon",        POST "Content-Length: 5;\r\n\r\nhello", kContentLengthMalformed, 400},
    {"LengthQuoted",           POST "Content-Length: \"5\"\r\n\r\nhello", kContentLengthMalformed, 400},
    {"LengthHighDigit",        POST "Content-Length: \xb5\r\n\r\nhello", kContentLengthMalformed, 400},
    {"LengthTwoToThe63",       POST "Content-Length: 9223372036854775808\r\n\r\n", kContentLengthMalformed, 400},
    {"LengthTwoToThe64",       POST "Content-Length: 18446744073709551616\r\n\r\n", kContentLengthMalformed, 400},
    {"LengthWrapsToFive",      POST "Content-Length: 18446744073709551621\r\n\r\nhello", kContentLengthMalformed, 400},
    {"LengthLargest",          POST "Content-Length: 9223372036854775807\r\n\r\n", kBodyTooLarge, 413},
    {"CodingIdentity",         POST "Transfer-Encoding: identity\r\n\r\n", kTransferEncoding, 400},
    {"CodingGzip",             POST "Transfer-Encoding: gzip\r\n\r\n", kTransferEncoding, 400},
    {"CodingList",             POST "Transfer-Encoding: gzip, chunked\r\n\r\n", kTransferEncoding, 400},
    {"CodingChunkedTwice",     POST "Transfer-Encoding: chunked, chunked\r\n\r\n", kTransferEncoding, 400},
    {"CodingTrailingComma",    POST "Transfer-Encoding: chunked,\r\n\r\n", kTransferEncoding, 400},
    {"CodingParameter",        POST "Transfer-Encoding: chunked;q=1\r\n\r\n", kTransferEncoding, 400},
    {"CodingQuoted",           POST "Transfer-Encoding: \"chunked\"\r\n\r\n", kTransferEncoding, 400},
    {"CodingPrefix",           POST "Transfer-Encoding: xchunked\r\n\r\n", kTransferEncoding, 400},
    {"CodingSuffix",           POST "Transfer-Encoding: chunkedx\r\n\r\n", kTransferEncoding, 400},
    {"CodingHighByte",         POST "Transfer-Encoding: \xa0" "chunked\r\n\r\n", kTransferEncoding, 400},
    {"CodingEmpty",            POST "Transfer-Encoding:\r\n\r\n", kTransferEncoding, 400},
    {"CodingLines",            POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", kTransferEncodingRepeated, 400},
    {"CodingLinesDifferent",   POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n", kTransferEncodingRepeated, 400},
    {"CodingInOldVersion",     "POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", kTransferEncodingVersion, 400},
};
INSTANTIATE_TEST_SUITE_P(Framing, RequestRefusal, testing::ValuesIn(kFraming), case_name);

#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
constexpr RefusalCase kChunks[] = {
    {"SizeEmpty",                CHUNKED "\r\nhello\r\n0\r\n\r\n", kChunkSize, 400},
    {"SizePlus",                 CHUNKED "+5\r\nhello\r\n0\r\n\r\n", kChunkSize, 400},
    {"SizeMinus",                CHUNKED "-5\r\nhello\r\n0\r\n\r\n", kChunkSize, 400},
    {"SizePrefixed",             CHUNKED "0x5\r\nhello\r\n0\r\n\r\n", kChunkSize, 400},
    {"SizeSeventeenDigits",      CHUNKED "10000000000000005\r\nhello\r\n0\r\n\r\n", kChunkSize, 400},
    {"SizeSeventeenZeros",       CHUNKED "00000000000000000\r\n\r\n", kChunkSize, 400},
    {"SizeLeadingBlank",         CHUNKED " 5\r\nhello\r\n0\r\n\r\n", kChunkSize, 400},
    {"SizeTrailingBlank",        CHUNKED "5 \r\nhello\r\n0\r\n\r\n", kChunkSize, 400},
    {"SizeTrailingTab",          CHUNKED "5\t\r\nhello\r\n0\r\n\r\n", kChunkSize, 400},
    {"SizeBlankBeforeSemicolon", CHUNKED "5 ;a\r\nhello\r\n0\r\n\r\n", kChunkSize, 400},
    {"SizeGrouped",              CHUNKED "0_5\r\nhello\r\n0\r\n\r\n", kChunkSize, 400},
    {"SizeHighByte",             CHUNKED "\xb5\r\nhello\r\n0\r\n\r\n", kChunkSize, 400},
    {"SizeNul",                  CHUNKED "5\0\r\nhello\r\n0\r\n\r\n"sv, kChunkSize, 400},
    {"SizeOnlyExtension",        CHUNKED ";a=b\r\nhello\r\n0\r\n\r\n", kChunkSize, 400},
    {"SizeEndsWithLineFeed",     CHUNKED "5\nhello\r\n0\r\n\r\n", kBareLineFeed, 400},
    {"SizeEndsWithReturn",       CHUNKED "5\rhello\r\n0\r\n\r\n", kBareCarriageReturn, 400},
    {"SizeEndsWithTwoReturns",   CHUNKED "5\r\r\nhello\r\n0\r\n\r\n", kBareCarriageReturn, 400},
    {"ExtensionWithLineFeed",    CHUNKED "5;a=\nhello\r\n0\r\n\r\n", kBareLineFeed, 400},
    {"ExtensionQuotedLineFeed",  CHUNKED "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n", kBareLineFeed, 400},
    {"ExtensionWithReturn",      CHUNKED "5;a=\rb\r\nhello\r\n0\r\n\r\n", kBareCarriageReturn, 400},
    {"ExtensionWithNul",         CHUNKED "5;a=\0\r\nhello\r\n0\r\n\r\n"sv, kChunkExtension, 400},
    {"ExtensionEmpty",           CHUNKED "5;\r\nhello\r\n0\r\n\r\n", kChunkExtension, 400},
    {"ExtensionLeadingBlank",    CHUNKED "5; a=b\r\nhello\r\n0\r\n\r\n", kChunkExtension, 400},
    {"DataTooLong",              CHUNKED "5\r\nhelloX\r\n0\r\n\r\n", kChunkDataEnd, 400},
    {"DataTooShort",             CHUNKED "6\r\nhello\r\n0\r\n\r\n", kChunkDataEnd, 400},
    {"DataEndsWithLineFeed",     CHUNKED "5\r\nhello\n0\r\n\r\n", kChunkDataEnd, 400},
    {"DataEndsWithReturn",       CHUNKED "5\r\nhello\r0\r\n\r\n", kChunkDataEnd, 400},
    {"SizeAboveLimit",           CHUNKED "100001\r\n", kBodyTooLarge, 413},
    {"SizeLargestNumber",        CHUNKED "ffffffffffffffff\r\n", kBodyTooLarge, 413},
    {"SizeAboveLimitLater",      CHUNKED "5\r\nhello\r\nffffffffffffffff\r\nab", kBodyTooLarge, 413},
    {"TrailerFolded",            CHUNKED "0\r\nX-A: b\r\n c\r\n\r\n", kTrailerMalformed, 400},
    {"TrailerWithoutColon",      CHUNKED "0\r\nGET / HTTP/1.1\r\n\r\n", kTrailerMalformed, 400},
    {"TrailerEmptyName",         CHUNKED "0\r\n: b\r\n\r\n", kTrailerMalformed, 400},
    {"TrailerBlankBeforeColon",  CHUNKED "0\r\nX-A : b\r\n\r\n", kTrailerMalformed, 400},
    {"TrailerNameOnly",          CHUNKED "0\r\nX-A\r\n\r\n", kTrailerMalformed, 400},
    {"TrailerNul",               CHUNKED "0\r\nX-A: \0\r\n\r\n"sv, kTrailerMalformed, 400},
    {"TrailerEndsWithLineFeed",  CHUNKED "0\r\nX-A: b\n\r\n", kBareLineFeed, 400},
    {"TrailerEndsWithReturn",    CHUNKED "0\r\nX-A: b\rX-B: c\r\n\r\n", kBareCarriageReturn, 400},
    {"LastLineFeedAlone",        CHUNKED "0\r\n\n", kBareLineFeed, 400},
    {"LastReturnAlone",          CHUNKED "0\r\n\rX", kBareCarriageReturn, 400},
    {"TrailerLength",            CHUNKED "0\r\nContent-Length: 5\r\n\r\n", kTrailerForbidden, 400},
    {"TrailerCoding",            CHUNKED "0\r\ntransfer-encoding: chunked\r\n\r\n", kTrailerForbidden, 400},
    {"TrailerCodingUnderscore",  CHUNKED "0\r\nTransfer_Encoding: chunked\r\n\r\n", kTrailerForbidden, 400},
    {"TrailerHost",              CHUNKED "0\r\nHost: other.test\r\n\r\n", kTrailerForbidden, 400},
    {"TrailerIdentity",          CHUNKED "0\r\nX-Counterfoil-Key: admin\r\n\r\n", kTrailerForbidden, 400},
    {"TrailerIdentityUnderscore", CHUNKED "0\r\nx_counterfoil_key: admin\r\n\r\n", kTrailerForbidden, 400},
    {"TrailerApiKey",            CHUNKED "0\r\nX-MBX-APIKEY: k\r\n\r\n", kTrailerForbidden, 400},
    {"TrailerApiKeyUnderscore",  CHUNKED "0\r\nx_mbx-apikey: k\r\n\r\n", kTrailerForbidden, 400},
    {"TrailerIdentityLongName",  CHUNKED "0\r\nX-Counterfoil-0123456789012345678901234567890123456789012345678901234567890123456789: a\r\n\r\n", kTrailerForbidden, 400},
};
INSTANTIATE_TEST_SUITE_P(Chunks, RequestRefusal, testing::ValuesIn(kChunks), case_name);
// clang-format on

#undef CHUNKED
#undef REQUEST
#undef POST
#undef GET
#undef HOST

// A peer that sends the offending byte and then waits must not be waited for.
TEST(RequestRefusal, ComesWithTheByteThatDecides) {
  constexpr std::string_view kHead = "GET / HTTP/1.1\r\nHost: gw.test\r\nX-Note: ";
  constexpr std::string_view kPieces[] = {"a\n", "a\rb", "a\0"sv, "a\x7f", "a\r\r"};
  for (const std::string_view piece : kPieces) {
    TestConnection connection;
    connection.feed(kHead);
    for (std::size_t i = 0; i + 1 < piece.size(); ++i) {
      connection.feed(piece.substr(i, 1));
      EXPECT_FALSE(connection.reception().refusal.has_value());
    }
    connection.feed(piece.substr(piece.size() - 1));
    EXPECT_TRUE(connection.reception().refusal.has_value());
  }
}

TEST(RequestRefusal, NothingIsReadAfterIt) {
  TestConnection connection;
  connection.feed("GET / HTTP/1.1\r\n\r\n");
  const Reception refused = connection.reception();

  connection.feed("GET / HTTP/1.1\r\nHost: gw.test\r\n\r\n");

  EXPECT_EQ(connection.reception(), refused);
}

// The same head object serves the next connection.
TEST(RequestRefusal, LeavesAHeadThatReadsTheNextMessageAnew) {
  RequestHead head;
  constexpr std::string_view kGood = "GET /a HTTP/1.1\r\nHost: gw.test\r\n\r\n";

  ASSERT_FALSE(parse_request_head(
      "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nHost: b\r\n\r\n", {}, head));

  const auto parsed = parse_request_head(kGood, {}, head);
  ASSERT_TRUE(parsed && *parsed);
  EXPECT_EQ(head.target(), "/a");
  EXPECT_EQ(head.host(), "gw.test");
  EXPECT_EQ(head.content_length(), std::nullopt);
  EXPECT_EQ(head.fields().size(), 1U);
}

}  // namespace
}  // namespace counterfoil::http
