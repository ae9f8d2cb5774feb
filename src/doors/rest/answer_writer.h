#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "doors/rest/date_line.h"
#include "doors/rest/exchange.h"
#include "doors/rest/request_judge.h"
#include "policy/answers.h"
#include "wire/http/refusal.h"
#include "wire/http/write.h"

namespace counterfoil {

// AnswerWriter writes the answers of one loop: it keeps what it needs again and again. Everything
// is appended to `out`.
class AnswerWriter {
 public:
  // relayed_head writes the head of an upstream's answer anew: status, the header lines that are
  // meant for the client, one framing (`exchange.answer`'s own, less what a HTTP/1.0 client does
  // not know), the request id, the profile's usage headers.
  void relayed_head(std::string& out, const Exchange& exchange, http::KeepAlive keep_alive) const;
  // refusal writes a whole answer in the profile's words.
  void refusal(std::string& out, const Exchange& exchange, const ProfileRefusal& refusal,
               http::KeepAlive keep_alive);
  // http_refusal writes a whole answer to what HTTP refuses, which closes. Nothing but
  // `exchange.id` is known to be there.
  void http_refusal(std::string& out, const Exchange& exchange, const http::Refusal& refusal,
                    Timestamp now);
  // own writes a whole answer of the authority, status 200, that nobody on the way may keep.
  void own(std::string& out, const Exchange& exchange, std::string_view json,
           http::KeepAlive keep_alive);

 private:
  enum class UsageKnown : std::uint8_t { kAll, kAddress };
  void usage(std::string& out, const Exchange& exchange, UsageKnown known) const;

  DateLine date_;
  Rendered rendered_;
};

// sends_chunked reports whether the answer's body reaches the client in the chunked coding: not if
// the client speaks HTTP/1.0.
[[nodiscard]] bool sends_chunked(const Exchange& exchange);

}  // namespace counterfoil
