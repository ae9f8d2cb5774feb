#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace counterfoil {

// ClockFacts is how the wall clock stands against the boot-time clock, which never steps.
struct ClockFacts {
  Timestamp time{};          // what it shows
  std::int64_t step_ms = 0;  // how far that is from where it should be
  bool in_doubt = false;     // signed requests are refused
};

// NodeStatus is what the program knows of itself at one instant, for `counterfoil status` and
// GET /api/v1/status.
struct NodeStatus {
  struct Listener {
    std::string door;     // "rest", "admin"
    std::string address;  // "http://127.0.0.1:8080", or a path
  };
  struct UpstreamTarget {
    std::string url;
    std::string state;           // "up", "on_trial", "out"
    std::uint32_t failures = 0;  // in a row, up to now
    std::string last_fault;      // "unreachable", "timeout", "broken", "unwell"; empty: none yet
    std::chrono::milliseconds out_for{0};        // of one that is out
    std::chrono::milliseconds next_probe_in{0};  // of one that is out
  };
  struct Trouble {
    std::string reason;    // stable name, such as "disk_full"
    std::string sentence;  // what it means and what to do
  };

  std::string version;
  std::string node;  // its name
  Timestamp started_at{};
  std::string profile;
  std::vector<Listener> listeners;
  std::string upstream;  // as it is set
  std::vector<UpstreamTarget> upstream_targets = {};

  bool accepts_signed_requests = false;  // the gateway's right to accept is in force
  Timestamp accepts_changes_from{};  // what changes anything is refused when it is stamped earlier
  std::uint64_t registry_revision = 0;
  std::uint64_t applied_revision = 0;  // by the gateway's copy; behind: the feed is stuck
  std::size_t api_keys = 0;            // in the gateway's copy, revoked ones included
  std::size_t unusable_records = 0;    // cannot be read or opened: those keys are refused
  std::uint64_t audit_seq = 0;
  std::uint64_t audit_waiting = 0;  // records that the journal does not have yet
  std::uint64_t uses_not_counted = 0;
  std::uint64_t refusals_not_kept = 0;
  std::uint64_t refusals_not_examined = 0;  // over a budget, or too much waited
  ClockFacts clock;
  std::optional<Timestamp> reloaded_at;    // the last reload that went well
  std::vector<std::string> needs_restart;  // settings with another value, waiting for a restart
  std::vector<Trouble> troubles;           // empty: all is well
};

}  // namespace counterfoil
