#pragma once

#include <expected>
#include <functional>

#include "authority/audited_registry.h"
#include "authority/issuer.h"
#include "authority/problem.h"
#include "base/time.h"
#include "journal/journal.h"
#include "keys/permission.h"
#include "registry/registry.h"

namespace counterfoil {

// QuietWatch ends retiring key pairs that nobody uses any more, where the rotation was to last
// until quiet (KeyPair::quiet_for). One thread.
class QuietWatch {
 public:
  // All must outlive it. `usage_is_told` says whether the journal knows of every accepted request
  // but those of the last seconds: while it does not, a pair in use would look quiet.
  struct Parts {
    const AuditedRegistry& registry;
    Issuer& issuer;
    const Journal& journal;
    const PermissionTable& permissions;
    const Clock& clock;
    std::function<bool()> usage_is_told;
  };
  explicit QuietWatch(Parts parts) : parts_(std::move(parts)) {}

  // look ends what is quiet now. Call it about every minute. A pair that could not be ended is
  // looked at again by the next call.
  [[nodiscard]] std::expected<void, Problem> look();

 private:
  [[nodiscard]] std::expected<void, Problem> look_at(const Record& record);

  Parts parts_;
};

}  // namespace counterfoil
