#pragma once

#include <atomic>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/passkey.h"
#include "app/command_context.h"
#include "authority/audited_registry.h"
#include "authority/enrolment_links.h"
#include "authority/issuer.h"
#include "authority/oidc_desk.h"
#include "authority/passkey_challenges.h"
#include "authority/passkey_rule.h"
#include "authority/password_desk.h"
#include "authority/people.h"
#include "authority/people_desk.h"
#include "authority/problem.h"
#include "authority/sealer.h"
#include "authority/second_factor.h"
#include "authority/sessions.h"
#include "authority/sign_in.h"
#include "authority/sign_in_throttle.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/hmac.h"
#include "outbound/oidc_client.h"
#include "outbound/oidc_client_secret.h"
#include "registry/registry.h"

namespace counterfoil {

// NodePeople is what a node needs for people to sign in, put together in order.
class NodePeople {
 public:
  struct Parts {
    AuditedRegistry& audited;
    Registry& registry;
    Sealer& sealer;
    RandomSource& random;
    const Clock& clock;
    std::string issuer;  // by which authenticator apps name us
    RelyingParty party;
    PasskeyRule passkey_rule = {};           // who needs a passkey
    std::function<void()> on_reset = [] {};  // SignIn::Parts'
    Issuer& keys;                            // makes the API keys of enrolment links
  };
  // make: everything of `parts` must outlive it.
  [[nodiscard]] static std::expected<std::unique_ptr<NodePeople>, Problem> make(Parts parts);

  // Provider is the identity provider with which people may sign in.
  struct Provider {
    OidcClient::Settings settings;
    OidcDesk::Options options;
    OidcClientSecret secret;
    WebFetch fetch;
    std::function<void(std::string_view)> report;  // as in OidcDesk::Parts
  };
  // add_provider: once, before desk() is handed on. no_secret_memory.
  [[nodiscard]] std::expected<void, Problem> add_provider(Provider provider);

  // desk is for the doors.
  [[nodiscard]] PeopleDesk desk() {
    return {.sign_in = sign_in_,
            .sessions = sessions_,
            .people = people_,
            .party = parts_.party,
            .oidc = oidc_ ? &*oidc_ : nullptr};
  }

  [[nodiscard]] EnrolmentLinks& links() { return links_; }

  // is_set_up: there is an owner. Once that is so it stays so, and costs nothing to ask.
  [[nodiscard]] bool is_set_up();
  // sweep erases what has run out. Call it every few minutes.
  [[nodiscard]] std::expected<void, Problem> sweep();

 private:
  struct Keys {
    HmacKey pepper;
    HmacKey names;
    HmacKey devices;
    HmacKey fakes;
  };
  NodePeople(Parts parts, Keys keys, PasskeyChallenges challenges);

  Parts parts_;
  PasskeyChallenges challenges_;
  SecondFactors factors_;
  PasswordDesk desk_;
  SignInThrottle throttle_;
  People people_;
  Sessions sessions_;
  SignIn sign_in_;
  EnrolmentLinks links_;
  std::optional<OidcClient> provider_;
  std::optional<OidcDesk> oidc_;
  std::atomic<bool> is_set_up_{false};
};

// host_of_origin is the host of "https://console.example.com:8443", in brackets if it is an IPv6
// address.
[[nodiscard]] std::string_view host_of_origin(std::string_view origin);

// relying_party is us as passkeys know us: the host of the first origin, and the origins of that
// host. (An address cannot be one; browsers say so.)
[[nodiscard]] RelyingParty relying_party(const std::vector<std::string>& origins);

// write_setup_file puts the set-up link into a file of this user alone (0600), in place of an older
// one; `path` is in the data directory.
[[nodiscard]] std::expected<void, Failure> write_setup_file(const std::filesystem::path& path,
                                                            std::string_view link);

}  // namespace counterfoil
