#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "authority/autopsy_queue.h"
#include "authority/clock_skews.h"
#include "authority/cpu_share.h"
#include "authority/issuer.h"
#include "authority/sealer.h"
#include "autopsy/finding.h"
#include "base/time.h"
#include "journal/journal.h"
#include "keys/permission.h"

namespace counterfoil {

// Autopsies finds out why requests were refused, off the path of requests: one thread of low
// priority takes them from the queue, opens the owner's secrets for the one job, and explains
// (autopsy/explain.h). All of it together costs at most a twentieth of a core.
class Autopsies {
 public:
  // What it works with. Everything must outlive it.
  struct Parts {
    AutopsyQueue& queue;
    const Issuer& issuer;
    Sealer& sealer;
    const ClockSkews& skews;
    const PermissionTable& permissions;
    const Clock& clock;
    // cpu_spent is the CPU time of the calling thread so far.
    std::function<std::chrono::nanoseconds()> cpu_spent;
  };
  explicit Autopsies(const Parts& parts) : parts_(parts) {}

  static constexpr int kPartOfCore = 20;
  static constexpr std::chrono::milliseconds kAheadMax{500};
  static constexpr std::size_t kFoundMax = 1'024;  // waiting to be stored; past it: the oldest go

  // work examines what waits, until nothing does or its share of the processor is used up. One
  // thread; call it some times a second.
  void work();
  // store moves what was found into the journal. What it does not take is kept and tried again. Any
  // thread, one at a time.
  [[nodiscard]] std::expected<void, JournalError> store(Journal& journal);
  // lost counts findings that were not stored.
  [[nodiscard]] std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }

 private:
  struct Found {
    AutopsyRow row;        // without what is sealed
    std::string findings;  // to be sealed
  };
  void examine(RefusedCopy refused);
  void keep(std::vector<Found> found);

  const Parts parts_;
  CpuShare share_{kPartOfCore, kAheadMax};  // of the thread of work()
  std::mutex found_mutex_;
  std::vector<Found> found_;  // under found_mutex_
  std::atomic<std::uint64_t> lost_{0};
};

}  // namespace counterfoil
