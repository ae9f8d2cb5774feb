#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/jws_key.h"
#include "outbound/web_url.h"

namespace counterfoil {

// The documents that an identity provider publishes about itself, as values (protocol: OpenID
// Connect Discovery 1.0, RFC 7517). Their texts are somebody else's bytes.

inline constexpr std::size_t kOidcDocumentBytesMax = 64UL * 1024;
inline constexpr std::size_t kOidcKeysMax = 32;

// may_be_called says whether an identity provider may be found at `url`: over TLS, or on this
// machine, where `issuer` is, too.
[[nodiscard]] bool may_be_called(const WebUrl& url, const WebUrl& issuer);

struct OidcEndpoints {
  std::string authorization;  // where people are sent, as it was written
  WebUrl token;
  WebUrl keys;
  // The answer to a person's browser names its issuer (RFC 9207), so one without a name is not
  // theirs.
  bool names_issuer = false;
};

// read_discovery reads {issuer}/.well-known/openid-configuration. The error is a sentence for the
// operator: the document is not of `issuer`, byte for byte; it is none; it has no endpoint that may
// be called; or the provider does nothing that we do.
[[nodiscard]] std::expected<OidcEndpoints, std::string> read_discovery(std::string_view text,
                                                                       std::string_view issuer);

// OidcKey is one key that the provider signs with.
struct OidcKey {
  std::string id;  // its `kid`; may be empty
  JwsKey key;
};

// read_keys reads a JWK set. Keys of other sorts, for other uses and below our rules are left out.
// nullopt: it is no set, or has more than kOidcKeysMax keys.
[[nodiscard]] std::optional<std::vector<OidcKey>> read_keys(std::string_view text);

}  // namespace counterfoil
