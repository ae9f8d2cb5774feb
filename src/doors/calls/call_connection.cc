#include "doors/calls/call_connection.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "authority/request_ids.h"
#include "base/wiped_text.h"
#include "doors/calls/byte_stream.h"
#include "doors/management/api_call.h"
#include "doors/management/management_api.h"
#include "wire/http/body_framing.h"
#include "wire/http/message_head.h"
#include "wire/http/refusal.h"
#include "wire/http/request_head.h"
#include "wire/http/write.h"

namespace counterfoil {
namespace {

using Outcome = ByteStream::Outcome;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// head_of writes the head alone: the body, which may hold a secret, is sent from where it stands.
std::string head_text(const ApiAnswer& answer, std::string_view request_id, bool keep) {
  std::vector<http::Field> fields;
  fields.reserve(answer.headers.size() + 1);
  for (const auto& [name, value] : answer.headers) {
    fields.push_back({.name = name, .value = value});
  }
  fields.push_back({.name = "X-Counterfoil-Request-Id", .value = request_id});
  std::string head;
  http::append_response(head,
                        {.status = answer.status,
                         .content_type = answer.content_type,
                         .body = answer.body,
                         .fields = fields,
                         .keep_alive = keep ? http::KeepAlive::kKeep : http::KeepAlive::kClose,
                         .answers = http::Method::kHead});
  return head;
}

}  // namespace

CallConnection::Instant CallConnection::after(std::chrono::milliseconds time) const {
  return std::chrono::steady_clock::now() + time;
}

void CallConnection::serve() {
  for (std::uint32_t served = 0; served < limits_.http.requests_per_connection_max; ++served) {
    if (!serve_one()) {
      return;
    }
  }
}

bool CallConnection::serve_one() {
  std::size_t head_bytes = 0;
  if (!read_head(head_bytes)) {
    return false;
  }
  const http::BodyFraming framing = head_.body_framing();
  if (framing.mode == http::BodyMode::kChunked) {
    const auto id = ids_.next();
    ApiAnswer wanted =
        problem_answer(411, "length_required",
                       "send the body with a Content-Length; chunks are not taken here", id.text());
    handler_.finish(wanted);
    (void)send(wanted, id.text(), false);
    return false;
  }
  if (framing.length > handler_.body_bytes_max(head_)) {
    return refuse(http::refuse(http::RefusalKind::kBodyTooLarge));
  }
  const auto body_bytes = static_cast<std::size_t>(framing.length);
  if (!read_body(head_bytes, body_bytes)) {
    return false;
  }
  const auto id = ids_.next();
  const bool keep = head_.keep_alive();
  ApiAnswer made =
      handler_.answer(head_, std::string_view(input_).substr(head_bytes, body_bytes), id.text());
  handler_.finish(made);
  const bool sent = send(made, id.text(), keep);
  input_.erase(0, head_bytes + body_bytes);
  return sent && keep;
}

bool CallConnection::read_head(std::size_t& head_bytes) {
  auto until = after(limits_.http.keep_alive_idle_max);
  bool begun = false;
  while (true) {
    if (!input_.empty()) {
      const auto parsed = http::parse_request_head(input_, limits_.http, head_);
      if (!parsed) {
        return refuse(parsed.error());
      }
      if (*parsed) {
        head_bytes = **parsed;
        return true;
      }
      if (!begun) {
        begun = true;
        until = after(limits_.http.head_time_max);
      }
    }
    switch (stream_.read(input_, limits_.http.head_bytes_max(), until)) {
      case Outcome::kMoved:
        break;
      case Outcome::kTimedOut:
        return begun && refuse(http::refuse(http::RefusalKind::kHeadTooSlow));
      case Outcome::kEnded:
      case Outcome::kStopped:
        return false;
    }
  }
}

bool CallConnection::read_body(std::size_t head_bytes, std::size_t body_bytes) {
  const std::size_t whole = head_bytes + body_bytes;
  if (input_.size() < whole && head_.expect_continue() &&
      stream_.write(kContinue, after(limits_.write_time_max)) != Outcome::kMoved) {
    return false;
  }
  while (input_.size() < whole) {
    switch (stream_.read(input_, whole - input_.size(), after(limits_.http.body_idle_max))) {
      case Outcome::kMoved:
        break;
      case Outcome::kTimedOut:
        return refuse(http::refuse(http::RefusalKind::kBodyTooSlow));
      case Outcome::kEnded:
      case Outcome::kStopped:
        return false;
    }
  }
  // The bytes may have moved while the body came in: the head's views are made anew.
  return http::parse_request_head(input_, limits_.http, head_).has_value();
}

bool CallConnection::send_stream(const ApiAnswer& answer, std::string_view request_id, bool keep) {
  std::string out;
  http::append_status_line(out, answer.status);
  http::append_field(out, "Content-Type", answer.content_type);
  http::append_field(out, "X-Counterfoil-Request-Id", request_id);
  for (const auto& [name, value] : answer.headers) {
    http::append_field(out, name, value);
  }
  http::append_field(out, "Transfer-Encoding", "chunked");
  if (!keep) {
    http::append_field(out, "Connection", "close");
  }
  http::append_end_of_head(out);
  if (head_.method() == http::Method::kHead) {
    return stream_.write(out, after(limits_.write_time_max)) == Outcome::kMoved;
  }
  const bool whole = answer.stream([&](std::string_view piece) {
    if (answer.is_endless && stream_.is_stopped()) {
      return false;
    }
    if (piece.empty()) {
      return true;  // an empty chunk would be the end
    }
    http::append_chunk(out, piece);
    const bool sent = stream_.write(out, after(limits_.write_time_max)) == Outcome::kMoved;
    out.clear();
    return sent;
  });
  if (!whole) {
    return false;  // without the last chunk nobody takes it for whole
  }
  http::append_last_chunk(out);
  return stream_.write(out, after(limits_.write_time_max)) == Outcome::kMoved;
}

bool CallConnection::send(const ApiAnswer& answer, std::string_view request_id, bool keep) {
  if (answer.stream) {
    return head_.minor_version() != 0 && send_stream(answer, request_id, keep);
  }
  const auto until = after(limits_.write_time_max);
  if (stream_.write(head_text(answer, request_id, keep), until) != Outcome::kMoved) {
    return false;
  }
  return head_.method() == http::Method::kHead ||
         stream_.write(answer.body, until) == Outcome::kMoved;
}

// refuse always ends the connection: where a refused message ends is not known.
bool CallConnection::refuse(const http::Refusal& refusal) {
  const auto id = ids_.next();
  const http::RefusalRow& row = http::describe(refusal.kind);
  say(problem_answer(row.status, row.name, row.sentence, id.text()), id.text(),
      limits_.write_time_max);
  return false;
}

void CallConnection::say(ApiAnswer answer, std::string_view request_id,
                         std::chrono::milliseconds patience) {
  handler_.finish(answer);
  const auto until = after(patience);
  if (stream_.write(head_text(answer, request_id, false), until) == Outcome::kMoved) {
    (void)stream_.write(answer.body, until);
  }
}

std::string_view single_content_type(const http::RequestHead& head) {
  return head.count("content-type") == 1 ? head.find("content-type").value_or("")
                                         : std::string_view();
}

}  // namespace counterfoil
