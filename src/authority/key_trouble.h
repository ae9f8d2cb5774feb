#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authority/refusal_findings.h"
#include "base/time.h"

namespace counterfoil {

// What is wrong with an API key now, as plain values: the command line, the management API and the
// page show the same list in the same words.

// RemedyKind is what is done about a trouble. The first five lie with us: one call of the
// management API does each.
enum class RemedyKind : std::uint8_t {
  kSuspend,
  kResume,
  kRenew,           // a later expiry: `expires_at`
  kAllowAddress,    // one more address on the IP allow-list: `value`
  kTickPermission,  // one more permission: `value`
  kRotate,          // a new key pair, which whoever uses the key has to be given
  kEdit,            // the owner decides what the key may do
  kClientChange,    // whoever uses the key has to change something
};
// name_of gives the stable name: "suspend", "allow_address" ...
[[nodiscard]] std::string_view name_of(RemedyKind kind);
// is_ours: the remedy lies with us.
[[nodiscard]] bool is_ours(RemedyKind kind);

// KeyRemedy is one way out of a trouble.
struct KeyRemedy {
  std::string id;  // "suspend", "allow_address:203.0.113.7": the same in the next answer
  RemedyKind kind{};
  std::string text;      // what it does, one sentence
  std::string risk;      // what may come of it, one sentence; empty: nothing
  bool step_up = false;  // somebody in a session confirms it with a fresh second factor
  std::string value;     // an address, or the name of a permission
  std::optional<Timestamp> expires_at;
};

// TroubleRank is how pressing a trouble is, the most pressing first.
enum class TroubleRank : std::uint8_t {
  kPossibleTheft,  // somebody signs rightly from where nobody should
  kCompromised,    // a secret travelled where it does not belong
  kDead,           // every request is refused
  kRefused,        // some requests are
  kWarning,        // none is, yet
};
[[nodiscard]] std::string_view name_of(TroubleRank rank);

// KeyTrouble is one line of the list.
struct KeyTrouble {
  TroubleRank rank = TroubleRank::kRefused;
  // Of docs/causes.md, or "unknown-signature"; of the key's own record: "account-suspended",
  // "expires-soon", "never-used", "used-from-anywhere", "retiring-pair-in-use", "policy-notice".
  std::string id;
  std::string title;   // one sentence
  std::string detail;  // what was seen; may be empty. Holds bytes that a stranger sent (a client)
  std::string fix;     // one sentence
  std::uint64_t count = 0;  // of requests; 0: it is not about requests, and the next four are empty
  std::optional<Timestamp> first;
  std::optional<Timestamp> last;
  std::string last_request_id;
  bool accepted_since = false;  // a request was accepted after the last of these
  std::optional<Timestamp> at;  // when something happens by itself: it expires, the old pair ends
  std::vector<ShownSnippet> snippets;
  std::vector<KeyRemedy> remedies;  // the first is the one to take
};

}  // namespace counterfoil
