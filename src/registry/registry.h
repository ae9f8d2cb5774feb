#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace counterfoil {

// RecordKind says what a record is. Values are stored: append, never renumber.
enum class RecordKind : std::uint8_t {
  kAccount = 1,
  kApiKey = 2,
  kSealingKey = 3,
  kSetting = 4,
  kUpstreamEvent = 5,  // id: the API key
  kMassAction = 6,
  kMassPart = 7,  // of a mass action: a part of its list or of its results
  kPerson = 8,
  kSession = 9,         // of a person; id: the hash of its token
  kThrottle = 10,       // a counter of tries to sign in; id: whose
  kInvitation = 11,     // id: the hash of its token
  kNotice = 12,         // for a person; id: the person, then newest first
  kEnrolmentLink = 13,  // of an API key to be made; id: the hash of its token
  kWebhook = 14,
  kWebhookDelivery = 15,  // of a webhook; id: the webhook, then newest first
};

// Revision names one state of the registry. `number` starts at 0 (an empty registry) and grows by
// one with every transaction that writes a record; a transaction of audit entries alone leaves it.
// `incarnation` is a random number chosen when the store is made, and anew by a restore: revisions
// of two incarnations say nothing about each other.
struct Revision {
  std::uint64_t incarnation = 0;
  std::uint64_t number = 0;
  auto operator<=>(const Revision&) const = default;
};

// Record is one versioned, self-describing and, where secret, sealed value; the registry never
// looks into `bytes`. `modified` is the revision number of its last change (never 0).
struct Record {
  RecordKind kind = RecordKind::kAccount;
  std::string id;
  std::uint64_t modified = 0;
  std::string bytes;
  bool operator==(const Record&) const = default;
};

// RecordView is a Record during a scan: valid until the visitor returns.
struct RecordView {
  std::string_view id;
  std::uint64_t modified = 0;
  std::string_view bytes;
};

// IndexEntry makes a record findable by something other than its id ("account" -> "ac_1"). A
// kUnique value of an index belongs to at most one record of any kind; a kMany value to any number.
// Each index name has one rule for ever: the engines refuse an entry against the rule of the others
// only in so far as they see a second holder of a kUnique value.
enum class IndexRule : std::uint8_t { kUnique = 1, kMany = 2 };
struct IndexEntry {
  std::string index;
  std::string value;
  IndexRule rule = IndexRule::kMany;
  bool operator==(const IndexEntry&) const = default;
};

// Write changes one record, if nobody changed it since it was read.
struct Write {
  RecordKind kind = RecordKind::kAccount;
  std::string id;
  std::optional<std::string> bytes = {};  // nullopt: erase the record and its index entries
  std::uint64_t expected_modified = 0;    // Record::modified as read; 0: no such record must exist
  std::vector<IndexEntry> indexes = {};   // replace all entries of the record; empty when erasing
};

// AuditEntry is a finished, chained audit record; the registry carries its bytes and never looks
// in.
struct AuditEntry {
  std::uint64_t seq = 0;  // from 1, without gaps
  std::string bytes;
  bool operator==(const AuditEntry&) const = default;
};

// Urgency kRevocation lets a transaction use the disk space that is kept back for revocations; one
// of kNormal urgency must leave it alone, also while it is no more than the last free space.
enum class Urgency : std::uint8_t { kNormal, kRevocation };

// Transaction is everything of one change: it happens as a whole or not at all. All its writes get
// one revision. A record may be written once in it.
struct Transaction {
  std::vector<Write> writes = {};
  std::vector<AuditEntry> audit = {};
  Urgency urgency = Urgency::kNormal;
};

// Change is one step of the feed. `bytes` is what the record holds at the time of reading, which
// may be newer than `revision` (its later change comes too): so a reader never learns of a
// revocation later than its revision, and replaced bytes need not be kept anywhere. Applying a
// Change is idempotent: replace the record, or drop it when `bytes` is nullopt.
struct Change {
  std::uint64_t revision = 0;
  RecordKind kind = RecordKind::kAccount;
  std::string id;
  std::uint64_t modified = 0;                       // of the bytes; 0 when erased
  std::optional<std::string> bytes = std::nullopt;  // nullopt: erased
  bool operator==(const Change&) const = default;
};

// RegistryError is a fault or a refusal of the registry. Whatever it is, nothing was changed, save
// for kUnavailable from commit(): then the outcome is unknown until the record is read again.
enum class RegistryError : std::uint8_t {
  kConflict,  // someone else wrote first: a record's `modified` or the audit seq is not as expected
  kDuplicate,  // a kUnique index value belongs to another record
  kTooLarge,   // beyond a limit below
  kInvalid,    // empty id, empty transaction, a record written twice, an erase of "no such record"
  kGap,        // the feed no longer reaches back that far, or another incarnation: reload all
  kFull,       // no space left on the disk
  kUnavailable,  // the store does not answer (busy, I/O error, network)
  kCorrupt,      // the store answered with something that cannot be
};
[[nodiscard]] std::string_view describe(RegistryError error);

