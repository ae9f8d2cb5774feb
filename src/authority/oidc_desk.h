#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "accounts/person.h"
#include "authority/audited_registry.h"
#include "authority/passkey_challenges.h"
#include "authority/people.h"
#include "authority/problem.h"
#include "authority/second_factor.h"
#include "authority/sessions.h"
#include "authority/sign_in.h"
#include "authority/sign_in_throttle.h"
#include "base/ip_address.h"
#include "outbound/id_token.h"
#include "outbound/oidc_client.h"

namespace counterfoil {

// OidcDesk lets people sign in with an account that they have at the operator's identity provider,
// and link it to themselves before. Nobody is made by it, and nobody is found by an e-mail: only
// whoever has linked that very account, while signed in and with a fresh second factor, is let in.
//
// The browser goes off with a ticket in a cookie and comes back with a code and the state that
// belongs to the ticket, so a code is worth nothing in another browser. A ticket takes no memory
// here until it is used up.
//
// Safe to call from any thread; calls block on the provider and on the store.
class OidcDesk {
 public:
  static constexpr std::chrono::minutes kTicketLife{10};

  struct Parts {
    AuditedRegistry& audited;
    SignInThrottle& throttle;
    SecondFactors& factors;
    SignIn& sign_in;
    People& people;
    OidcClient& client;
    // report is told what went wrong between us and the provider: a sentence for the log.
    std::function<void(std::string_view sentence)> report;
  };
  struct Options {
    std::string name;  // of the provider, as people know it
    // What an ID token must have among its `amr`, or as its `acr`, for the provider's second factor
    // to count in the place of ours. Both empty: ours is always asked for.
    std::vector<std::string> trusted_means = {};
    std::vector<std::string> trusted_levels = {};
  };
  // `tickets` is its own, with kTicketLife. Everything of `parts` must outlive it.
  OidcDesk(Parts parts, Options options, PasskeyChallenges tickets)
      : parts_(std::move(parts)), options_(std::move(options)), tickets_(std::move(tickets)) {}

  [[nodiscard]] const std::string& name() const { return options_.name; }

  // Departure is where the browser goes, and the ticket that it keeps.
  struct Departure {
    std::string url;
    std::string ticket;
  };
  // begin: provider_unreachable, too_many_sign_ins. `redirect_uri`: where the browser comes back.
  [[nodiscard]] std::expected<Departure, Problem> begin(std::string_view redirect_uri);

  // Return is what the browser came back with; all of it may be anything.
  struct Return {
    std::string ticket;
    std::string state;
    std::string code;
    std::optional<std::string> issuer;  // RFC 9207
    std::string redirect_uri;
  };
  // From is where somebody signs in from, as in SignInTry.
  struct From {
    IpAddress source;
    std::string device;
    std::string device_cookie;
  };
  // FactorWanted: the provider has said who it is, and now their second factor is wanted. The
  // question is for a passkey; whoever has none has made-up ones in it.
  struct FactorWanted {
    std::string ticket;
    SignIn::PasskeyQuestion question;
  };
  using Outcome = std::variant<SignedIn, FactorWanted>;
  // finish: oidc_sign_in_failed, one text for everything that may be wrong, among it a person who
  // is disabled; provider_unreachable, too_many_sign_ins, the store's faults.
  [[nodiscard]] std::expected<Outcome, Problem> finish(const Return& back, const From& from);
  // give_factor ends what finish began. A wrong factor (sign_in_failed) may be tried again while
  // the ticket is good: tries are counted as at every sign-in.
  [[nodiscard]] std::expected<SignedIn, Problem> give_factor(std::string_view ticket,
                                                             const FactorAnswer& factor,
                                                             const From& from);

  // begin_link, finish_link link the account that the caller shows at the provider. finish_link:
  // oidc_link_failed, and as People::link_identity.
  [[nodiscard]] std::expected<Departure, Problem> begin_link(const Caller& caller,
                                                             const SteppedUp& proof,
                                                             std::string_view redirect_uri);
  [[nodiscard]] std::expected<PersonSession, Problem> finish_link(const Caller& caller,
                                                                  const Return& back);

 private:
  [[nodiscard]] std::expected<Departure, Problem> depart(std::string_view purpose,
                                                         std::string_view state_prefix,
                                                         std::string_view redirect_uri);
  // redeem gives who has signed in at the provider; nullopt: nobody, for the reason in `why`.
  [[nodiscard]] std::expected<std::optional<OidcIdentity>, Problem> redeem(
      const Return& back, std::string_view purpose, std::string_view state_prefix,
      std::string& why);
  [[nodiscard]] std::expected<std::optional<ProvenIdentity>, Problem> find_linked(
      const OidcIdentity& identity) const;
  [[nodiscard]] std::expected<Outcome, Problem> admit(const ProvenIdentity& identity,
                                                      const From& from);
  [[nodiscard]] bool counts_as_second_factor(const OidcIdentity& identity) const;
  [[nodiscard]] std::expected<void, Problem> record_refusal(const From& from,
                                                            const std::string& why);

  Parts parts_;
  Options options_;
  PasskeyChallenges tickets_;
};

}  // namespace counterfoil
