#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string_view>

#include "wire/http/body_framing.h"
#include "wire/http/limits.h"
#include "wire/http/message_head.h"
#include "wire/http/refusal.h"
#include "wire/http/request_head.h"

namespace counterfoil::http {

// ResponseHead is the head of one HTTP/1.x answer, read by parse_response_head(). See MessageHead
// for the rest and for how long the views live.
class ResponseHead : public MessageHead {
 public:
  ResponseHead() : MessageHead(FieldRules{}) {}

  [[nodiscard]] int status() const { return status_; }               // 100 to 599
  [[nodiscard]] std::string_view reason() const { return reason_; }  // may be empty
  // is_interim: a 1xx; the final answer is still to come. 101 is final: another protocol follows.
  [[nodiscard]] bool is_interim() const { return status_ < 200 && status_ != 101; }
  // body_framing says where the body ends that answers a request with `method` (RFC 9112 section
  // 6.3): none after HEAD, 1xx, 204 and 304, whatever the header lines say.
  [[nodiscard]] BodyFraming body_framing(Method method) const;
  // keeps_connection: the connection can carry another request once this body has ended. Also
  // needed: no byte left over behind it (control S-36).
  [[nodiscard]] bool keeps_connection(Method method) const {
    return keep_alive() && status_ != 101 && body_framing(method).mode != BodyMode::kUntilClose;
  }

 private:
  friend class ResponseParser;

  int status_ = 0;
  std::string_view reason_;
};

// ResponseFault says why an upstream's answer cannot be used. The client is answered 502, the
// upstream connection is closed, and nothing of the answer is passed on.
struct ResponseFault {
  RefusalKind kind;

  bool operator==(const ResponseFault&) const = default;
};

// parse_response_head reads one answer's head from the start of `buffer`: same contract, same
// strictness as parse_request_head(), but nothing is dropped, not even empty lines before it, and
// no Host is wanted. Conflicting or repeated framing is a fault: Content-Length with
// Transfer-Encoding, either of them twice, or a body announced in a 1xx or 204 (RFC 9110 section
// 8.6, RFC 9112 section 6.1; a Content-Length of 0 passes).
[[nodiscard]] std::expected<std::optional<std::size_t>, ResponseFault> parse_response_head(
    std::string_view buffer, const Limits& limits, ResponseHead& head);

}  // namespace counterfoil::http
