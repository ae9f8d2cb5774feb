#include "doors/rest/upstream_connection.h"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream_base.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "doors/net/loop.h"
#include "doors/net/outbox.h"
#include "doors/net/socket.h"
#include "doors/net/stream.h"
#include "doors/net/tls.h"

namespace counterfoil {
namespace {

constexpr std::size_t kReadBytesMin = 1024;
// After a read that filled the buffer more is to come, and a large buffer is worth having.
constexpr std::size_t kStreamReadBytesMin = std::size_t{32} * 1024;

}  // namespace

UpstreamConnection::UpstreamConnection(net::Loop& loop, UpstreamKeeper& keeper,
                                       const net::TlsContext& tls, std::size_t target)
    : loop_(loop),
      keeper_(keeper),
      tls_(tls),
      target_(target),
      stream_(loop, net::Socket(loop.io()), tls),
      input_(loop.buffers()),
      connect_timer_([this] { stream_.close(); }) {}

void UpstreamConnection::connect(Endpoints endpoints, std::size_t first, std::string host,
                                 std::chrono::milliseconds time_max) {
  endpoints_ = std::move(endpoints);
  first_endpoint_ = first;
  host_ = std::move(host);
  is_connecting_ = true;
  connect_timer_.set(loop_.timers(), time_max);
  try_endpoint();
}

void UpstreamConnection::try_endpoint() {
  const auto& endpoint = endpoints_[(first_endpoint_ + tried_) % endpoints_.size()];
  ++tried_;
  stream_.async_connect(endpoint, [self = Pointer(this)](const boost::system::error_code& fault) {
    self->on_connect(fault);
  });
}

void UpstreamConnection::on_connect(const boost::system::error_code& fault) {
  if (!fault && is_connecting_) {
    if (!stream_.prepare()) {
      connect_failed();
    } else if (stream_.is_tls()) {
      shake_hands();
    } else {
      connected();
    }
    return;
  }
  const bool time_is_over = !connect_timer_.is_set();
  if (!is_connecting_ || time_is_over || tried_ >= endpoints_.size()) {
    connect_failed();
    return;
  }
  stream_.close();
  try_endpoint();
}

void UpstreamConnection::shake_hands() {
  if (!stream_.expect_peer(host_)) {
    connect_failed();
    return;
  }
  stream_.async_handshake(boost::asio::ssl::stream_base::client,
                          [self = Pointer(this)](const boost::system::error_code& fault) {
                            if (fault || !self->is_connecting_) {
                              self->connect_failed();
                            } else {
                              self->connected();
                            }
                          });
}

void UpstreamConnection::connected() {
  connect_timer_.cancel();
  is_connecting_ = false;
  is_open_ = true;
  keeper_.on_connected(*this);
}

void UpstreamConnection::connect_failed() {
  connect_timer_.cancel();
  stream_.close();
  if (std::exchange(is_connecting_, false)) {
    keeper_.on_connect_failed(*this);
  }
}

void UpstreamConnection::close() {
  is_open_ = false;
  is_connecting_ = false;
  user_ = nullptr;
  connect_timer_.cancel();
  stream_.close();
}

void UpstreamConnection::detach() {
  user_ = nullptr;
  was_full_ = false;
  idle_since_ = loop_.timers().now();
  if (!is_reading_) {
    if (input_.empty()) {
      input_.give_back();
    }
    arm_read();
  }
}

bool UpstreamConnection::looks_alive() const { return is_open_ && !stream_.has_something(); }

bool UpstreamConnection::send(std::string_view head, std::string_view body) {
  ++requests_;
  sent_at_ = loop_.timers().now();
  const net::Sent sent = outbox_.send(
      stream_, head, body, [self = Pointer(this)](const boost::system::error_code& fault) {
        if (fault) {
          self->lost(UpstreamUser::Loss::kBroken);
        }
      });
  if (sent == net::Sent::kFailed) {
    return false;
  }
  if (!is_reading_) {
    arm_read();
  }
  return true;
}

bool UpstreamConnection::read_more() {
  if (is_reading_) {
    return true;
  }
  if (was_full_ && !input_.make_room(kStreamReadBytesMin)) {
    was_full_ = false;
  }
  if (!input_.make_room(kReadBytesMin)) {
    return false;
  }
  arm_read();
  return true;
}

void UpstreamConnection::arm_read() {
  if (!input_.make_room(kReadBytesMin)) {
    lost(UpstreamUser::Loss::kBroken);
    return;
  }
  is_reading_ = true;
  stream_.async_read_some({input_.space(), input_.room()},
                          [self = Pointer(this)](const boost::system::error_code& fault,
                                                 std::size_t size) { self->on_read(fault, size); });
}

void UpstreamConnection::on_read(const boost::system::error_code& fault, std::size_t size) {
  is_reading_ = false;
  if (!is_open_) {
    return;
  }
  if (fault) {
    lost(fault == boost::asio::error::eof ? UpstreamUser::Loss::kClosed
                                          : UpstreamUser::Loss::kBroken);
    return;
  }
  was_full_ = size == input_.room();
  input_.commit(size);
  if (user_ == nullptr) {
    lost(UpstreamUser::Loss::kBroken);
    return;
  }
  loop_.after_batch([self = Pointer(this)] {
    if (self->is_open_ && self->user_ != nullptr) {
      self->user_->on_upstream_bytes();
    }
  });
}

void UpstreamConnection::lost(UpstreamUser::Loss loss) {
  const Pointer self(this);  // the callee lets go of us
  if (!std::exchange(is_open_, false)) {
    return;
  }
  if (user_ != nullptr) {
    user_->on_upstream_lost(loss);
  } else {
    keeper_.on_idle_lost(*this);
  }
  close();
}

}  // namespace counterfoil
