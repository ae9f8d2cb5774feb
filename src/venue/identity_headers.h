#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "venue/proof.h"

namespace counterfoil::venue {

// IdentityHeaders are the X-Counterfoil-... lines of one request head. They are read from its raw
// bytes: wire/http is the gateway's parser too, and drops these names, because there a client might
// have sent them.
struct IdentityHeaders {
  std::optional<std::string> account;
  std::optional<std::string> api_key;
  std::optional<std::string> permissions;
  std::optional<std::string> request_id;
  std::optional<std::string> timestamp;
  std::optional<std::string> gateway;
  std::optional<std::string> proof;
  bool repeated = false;  // one of them stands there twice

  [[nodiscard]] bool any() const;
  // claims gives nullopt unless all seven are there, once each. Views into this object.
  [[nodiscard]] std::optional<IdentityClaims> claims() const;
};

// read_identity_headers reads them from `head`: the bytes that parse_request_head() took for one
// head, line ends and all. Names in any letter case.
[[nodiscard]] IdentityHeaders read_identity_headers(std::string_view head);

}  // namespace counterfoil::venue
