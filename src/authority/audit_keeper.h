#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "authority/audit_chain.h"
#include "authority/audit_export.h"
#include "authority/audit_keys.h"
#include "authority/audit_lines.h"
#include "authority/audit_origin.h"
#include "authority/audited_registry.h"
#include "authority/checkpoint_sink.h"
#include "authority/problem.h"
#include "authority/sealer.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/private_key.h"
#include "journal/journal.h"
#include "registry/registry.h"

namespace counterfoil {

// AuditState is where the audit log stands.
struct AuditState {
  std::string log_id;
  std::string key_id;                // of the key that signs checkpoints
  std::uint64_t seq = 0;             // the newest record
  std::uint64_t journal_seq = 0;     // the newest one that the journal has; the rest waits
  std::uint64_t checkpoint_seq = 0;  // the newest one that is pinned by a checkpoint
  std::optional<Problem> trouble;    // why the last pump() did not do all its work
};

// AuditKeeper carries finished audit records from the registry's outbox to the journal and pins
// them with signed checkpoints. It follows the chain as it goes: a record that does not fit is
// never moved nor signed over. Safe to call from any thread; it waits for the stores, so no event
// loop calls it.
class AuditKeeper {
 public:
  // All must outlive the keeper.
  struct Parts {
    Registry& registry;
    AuditedRegistry& audited;
    Sealer& sealer;
    Journal& journal;
    RandomSource& random;
    const Clock& clock;
    std::vector<CheckpointSink*> sinks = {};  // besides the journal
  };
  static constexpr std::chrono::seconds kCheckpointInterval{60};

  // start loads the audit key and compares the ends of the log. `newest_outside` is the newest
  // checkpoint that is known outside of the stores (CheckpointFile::newest).
  //
  //   audit_key_missing, audit_key_unusable
  //   audit_rolled_back          the registry is older than the journal or than `newest_outside`,
  //   so
  //                              revoked keys may be alive in it again
  //   audit_forked               they tell different histories
  //   audit_checkpoints_foreign  `newest_outside` is another log's
  //
  // A journal that is damaged, or older than the registry, does not stop the start: records wait in
  // the registry, and pump() says what is wrong.
  [[nodiscard]] static std::expected<std::unique_ptr<AuditKeeper>, Problem> start(
      Parts parts, AuditOrigin origin, const std::optional<std::string>& newest_outside = {});

  // pump moves what waits in the outbox and makes the checkpoints that are due: one every
  // kAuditCheckpointRecordsMax records, or kCheckpointInterval after the last if there are new
  // ones. Call it every second or so. Whatever the problem, nothing is lost: what was not moved
  // waits.
  [[nodiscard]] std::expected<void, Problem> pump();
  // checkpoint_now also pins the newest record, if there is a new one: before an export, at the
  // end.
  [[nodiscard]] std::expected<void, Problem> checkpoint_now();

  // change_key makes a new audit key, which the present one signs; the old one is forgotten.
  [[nodiscard]] std::expected<void, Problem> change_key(const std::string& actor,
                                                        const std::string& source);

  // export_log gives everything, the newest record pinned by a checkpoint (see export_audit_log).
  [[nodiscard]] std::expected<AuditExported, Problem> export_log(const AuditLineSink& sink);

  [[nodiscard]] AuditState state() const;
  // public_key is the PEM the log was born with: what a checker should be told to expect.
  [[nodiscard]] std::string public_key() const;

 private:
  using Result = std::expected<void, Problem>;
  // Loaded is the audit key as the registry keeps it.
  struct Loaded {
    AuditKeys keys;
    std::uint64_t modified = 0;  // of the setting
    PrivateKey key;
  };
  AuditKeeper(Parts parts, AuditOrigin origin, AuditBirth birth, Loaded loaded)
      : parts_(std::move(parts)),
        origin_(std::move(origin)),
        birth_(std::move(birth)),
        loaded_(std::move(loaded)) {}

  [[nodiscard]] static std::expected<Loaded, Problem> load_key(const Parts& parts);
  [[nodiscard]] Result compare_ends(const std::optional<std::string>& newest_outside) const;
  [[nodiscard]] Result compare_journal(const std::optional<AuditEntry>& last) const;
  [[nodiscard]] Result compare_outside(const std::string& line, std::uint64_t registry_seq) const;

  // Below: with mutex_ held. A cursor stands at the journal's newest record.
  [[nodiscard]] Result find_place();
  [[nodiscard]] Result find_checkpoint(AuditCursor& cursor);
  [[nodiscard]] Result take_checkpoint(const AuditCheckpoint& checkpoint, AuditCursor& cursor);
  [[nodiscard]] Result follow_journal(AuditCursor& cursor) const;
  // run pumps, then does `more` with the cursor; after any problem the place is looked for anew.
  template <typename More>
  [[nodiscard]] Result run(const More& more);
  [[nodiscard]] Result move_all(AuditCursor& cursor);
  [[nodiscard]] std::expected<bool, Problem> move_some(AuditCursor& cursor);
  [[nodiscard]] std::expected<std::vector<AuditRow>, Problem> next_rows(AuditCursor& cursor);
  [[nodiscard]] bool can_sign(const AuditCursor& cursor) const;
  [[nodiscard]] bool is_checkpoint_due() const;
  [[nodiscard]] Result pin_head(const AuditCursor& cursor);
  [[nodiscard]] Result give_to_sinks(const std::string& line);
  [[nodiscard]] Result store_new_key(const AuditCursor& cursor, const std::string& actor,
                                     const std::string& source);

  Parts parts_;
  AuditOrigin origin_;
  AuditBirth birth_;
  mutable std::mutex mutex_;  // guards all below
  Loaded loaded_;
  std::optional<AuditCursor> cursor_;  // nullopt: look where the journal stands
  std::uint64_t checkpoint_seq_ = 0;
  std::optional<BootTime> checkpoint_at_;
  std::optional<Problem> trouble_;
  std::uint64_t journal_seq_ = 0;
};

}  // namespace counterfoil
