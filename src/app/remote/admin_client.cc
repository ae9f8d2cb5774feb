#include "app/remote/admin_client.h"

#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "app/command_context.h"
#include "base/wiped_text.h"
#include "doors/admin/socket_address.h"
#include "doors/calls/descriptor.h"
#include "doors/calls/timed_stream.h"
#include "wire/http/body.h"
#include "wire/http/body_framing.h"
#include "wire/http/limits.h"
#include "wire/http/request_head.h"
#include "wire/http/response_head.h"
#include "wire/http/write.h"

namespace counterfoil {
namespace {

using Outcome = TimedStream::Outcome;

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
    http::append_field(head, "Content-Type", call.content_type);
    http::append_field(head, "Content-Length", call.body.size());
  }
  http::append_end_of_head(head);
  return head;
}

// Incoming is the node's answer while it comes in.
class Incoming {
 public:
  Incoming(TimedStream& stream, http::Method method, std::chrono::seconds patience)
      : stream_(stream), method_(method), patience_(patience) {}

  // read_head gives false when what came is no answer.
  [[nodiscard]] bool read_head(AdminReply& reply) {
    while (true) {
      const auto parsed = http::parse_response_head(input_, http::Limits{}, head_);
      if (!parsed) {
        return false;
      }
      if (const auto& size = *parsed) {
        framing_ = head_.body_framing(method_);
        reply.status = head_.status();
        reply.content_type = text("content-type");
        reply.etag = text("etag");
        input_.erase(0, *size);
        return true;
      }
      if (!more()) {
        return false;
      }
    }
  }

  // read_body takes a whole body that is short enough to be held.
  [[nodiscard]] bool read_body(WipedText& body) {
    if (framing_.mode != http::BodyMode::kLength || framing_.length > AdminClient::kReplyBytesMax) {
      return false;
    }
    const auto size = static_cast<std::size_t>(framing_.length);
    input_.reserve(size);
    while (input_.size() < size) {
      if (!more()) {
        return false;
      }
    }
    body.assign(input_, 0, size);
    return true;
  }

  // pass_body hands a body of any length on as it comes; false: it broke off.
  [[nodiscard]] bool pass_body(const AdminClient::Sink& sink) {
    http::BodyReader reader;
    if (!reader.begin(framing_, http::Limits{.body_bytes_max = UINT64_MAX})) {
      return false;
    }
    std::string piece;
    while (true) {
      piece.clear();
      const auto progress = reader.read(input_, piece);
      if (!progress || (!piece.empty() && !sink(piece))) {
        return false;
      }
      if (progress->complete) {
        return true;
      }
      input_.erase(0, progress->consumed);
      if (!more()) {
        return false;
      }
    }
  }

  [[nodiscard]] bool is_chunked() const { return framing_.mode == http::BodyMode::kChunked; }
  [[nodiscard]] bool timed_out() const { return timed_out_; }

 private:
  [[nodiscard]] std::string text(std::string_view name) const {
    return std::string(head_.find(name).value_or(""));
  }
  [[nodiscard]] bool more() {
    const auto until = std::chrono::steady_clock::now() + patience_;
    const Outcome outcome = stream_.read(input_, AdminClient::kReplyBytesMax, until);
    timed_out_ = outcome == Outcome::kTimedOut;
    return outcome == Outcome::kMoved;
  }

  TimedStream& stream_;
  http::Method method_;
  std::chrono::seconds patience_;
  http::ResponseHead head_;
  http::BodyFraming framing_;
  WipedText input_;
  bool timed_out_ = false;
};

}  // namespace

std::expected<AdminReply, Failure> AdminClient::call(const AdminCall& call) const {
  return exchange(call, nullptr);
}

std::expected<AdminReply, Failure> AdminClient::stream(const std::string& target,
                                                       const Sink& sink) const {
  return exchange({.method = http::Method::kGet, .target = target}, &sink);
}

std::expected<AdminReply, Failure> AdminClient::exchange(const AdminCall& call,
                                                         const Sink* sink) const {
  const auto connection = connect(socket_);
  if (!connection) {
    return std::unexpected(connection.error());
  }
  const auto until = std::chrono::steady_clock::now() + kPatience;
  TimedStream stream(connection->number(), -1);
  // A node that refuses early closes before it has read everything: its answer is there all the
  // same.
  const bool sent = stream.write(request_head(call), until) == Outcome::kMoved &&
                    stream.write(call.body, until) == Outcome::kMoved;
  Incoming incoming(stream, call.method, call.patience);
  AdminReply reply;
  if (incoming.read_head(reply)) {
    if (sink != nullptr && incoming.is_chunked()) {
      return incoming.pass_body(*sink)
                 ? std::expected<AdminReply, Failure>(std::move(reply))
                 : no_answer(call, "broke off in the middle, or the output could not be written");
    }
    if (incoming.read_body(reply.body)) {
      return reply;
    }
  }
  if (incoming.timed_out()) {
    return no_answer(call,
                     "did not answer within " + std::to_string(call.patience.count()) + " seconds");
  }
  return no_answer(call, sent ? "closed the connection without an answer"
                              : "closed the connection before it had everything");
}

}  // namespace counterfoil
