#pragma once

#include <optional>
#include <string_view>

#include "base/ip_address.h"
#include "keys/permission.h"
#include "verify/reason.h"

namespace counterfoil {

// SignedRequest is one request as a door read it, before any judgement. All views are borrowed from
// the door's buffers.
struct SignedRequest {
  std::string_view api_key;  // the API key text as sent; empty when absent
  bool api_key_repeated = false;
  std::optional<Reason>
      parameter_fault;       // what wire found wrong with the parameters' form, if anything
  std::string_view payload;  // the signed payload: the exact bytes the signature must cover
  std::optional<std::string_view>
      signature;  // percent-decoded; nullopt when absent. Empty counts as absent
  std::optional<std::string_view> timestamp;    // as sent
  std::optional<std::string_view> recv_window;  // as sent
  IpAddress source;
  PermissionSet needs;      // the key must hold one of these; empty: any key will do
  bool acts = false;        // it does more than read or cancel
  std::string_view symbol;  // the symbol the request trades, or empty
};

}  // namespace counterfoil
