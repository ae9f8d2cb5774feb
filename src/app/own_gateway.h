#pragma once

#include <expected>
#include <memory>
#include <mutex>
#include <optional>
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

// OwnGatewayClient holds the client for it, and looks for it anew when asked while there is none:
// what kept it away, such as a certificate that could not be read, may be gone by now. Safe to call
// from any thread.
class OwnGatewayClient {
 public:
  // set says where the gateway is from now on. nullopt: it is not to be called.
  void set(std::optional<OwnGateway> gateway);
  // find gives nullptr while the gateway cannot be called from here. It may read a file.
  [[nodiscard]] std::shared_ptr<const HttpClient> find();

 private:
  std::mutex mutex_;
  std::shared_ptr<const OwnGateway> gateway_;  // under mutex_, as is the next
  std::shared_ptr<const HttpClient> client_;
};

}  // namespace counterfoil
