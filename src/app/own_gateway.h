#pragma once

#include <expected>
#include <string>
#include <vector>

#include "doors/net/listener.h"
#include "doors/rest/rest_door.h"
#include "outbound/http_client.h"

namespace counterfoil {

// OwnGateway is how a node finds its own gateway, for what is tried from the console
// (authority/request_relay.h). Nothing of it comes from a call.
struct OwnGateway {
  net::ListenAddress listen;       // with the real port; one that listens everywhere is called on
                                   // loopback
  std::vector<std::string> hosts;  // the first is called; empty: all are served
  std::string tls_certificate;     // its own; empty: plain HTTP
  ClientAddress client_address = ClientAddress::kSocket;  // how it finds the address of a client
};

// client_of makes the client for it. With TLS the peer must show exactly that certificate, so
// nobody else who got hold of the port is taken for the gateway. The error is a sentence; it is
// also one where connections begin with a PROXY header, which only a proxy may write.
[[nodiscard]] std::expected<HttpClient, std::string> client_of(const OwnGateway& gateway);

}  // namespace counterfoil
