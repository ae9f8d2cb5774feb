#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "crypto/digest.h"
#include "crypto/private_key.h"

namespace counterfoil {

// The audit log is a chain: each record names the hash of the one before, so none can be changed,
// removed, inserted or moved without breaking every hash after it; signed checkpoints pin the head.
//
//   record      canonical JSON (sorted members, no blanks, no floats; RFC 8785): action, actor,
//   detail, node, object,
//               outcome, prev, seq, source, time
//   hash        SHA-256("counterfoil-audit-v1" || 0x00 || prev || canonical bytes)
//   first prev  SHA-256 of the birth record's canonical JSON: log id, public audit key, time
//
// An exported log is one JSON object a line: the birth record, the records, checkpoints among them.

// AuditFact is what happened. No secrets; texts from strangers are cut to 1 KiB and made valid
// UTF-8.
struct AuditFact {
  std::string actor;   // "system", "socket:uid=1000", "key:vmPUZE6m"
  std::string source;  // address, or "local"
  std::string action;  // "key.revoke"
  std::string object;  // what it was done to
  std::string outcome = "done";
  std::map<std::string, std::string> detail;
};

struct AuditHead {
  std::uint64_t seq = 0;  // 0: no record yet, hash is the birth record's
  Digest hash{};
};

struct AuditBirth {
  std::string log_id;          // 32 hex digits
  std::string public_key_pem;  // Ed25519, of the key that signs checkpoints and nothing else
  Timestamp time{};
};

[[nodiscard]] std::string encode_birth(const AuditBirth& birth);
[[nodiscard]] Digest birth_hash(std::string_view birth_line);

// encode_record gives the canonical line of the record that follows `head`.
[[nodiscard]] std::string encode_record(const AuditFact& fact, const AuditHead& head,
                                        Timestamp time, std::string_view node);
[[nodiscard]] Digest record_hash(const Digest& prev, std::string_view record_line);
// head_of reads seq and prev out of a record line and gives the head it makes. nullopt: not a
// record.
[[nodiscard]] std::optional<AuditHead> head_of(std::string_view record_line);

// encode_checkpoint gives the signed line that pins `head`. nullopt: the key did not sign.
[[nodiscard]] std::optional<std::string> encode_checkpoint(std::string_view log_id,
                                                           const AuditHead& head, Timestamp time,
                                                           const PrivateKey& audit_key);

}  // namespace counterfoil
