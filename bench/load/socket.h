#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "net/poll_set.h"

using SSL = struct ssl_st;
using SSL_CTX = struct ssl_ctx_st;

namespace counterfoil {

enum class SocketError : std::uint8_t {
  kWouldBlock,  // nothing now; wait for the poll set
  kClosed,      // by the peer, or broken
};

// TlsClient is what TLS connections share: TLS 1.3 only, and no check of the certificate, for the
// peer is a gateway under test on loopback.
class TlsClient {
 public:
  TlsClient();
  [[nodiscard]] SSL_CTX* context() const { return context_.get(); }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const;
  };
  std::unique_ptr<SSL_CTX, Free> context_;
};

// Socket is one connection to 127.0.0.1, plain or TLS, without blocking once it stands.
class Socket {
 public:
  // connect waits for the connection and, with `tls` (which must outlive the socket), for the
  // handshake. It comes from 127.0.0.1, or by `source` from another address of this machine:
  // 127.n.n.1. The error is a sentence.
  [[nodiscard]] static std::expected<Socket, std::string> connect(std::uint16_t port,
                                                                  const TlsClient* tls,
                                                                  std::uint16_t source = 0);

  [[nodiscard]] int descriptor() const { return descriptor_.number(); }
  [[nodiscard]] std::expected<std::size_t, SocketError> read(std::span<char> room);
  // write takes what it can and says how much.
  [[nodiscard]] std::expected<std::size_t, SocketError> write(std::string_view bytes);
  // holds_more: read once more, the poll set does not know of bytes already decrypted.
  [[nodiscard]] bool holds_more() const;

 private:
  struct Free {
    void operator()(SSL* tls) const;
  };
  Descriptor descriptor_;
  std::unique_ptr<SSL, Free> tls_;  // empty: plain
};

}  // namespace counterfoil
