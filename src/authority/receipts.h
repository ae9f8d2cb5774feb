#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/audit_lines.h"
#include "authority/problem.h"
#include "authority/request_ids.h"
#include "authority/revocation_wait.h"
#include "authority/revoker.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/private_key.h"
#include "journal/journal.h"
#include "registry/registry.h"

namespace counterfoil {

// A receipt is the signed proof that a change is in force: for each gateway since when it acts on
// the change, or that its right to accept had ended, and the bound that holds for both.
//
//   {"receipt":{account, action, bound_ms, committed_at, gateways, id, in_force_at, incarnation,
//               key_id, log_id, node, object, revision, signature, upstream}}
//
// gateways is a list of {after_us, gateway, outcome, revision}: outcome "applied" or "right_ended",
// after_us counted from committed_at. upstream is null where none is told, or {answer,
// canceled_orders, event, status}; see UpstreamAnswer. Times are as in the audit log. The Ed25519
// signature of the node's key is over "counterfoil-receipt-v1" || 0x00 || the inner object without
// its signature, in canonical JSON (RFC 8785), whatever blanks or order it is handed on with.

inline constexpr std::size_t kReceiptBytesMax = 256UL * 1024;

// UpstreamAnswer is what the upstream made of the event that told it of the change.
struct UpstreamAnswer {
  enum class Kind : std::uint8_t {
    kWaiting,    // not answered yet: it is told again
    kTaken,      // it has taken the event
    kGivenUp,    // it never took it
    kOvertaken,  // a later change of the key made the event needless before it was taken
  };
  std::string event;  // its id
  Kind kind = Kind::kWaiting;
  int status = 0;                                // of the last answer; 0: none came
  std::optional<std::uint64_t> canceled_orders;  // what a taken event's answer said
  bool operator==(const UpstreamAnswer&) const = default;
};
[[nodiscard]] std::string_view name_of(UpstreamAnswer::Kind kind);

// ReceiptSubject is what was changed.
struct ReceiptSubject {
  std::string id;       // of the receipt, from Receipts::new_id
  std::string action;   // "key.revoke", as in the audit log
  std::string object;   // the API key or account, as in the audit log
  std::string account;  // whose it is
};

// ReceiptFacts is what a receipt says.
struct ReceiptFacts {
  ReceiptSubject subject;
  Timestamp committed_at{};
  Timestamp in_force_at{};
  Revision revision;
  std::chrono::milliseconds bound{};
  std::vector<GatewayAnswer> gateways;  // `since` counts from the commit; `first_read` is not in it
  std::optional<UpstreamAnswer> upstream;
  std::string node;
  std::string log_id;  // of the audit log that has the change
};

// encode_receipt gives the signed line. nullopt: the key did not sign.
[[nodiscard]] std::optional<std::string> encode_receipt(const ReceiptFacts& facts,
                                                        const PrivateKey& node_key);

// ReceiptFault says why a text is no proof.
enum class ReceiptFault : std::uint8_t {
  kTooLong,    // more than kReceiptBytesMax
  kNoReceipt,  // not JSON, a member twice, or no receipt in it
  kForm,       // a receipt with members other than those above, or of another kind
  kOtherKey,   // another key signed it
  kSignature,  // the signature is wrong: it was changed after it was signed
};
[[nodiscard]] std::string_view describe(ReceiptFault fault);

// check_receipt reads a receipt, or an answer that has one as its member "receipt", and checks its
// signature. Pure.
[[nodiscard]] std::expected<ReceiptFacts, ReceiptFault> check_receipt(std::string_view text,
                                                                      const AuditKey& node_key);

// Receipts makes receipts and keeps them in the journal. Safe to call from any thread; it waits for
// the journal.
class Receipts {
 public:
  // Everything must outlive it.
  struct Parts {
    const PrivateKey& node_key;
    Journal& journal;
    RandomSource& random;
    const Clock& clock;
    std::string node;
    std::string log_id;
  };
  explicit Receipts(Parts parts) : parts_(std::move(parts)), ids_(parts_.random) {}

  // new_id makes the id of a change, before it is made.
  [[nodiscard]] std::string new_id();
  // issue signs and keeps the proof that the change is in force. nullopt: it could not be signed.
  // Where the journal does not take it, whoever asked for it has the only copy.
  [[nodiscard]] std::optional<std::string> issue(const ReceiptSubject& subject,
                                                 const InForce& in_force,
                                                 const std::optional<UpstreamAnswer>& upstream);
  // issue_all does so for changes that came into force together, one receipt for each.
  struct Told {
    ReceiptSubject subject;
    std::optional<UpstreamAnswer> upstream;
  };
  struct Issued {
    std::vector<std::optional<std::string>> lines;  // in the order of the changes
    bool are_kept = false;                          // all are in the journal
  };
  [[nodiscard]] Issued issue_all(std::span<const Told> changes, const InForce& in_force);
  // find gives a kept receipt as it was signed last: no_such_receipt. of gives those of one API key
  // or account, newest first.
  [[nodiscard]] std::expected<std::string, Problem> find(std::string_view id) const;
  [[nodiscard]] std::expected<std::vector<std::string>, Problem> of(std::string_view object,
                                                                    std::size_t limit) const;
  // public_key is the PEM that receipts of this node are checked with.
  [[nodiscard]] std::string public_key() const { return parts_.node_key.public_key().pem(); }

  // amend puts the upstream's answer into a kept receipt and signs it anew. false: try again later.
  [[nodiscard]] bool amend(std::string_view id, const UpstreamAnswer& upstream);

 private:
  Parts parts_;
  std::mutex mutex_;
  RequestIdSource ids_;  // under mutex_
};

}  // namespace counterfoil
