#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "doors/net/loop.h"
#include "doors/net/plain_socket.h"
#include "doors/net/socket.h"
#include "doors/net/tls.h"

namespace counterfoil::net {

// Stream is one TCP connection, with or without TLS. It belongs to its loop's thread; operations
// under way keep using it, so it must live until their handlers were called.
class Stream {
 public:
  // A null `tls` means plain TCP. loop must outlive it.
  Stream(Loop& loop, Socket socket, const TlsContext& tls)
      : fresh_(std::move(socket)), plain_(loop) {
    if (tls) {
      tls_ = std::make_unique<Tls>(std::move(fresh_), *tls);
    }
  }

  [[nodiscard]] bool is_tls() const { return tls_ != nullptr; }

  // async_connect is for a socket that is not connected yet.
  template <typename Handler>
  void async_connect(const boost::asio::ip::tcp::endpoint& endpoint, Handler&& handler) {
    unprepared().async_connect(endpoint, std::forward<Handler>(handler));
  }
  // prepare makes a connected socket ready for what follows. false: the kernel has no room for it.
  [[nodiscard]] bool prepare();

  // expect_peer has the certificate of the server checked for `host`, and names it in the
  // handshake. TLS only. false: out of memory or a name that cannot be one.
  [[nodiscard]] bool expect_peer(const std::string& host);
  template <typename Handler>
  void async_handshake(boost::asio::ssl::stream_base::handshake_type side, Handler&& handler) {
    tls_->async_handshake(side, std::forward<Handler>(handler));
  }
  template <typename Handler>
  void async_read_some(std::span<char> space, Handler&& handler) {
    if (tls_) {
      tls_->async_read_some(boost::asio::buffer(space.data(), space.size()),
                            std::forward<Handler>(handler));
    } else {
      plain_.read_some(space, std::forward<Handler>(handler));
    }
  }
  // async_write writes all of `bytes`, which must stay.
  template <typename Handler>
  void async_write(std::string_view bytes, Handler&& handler) {
    if (tls_) {
      boost::asio::async_write(*tls_, boost::asio::buffer(bytes), std::forward<Handler>(handler));
    } else {
      plain_.write_all(bytes, std::forward<Handler>(handler));
    }
  }
  // write_now writes what the kernel takes at once and returns how much that was: nothing when it
  // takes nothing, and nothing on TLS. The bytes are on their way before it returns.
  [[nodiscard]] std::size_t write_now(std::string_view first, std::string_view second,
                                      boost::system::error_code& fault) {
    return tls_ ? 0 : plain_.write_now(first, second, fault);
  }
  template <typename Handler>
  void async_say_goodbye(Handler&& handler) {
    tls_->async_shutdown(std::forward<Handler>(handler));
  }

  // has_something asks the kernel whether bytes, an end or a fault wait to be read.
  [[nodiscard]] bool has_something() const;
  // end_sending tells the peer that nothing more comes. Plain TCP only.
  void end_sending();
  // reset_when_closed has close() tell the peer that the connection broke.
  void reset_when_closed();
  void close();

 private:
  using Tls = boost::asio::ssl::stream<Socket>;
  [[nodiscard]] Socket& unprepared() { return tls_ ? tls_->next_layer() : fresh_; }
  [[nodiscard]] int descriptor() const;

  // Until prepare() a plain socket is Asio's, which can accept and connect; then plain_'s.
  Socket fresh_;
  PlainSocket plain_;
  std::unique_ptr<Tls> tls_;
};

}  // namespace counterfoil::net
