// Target: read_discovery() and read_keys(). Property: what a discovery document leads to may be
// called for its issuer; a set has no more keys than it may, and none of them takes an empty
// signature.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "outbound/oidc_documents.h"
#include "outbound/web_url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace counterfoil;
  constexpr std::string_view kIssuer = "https://id.example.com";
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto issuer = WebUrl::parse(kIssuer);
  const auto endpoints = read_discovery(input, kIssuer);
  if (endpoints &&
      (!may_be_called(endpoints->token, *issuer) || !may_be_called(endpoints->keys, *issuer) ||
       !endpoints->authorization.starts_with("https://"))) {
    std::abort();
  }
  const auto keys = read_keys(input);
  if (keys && keys->size() > kOidcKeysMax) {
    std::abort();
  }
  if (keys) {
    for (const OidcKey& key : *keys) {
      if (key.key.verify({}, {})) {
        std::abort();
      }
    }
  }
  return 0;
}
