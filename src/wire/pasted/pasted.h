#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace counterfoil::pasted {

// Limits of a text that is read. Past them it is refused, never cut short.
inline constexpr std::size_t kTextBytesMax = std::size_t{32} * 1024 * 1024;
inline constexpr std::size_t kRequestBytesMax = std::size_t{256} * 1024;  // of one request
inline constexpr std::size_t kRequestsMax = 1'000;
inline constexpr std::size_t kHeadersMax = 200;  // of one request

// Form is how a request was written down.
enum class Form : std::uint8_t {
  kCurl,            // a command line, of a POSIX shell
  kHar,             // an entry of an HTTP archive
  kHttp,            // a message as it goes over the wire, line ends of either kind
  kUrl,             // a URL, or a path with its query
  kQuery,           // parameters alone
  kLogLine,         // a line in which a client or a server tells of a request
  kWebSocketFrame,  // a text frame: one JSON object
  kFixMessage,      // a FIX message, its separators as they are or as a log shows them
};
// name_of gives what people call it: "curl command", "HAR entry" ...
[[nodiscard]] std::string_view name_of(Form form);

// Answer is what was answered to the request, where the text tells that, too.
struct Answer {
  std::optional<int> status;         // HTTP
  std::optional<std::int64_t> code;  // "code" of a JSON answer: -1022
  std::string text;                  // "msg" of it
};

// Request is one request out of a text that a person pasted. Texts are as the request carried them,
// as far as the form it was written in keeps that: nothing is decoded, nothing put right.
struct Request {
  Form form{};
  std::size_t line = 1;  // on which it begins, from 1
  std::string method;    // empty: not told
  std::string host;      // with its port; empty: not told
  std::string path;      // empty: not told
  std::string query;     // without '?'
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string message;  // WebSocket: the frame. FIX: the message, with SOH
  // When it was sent or written down, by the clock of whoever did.
  std::optional<Timestamp> sent_at;
  // The Date of the answer: the server's clock, in whole seconds.
  std::optional<Timestamp> answered_at;
  std::optional<Answer> answer;
  // What may not be as it was sent, because of how it was written down: whole sentences for people,
  // static texts.
  std::vector<std::string_view> doubts;
};

// Names are the profile's names by which a request of its API is known.
struct Names {
  std::string_view api_key_header = "X-MBX-APIKEY";
  std::string_view signature = "signature";
  std::string_view timestamp = "timestamp";
};

// read_pasted finds the requests in a text: curl commands, an HTTP archive, HTTP messages, URLs,
// queries, log lines, WebSocket frames and FIX messages, told apart by their looks. In a HAR or a
// log, only what carries a signature or an API key is a request. In the order of the text.
//
// Failure: no request was found, or a limit is passed; a sentence that says what was looked for,
// and on which line reading ended. It never holds bytes of the text. Pure; any thread.
[[nodiscard]] std::expected<std::vector<Request>, std::string> read_pasted(std::string_view text,
                                                                           const Names& names = {});

}  // namespace counterfoil::pasted
