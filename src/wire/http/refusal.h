#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace counterfoil::http {

// RefusalKind says what is wrong with a message. Metrics count by it; see kRefusals for the words.
enum class RefusalKind : std::uint8_t {
  // Limits
  kRequestLineTooLong,
  kFieldLineTooLong,
  kFieldsTooLarge,
  kTooManyFields,
  kBodyTooLarge,
  kChunkLineTooLong,
  kChunkExtensionsTooLarge,
  kTrailersTooLarge,
  // Bytes and line ends
  kBareLineFeed,
  kBareCarriageReturn,
  kControlByte,
  kTooManyEmptyLines,
  // Request line
  kRequestLineMalformed,
  kHttp2Preface,
  kVersionMalformed,
  kVersionNotSupported,
  kMethodNotAllowed,
  kTargetForm,
  kTargetByte,
  kTargetForeignAuthority,
  kQueryEscape,
  kPathByte,
  kPathEscape,
  kPathEncodedByte,
  kPathEmptySegment,
  kPathDotSegment,
  // Header lines
  kFieldFolded,
  kFieldWithoutColon,
  kFieldName,
  kFieldNameUnderscore,
  kHostMissing,
  kHostRepeated,
  kHostMalformed,
  kConnectionMalformed,
  kExpectation,
  // Framing
  kContentLengthMalformed,
  kContentLengthRepeated,
  kTransferEncoding,
  kTransferEncodingRepeated,
  kTransferEncodingVersion,
  kFramingConflict,
  // Chunked bodies
  kChunkSize,
  kChunkExtension,
  kChunkDataEnd,
  kTrailerMalformed,
  kTrailerForbidden,
  // Answers of an upstream only
  kStatusLineMalformed,
  // Found by the doors, which keep time and know their own names and proxies; listed here so that
  // one table holds every way in which HTTP itself is refused.
  kHeadTooSlow,
  kBodyTooSlow,
  kHostForeign,
  kContentEncoding,
  kForwardedForMalformed,
  kForwardedForTooLong,
};

// RefusalRow describes one kind.
//
//   name      for metrics: lower case, '_' between words.
//   status    what the client is answered.
//   close     whether the connection must be closed after the answer, with nothing more read from
//             it. Every refusal by a parser here closes: where a refused message ends is not known
//             or not to be trusted.
//   sentence  for people. It repeats no byte of the request.
struct RefusalRow {
  RefusalKind kind;
  int status;
  bool close;
  std::string_view name;
  std::string_view sentence;
};

