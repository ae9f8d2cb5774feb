#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autopsy/names.h"
#include "crypto/public_key.h"
#include "crypto/signature_scheme.h"

namespace counterfoil::autopsy {

enum class Transport : std::uint8_t { kRest, kWebSocket, kFix };

// RefusedRequest is a request exactly as it arrived: nothing decoded, nothing put right.
struct RefusedRequest {
  Transport transport = Transport::kRest;
  std::string method;  // REST
  std::string path;
  std::string query;                                         // REST: without '?'
  std::string body;                                          // REST
  std::vector<std::pair<std::string, std::string>> headers;  // REST, and of a WebSocket's upgrade
  std::string message;  // WebSocket: the frame's text. FIX: the message
  std::string source_ip;
  std::string required_permission;  // by the route; empty: any key will do
  std::string session_api_key;      // WebSocket: who this connection is logged on as; empty: nobody
  Names names = {};                 // of the server that refused it
};

// PairState is what became of a key pair and the API key that names it.
enum class PairState : std::uint8_t {
  kActive,
  kRetiring,  // replaced, still verifies until retires_at_ms
  kRetired,   // replaced
  kSuspended,
  kRevoked,
};

// AccountKey is one key pair of the owner, under the API key that names it. Texts, not checked
// values: the autopsy shows what stands in the record, wrong or not.
struct AccountKey {
  std::string api_key;
  Scheme scheme = Scheme::kHmacSha256;  // without a secret: nothing is tried
  std::string_view secret;              // HMAC; borrowed: whoever opened it wipes it. Empty: erased
  std::optional<PublicKey> public_key;  // RSA, Ed25519
  PairState state = PairState::kActive;
  std::string environment;  // "live", "testnet"; empty: there is only one
  std::vector<std::string> permissions;
  std::vector<std::string> allow_list;  // addresses and networks; empty: from everywhere
  std::vector<std::string> symbols;     // empty: all
  std::vector<std::string> products;    // "spot", "futures" ...; empty: not limited
  std::optional<std::int64_t> expires_at_ms;
  std::optional<std::int64_t> retires_at_ms;
};

// Estate is what one owner holds. Never put another owner's keys into it: all that is found may be
// told to this one.
struct Estate {
  AccountKey key;                        // whose autopsy this is
  std::vector<AccountKey> predecessors;  // of `key`: pairs that it replaced
  std::vector<AccountKey> other_keys;    // of the same owner, theirs that were replaced included
};

// History is what the gateway remembers of the key and its owner around this request. All of it may
// be missing; then what only history can prove is not named.
struct History {
  bool signature_seen_before = false;       // in the replay memory
  bool address_limited = false;             // our limiter shut the address out
  bool comp_id_in_use = false;              // FIX: another session has this SenderCompID
  bool header_seen_from_elsewhere = false;  // the API key's header arrives by other ways
  bool direct_requests_verify = false;      // requests of this key that come by no proxy are right
  bool account_forbidden = false;           // the account, not the key, may not do this
  // now - timestamp of the key's last requests that were signed rightly, in ms, oldest first.
  std::vector<std::int64_t> delays_ms;
};

// Rules is where a server may be stricter than another.
struct Rules {
  bool signature_must_be_last = false;
  bool microseconds_refused = false;
  std::string environment;  // of this gateway; empty: there is only one
  // The gateway has a route for this path and method, whatever the vendor's documents list.
  bool is_routed = false;
};

}  // namespace counterfoil::autopsy
