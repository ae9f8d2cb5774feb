#pragma once

#include <boost/asio/ssl/context.hpp>
#include <expected>
#include <memory>
#include <string>

namespace counterfoil::net {

using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

// TlsFiles are PEM files: the certificate with its chain, leaf first, and its private key.
struct TlsFiles {
  std::string certificate;
  std::string key;
};

// load_server_tls makes what a listener needs: TLS 1.2 with ECDHE and an AEAD, or 1.3; no
// renegotiation, no compression; "http/1.1" by ALPN, and a client that offers only others is turned
// away (RFC 7301 section 3.2). The error is a sentence that names the file. A key file that
// everybody may read is refused. Connections keep the context they began with, so a door may load a
// new one at any time.
[[nodiscard]] std::expected<TlsContext, std::string> load_server_tls(const TlsFiles& files);

// make_client_tls makes what a connection to a server needs, which is verified against the
// system's certificate authorities, or against `authorities` (a PEM file) when that is not empty.
[[nodiscard]] std::expected<TlsContext, std::string> make_client_tls(
    const std::string& authorities);

}  // namespace counterfoil::net
