#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "authority/autopsy_queue.h"
#include "authority/issuer.h"
#include "authority/sealer.h"
#include "autopsy/evidence.h"
#include "base/time.h"
#include "crypto/secret_bytes.h"
#include "keys/api_key.h"
#include "keys/permission.h"

namespace counterfoil {

// find_owner gives the API key whose owner is to be told of a refused request: the one it names or,
// where it names none of ours, one whose id or secret stands where it does not belong. nullopt:
// nobody's, or the registry does not answer.
[[nodiscard]] std::optional<ApiKey> find_owner(const Issuer& issuer, const Sealer& sealer,
                                               const RefusedCopy& refused);

// OpenedEstate is what one owner holds, with its secrets opened for one autopsy. They are wiped
// when it ends.
class OpenedEstate {
 public:
  // open takes the API key, and the owner's others: the kOthersMax made last.
  static constexpr std::size_t kOthersMax = 50;
  [[nodiscard]] static OpenedEstate open(const ApiKey& key, const Issuer& issuer,
                                         const Sealer& sealer, const PermissionTable& permissions,
                                         Timestamp now);

  [[nodiscard]] const autopsy::Estate& estate() const { return estate_; }

 private:
  class Opener;
  autopsy::Estate estate_;            // borrows from secrets_
  std::vector<SecretBytes> secrets_;  // their bytes stay where they are when the list grows
};

}  // namespace counterfoil
