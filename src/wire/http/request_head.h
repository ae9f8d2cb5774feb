#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "wire/http/body_framing.h"
#include "wire/http/byte_scan.h"
#include "wire/http/field_rules.h"
#include "wire/http/limits.h"
#include "wire/http/message_head.h"
#include "wire/http/refusal.h"

namespace counterfoil::http {

// Method is a request method that is served at all. CONNECT, TRACE and every other word are
// refused.
enum class Method : std::uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions };

// kMethodNames is indexed by Method.
inline constexpr auto kMethodNames =
    std::to_array<std::string_view>({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"});
[[nodiscard]] constexpr std::string_view method_name(Method method) {
  return kMethodNames[static_cast<std::size_t>(method)];
}
// method_from reads a method as it must be written: in capitals.
[[nodiscard]] std::optional<Method> method_from(std::string_view word);

// TargetForm is how the target was written (RFC 9112 section 3.2).
enum class TargetForm : std::uint8_t { kOrigin, kAbsolute, kAsterisk };

// RequestHead is the head of one HTTP/1.x request, read by parse_request_head(). See MessageHead
// for fields(), find(), count(), has_connection_option(), content_length(), chunked(),
// keep_alive(), and for how long the views live. About 5 KiB; one per connection.
class RequestHead : public MessageHead {
 public:
  // rules: the listener's own names. Its span must outlive this object.
  explicit RequestHead(FieldRules rules = {}) : MessageHead(rules) {}

  [[nodiscard]] Method method() const { return method_; }
  [[nodiscard]] TargetForm target_form() const { return target_form_; }
  // target is path and query as received: what is passed on. Of a target in absolute form it is the
  // part behind the authority ("/" when there is none); of the asterisk form "*".
  [[nodiscard]] std::string_view target() const { return target_; }
  // path is the raw path; begins with '/' (or is "*"). It holds none of what control S-38 forbids,
  // so it can be compared with a route byte by byte.
  [[nodiscard]] std::string_view path() const { return path_; }
  // query is what stands behind the first '?', raw; empty both for "/a?" and "/a".
  [[nodiscard]] std::string_view query() const { return query_; }
  [[nodiscard]] bool has_query() const { return has_query_; }
  // query_has_high_bytes: the query holds bytes at or above 80 hex. They pass here, for a signed
  // route refuses them in the vendor's own words; other routes answer 400.
  [[nodiscard]] bool query_has_high_bytes() const { return query_has_high_bytes_; }
  // query_has_broken_escapes: a '%' in the query is not followed by two hex digits. As above;
  // found when asked, for signed parameters are read more strictly elsewhere.
  [[nodiscard]] bool query_has_broken_escapes() const { return has_broken_escape(query_); }
  // host is the Host header: host name or address, with the port when given. Never empty.
  [[nodiscard]] std::string_view host() const { return host_; }
  // expect_continue: the client waits for "100 Continue" before it sends the body.
  [[nodiscard]] bool expect_continue() const { return expect_continue_; }
  // body_framing is kNone, kLength or kChunked.
  [[nodiscard]] BodyFraming body_framing() const;

 private:
  friend class RequestParser;

  Method method_ = Method::kGet;
  TargetForm target_form_ = TargetForm::kOrigin;
  bool has_query_ = false;
  bool query_has_high_bytes_ = false;
  bool expect_continue_ = false;
  std::string_view target_;
  std::string_view path_;
  std::string_view query_;
  std::string_view host_;
};

// parse_request_head reads one request head from the start of `buffer`, as strictly as RFC 9112
// allows and, where several readers of the same bytes are known to disagree, more strictly: what it
// would have to repair it refuses.
//
//   buffer   what has arrived and not been consumed. After "incomplete", call again with the same
//            bytes and more behind them (they may have moved in memory) and the same `head`; the
//            reading goes on where it stopped, so that the work is linear however the bytes arrive.
//   returns  nullopt: incomplete, read more. A number: the head is complete and is so many bytes
//            long, up to two skipped empty lines and the final empty line included; the body
//            begins there. Never more than buffer.size().
//   errors   a Refusal: answer it and close. The same bytes give the same answer, whole or in
//            pieces, and as soon as the bytes that decide it are there.
//
// Dropped, so that fields() does not show them: identity headers (is_identity_header()) and names
// with '_'. Neither allocates nor throws. Not checked here: which hosts and routes are served,
// what routes want of Content-Encoding and the query.
//
// Source: RFC 9112 sections 2 to 6, with the choices of the security requirements, section 5.1.
[[nodiscard]] std::expected<std::optional<std::size_t>, Refusal> parse_request_head(
    std::string_view buffer, const Limits& limits, RequestHead& head);

}  // namespace counterfoil::http
