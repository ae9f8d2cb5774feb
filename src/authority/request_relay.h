#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <expected>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/issuer.h"
#include "authority/problem.h"
#include "base/time.h"
#include "outbound/http_client.h"
#include "policy/profile.h"

namespace counterfoil {

// TriedRequest is one request that was signed in a browser and is to be tried from there.
struct TriedRequest {
  std::string method;
  std::string target;   // path and query, signature included, as it goes on the wire
  std::string api_key;  // whole
};

// RelayedAnswer is what the gateway answered. All of it is the upstream's word: hostile text.
struct RelayedAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // those of kRelayedHeaders
  std::string body;                                          // its first kShownBytesMax bytes
  bool is_cut = false;                                       // there was more
};

// RequestRelay lets somebody who is signed in send a signed request from the page, which may call
// no other origin than its own: the first request of a new API key. The request goes through the
// gateway's listener like everybody else's, is verified and counted there, and nothing is added to
// it: what the gateway would refuse is refused. Where it goes is fixed by the node's configuration,
// and no part of a call says it.
//
// Only GET, and only signed routes of the profile that read: the signature covers neither method
// nor path, so whoever hands a signed request on could make another of it, and a page that trades
// would be worth attacking. Only API keys without an allow-list: the gateway sees this node as the
// source, which would let a list that names it be passed from anywhere, and refuse every other.
//
// Safe to call from any thread. relay() waits for the gateway, so no event loop calls it.
class RequestRelay {
 public:
  static constexpr std::size_t kTargetBytesMax = 4'096;
  static constexpr std::size_t kAnswerBytesMax = 1'024UL * 1'024;  // read at all
  static constexpr std::size_t kShownBytesMax = 16UL * 1'024;
  static constexpr std::chrono::seconds kPer{60};
  static constexpr std::size_t kOfSessionMax = 10;  // in kPer
  static constexpr std::size_t kOfAllMax = 30;      // in kPer: they all come from one address

  // Everything must outlive it. `can_send` finds out, each time it is asked, whether this node's
  // own gateway can be called from here; `send` carries a call to it and gives its answer, or a
  // sentence why there is none; it ends by itself after some seconds.
  struct Parts {
    const Issuer& issuer;
    std::function<Profile()> profile;
    const Clock& clock;
    std::function<bool()> can_send;
    std::function<std::expected<HttpReply, std::string>(const HttpCall& call)> send;
  };
  explicit RequestRelay(Parts parts) : parts_(std::move(parts)) {}

  // relay sends `call` for the session of this id. Whether the API key is the caller's to use, the
  // caller of relay() has found out.
  //
  //   relay_not_served                          the gateway cannot be called from here now
  //   relay_method, relay_target, relay_route   nothing was sent
  //   relay_key_bound                           it has an allow-list: nothing was sent
  //   no_such_key
  //   relay_busy                                too often; with retry_after
  //   relay_failed                              no answer that could be read came; it may have been
  //                                             accepted all the same
  [[nodiscard]] std::expected<RelayedAnswer, Problem> relay(std::string_view session,
                                                            const TriedRequest& call);

 private:
  struct Sent {
    BootTime at;
    std::string session;
  };
  [[nodiscard]] std::expected<void, Problem> check(const TriedRequest& call,
                                                   const Profile& profile) const;
  [[nodiscard]] std::expected<void, Problem> count(std::string_view session);

  Parts parts_;
  std::mutex mutex_;
  std::deque<Sent> sent_;  // within kPer, at most kOfAllMax; under mutex_
};

}  // namespace counterfoil
