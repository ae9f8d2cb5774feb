#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "authority/audited_registry.h"
#include "authority/problem.h"
#include "authority/upstream_events.h"
#include "base/time.h"
#include "keys/api_key.h"
#include "keys/permission.h"

namespace counterfoil {

// ExpiryWatch notices API keys that have run out (no gateway needs it: each looks at the expiry
// with every request), or that will in some days: it has that recorded in the audit log, which
// webhooks and notices follow, and has the upstream told. It goes through the keys by the minute of
// their expiry, and keeps in the registry how far it came, so that a node that was down tells late
// rather than never. One thread.
class ExpiryWatch {
 public:
  // A node that never looked, or was down for longer, begins so far back.
  static constexpr std::chrono::hours kLookedBack{24 * 30};

  // All must outlive it.
  struct Parts {
    AuditedRegistry& registry;
    UpstreamEvents* events = nullptr;  // nullptr: the upstream is not told of events
    const PermissionTable& permissions;
    const Clock& clock;
    // A reminder: tell so long before the expiry, but no later than `until` before it, for then
    // comes the next reminder. Keys that were made with less time than `ahead` are not reminded of.
    std::chrono::days ahead{0};
    std::chrono::days until{0};
  };
  explicit ExpiryWatch(const Parts& parts) : parts_(parts) {}

  // look records and announces the keys that have run out since the last look. Call it about every
  // second. After a Problem the next call goes on where this one stopped.
  [[nodiscard]] std::expected<void, Problem> look();

 private:
  using Done = std::expected<void, Problem>;
  // Place is an API key in the order of expiries; those of one instant by their ids.
  struct Place {
    Timestamp expires_at{};
    std::string api_key;
    auto operator<=>(const Place&) const = default;
  };
  [[nodiscard]] Done find_place();
  [[nodiscard]] Done tell_minute(std::int64_t minute, Timestamp now);
  [[nodiscard]] std::expected<std::vector<Place>, Problem> due_in(std::int64_t minute,
                                                                  Timestamp now) const;
  [[nodiscard]] bool is_due(const ApiKey& key, Timestamp now) const;
  [[nodiscard]] std::string place_setting() const;
  [[nodiscard]] Done tell(const Place& due, Timestamp now);

  Parts parts_;
  std::optional<std::int64_t> minute_;  // the next one to look at
  Place told_;                          // the last API key that was told
};

}  // namespace counterfoil
