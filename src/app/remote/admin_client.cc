#include "app/remote/admin_client.h"

#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "app/command_context.h"
#include "base/wiped_text.h"
#include "doors/admin/descriptor.h"
#include "doors/admin/socket_address.h"
#include "doors/admin/timed_stream.h"
#include "wire/http/body_framing.h"
#include "wire/http/limits.h"
#include "wire/http/request_head.h"
#include "wire/http/response_head.h"
#include "wire/http/write.h"

namespace counterfoil {
namespace {

using Outcome = TimedStream::Outcome;
using Instant = TimedStream::Instant;

std::unexpected<Failure> no_node(const std::string& socket) {
  const int reason = errno;
  if (reason == EACCES || reason == EPERM) {
    return std::unexpected(
        Failure{ExitCode::kNotAllowed,
                "the admin socket " + socket +
                    " is for root and the user that runs the node; run this as that user"});
  }
  const std::string why =
      reason == ENOENT ? ""
                       : " (" + std::error_code(reason, std::generic_category()).message() + ")";
  return std::unexpected(
      Failure{ExitCode::kCannotTell,
              "no node answers at " + socket + why +
                  "; start one with `counterfoil serve`, or name its socket with --admin-socket or "
                  "its data directory with --data"});
}

std::unexpected<Failure> no_answer(const AdminCall& call, std::string_view what) {
  std::string sentence = "the node " + std::string(what);
  sentence += call.method == http::Method::kGet
                  ? "; `counterfoil status` shows how it is doing"
                  : "; the change may have been made: look before you repeat it";
  return std::unexpected(Failure{ExitCode::kCannotTell, std::move(sentence)});
}

std::expected<Descriptor, Failure> connect(const std::string& socket) {
  const auto address = SocketAddress::of(socket);
  if (!address) {
    return no_node(socket);
  }
  // Connecting to a UNIX socket does not wait for a network, so it is done before it is made
  // non-blocking; a full queue is the only thing it waits for.
  Descriptor connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval patience{.tv_sec = AdminClient::kPatience.count(), .tv_usec = 0};
  if (!connection.is_open() ||
      ::setsockopt(connection.number(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) !=
          0 ||
      ::connect(connection.number(), address->get(), address->size()) != 0) {
    return no_node(socket);
  }
  return connection;
}

std::string request_head(const AdminCall& call) {
  std::string head;
  http::append_request_line(head, call.method, call.target);
  http::append_field(head, "Host", "counterfoil");
  http::append_field(head, "Connection", "close");
  if (!call.if_match.empty()) {
    http::append_field(head, "If-Match", call.if_match);
  }
  if (!call.body.empty() || call.method != http::Method::kGet) {
    http::append_field(head, "Content-Type", "application/json");
    http::append_field(head, "Content-Length", call.body.size());
  }
  http::append_end_of_head(head);
  return head;
}

// Incoming is the node's answer while it comes in.
class Incoming {
 public:
  Incoming(TimedStream stream, Instant until) : stream_(stream), until_(until) {}

  // read gives nullopt when what came is no answer, or not a whole one.
  [[nodiscard]] std::optional<AdminReply> read(http::Method method) {
    std::size_t head_bytes = 0;
    while (true) {
      const auto parsed = http::parse_response_head(input_, http::Limits{}, head_);
      if (!parsed) {
        return std::nullopt;
      }
      if (*parsed) {
        head_bytes = **parsed;
        break;
      }
      if (!more()) {
        return std::nullopt;
      }
    }
    const http::BodyFraming framing = head_.body_framing(method);
    if (framing.mode != http::BodyMode::kLength || framing.length > AdminClient::kReplyBytesMax) {
      return std::nullopt;
    }
    AdminReply reply{.status = head_.status(),
                     .content_type = text("content-type"),
                     .etag = text("etag"),
                     .link = text("link"),
                     .body = {}};
    const std::size_t whole = head_bytes + static_cast<std::size_t>(framing.length);
    input_.reserve(whole);
    while (input_.size() < whole) {
      if (!more()) {
        return std::nullopt;
      }
    }
    reply.body.assign(input_, head_bytes, whole - head_bytes);
    return reply;
  }
  [[nodiscard]] bool timed_out() const { return timed_out_; }

 private:
  [[nodiscard]] std::string text(std::string_view name) const {
    return std::string(head_.find(name).value_or(""));
  }
  [[nodiscard]] bool more() {
    const Outcome outcome = stream_.read(input_, AdminClient::kReplyBytesMax, until_);
    timed_out_ = outcome == Outcome::kTimedOut;
    return outcome == Outcome::kMoved;
  }

  TimedStream stream_;
  Instant until_;
  http::ResponseHead head_;
  WipedText input_;
  bool timed_out_ = false;
};

}  // namespace

std::expected<AdminReply, Failure> AdminClient::call(const AdminCall& call) const {
  const auto connection = connect(socket_);
  if (!connection) {
    return std::unexpected(connection.error());
  }
  const auto until = std::chrono::steady_clock::now() + kPatience;
  TimedStream stream(connection->number(), -1);
  const bool sent = stream.write(request_head(call), until) == Outcome::kMoved &&
                    stream.write(call.body, until) == Outcome::kMoved;
  // A node that refuses early closes before it has read everything: its answer is there all the
  // same.
  Incoming incoming(stream, until);
  auto reply = incoming.read(call.method);
  if (reply) {
    return std::move(*reply);
  }
  if (incoming.timed_out()) {
    return no_answer(call, "did not answer within 30 seconds");
  }
  return no_answer(call, sent ? "closed the connection without an answer"
                              : "closed the connection before it had everything");
}

}  // namespace counterfoil