inline constexpr std::size_t kRecordBytesMax = 1024UL * 1024;
inline constexpr std::size_t kRecordIdBytesMax = 256;
inline constexpr std::size_t kIndexNameBytesMax = 64;
inline constexpr std::size_t kIndexValueBytesMax = 512;
inline constexpr std::size_t kIndexesPerRecordMax = 64;
inline constexpr std::size_t kAuditEntryBytesMax = 256UL * 1024;
inline constexpr std::size_t kWritesPerTransactionMax = 4096;
inline constexpr std::size_t kAuditPerTransactionMax = 4096;
inline constexpr std::size_t kListMax =
    10'000;  // rows of one list(), find_by_index() or audit_outbox()

// Forgetting says how deep forget_replaced() goes. kLog empties the write-ahead log into the store,
// whose freed space is overwritten: milliseconds, for after every erasure. kWholeFile also
// writes the store anew, for a copy may have stayed where the store moved rows about: commits
// wait for it, some seconds a gigabyte, so it is for quiet hours.
enum class Forgetting : std::uint8_t { kLog, kWholeFile };

// Subscription ends when it is destroyed. Destroying it waits for a call that is running, so it
// must not be destroyed by its own listener.
using Subscription = std::shared_ptr<void>;
using CommitListener = std::move_only_function<void(std::uint64_t revision)>;
using RecordVisitor = std::function<void(const RecordView& record)>;

// Registry is the truth: every account, API key, sealing key and setting. Engines: SqliteRegistry
// (one node), MemoryRegistry (tests); etcd later. All pass registry/registry_contract_test.cc. Safe
// to call from any thread.
class Registry {
 public:
  Registry() = default;
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;
  Registry(Registry&&) = delete;
  Registry& operator=(Registry&&) = delete;
  virtual ~Registry() = default;

  // revision is the newest committed one.
  [[nodiscard]] virtual std::expected<Revision, RegistryError> revision() const = 0;

  // find returns nullopt when there is no such record.
  [[nodiscard]] virtual std::expected<std::optional<Record>, RegistryError> find(
      RecordKind kind, std::string_view id) const = 0;

  // list gives up to `limit` (at most kListMax) records with an id after `after_id`, in byte order
  // of their ids. "" starts; the last id continues.
  [[nodiscard]] virtual std::expected<std::vector<Record>, RegistryError> list(
      RecordKind kind, std::string_view after_id, std::size_t limit) const = 0;

  // find_by_index gives the records of every kind that hold this value, by kind and id, at most
  // kListMax of them. `after_id` continues an index of one kind: only ids after it.
  [[nodiscard]] virtual std::expected<std::vector<Record>, RegistryError> find_by_index(
      std::string_view index, std::string_view value, std::string_view after_id = {}) const = 0;

  // commit makes the transaction happen, durably, before it returns. The audit entries must
  // continue the chain (last_audit() + 1, + 2, ...), else kConflict. Returns the new revision; for
  // audit entries alone the present one.
  [[nodiscard]] virtual std::expected<Revision, RegistryError> commit(
      const Transaction& transaction) = 0;

  // changes gives what happened after `after`, oldest first, without gaps: every revision number
  // after it, each whole. It stops at the first whole revision that reaches `limit` changes (at
  // least one revision); empty: nothing newer. After applying all of it the reader stands at
  // the last Change's revision. kGap: `after` is of another incarnation, in the future, or too old.
  [[nodiscard]] virtual std::expected<std::vector<Change>, RegistryError> changes(
      const Revision& after, std::size_t limit) const = 0;

  // scan calls `visitor` for every record of one kind, in no particular order, all from the one
  // state whose revision it returns; a reader then follows changes(after that). After an error the
  // visitor may have seen a part. The visitor must not call commit().
  [[nodiscard]] virtual std::expected<Revision, RegistryError> scan(
      RecordKind kind, const RecordVisitor& visitor) const = 0;

  // subscribe has `listener` called after each commit, from the committing thread, with the
  // revision that commit returned. Calls of concurrent commits come one at a time but not always in
  // order: take it as a hint to read changes(). The listener must be quick and must not call
  // commit().
  [[nodiscard]] virtual Subscription subscribe(CommitListener listener) = 0;

  // last_audit is the newest audit entry, kept even when the outbox was trimmed past it. nullopt:
  // none was ever committed.
  [[nodiscard]] virtual std::expected<std::optional<AuditEntry>, RegistryError> last_audit()
      const = 0;

  // audit_outbox gives up to `limit` (at most kListMax) entries that were not trimmed, oldest
  // first.
  [[nodiscard]] virtual std::expected<std::vector<AuditEntry>, RegistryError> audit_outbox(
      std::size_t limit) const = 0;

  // trim_audit drops the entries up to and including `up_to_seq` from the outbox. Call it only when
  // the journal has them durably.
  [[nodiscard]] virtual std::expected<void, RegistryError> trim_audit(std::uint64_t up_to_seq) = 0;

  // forget_replaced makes the bytes of erased and replaced records unreadable in the engine's own
  // files (control S-09), as far as `depth` says. kUnavailable: a long reader is in the way,
  // repeat.
  [[nodiscard]] virtual std::expected<void, RegistryError> forget_replaced(Forgetting depth) = 0;

  // keep_reserve takes the disk space that is kept back for revocations anew when there is room.
  // Call it every second or so. false: not all of it is held, so a full disk may soon keep
  // revocations from being recorded. An engine without a disk of its own: true.
  [[nodiscard]] virtual bool keep_reserve() = 0;
};

}  // namespace counterfoil
