// Target: read_id_token() and judge_id_token(). Property: no input is anybody's token. The key is
// that of RFC 8037's example, whose other half is known, but the rules want a nonce that no input
// was signed with.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "base/time.h"
#include "crypto/jws_key.h"
#include "outbound/id_token.h"
#include "outbound/oidc_documents.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace counterfoil;
  static const std::vector<OidcKey> keys = [] {
    const auto point = from_base64url("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    std::vector<OidcKey> made;
    made.push_back({.id = "k1", .key = std::move(*JwsKey::from_ed25519(*point))});
    return made;
  }();
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto token = read_id_token(input);
  if (!token) {
    return 0;
  }
  if (token->signed_part.data() != input.data() || token->signed_part.size() >= size) {
    std::abort();
  }
  const IdTokenRules rules{.issuer = "https://id.example.com",
                           .client_id = "counterfoil",
                           .nonce = "nobody has signed this"};
  if (judge_id_token(*token, keys, rules, from_unix_ms(1'800'000'000'000))) {
    std::abort();
  }
  return 0;
}
