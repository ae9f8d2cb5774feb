#pragma once

#include <algorithm>
#include <boost/smart_ptr/local_shared_ptr.hpp>
#include <boost/smart_ptr/shared_ptr.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "authority/gatekeeper.h"
#include "base/ip_address.h"
#include "doors/net/tls.h"
#include "doors/rest/rest_door.h"
#include "policy/profile.h"

namespace counterfoil {

// RestRules is what a door goes by that may change while it runs: one version of it, immutable.
struct RestRules {
  std::shared_ptr<Gatekeeper> gatekeeper;
  std::vector<std::string> hosts;  // as in RestDoorOptions, like all below
  ClientAddress client_address = ClientAddress::kSocket;
  std::vector<Cidr> trusted_proxies;
  std::chrono::milliseconds answer_time_max{};
  net::TlsContext server_tls;  // null: plain HTTP

  [[nodiscard]] const Profile& profile() const { return gatekeeper->profile(); }
  // is_proxy: the peer's word for the client's address counts.
  [[nodiscard]] bool is_proxy(const IpAddress& peer) const {
    return client_address != ClientAddress::kSocket &&
           std::ranges::any_of(trusted_proxies,
                               [&](const Cidr& network) { return network.contains(peer); });
  }
};

// SharedRestRules goes to all loops; each makes a LocalRestRules of it, whose counting of
// references costs a request no atomic operation, and which must stay on the loop's thread.
using SharedRestRules = boost::shared_ptr<const RestRules>;
using LocalRestRules = boost::local_shared_ptr<const RestRules>;

}  // namespace counterfoil
