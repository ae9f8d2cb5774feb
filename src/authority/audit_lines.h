#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "authority/audit_chain.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "crypto/public_key.h"
#include "crypto/verification_key.h"

namespace counterfoil {

// Reading the lines of an audit log (authority/audit_chain.h), each in its one canonical form: a
// line that is read here is, byte for byte, what the encoder would write. Pure.

inline constexpr std::size_t kAuditLineBytesMax = 256UL * 1024;
// A log is written with a checkpoint at least every so many records (or 60 s, if there are new
// ones).
inline constexpr std::uint64_t kAuditCheckpointRecordsMax = 1'000;

// parse_audit_time reads what audit_time_text wrote; what is finer than a microsecond is dropped.
[[nodiscard]] std::optional<Timestamp> parse_audit_time(std::string_view text);

// AuditLineKind is told by how a line begins.
enum class AuditLineKind : std::uint8_t { kBirth, kRecord, kCheckpoint };
[[nodiscard]] AuditLineKind audit_line_kind(std::string_view line);

[[nodiscard]] std::optional<AuditBirth> parse_birth(std::string_view line);

// AuditRecord is what the chain needs of a record. Views into the line, escapes as they stand.
struct AuditRecord {
  std::uint64_t seq = 0;
  Digest prev{};
  Timestamp time{};
  std::string_view action;
  std::string_view public_key;  // of the details of a key change; empty in all others
  std::string_view signature;
};
[[nodiscard]] std::optional<AuditRecord> parse_record(std::string_view line);

// AuditCheckpoint is what a checkpoint says.
struct AuditCheckpoint {
  Digest hash{};
  std::string key_id;
  std::string log_id;
  std::uint64_t seq = 0;
  Timestamp time{};
  std::string signed_text;  // what the signature is over
  std::string signature;    // base64
};
[[nodiscard]] std::optional<AuditCheckpoint> parse_checkpoint(std::string_view line);

// AuditKey is a public key of the log: it verifies checkpoints and the change to the next one.
class AuditKey {
 public:
  // from_pem gives nullopt unless it is an Ed25519 key that passes every check of an import.
  [[nodiscard]] static std::optional<AuditKey> from_pem(std::string_view pem);

  [[nodiscard]] const std::string& id() const { return id_; }    // its fingerprint
  [[nodiscard]] const std::string& pem() const { return pem_; }  // lines of 64 characters, LF
  [[nodiscard]] bool verify(std::string_view text, std::string_view signature_base64) const;

 private:
  AuditKey(const PublicKey& key, VerificationKey verifier)
      : id_(key.fingerprint_text()), pem_(key.pem()), verifier_(std::move(verifier)) {}
  std::string id_;
  std::string pem_;
  VerificationKey verifier_;
};

// AuditCursor stands at one place of a log: it follows the chain, record by record.
class AuditCursor {
 public:
  // Before the first record. nullopt: not a birth record, or its key is none.
  [[nodiscard]] static std::optional<AuditCursor> at_birth(std::string_view birth_line);

  // Wrong says which of the record's promises does not hold. The cursor has not moved then.
  enum class Wrong : std::uint8_t {
    kForm,       // not a record in canonical form
    kSequence,   // seq is not the next one
    kLink,       // prev is not the hash of the record before
    kTime,       // more than kAuditTimeBackMax before the record before
    kKeyChange,  // a change of the audit key that the present one has not signed
  };
  [[nodiscard]] std::expected<void, Wrong> advance(std::string_view record_line);

  // skip_to puts the cursor at a head that is known from elsewhere, with the key in force there.
  void skip_to(const AuditHead& head, Timestamp time, AuditKey key);

  [[nodiscard]] const AuditHead& head() const { return head_; }
  [[nodiscard]] Timestamp time() const { return time_; }
  [[nodiscard]] const AuditKey& key() const { return key_; }
  [[nodiscard]] const std::string& log_id() const { return log_id_; }

 private:
  AuditCursor(AuditBirth birth, AuditKey key, const Digest& hash)
      : log_id_(std::move(birth.log_id)),
        key_(std::move(key)),
        head_{.seq = 0, .hash = hash},
        time_(birth.time) {}
  [[nodiscard]] std::optional<AuditKey> next_key(const AuditRecord& record) const;

  std::string log_id_;
  AuditKey key_;
  AuditHead head_;
  Timestamp time_;
};

}  // namespace counterfoil
