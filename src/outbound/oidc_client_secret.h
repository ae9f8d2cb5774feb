#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "crypto/secret_bytes.h"

namespace counterfoil {

// OidcClientSecret is by which an identity provider knows us. It rests in secret memory and is
// opened for the one header of a call.
class OidcClientSecret {
 public:
  explicit OidcClientSecret(SecretBytes secret) : secret_(std::move(secret)) {}

  // basic_authorization gives the value of the header Authorization: "The client identifier is
  // encoded using the application/x-www-form-urlencoded encoding algorithm [...]; the client
  // password is encoded using the same algorithm" (RFC 6749 section 2.3.1). The caller wipes it.
  [[nodiscard]] std::string basic_authorization(std::string_view client_id) const;

 private:
  SecretBytes secret_;
};

}  // namespace counterfoil
