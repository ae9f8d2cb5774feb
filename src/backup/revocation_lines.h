#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authority/problem.h"
#include "base/time.h"
#include "crypto/digest.h"

namespace counterfoil {

// The revocation log (control S-86): every revocation, suspension and end of a key pair, and
// everything that ends a way to sign in, written also outside of the stores, so that a restored
// backup does not bring back to life what was ended since. A text file that only grows; each line
// is
//
//   SHA-256("counterfoil-revocations-v1" || 0x00 || the hash of the line before || JSON), hex
//   a blank
//   canonical JSON: {"begin":…}, {"ending":…} or {"seen":…}
//
// The hash before the first line is 32 zero bytes. A "begin" opens a section: what follows is of
// one incarnation of one registry, and complete from the audit record `seq` on. A "seen" says that
// everything up to its `seq` is here; it is written with each checkpoint of the audit log, so that
// a cut-off end is told. Pure.

inline constexpr std::size_t kRevocationLineBytesMax = 16UL * 1024;
inline constexpr std::size_t kRevocationLogBytesMax = 256UL * 1024 * 1024;

enum class EndingKind : std::uint8_t {
  kRevoke,
  kSuspend,
  kRotate,       // the pairs of that time verify until `ends_at`
  kEndRetiring,  // the pairs that were retiring ended at `ends_at`
  kSuspendAccount,
  kDisablePerson,
  // What somebody who signs in has changed or lost, so that the older one must not serve again.
  kChangePassword,
  kResetPassword,
  kForceNewFactor,
  kReplaceTotp,
  kRemoveTotp,
  kRemovePasskey,
  kUnlinkIdentity,
};

// Ending is one thing that must stay ended.
struct Ending {
  EndingKind kind = EndingKind::kRevoke;
  std::string object;  // the id of an API key, an account or a person
  std::string cause;
  std::uint64_t seq = 0;  // of its audit record
  std::string time;       // as its audit record says
  Timestamp ends_at{};    // kRotate, kEndRetiring; otherwise the time
  bool operator==(const Ending&) const = default;
};

// ending_in reads an audit record (authority/audit_chain.h). nullopt: it ends nothing.
[[nodiscard]] std::optional<Ending> ending_in(std::string_view audit_record);

// RevocationSection is what was logged of one incarnation.
struct RevocationSection {
  std::string log_id;  // of the audit log
  std::uint64_t incarnation = 0;
  std::uint64_t from_seq = 0;  // what was ended by records up to it is not here
  std::uint64_t seen_seq = 0;  // everything ended from there up to here is
  std::vector<Ending> endings;
  bool operator==(const RevocationSection&) const = default;
};

// RevocationLogText is a whole log, and what the next line is chained to.
struct RevocationLogText {
  std::vector<RevocationSection> sections;
  Digest last_hash{};
};

// The JSON of each kind of line, and the line made of it.
[[nodiscard]] std::string begin_json(const RevocationSection& section);
[[nodiscard]] std::string ending_json(const Ending& ending);
[[nodiscard]] std::string seen_json(std::uint64_t seq);
[[nodiscard]] Digest revocation_hash(const Digest& before, std::string_view json);
[[nodiscard]] std::string revocation_line(const Digest& hash, std::string_view json);

// parse_revocation_log reads a whole log. A line that a crash cut short, and that nothing is
// chained to, is passed over. Problem revocation_log_damaged names the first line that was altered,
// moved or taken out; `name` is what the log is called in it.
[[nodiscard]] std::expected<RevocationLogText, Problem> parse_revocation_log(std::string_view text,
                                                                             std::string_view name);

}  // namespace counterfoil
