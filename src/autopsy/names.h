#pragma once

#include <string>

namespace counterfoil::autopsy {

// Names are what a server calls the parts of a signed request. These are the vendor's; others have
// them in their profile.
struct Names {
  std::string api_key_header = "X-MBX-APIKEY";
  std::string api_key_parameter = "apiKey";
  std::string signature = "signature";
  std::string timestamp = "timestamp";
  std::string recv_window = "recvWindow";
  bool operator==(const Names&) const = default;
};

}  // namespace counterfoil::autopsy
