#include "doors/net/stream.h"

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/system/error_code.hpp>
#include <cerrno>
#include <string>

#include "base/ip_address.h"

namespace counterfoil::net {

bool Stream::expect_peer(const std::string& host) {
  boost::system::error_code fault;
  (void)tls_->set_verify_callback(boost::asio::ssl::host_name_verification(host), fault);
  // An address is not a name that a server could look up (RFC 6066 section 3).
  const bool is_name = !IpAddress::parse(host);
  return !fault &&
         (!is_name || SSL_ctrl(tls_->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME,
                               TLSEXT_NAMETYPE_host_name, const_cast<char*>(host.c_str())) == 1);
}

bool Stream::prepare() {
  boost::system::error_code fault;
  (void)unprepared().native_non_blocking(true, fault);
  if (fault) {
    return false;
  }
  boost::system::error_code ignored;
  (void)unprepared().set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  if (tls_) {
    return true;
  }
  const int descriptor = fresh_.release(fault);
  return !fault && plain_.take(descriptor);
}

int Stream::descriptor() const {
  if (tls_) {
    return tls_->next_layer().native_handle();
  }
  return plain_.descriptor();
}

bool Stream::has_something() const {
  char byte = 0;
  const auto got = ::recv(descriptor(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

void Stream::end_sending() { (void)::shutdown(descriptor(), SHUT_WR); }

void Stream::reset_when_closed() {
  constexpr linger kReset{.l_onoff = 1, .l_linger = 0};
  (void)::setsockopt(descriptor(), SOL_SOCKET, SO_LINGER, &kReset, sizeof kReset);
}

void Stream::close() {
  boost::system::error_code ignored;
  (void)unprepared().close(ignored);
  plain_.close();
}

}  // namespace counterfoil::net
