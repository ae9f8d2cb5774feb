#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "base/time.h"

namespace counterfoil {

// AuditRow is one finished, chained audit record, as the registry's outbox carried it.
struct AuditRow {
  std::uint64_t seq = 0;  // from 1, without gaps
  std::string bytes;
  bool operator==(const AuditRow&) const = default;
};

// CheckpointRow is one signed checkpoint of the audit chain; `position` counts them from 1.
struct CheckpointRow {
  std::uint64_t position = 0;
  std::string bytes;
  bool operator==(const CheckpointRow&) const = default;
};

// ReceiptRow is the signed proof that one change is in force.
struct ReceiptRow {
  std::string id;      // 1 to kJournalIdBytesMax bytes
  std::string object;  // the API key or account that was changed
  Timestamp time;
  std::string bytes;
  bool operator==(const ReceiptRow&) const = default;
};

// UsageRow sums up accepted requests of one API key, pair, address, client and route between two
// flushes of a gateway.
struct UsageRow {
  std::string api_key;
  std::uint32_t pair = 0;
  IpAddress address;
  std::string client;  // the User-Agent, cut to kClientBytesMax
  std::string route;
  Timestamp first;
  Timestamp last;
  std::uint64_t count = 0;
  std::string last_request_id;
  // Of the last one: our time minus its timestamp. The journal does not keep it.
  std::chrono::microseconds last_delay{0};
  bool operator==(const UsageRow&) const = default;
};

// RefusalRow is one refused request, or `count` alike ones summed up.
struct RefusalRow {
  std::string request_id;
  Timestamp time;
  std::string api_key;  // as sent: may be empty or unknown
  std::string account;  // empty: the API key is not one of ours
  std::uint16_t reason = 0;
  std::string reason_name;
  std::string method;
  std::string route;
  std::string path;  // without the query
  IpAddress address;
  std::string client;
  std::int64_t clock_offset_us = 0;  // server time minus timestamp; 0 when there was none
  std::vector<std::uint8_t> sealed_request;
  std::string signature_half;
  std::uint64_t count = 1;
  bool operator==(const RefusalRow&) const = default;
};

// AutopsyRow is what the autopsy of one refused request found. It may come before the row of its
// refusal.
struct AutopsyRow {
  std::string request_id;  // of the refusal
  Timestamp time;          // of the refusal
  std::string api_key;  // whose owner is told: one of ours, and not always the text that was sent
  std::string account;  // the owner
  std::string causes;   // their ids, by comma
  std::vector<std::uint8_t> sealed_findings;  // may be empty
  bool operator==(const AutopsyRow&) const = default;
};

// CauseSum says how often requests of one API key were refused for the same causes. It begins anew
// when kCauseQuiet passed without one.
struct CauseSum {
  std::string causes;
  Timestamp first;
  Timestamp last;
  std::uint64_t count = 0;  // of those that were examined
  std::string last_request_id;
  bool operator==(const CauseSum&) const = default;
};

// PairUse is the use of one key pair over the whole life of its API key.
struct PairUse {
  std::uint32_t pair = 0;
  Timestamp first;
  Timestamp last;
  std::uint64_t count = 0;
  std::string last_request_id;
  bool operator==(const PairUse&) const = default;
};

// ClientUse is the use of one key pair from one address by one client.
struct ClientUse {
  std::uint32_t pair = 0;
  IpAddress address;
  std::string client;
  Timestamp first;
  Timestamp last;
  std::uint64_t count = 0;
  std::string route;  // of the last request
  bool operator==(const ClientUse&) const = default;
};

// RouteUse is the use of one route: what is granted but never used can be taken away.
struct RouteUse {
  std::string route;
  Timestamp first;
  Timestamp last;
  std::uint64_t count = 0;
  bool operator==(const RouteUse&) const = default;
};

// AcceptedRow is one accepted request, or all of one minute that have API key, pair, address,
// client and route in common.
struct AcceptedRow {
  std::uint32_t pair = 0;
  IpAddress address;
  std::string client;
  std::string route;
  Timestamp first;
  Timestamp last;
  std::uint64_t count = 0;
  std::string last_request_id;
  bool operator==(const AcceptedRow&) const = default;
};

// JournalPlace is where a list of requests, newest first, is read on: behind the one with this time
// and request id. Of equal times the greater id is the newer one.
struct JournalPlace {
  Timestamp time;
  std::string request_id;
  auto operator<=>(const JournalPlace&) const = default;
};

// LastUses is everything the journal knows of one API key's use. Each list: latest first.
struct LastUses {
  std::vector<PairUse> pairs;
  std::vector<ClientUse> clients;
  std::vector<RouteUse> routes;
  bool operator==(const LastUses&) const = default;
};

// UsageBucket is how finely usage() counts. Minutes are kept kMinutesKept, hours kHoursKept.
enum class UsageBucket : std::uint8_t { kMinute = 1, kHour = 2 };
struct UsageCount {
  Timestamp start;  // of the bucket
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  bool operator==(const UsageCount&) const = default;
};

// RefusalFilter: an empty api_key or account means "any"; both given means both must match.
struct RefusalFilter {
  std::string api_key;
  std::string account;
  Timestamp since;  // at or after
  std::optional<std::uint16_t> reason;
  std::size_t limit = 100;                            // at most kJournalListMax
  std::optional<JournalPlace> before = std::nullopt;  // nullopt: from the newest
};

// JournalError: whatever it is, nothing of the call was written.
enum class JournalError : std::uint8_t {
  kGap,          // append_audit: the first new row does not follow the head
  kConflict,     // append_audit: a row that is there already has other bytes
  kTooLarge,     // an audit row, checkpoint or receipt beyond its limit
  kFull,         // no space left on the disk
  kUnavailable,  // the store does not answer
  kCorrupt,      // the store answered with something that cannot be
};
[[nodiscard]] std::string_view describe(JournalError error);

inline constexpr std::size_t kAuditRowBytesMax = 256UL * 1024;
inline constexpr std::size_t kCheckpointBytesMax = 16UL * 1024;
inline constexpr std::size_t kReceiptRowBytesMax = 256UL * 1024;
inline constexpr std::size_t kClientBytesMax = 128;
inline constexpr std::size_t kRouteBytesMax = 256;
inline constexpr std::size_t kMethodBytesMax = 32;
inline constexpr std::size_t kPathBytesMax = 1024;
inline constexpr std::size_t kJournalIdBytesMax =
    256;  // API key, account, request id, reason, signature
inline constexpr std::size_t kSealedRequestBytesMax = 64UL * 1024;  // past it: kept without
inline constexpr std::size_t kRefusalsPerKeyMax = 10'000;           // the oldest go first
inline constexpr std::size_t kRefusalsUnknownMax = 10'000;          // all unknown keys together
inline constexpr std::size_t kAutopsiesPerKeyMax = 1'000;           // the oldest go first
inline constexpr std::size_t kCauseSumsPerKeyMax = 100;             // the longest quiet go first
inline constexpr std::size_t kCausesBytesMax = 512;
inline constexpr std::chrono::hours kCauseQuiet{24};
inline constexpr std::size_t kClientUsesPerKeyMax = 1'000;  // the longest unused go first
inline constexpr std::size_t kRouteUsesPerKeyMax = 1'000;
inline constexpr std::size_t kAcceptedPerKeyMax = 1'000;  // the oldest go first
inline constexpr std::size_t kJournalListMax = 10'000;
inline constexpr std::chrono::hours kRefusalsKept{7 * 24};
inline constexpr std::chrono::hours kAcceptedKept{7 * 24};
inline constexpr std::chrono::hours kMinutesKept{7 * 24};
inline constexpr std::chrono::hours kHoursKept{90 * 24};

// Sealed is what is kept sealed of a refusal.
enum class Sealed : std::uint8_t { kRequests, kFindings };
// SealedRenewal gives the new form of a sealed value, or nullopt to leave it as it is.
using SealedRenewal = std::function<std::optional<std::vector<std::uint8_t>>(
    std::string_view request_id, std::span<const std::uint8_t> sealed)>;

// Journal keeps what happened: the audit chain, usage and refusals. Engines: SqliteJournal (one
// node), MemoryJournal (tests). All pass journal/journal_contract_test.cc. Safe to call from any
// thread. Texts longer than their limit are cut at a UTF-8 boundary, never refused: they come from
// strangers.
class Journal {
 public:
  Journal() = default;
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  Journal(Journal&&) = delete;
  Journal& operator=(Journal&&) = delete;
  virtual ~Journal() = default;

