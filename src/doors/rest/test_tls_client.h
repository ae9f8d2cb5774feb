#pragma once

#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <string>

// For tests alone: a client that speaks TLS.
namespace counterfoil::rest_test {

// TlsClient shakes hands with one version of TLS and one offer of ALPN, behind bytes that it sends
// before.
class TlsClient {
 public:
  TlsClient(std::uint16_t port, int version, const std::string& alpn,
            const std::string& before = {})
      : context_(boost::asio::ssl::context::tls_client), stream_(io_, context_) {
    SSL_set_min_proto_version(stream_.native_handle(), version);
    SSL_set_max_proto_version(stream_.native_handle(), version);
    if (version < TLS1_2_VERSION) {
      SSL_set_security_level(stream_.native_handle(), 0);
    }
    if (!alpn.empty()) {
      const std::string wire = static_cast<char>(alpn.size()) + alpn;
      SSL_set_alpn_protos(stream_.native_handle(),
                          reinterpret_cast<const unsigned char*>(wire.data()),
                          static_cast<unsigned>(wire.size()));
    }
    (void)stream_.next_layer().connect({boost::asio::ip::address_v4::loopback(), port}, fault_);
    if (!fault_) {
      boost::asio::write(stream_.next_layer(), boost::asio::buffer(before), fault_);
    }
    if (!fault_) {
      (void)stream_.handshake(boost::asio::ssl::stream_base::client, fault_);
    }
  }
  [[nodiscard]] bool is_connected() const { return !fault_; }
  [[nodiscard]] std::string protocol() {
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(stream_.native_handle(), &chosen, &size);
    return size == 0 ? "" : std::string(reinterpret_cast<const char*>(chosen), size);
  }
  // peer_certificate is what the server showed, in DER.
  [[nodiscard]] std::string peer_certificate() {
    X509* const shown = SSL_get0_peer_certificate(stream_.native_handle());
    unsigned char* der = nullptr;
    const int size = shown == nullptr ? 0 : i2d_X509(shown, &der);
    std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return text;
  }
  // call reads until `size` bytes came or the connection ended; then fault() says how.
  std::string call(const std::string& request, std::size_t size) {
    boost::asio::write(stream_, boost::asio::buffer(request), fault_);
    std::string got(size, '\0');
    const std::size_t read = boost::asio::read(stream_, boost::asio::buffer(got), fault_);
    got.resize(read);
    return got;
  }
  [[nodiscard]] boost::system::error_code fault() const { return fault_; }

 private:
  boost::asio::io_context io_;
  boost::asio::ssl::context context_;
  boost::asio::ssl::stream<boost::asio::ip::tcp::socket> stream_;
  boost::system::error_code fault_;
};

}  // namespace counterfoil::rest_test
