#pragma once

#include "autopsy/names.h"
#include "policy/profile.h"

namespace counterfoil {

// names_of gives the autopsy the names that a profile has for the parts of a signed request.
[[nodiscard]] inline autopsy::Names names_of(const SigningRules& rules) {
  return {.api_key_header = rules.api_key_header,
          .api_key_parameter = rules.api_key_parameter,
          .signature = rules.signature_parameter,
          .timestamp = rules.timestamp_parameter,
          .recv_window = rules.recv_window_parameter};
}

}  // namespace counterfoil
