#include "load/socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <openssl/tls1.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "net/poll_set.h"

namespace counterfoil {
namespace {

std::expected<std::size_t, SocketError> plain_result(ssize_t size) {
  if (size > 0) {
    return static_cast<std::size_t>(size);
  }
  const bool waits = size < 0 && (errno == EAGAIN || errno == EINTR);
  return std::unexpected(waits ? SocketError::kWouldBlock : SocketError::kClosed);
}

std::expected<std::size_t, SocketError> tls_result(const SSL* tls, int result, std::size_t size) {
  if (result == 1) {
    return size;
  }
  const int why = SSL_get_error(tls, result);
  const bool waits = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
  return std::unexpected(waits ? SocketError::kWouldBlock : SocketError::kClosed);
}

}  // namespace

TlsClient::TlsClient() : context_(SSL_CTX_new(TLS_client_method())) {
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_3_VERSION);
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_mode(context_.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

void TlsClient::Free::operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
void Socket::Free::operator()(SSL* tls) const { SSL_free(tls); }

std::expected<Socket, std::string> Socket::connect(std::uint16_t port, const TlsClient* tls,
                                                   std::uint16_t source) {
  Socket socket;
  socket.descriptor_ = Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr_in from = address;
  from.sin_port = 0;
  from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (std::uint32_t{source} << 8U));
  if (source != 0 &&
      ::bind(socket.descriptor(), reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0) {
    return std::unexpected("source address " + std::to_string(source) + ": " +
                           std::error_code(errno, std::generic_category()).message());
  }
  if (::connect(socket.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
      0) {
    return std::unexpected("port " + std::to_string(port) + ": " +
                           std::error_code(errno, std::generic_category()).message());
  }
  const int yes = 1;
  ::setsockopt(socket.descriptor(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (tls != nullptr) {
    socket.tls_.reset(SSL_new(tls->context()));
    if (SSL_set_fd(socket.tls_.get(), socket.descriptor()) != 1 ||
        SSL_connect(socket.tls_.get()) != 1) {
      return std::unexpected("port " + std::to_string(port) + ": the TLS handshake failed");
    }
  }
  ::fcntl(socket.descriptor(), F_SETFL, O_NONBLOCK);
  return socket;
}

std::expected<std::size_t, SocketError> Socket::read(std::span<char> room) {
  if (tls_ == nullptr) {
    return plain_result(::recv(descriptor(), room.data(), room.size(), 0));
  }
  std::size_t size = 0;
  const int result = SSL_read_ex(tls_.get(), room.data(), room.size(), &size);
  return tls_result(tls_.get(), result, size);
}

std::expected<std::size_t, SocketError> Socket::write(std::string_view bytes) {
  if (tls_ == nullptr) {
    return plain_result(::send(descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
  }
  std::size_t size = 0;
  const int result = SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &size);
  return tls_result(tls_.get(), result, size);
}

bool Socket::holds_more() const { return tls_ != nullptr && SSL_pending(tls_.get()) > 0; }

}  // namespace counterfoil
