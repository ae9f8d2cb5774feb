#include "doors/net/stream.h"

#include <openssl/ssl.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/system/error_code.hpp>
#include <string>

#include "base/ip_address.h"

namespace counterfoil::net {

bool Stream::expect_peer(const std::string& host) {
  boost::system::error_code fault;
  tls_->set_verify_callback(boost::asio::ssl::host_name_verification(host), fault);
  // An address is not a name that a server could look up (RFC 6066 section 3).
  const bool is_name = !IpAddress::parse(host);
  return !fault &&
         (!is_name || SSL_ctrl(tls_->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME,
                               TLSEXT_NAMETYPE_host_name, const_cast<char*>(host.c_str())) == 1);
}

void Stream::prepare() {
  boost::system::error_code ignored;
  socket().non_blocking(true, ignored);
  socket().set_option(boost::asio::ip::tcp::no_delay(true), ignored);
}

void Stream::close() {
  boost::system::error_code ignored;
  socket().close(ignored);
}

}  // namespace counterfoil::net