  // append_audit stores rows that continue the chain, durably before it returns. Rows that are
  // there already with the same bytes are passed over, so a caller may repeat itself after a crash.
  [[nodiscard]] virtual std::expected<void, JournalError> append_audit(
      std::span<const AuditRow> rows) = 0;
  // audit gives up to `limit` (at most kJournalListMax) rows after `after_seq`, in order.
  [[nodiscard]] virtual std::expected<std::vector<AuditRow>, JournalError> audit(
      std::uint64_t after_seq, std::size_t limit) const = 0;
  // audit_head is the newest row; nullopt: none yet.
  [[nodiscard]] virtual std::expected<std::optional<AuditRow>, JournalError> audit_head() const = 0;

  // add_checkpoint stores a signed checkpoint, durably, and returns its position.
  [[nodiscard]] virtual std::expected<std::uint64_t, JournalError> add_checkpoint(
      std::string_view bytes) = 0;
  [[nodiscard]] virtual std::expected<std::vector<CheckpointRow>, JournalError> checkpoints(
      std::uint64_t after_position, std::size_t limit) const = 0;
  // checkpoint_head is the newest one; nullopt: none yet.
  [[nodiscard]] virtual std::expected<std::optional<CheckpointRow>, JournalError> checkpoint_head()
      const = 0;

