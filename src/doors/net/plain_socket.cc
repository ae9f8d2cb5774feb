#include "doors/net/plain_socket.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>
#include <cerrno>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include "doors/net/loop.h"
#include "doors/net/poller.h"

namespace counterfoil::net {
namespace {

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK; }

boost::system::error_code last_fault() { return {errno, boost::system::system_category()}; }

iovec piece_of(std::string_view text) {
  return {.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
}

}  // namespace

bool PlainSocket::take(int fd) {
  place_ = loop_.poller().watch(fd, *this);
  if (place_.generation == 0) {
    ::close(fd);
    return false;
  }
  fd_ = fd;
  return true;
}

void PlainSocket::end() noexcept {
  if (fd_ >= 0) {
    loop_.poller().forget(fd_, place_);
    ::close(std::exchange(fd_, -1));
  }
}

void PlainSocket::close() {
  end();
  abort(reading_);
  abort(writing_);
}

void PlainSocket::abort(Handler& handler) {
  if (handler) {
    boost::asio::post(loop_.io(), [aborted = std::exchange(handler, nullptr)]() mutable {
      aborted(boost::asio::error::operation_aborted, 0);
    });
  }
}

void PlainSocket::read_some(std::span<char> space, Handler handler) {
  space_ = space;
  reading_ = std::move(handler);
  if (fd_ < 0) {
    abort(reading_);
  } else if (is_readable_) {
    loop_.poller().remind(fd_, place_);
  }
}

void PlainSocket::write_all(std::string_view bytes, Handler handler) {
  unwritten_ = bytes;
  written_ = 0;
  writing_ = std::move(handler);
  if (fd_ < 0) {
    abort(writing_);
  } else {
    loop_.poller().remind(fd_, place_);
  }
}

std::size_t PlainSocket::write_now(std::string_view first, std::string_view second,
                                   boost::system::error_code& fault) const {
  ssize_t size = 0;
  if (second.empty()) {
    size = ::send(fd_, first.data(), first.size(), MSG_NOSIGNAL);
  } else {
    std::array<iovec, 2> pieces = {piece_of(first), piece_of(second)};
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    size = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
  }
  if (size >= 0) {
    return static_cast<std::size_t>(size);
  }
  if (!would_block()) {
    fault = last_fault();
  }
  return 0;
}

void PlainSocket::on_ready(const Ready& ready) {
  is_readable_ = is_readable_ || ready.read;
  has_hung_up_ = has_hung_up_ || ready.hung_up;
  // What was called may hold the last reference to what owns us.
  Handler kept;
  if (ready.write && writing_) {
    kept = go_on_writing();
  }
  if (is_readable_ && reading_) {
    go_on_reading();
  }
}

void PlainSocket::go_on_reading() {
  const ssize_t size = ::recv(fd_, space_.data(), space_.size(), 0);
  if (size < 0 && would_block()) {
    is_readable_ = false;
    return;
  }
  // A read that does not fill the space has taken all there was (epoll(7)); what comes later is
  // told of. An end that was told of already is not.
  if (size > 0 && static_cast<std::size_t>(size) < space_.size() && !has_hung_up_) {
    is_readable_ = false;
  }
  boost::system::error_code fault;
  if (size <= 0) {
    fault = size < 0 ? last_fault() : boost::system::error_code(boost::asio::error::eof);
  }
  Handler called = std::exchange(reading_, nullptr);
  called(fault, size < 0 ? 0 : static_cast<std::size_t>(size));
}

PlainSocket::Handler PlainSocket::go_on_writing() {
  boost::system::error_code fault;
  const std::size_t size = write_now(unwritten_, {}, fault);
  unwritten_.remove_prefix(size);
  written_ += size;
  if (!fault && !unwritten_.empty()) {
    return nullptr;
  }
  Handler called = std::exchange(writing_, nullptr);
  called(fault, written_);
  return called;
}

}  // namespace counterfoil::net
