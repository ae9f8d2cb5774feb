#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ip_address.h"
#include "base/time.h"
#include "outbound/http_client.h"
#include "outbound/id_token.h"
#include "outbound/oidc_client_secret.h"
#include "outbound/oidc_documents.h"
#include "outbound/web_url.h"

namespace counterfoil {

// WebFetch makes one call. The error is a sentence.
using WebFetch =
    std::function<std::expected<HttpReply, std::string>(const WebUrl& url, const HttpCall& call)>;

// oidc_fetch calls for at most kOidcCallTimeMax: over TLS wherever the rules of control S-77 allow,
// `networks` besides; in the clear on this machine alone. `authorities`: as in HttpPeer.
inline constexpr std::chrono::seconds kOidcCallTimeMax{5};
[[nodiscard]] WebFetch oidc_fetch(std::string authorities, std::vector<Cidr> networks);

// OidcFault says why nobody was signed in. The sentence is for the operator's log; it holds nothing
// secret.
struct OidcFault {
  enum class Kind : std::uint8_t {
    kRefused,      // the provider refused the code, or its token is not good
    kUnreachable,  // the provider did not answer, or answered what is not OpenID Connect
    kBusy,         // too many people are on their way at once
  };
  Kind kind = Kind::kRefused;
  std::string sentence;
};

// OidcClient is us towards one identity provider: the authorization-code flow with PKCE (OpenID
// Connect Core 1.0, RFC 7636). It keeps what the provider publishes for an hour, and asks for its
// keys anew when a token names one it does not know, now and then. Safe to call from any thread;
// calls block on the provider.
class OidcClient {
 public:
  struct Settings {
    std::string issuer;
    std::string client_id;
    std::optional<std::chrono::seconds> max_age = std::nullopt;  // since the sign-in there
    std::vector<std::string> levels = {};                        // `acr` that are asked for
  };
  static constexpr std::chrono::hours kDocumentsLife{1};
  static constexpr std::chrono::seconds kRetryAfter{10};     // after a fault
  static constexpr std::chrono::seconds kKeysAnewAfter{30};  // for an unknown key
  static constexpr int kCallsMax = 8;                        // at once
  static constexpr std::size_t kCodeBytesMax = 2048;

  // `clock` must outlive it.
  OidcClient(Settings settings, OidcClientSecret secret, WebFetch fetch, const Clock& clock)
      : settings_(std::move(settings)),
        secret_(std::move(secret)),
        fetch_(std::move(fetch)),
        clock_(clock) {}

  [[nodiscard]] const std::string& issuer() const { return settings_.issuer; }

  // Flow is one sign-in under way: what the browser goes off with and comes back to.
  struct Flow {
    std::string redirect_uri;
    std::string state;
    std::string nonce;
    std::string verifier;  // 43 to 128 characters of [A-Za-z0-9-._~]; secret until the code is used
  };
  // authorization_url gives where the browser is sent.
  [[nodiscard]] std::expected<std::string, OidcFault> authorization_url(const Flow& flow);

  // Answer is what the browser came back with. Whether `state` was ours, the caller has judged.
  struct Answer {
    std::string code;
    std::optional<std::string> issuer;  // RFC 9207
  };
  // redeem turns the code into who has signed in.
  [[nodiscard]] std::expected<OidcIdentity, OidcFault> redeem(const Flow& flow,
                                                              const Answer& answer);

 private:
  using Keys = std::shared_ptr<const std::vector<OidcKey>>;
  // Known is what the provider published, and when it was asked.
  struct Known {
    std::optional<OidcEndpoints> endpoints;
    Keys keys;
    BootTime asked_at{};
    BootTime keys_asked_at{};
    std::optional<OidcFault> fault;  // of the last time, if that was one
  };
  struct Published {
    OidcEndpoints endpoints;
    Keys keys;
  };
  [[nodiscard]] std::expected<Published, OidcFault> published();
  [[nodiscard]] std::expected<Published, OidcFault> ask_all();
  [[nodiscard]] std::expected<Keys, OidcFault> ask_keys(const OidcEndpoints& endpoints);
  // keys_anew gives newer keys than `old`, or `old` when they were asked for too lately.
  [[nodiscard]] Keys keys_anew(const Published& old);
  [[nodiscard]] std::expected<std::string, OidcFault> get(const WebUrl& url);
  struct Tokens {
    std::string id_token;
    std::string access_token;
  };
  [[nodiscard]] std::expected<Tokens, OidcFault> exchange(const OidcEndpoints& endpoints,
                                                          const Flow& flow,
                                                          const std::string& code);

  Settings settings_;
  OidcClientSecret secret_;
  WebFetch fetch_;
  const Clock& clock_;
  std::mutex mutex_;  // one asks for the documents, and the others wait for what came of it
  Known known_;
  std::atomic<int> calls_{0};
};

}  // namespace counterfoil
