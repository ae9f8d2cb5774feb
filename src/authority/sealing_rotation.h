#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "authority/audited_registry.h"
#include "authority/event_loops.h"
#include "authority/issuer.h"
#include "authority/problem.h"
#include "authority/revoker.h"
#include "authority/sealer.h"
#include "base/time.h"
#include "journal/journal.h"
#include "keys/permission.h"
#include "registry/registry.h"

namespace counterfoil {

// SealingStatus is where the keys that secrets are sealed with stand.
struct SealingStatus {
  std::vector<std::uint32_t> versions;  // of the sealing keys, rising; the last one seals
  // While there are older ones: how many records they had when it was last begun, and have now.
  std::uint64_t records = 0;
  std::uint64_t records_left = 0;
  std::optional<Problem> trouble;  // why it does not go on by itself
  Sealer::RootState root;
  std::string root_key_file;
};

// SealingRotation changes the sealing key and the root key of a node while it works (control S-05).
// No secret is opened: each data key is unwrapped and wrapped anew, and that is all.
//
// The sealing key: begin() makes a new one, which seals from then on. work() wraps everything that
// older ones wrap by it, some hundred records a transaction: API keys, our own keys, what is kept
// of refused requests. Once nothing is left it destroys them. Whatever is interrupted goes on with
// the next work(), also after a restart: that there are older keys is all it needs to know.
//
// The root key: rotate_root() leads through the steps of authority/sealer_root.cc.
//
// Safe to call from any thread but an event loop's; work() and its destruction by one thread.
class SealingRotation {
 public:
  struct Parts {
    AuditedRegistry& audited;
    Registry& registry;
    Sealer& sealer;
    Journal& journal;
    Revoker& revoker;
    EventLoops& loops;
    const PermissionTable& permissions;
    const Clock& clock;
    // drain moves the refusals that wait in memory into the journal. false: it does not take them.
    std::function<bool()> drain;
    std::filesystem::path root_key_file;  // where the next start looks for the root key
  };
  static constexpr std::size_t kRecordsAtOnce = 250;
  static constexpr std::chrono::seconds kAgainAfter{30};  // where something is in the way

  // Everything must outlive it.
  explicit SealingRotation(Parts parts) : parts_(std::move(parts)) {}

  // begin makes a new sealing key. false: one was being taken over already, which goes on.
  // Problem: root_rotation_pending.
  [[nodiscard]] std::expected<bool, Problem> begin(const Actor& actor);
  // work takes over what is left, until it is done, stopped, or something is in the way. Call it
  // every second or so.
  void work();
  // stop has a running work() return soon, and every later one do nothing.
  void stop() { is_stopped_ = true; }

  // RootRotated: `is_finished` false: the new root key is prepared, but the key file could not be
  // replaced (`trouble` says why); once it is in place, a restart finishes it.
  struct RootRotated {
    bool is_finished = false;
    std::string id;
    std::string old_id;
    std::filesystem::path old_file;  // where the old key lies now; empty: it was replaced before
    std::string trouble;
  };
  // rotate_root takes the key in the key file `file` (an absolute path) as the root key. Repeated
  // with the same file it goes on where it was. Problem: path_not_absolute, root_key_unusable,
  // root_key_in_use (it is the present one, and nothing is left to do).
  [[nodiscard]] std::expected<RootRotated, Problem> rotate_root(const Actor& actor,
                                                                const std::filesystem::path& file);

  // scrub writes the registry's file anew, so that no copy of what was replaced stays in it.
  // Commits wait for it, some seconds a gigabyte.
  [[nodiscard]] std::expected<void, Problem> scrub(const Actor& actor);

  [[nodiscard]] SealingStatus status() const;

 private:
  using Done = std::expected<void, Problem>;
  // Survey is what a look at all records has found.
  struct Survey {
    std::uint64_t on_older = 0;    // wrapped by an older sealing key
    std::uint64_t unreadable = 0;  // of a newer version, or damaged: what is in them is not known
  };
  [[nodiscard]] std::expected<Survey, Problem> survey() const;
  [[nodiscard]] Done take_over(const std::vector<std::uint32_t>& versions);
  [[nodiscard]] Done renew_own();
  [[nodiscard]] Done renew_api_keys();
  [[nodiscard]] Done renew_people();
  [[nodiscard]] Done renew_webhooks();
  // RenewRecord gives a record as it is to be written, or nothing; it adds to `values` how many
  // values it renewed.
  using Renewed = std::expected<std::optional<Write>, Problem>;
  using RenewRecord = Renewed (SealingRotation::*)(const Record& record, std::uint64_t& values);
  [[nodiscard]] Renewed renew_api_key(const Record& record, std::uint64_t& values);
  [[nodiscard]] Renewed renew_person(const Record& record, std::uint64_t& values);
  [[nodiscard]] Renewed renew_webhook(const Record& record, std::uint64_t& values);
  [[nodiscard]] Done renew_records(RecordKind kind, RenewRecord renew);
  // renew_page takes the records after `after`, which it moves on; nullopt: it lost a race.
  [[nodiscard]] std::expected<std::optional<bool>, Problem> renew_page(RecordKind kind,
                                                                       RenewRecord renew,
                                                                       std::string& after);
  [[nodiscard]] Done renew_refusals();
  [[nodiscard]] Done renew_sealed(Sealed which);
  [[nodiscard]] Done destroy(const std::vector<std::uint32_t>& versions);
  // renew_value renews one value in place. false: it stays as it is. `lost_` counts those that do
  // not open any more, whose old key is of no use to them.
  template <typename Bytes>
  [[nodiscard]] std::expected<bool, Problem> renew_value(std::string_view record_id, Bytes& sealed);
  // renew_all renews what one record has sealed under one name, and counts into `values`. true:
  // something changed.
  [[nodiscard]] std::expected<bool, Problem> renew_all(std::string_view name,
                                                       const std::vector<std::string*>& sealed,
                                                       std::uint64_t& values);
  [[nodiscard]] std::expected<Revision, Problem> commit(std::vector<Write> writes,
                                                        const std::string& first,
                                                        const std::string& last);
  void forget();
  void note(std::uint64_t records, std::uint64_t left);
  void note_renewed(std::uint64_t values);

  Parts parts_;
  std::atomic<bool> is_stopped_{false};
  std::mutex root_mutex_;          // one change of the root key at a time
  std::uint64_t lost_ = 0;         // of the running work()
  bool is_forgetting_due_ = true;  // what a run before may have left; of the thread of work()
  BootTime not_before_{};          // of the thread of work()

  mutable std::mutex status_mutex_;
  std::uint64_t records_ = 0;
  std::uint64_t records_left_ = 0;
  std::optional<Problem> trouble_;
};

}  // namespace counterfoil
