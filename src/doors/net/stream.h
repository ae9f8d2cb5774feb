#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "doors/net/tls.h"

namespace counterfoil::net {

// Stream is one TCP connection, with or without TLS. It belongs to its loop's thread; operations
// under way keep using it, so it must live until their handlers were called.
class Stream {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  // A null `tls` means plain TCP.
  Stream(Socket socket, const TlsContext& tls) : plain_(std::move(socket)) {
    if (tls) {
      tls_ = std::make_unique<Tls>(std::move(plain_), *tls);
    }
  }

  [[nodiscard]] Socket& socket() { return tls_ ? tls_->next_layer() : plain_; }
  [[nodiscard]] bool is_tls() const { return tls_ != nullptr; }

  // expect_peer has the certificate of the server checked for `host`, and names it in the
  // handshake. TLS only. false: out of memory or a name that cannot be one.
  [[nodiscard]] bool expect_peer(const std::string& host);
  template <typename Handler>
  void async_handshake(boost::asio::ssl::stream_base::handshake_type side, Handler&& handler) {
    tls_->async_handshake(side, std::forward<Handler>(handler));
  }
  template <typename Handler>
  void async_read_some(const boost::asio::mutable_buffer& buffer, Handler&& handler) {
    if (tls_) {
      tls_->async_read_some(buffer, std::forward<Handler>(handler));
    } else {
      plain_.async_read_some(buffer, std::forward<Handler>(handler));
    }
  }
  // async_write writes all of `buffers`, whose sequence is copied and whose bytes must stay.
  template <typename Buffers, typename Handler>
  void async_write(const Buffers& buffers, Handler&& handler) {
    if (tls_) {
      boost::asio::async_write(*tls_, buffers, std::forward<Handler>(handler));
    } else {
      boost::asio::async_write(plain_, buffers, std::forward<Handler>(handler));
    }
  }
  // write_now writes what the kernel takes at once and returns how much that was: nothing when it
  // takes nothing, and nothing on TLS. The bytes are on their way before it returns.
  template <typename Buffers>
  [[nodiscard]] std::size_t write_now(const Buffers& buffers, boost::system::error_code& fault) {
    if (tls_) {
      return 0;
    }
    const std::size_t size = plain_.send(buffers, 0, fault);
    if (fault == boost::asio::error::would_block) {
      fault = {};
    }
    return fault ? 0 : size;
  }
  template <typename Handler>
  void async_say_goodbye(Handler&& handler) {
    tls_->async_shutdown(std::forward<Handler>(handler));
  }

  // prepare makes the socket non-blocking and sends small pieces at once.
  void prepare();
  void close();

 private:
  using Tls = boost::asio::ssl::stream<Socket>;
  Socket plain_;  // moved from when tls_ holds it
  std::unique_ptr<Tls> tls_;
};

}  // namespace counterfoil::net
