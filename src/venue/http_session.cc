#include "venue/http_session.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "venue/rest_api.h"
#include "venue/venue_service.h"
#include "wire/http/body.h"
#include "wire/http/limits.h"
#include "wire/http/refusal.h"
#include "wire/http/request_head.h"
#include "wire/http/write.h"

namespace counterfoil::venue {
namespace {

constexpr std::size_t kReadBytes = 16UL * 1024;
// Answers beyond this are written before further requests of the same piece are answered.
constexpr std::size_t kUnwrittenBytesMax = 1024UL * 1024;
constexpr std::chrono::seconds kWriteTimeMax{30};
constexpr std::chrono::seconds kLastBytesTimeMax{1};

}  // namespace

http::Limits session_limits() {
  http::Limits limits;
  limits.body_bytes_max = 64UL * 1024;
  // A gateway keeps its connections for long; the shorter of two patiences should be the client's.
  limits.keep_alive_idle_max = std::chrono::minutes(5);
  limits.requests_per_connection_max = 10'000'000;
  return limits;
}

HttpSession::HttpSession(boost::asio::ip::tcp::socket socket, VenueService& service,
                         const Clock& clock, Closed closed)
    : socket_(std::move(socket)),
      deadline_(socket_.get_executor()),
      service_(service),
      clock_(clock),
      closed_(std::move(closed)),
      chunk_(kReadBytes) {}

void HttpSession::start() {
  boost::system::error_code ignored;
  (void)socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  process();
}

void HttpSession::close() {
  if (std::exchange(is_closed_, true)) {
    return;
  }
  boost::system::error_code ignored;
  (void)socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_both, ignored);
  (void)socket_.close(ignored);
  deadline_.cancel();
  if (closed_) {
    std::exchange(closed_, nullptr)(shared_from_this());
  }
}

void HttpSession::read() {
  socket_.async_read_some(
      boost::asio::buffer(chunk_),
      [self = shared_from_this()](const boost::system::error_code& fault, std::size_t size) {
        self->on_read(fault, size);
      });
}

void HttpSession::on_read(const boost::system::error_code& fault, std::size_t size) {
  if (fault || is_closed_) {
    close();
    return;
  }
  in_.append(chunk_.data(), size);
  process();
}

void HttpSession::process() {
  bool more = true;
  while (more && !closing_ && out_.size() < kUnwrittenBytesMax) {
    more = reading_ == Reading::kHead ? process_head() : process_body();
  }
  in_.erase(0, at_);
  at_ = 0;
  if (!out_.empty()) {
    write();
  } else {
    read();
  }
}

bool HttpSession::process_head() {
  const http::Limits limits = session_limits();
  const std::string_view rest = std::string_view(in_).substr(at_);
  if (rest.empty()) {
    expect_within(limits.keep_alive_idle_max);
    return false;
  }
  const auto parsed = http::parse_request_head(rest, limits, head_);
  if (!parsed) {
    refuse(parsed.error());
    return false;
  }
  const std::optional<std::size_t> head_size = *parsed;
  if (!head_size) {
    if (!std::exchange(head_begun_, true)) {
      expect_within(limits.head_time_max);
    }
    return false;
  }
  head_begun_ = false;
  request_.assign(head_, rest.substr(0, *head_size));
  at_ += *head_size;
  if (const auto begun = body_.begin(head_.body_framing(), limits); !begun) {
    refuse(begun.error());
    return false;
  }
  reading_ = Reading::kBody;
  if (head_.expect_continue() && at_ == in_.size()) {
    out_ += "HTTP/1.1 100 Continue\r\n\r\n";
  }
  return true;
}

bool HttpSession::process_body() {
  const auto progress = body_.read(std::string_view(in_).substr(at_), request_.body);
  if (!progress) {
    refuse(progress.error());
    return false;
  }
  at_ += progress->consumed;
  if (!progress->complete) {
    expect_within(session_limits().body_idle_max);
    return false;
  }
  reading_ = Reading::kHead;
  answer();
  return true;
}

void HttpSession::answer() {
  const VenueReply reply = service_.reply(request_, clock_.now());
  ++requests_;
  closing_ = !request_.keep_alive || requests_ >= session_limits().requests_per_connection_max;
  http::append_response(out_,
                        {.status = reply.status,
                         .content_type = reply.content_type,
                         .body = reply.body,
                         .keep_alive = closing_ ? http::KeepAlive::kClose : http::KeepAlive::kKeep,
                         .answers = request_.method});
}

void HttpSession::refuse(const http::Refusal& refusal) {
  // The vendor has no words for this; -1013 is "rejected by the API".
  const RestAnswer answer = to_answer({.status = refusal.status,
                                       .code = -1013,
                                       .text = std::string(http::describe(refusal.kind).sentence)});
  closing_ = true;
  http::append_response(out_, {.status = answer.status,
                               .content_type = "application/json;charset=UTF-8",
                               .body = answer.body,
                               .keep_alive = http::KeepAlive::kClose});
}

void HttpSession::write() {
  writing_.clear();
  std::swap(writing_, out_);
  expect_within(kWriteTimeMax);
  boost::asio::async_write(
      socket_, boost::asio::buffer(writing_),
      [self = shared_from_this()](const boost::system::error_code& fault, std::size_t /*size*/) {
        self->on_written(fault);
      });
}

void HttpSession::on_written(const boost::system::error_code& fault) {
  if (fault || is_closed_) {
    close();
    return;
  }
  if (closing_) {
    // Closing a socket that holds unread bytes resets the connection, and the peer might lose the
    // answer. So ours is ended first, and what still comes is thrown away.
    boost::system::error_code ignored;
    (void)socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
    expect_within(kLastBytesTimeMax);
    discard();
    return;
  }
  process();
}

void HttpSession::discard() {
  socket_.async_read_some(
      boost::asio::buffer(chunk_),
      [self = shared_from_this()](const boost::system::error_code& fault, std::size_t /*size*/) {
        if (fault || self->is_closed_) {
          self->close();
        } else {
          self->discard();
        }
      });
}

void HttpSession::expect_within(std::chrono::milliseconds time) {
  deadline_.expires_after(time);
  deadline_.async_wait([self = shared_from_this()](const boost::system::error_code& fault) {
    // A deadline that was moved while this call was under way is not over.
    if (!fault && self->deadline_.expiry() <= std::chrono::steady_clock::now()) {
      self->close();
    }
  });
}

}  // namespace counterfoil::venue
