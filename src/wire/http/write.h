#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "wire/http/message_head.h"
#include "wire/http/request_head.h"

namespace counterfoil::http {

// Everything here appends to the caller's string, which is reused from message to message, and
// never writes a CR, LF or other control byte that the caller did not mean as a line end: whatever
// a value holds, it stays one line.

// reason_phrase gives the words of RFC 9110 section 15 for `status`; empty when it has none.
[[nodiscard]] std::string_view reason_phrase(int status);

// append_request_line writes "GET /target HTTP/1.1" and CRLF. A byte that could end the target
// (blank, control byte) is written as %XX; targets from a RequestHead hold none.
void append_request_line(std::string& out, Method method, std::string_view target);

// append_status_line writes "HTTP/1.1 200 OK" and CRLF. `status` is 100 to 599, else 500 is
// written.
void append_status_line(std::string& out, int status);

// append_field writes "Name: value" and CRLF. Control bytes in the value, HTAB aside, become
// blanks. A name that is not a token is our own mistake: nothing is written.
void append_field(std::string& out, std::string_view name, std::string_view value);
void append_field(std::string& out, std::string_view name, std::uint64_t value);

// append_end_of_head writes the empty line.
inline void append_end_of_head(std::string& out) { out += "\r\n"; }

// KeepAlive says what an answer tells the client of its connection.
enum class KeepAlive : std::uint8_t { kKeep, kClose };

// Response is a complete answer with a Content-Length. Views are borrowed for the call.
struct Response {
  int status = 200;
  std::string_view content_type;  // empty: no such line
  std::string_view body;
  std::span<const Field> fields;  // further lines
  KeepAlive keep_alive = KeepAlive::kKeep;
  Method answers = Method::kGet;  // kHead: the length is told, the body left out
};

// append_response writes head and body. "Connection: close" is written for kClose, "keep-alive" for
// nobody: HTTP/1.1 means it. A 1xx, 204 or 304 gets neither length nor body.
void append_response(std::string& out, const Response& response);

// append_chunk writes one chunk of a chunked body; empty data writes nothing, for an empty chunk
// would end the body. append_last_chunk ends it, without trailers.
void append_chunk(std::string& out, std::string_view data);
void append_last_chunk(std::string& out);

}  // namespace counterfoil::http
