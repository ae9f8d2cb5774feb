#pragma once

#include <expected>
#include <string_view>

#include "wire/http/refusal.h"

namespace counterfoil::http {

// check_path holds a raw path that begins with '/' against control S-38: what passes means the same
// to every reader, decoded or not, and can be compared with a route byte by byte. The first offence
// decides:
//
//   kPathByte          a byte that is no pchar of RFC 3986 section 3.3; ';', whose segments some
//                      readers cut off; bytes at and above 80 hex
//   kPathEscape        '%' without two hex digits
//   kPathEncodedByte   an escape of '/', '\', '.' or a control byte
//   kPathEmptySegment  "//"
//   kPathDotSegment    "." or ".." as a segment
[[nodiscard]] std::expected<void, RefusalKind> check_path(std::string_view path);

}  // namespace counterfoil::http
