#pragma once

#include <string>

#include "app/node_settings.h"

namespace counterfoil {

// gateway_url is where the configured node's REST door listens: whom commands mean that name no
// other.
[[nodiscard]] inline std::string gateway_url(const NodeSettings& settings) {
  const bool tls = !settings.tls_certificate.empty();
  return (tls ? "https://" : "http://") + settings.listen.to_string();
}

}  // namespace counterfoil