  // keep_receipts keeps receipts, all of them durably or none, each in place of one with the same
  // id. kTooLarge: also an id or object that is empty or longer than kJournalIdBytesMax.
  [[nodiscard]] virtual std::expected<void, JournalError> keep_receipts(
      std::span<const ReceiptRow> rows) = 0;
  [[nodiscard]] virtual std::expected<std::optional<ReceiptRow>, JournalError> receipt(
      std::string_view id) const = 0;
  // receipts gives those of one object, newest first, at most `limit` (kJournalListMax).
  [[nodiscard]] virtual std::expected<std::vector<ReceiptRow>, JournalError> receipts(
      std::string_view object, std::size_t limit) const = 0;

  // record_usage adds to the sums. A row counts in the minute and hour of its `last`. Of the rows
  // themselves the newest kAcceptedPerKeyMax of each API key are kept, those of one minute that are
  // alike as one.
  [[nodiscard]] virtual std::expected<void, JournalError> record_usage(
      std::span<const UsageRow> rows) = 0;
  // record_refusals keeps the newest kRefusalsPerKeyMax of each API key; rows without an account
  // share kRefusalsUnknownMax. A request_id that is there already is passed over. Rows with an
  // account also count in the minute and hour of their API key, which outlast them.
  [[nodiscard]] virtual std::expected<void, JournalError> record_refusals(
      std::span<const RefusalRow> rows) = 0;

  // last_uses of an API key nobody used is empty.
  [[nodiscard]] virtual std::expected<LastUses, JournalError> last_uses(
      std::string_view api_key) const = 0;
  // users_of gives the API keys, in byte order and after `after`, that had a request accepted from
  // an address of `network` at or after `since`, at most `limit` (kJournalListMax). Of each key it
  // knows the latest kClientUsesPerKeyMax clients.
  [[nodiscard]] virtual std::expected<std::vector<std::string>, JournalError> users_of(
      const Cidr& network, Timestamp since, std::string_view after, std::size_t limit) const = 0;
  // usage gives the buckets that start at or after `since` and hold at least one, oldest first, at
  // most kJournalListMax.
  [[nodiscard]] virtual std::expected<std::vector<UsageCount>, JournalError> usage(
      std::string_view api_key, Timestamp since, UsageBucket bucket) const = 0;

  // accepted gives what is kept of the accepted requests of one API key, newest first, after
  // `before`, at most `limit` (kJournalListMax).
  [[nodiscard]] virtual std::expected<std::vector<AcceptedRow>, JournalError> accepted(
      std::string_view api_key, const std::optional<JournalPlace>& before,
      std::size_t limit) const = 0;

  // refusals gives what matches, newest first.
  [[nodiscard]] virtual std::expected<std::vector<RefusalRow>, JournalError> refusals(
      const RefusalFilter& filter) const = 0;
  // refusal returns nullopt when this request was not refused, or too long ago.
  [[nodiscard]] virtual std::expected<std::optional<RefusalRow>, JournalError> refusal(
      std::string_view request_id) const = 0;

  // record_autopsies keeps the newest kAutopsiesPerKeyMax of each API key, and counts each in the
  // sum of its causes. One whose request_id is there already is passed over.
  [[nodiscard]] virtual std::expected<void, JournalError> record_autopsies(
      std::span<const AutopsyRow> rows) = 0;
  // autopsy returns nullopt when there was none of this request, or too long ago.
  [[nodiscard]] virtual std::expected<std::optional<AutopsyRow>, JournalError> autopsy(
      std::string_view request_id) const = 0;
  // cause_sums gives those of one API key, the latest first.
  [[nodiscard]] virtual std::expected<std::vector<CauseSum>, JournalError> cause_sums(
      std::string_view api_key) const = 0;

  // renew_sealed hands up to `limit` sealed values of one kind with a request id after `after` to
  // `renew`, in the order of their ids, and keeps what it gives instead, all in one transaction.
  // Returns the id of the last one; nullopt: there are none after `after`. "" starts.
  [[nodiscard]] virtual std::expected<std::optional<std::string>, JournalError> renew_sealed(
      Sealed which, std::string_view after, std::size_t limit, const SealedRenewal& renew) = 0;

  // prune drops what is older than it is kept, in small transactions so that nothing waits long
  // behind it. Call it every minute or so.
  [[nodiscard]] virtual std::expected<void, JournalError> prune(Timestamp now) = 0;
};

}  // namespace counterfoil