// clang-format off
inline constexpr auto kRefusals = std::to_array<RefusalRow>({
    {RefusalKind::kRequestLineTooLong,      414, true,  "request_line_too_long",      "The request line is too long."},
    {RefusalKind::kFieldLineTooLong,        431, true,  "field_line_too_long",        "A header line is too long."},
    {RefusalKind::kFieldsTooLarge,          431, true,  "fields_too_large",           "The header lines together are too long."},
    {RefusalKind::kTooManyFields,           431, true,  "too_many_fields",            "There are too many header lines."},
    {RefusalKind::kBodyTooLarge,            413, true,  "body_too_large",             "The body is too large."},
    {RefusalKind::kChunkLineTooLong,        400, true,  "chunk_line_too_long",        "A chunk size line is too long."},
    {RefusalKind::kChunkExtensionsTooLarge, 400, true,  "chunk_extensions_too_large", "The chunk extensions of the body are too long."},
    {RefusalKind::kTrailersTooLarge,        400, true,  "trailers_too_large",         "The trailer section is too long."},
    {RefusalKind::kBareLineFeed,            400, true,  "bare_line_feed",             "A line ends with LF alone; lines end with CR LF."},
    {RefusalKind::kBareCarriageReturn,      400, true,  "bare_carriage_return",       "A CR is not followed by LF."},
    {RefusalKind::kControlByte,             400, true,  "control_byte",               "The head holds a control byte."},
    {RefusalKind::kTooManyEmptyLines,       400, true,  "too_many_empty_lines",       "More than two empty lines stand before the request line."},
    {RefusalKind::kRequestLineMalformed,    400, true,  "request_line_malformed",     "The request line is not method, blank, target, blank, version."},
    {RefusalKind::kHttp2Preface,            400, true,  "http2_preface",              "HTTP/2 is not spoken on this port."},
    {RefusalKind::kVersionMalformed,        400, true,  "version_malformed",          "The request line does not end with an HTTP version."},
    {RefusalKind::kVersionNotSupported,     505, true,  "version_not_supported",      "Only HTTP/1.0 and HTTP/1.1 are spoken here."},
    {RefusalKind::kMethodNotAllowed,        405, true,  "method_not_allowed",         "This method is not served here; methods are written in capitals."},
    {RefusalKind::kTargetForm,              400, true,  "target_form",                "The target is neither a path beginning with a slash nor a full http URL."},
    {RefusalKind::kTargetByte,              400, true,  "target_byte",                "The target holds a byte that must not stand there unescaped."},
    {RefusalKind::kTargetForeignAuthority,  400, true,  "target_foreign_authority",   "The target and the Host header name different hosts."},
    {RefusalKind::kQueryEscape,             400, true,  "query_escape",               "A percent sign in the query is not followed by two hex digits."},
    {RefusalKind::kPathByte,                400, true,  "path_byte",                  "The path holds a byte that must not stand there unescaped."},
    {RefusalKind::kPathEscape,              400, true,  "path_escape",                "A percent sign in the path is not followed by two hex digits."},
    {RefusalKind::kPathEncodedByte,         400, true,  "path_encoded_byte",          "The path hides a slash, backslash, dot or control byte behind a percent sign."},
    {RefusalKind::kPathEmptySegment,        400, true,  "path_empty_segment",         "The path has an empty segment."},
    {RefusalKind::kPathDotSegment,          400, true,  "path_dot_segment",           "The path has a dot segment."},
    {RefusalKind::kFieldFolded,             400, true,  "field_folded",               "A header line begins with white space."},
    {RefusalKind::kFieldWithoutColon,       400, true,  "field_without_colon",        "A header line has no colon."},
    {RefusalKind::kFieldName,               400, true,  "field_name",                 "A header name is empty or holds a byte that must not stand in a name."},
    {RefusalKind::kFieldNameUnderscore,     400, true,  "field_name_underscore",      "A header name imitates a reserved name with underscores."},
    {RefusalKind::kHostMissing,             400, true,  "host_missing",               "The Host header is missing."},
    {RefusalKind::kHostRepeated,            400, true,  "host_repeated",              "There is more than one Host header."},
    {RefusalKind::kHostMalformed,           400, true,  "host_malformed",             "The Host header is not a host name or address with an optional port."},
    {RefusalKind::kConnectionMalformed,     400, true,  "connection_malformed",       "The Connection header is not a list of names."},
    {RefusalKind::kExpectation,             417, true,  "expectation",                "The only expectation met here is 100-continue."},
    {RefusalKind::kContentLengthMalformed,  400, true,  "content_length_malformed",   "The Content-Length header is not one plain number."},
    {RefusalKind::kContentLengthRepeated,   400, true,  "content_length_repeated",    "There is more than one Content-Length header."},
    {RefusalKind::kTransferEncoding,        400, true,  "transfer_encoding",          "The only transfer coding taken here is chunked."},
    {RefusalKind::kTransferEncodingRepeated, 400, true, "transfer_encoding_repeated", "There is more than one Transfer-Encoding header."},
    {RefusalKind::kTransferEncodingVersion, 400, true,  "transfer_encoding_version",  "HTTP/1.0 has no transfer codings."},
    {RefusalKind::kFramingConflict,         400, true,  "framing_conflict",           "Content-Length and Transfer-Encoding must not stand together."},
    {RefusalKind::kChunkSize,               400, true,  "chunk_size",                 "A chunk size is not 1 to 16 hex digits."},
    {RefusalKind::kChunkExtension,          400, true,  "chunk_extension",            "A chunk extension holds a byte that must not stand there."},
    {RefusalKind::kChunkDataEnd,            400, true,  "chunk_data_end",             "The data of a chunk is not followed by CR LF."},
    {RefusalKind::kTrailerMalformed,        400, true,  "trailer_malformed",          "A line of the trailer section is malformed."},
    {RefusalKind::kTrailerForbidden,        400, true,  "trailer_forbidden",          "A reserved name stands in the trailer section."},
    {RefusalKind::kStatusLineMalformed,     502, true,  "status_line_malformed",      "The upstream's status line is malformed."},
    {RefusalKind::kHeadTooSlow,             408, true,  "head_too_slow",              "The head of the request took too long."},
    {RefusalKind::kBodyTooSlow,             408, true,  "body_too_slow",              "The body of the request took too long."},
    {RefusalKind::kHostForeign,             421, false, "host_foreign",               "This host is not served here."},
    {RefusalKind::kContentEncoding,         415, false, "content_encoding",           "An encoded body is not taken here."},
    {RefusalKind::kForwardedForMalformed,   400, true,  "forwarded_for_malformed",    "X-Forwarded-For is not a list of plain addresses."},
    {RefusalKind::kForwardedForTooLong,     400, true,  "forwarded_for_too_long",     "X-Forwarded-For names too many proxies."},
});
// clang-format on

[[nodiscard]] constexpr const RefusalRow& describe(RefusalKind kind) {
  return kRefusals[static_cast<std::size_t>(kind)];
}
static_assert(std::ranges::all_of(kRefusals, [](const RefusalRow& row) {
  return &describe(row.kind) == &row;  // Row n describes enumerator n.
}));
static_assert(describe(RefusalKind::kForwardedForTooLong).kind == kRefusals.back().kind);

// Refusal is what a parser answers instead of a message: the row's status and close, at hand.
struct Refusal {
  int status;
  RefusalKind kind;
  bool close;

  bool operator==(const Refusal&) const = default;
};

[[nodiscard]] constexpr Refusal refuse(RefusalKind kind) {
  const RefusalRow& row = describe(kind);
  return {.status = row.status, .kind = kind, .close = row.close};
}

}  // namespace counterfoil::http
