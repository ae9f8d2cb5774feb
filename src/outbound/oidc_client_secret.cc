#include "outbound/oidc_client_secret.h"

#include <string>
#include <string_view>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/percent.h"
#include "base/wiped_text.h"
#include "crypto/secret_bytes.h"

namespace counterfoil {

std::string OidcClientSecret::basic_authorization(std::string_view client_id) const {
  std::string secret = percent_encode(as_text(secret_.reveal(SecretAccess())));
  std::string pair = percent_encode(client_id) + ":" + secret;
  std::string encoded = to_base64(as_bytes(pair));
  std::string header = "Basic " + encoded;
  wipe(secret);
  wipe(pair);
  wipe(encoded);
  return header;
}

}  // namespace counterfoil
