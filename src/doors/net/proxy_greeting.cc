#include "doors/net/proxy_greeting.h"

#include <sys/socket.h>

#include <boost/system/error_code.hpp>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

#include "doors/net/loop.h"
#include "doors/net/socket.h"
#include "wire/proxy/proxy_header.h"

namespace counterfoil::net {

ProxyGreeting::ProxyGreeting(Loop& loop, Socket socket)
    : loop_(loop), socket_(std::move(socket)), timer_([this] { end(std::nullopt); }) {}

void ProxyGreeting::start(std::chrono::milliseconds time_max, Handler done) {
  done_ = std::move(done);
  timer_.set(loop_.timers(), time_max);
  wait();
}

void ProxyGreeting::close() {
  timer_.cancel();
  done_ = nullptr;
  boost::system::error_code ignored;
  (void)socket_.close(ignored);
}

void ProxyGreeting::wait() {
  socket_.async_wait(Socket::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& fault) {
                       if (!self->done_) {
                         return;
                       }
                       if (fault) {
                         self->end(std::nullopt);
                       } else {
                         self->read();
                       }
                     });
}

// read looks at what is there before it takes it: bytes behind the header are for others. Of a
// header that is not whole all is taken, so the wait for more is not cut short by what is known.
void ProxyGreeting::read() {
  char* const space = received_.data() + size_;
  const ssize_t seen =
      ::recv(socket_.native_handle(), space, received_.size() - size_, MSG_PEEK | MSG_DONTWAIT);
  if (seen < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
    wait();
    return;
  }
  if (seen <= 0) {
    end(std::nullopt);
    return;
  }
  const auto parsed =
      proxy::parse_proxy_header({received_.data(), size_ + static_cast<std::size_t>(seen)});
  if (!parsed) {
    end(std::nullopt);
    return;
  }
  const std::optional<proxy::ProxyHeader>& header = *parsed;
  const std::size_t taken = header ? header->size_bytes - size_ : static_cast<std::size_t>(seen);
  if (::recv(socket_.native_handle(), space, taken, MSG_DONTWAIT) != static_cast<ssize_t>(taken)) {
    end(std::nullopt);
    return;
  }
  size_ += taken;
  if (header) {
    end(header);
  } else {
    wait();
  }
}

void ProxyGreeting::end(std::optional<proxy::ProxyHeader> header) {
  timer_.cancel();
  Handler done = std::exchange(done_, nullptr);
  if (!header) {
    boost::system::error_code ignored;
    (void)socket_.close(ignored);
  }
  done(header);
}

}  // namespace counterfoil::net
