#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "crypto/digest.h"
#include "crypto/private_key.h"
#include "crypto/public_key.h"

namespace counterfoil {

// The audit log is a chain: each record names the hash of the one before, so none can be changed,
// removed, inserted or moved without breaking every hash after it; signed checkpoints pin the head.
//
//   record      action, actor, detail, node, object, outcome, prev, seq, source, time
//   hash        SHA-256("counterfoil-audit-v1" || 0x00 || prev || the record's bytes)
//   first prev  SHA-256 of the birth record's bytes
//   birth       {"birth":{log_id, public_key, time}}
//   checkpoint  {"checkpoint":{hash, key_id, log_id, seq, signature, time}}; the Ed25519 signature
//   is
//               over "counterfoil-checkpoint-v1" || 0x00 || the inner object without its signature
//   key change  the record "audit_key.change"; details: the new public_key, and the old key's
//   signature
//               over "counterfoil-audit-key-v1" || 0x00 || log_id || LF || public_key
//
// Every line is canonical JSON (RFC 8785: sorted members, no blanks, shortest escapes). Texts keep
// the form they came in: their bytes are what is hashed, and no reader ever compares them.
//
// An exported log is one JSON object a line: the birth record, the records, and each checkpoint
// after the record it pins. authority/audit_lines.h reads it, authority/audit_log_check.h judges
// it.

// AuditFact is what happened. No secrets; texts from strangers are cut to 1 KiB and made valid
// UTF-8.
struct AuditFact {
  std::string actor;   // "system", "socket:uid=1000", "key:vmPUZE6m"
  std::string source;  // address, or "local"
  std::string action;  // "key.revoke"
  std::string object;  // what it was done to
  std::string outcome = "done";
  std::map<std::string, std::string> detail;  // names: of [a-z0-9_], at most 64 characters
};

inline constexpr std::string_view kAuditKeyChange = "audit_key.change";  // an AuditFact's action

struct AuditHead {
  std::uint64_t seq = 0;  // 0: no record yet, hash is the birth record's
  Digest hash{};
};

struct AuditBirth {
  std::string log_id;          // 32 hex digits
  std::string public_key_pem;  // Ed25519, of the key that signs checkpoints and nothing else
  Timestamp time{};
};

// audit_time_text writes UTC with nanoseconds, of which the clock gives the first six digits.
[[nodiscard]] std::string audit_time_text(Timestamp time);

[[nodiscard]] std::string encode_birth(const AuditBirth& birth);
[[nodiscard]] Digest birth_hash(std::string_view birth_line);

// kAuditTimeBackMax: a record is at most so much older than the one before it.
inline constexpr std::chrono::seconds kAuditTimeBackMax{5};

// encode_record gives the canonical line of the record that follows `head`.
[[nodiscard]] std::string encode_record(const AuditFact& fact, const AuditHead& head,
                                        Timestamp time, std::string_view node);
[[nodiscard]] Digest record_hash(const Digest& prev, std::string_view record_line);
// head_of reads seq and prev out of a record line and gives the head it makes. nullopt: not a
// record.
[[nodiscard]] std::optional<AuditHead> head_of(std::string_view record_line);

// audit_key_change is the fact that the log's checkpoints are signed by another key from now on.
// nullopt: the old key did not sign.
[[nodiscard]] std::optional<AuditFact> audit_key_change(std::string_view log_id,
                                                        const PrivateKey& old_key,
                                                        const PublicKey& new_key);
// audit_key_change_text is what the old key signs.
[[nodiscard]] std::string audit_key_change_text(std::string_view log_id,
                                                std::string_view new_public_key_pem);

// checkpoint_text is what a checkpoint's signature is over: `body` is its canonical JSON.
[[nodiscard]] std::string checkpoint_text(std::string_view body);

// encode_checkpoint gives the signed line that pins `head`. nullopt: the key did not sign.
[[nodiscard]] std::optional<std::string> encode_checkpoint(std::string_view log_id,
                                                           const AuditHead& head, Timestamp time,
                                                           const PrivateKey& audit_key);

}  // namespace counterfoil
