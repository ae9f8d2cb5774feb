#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
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

// OwnerFilter says whether the owner of an API key may be told of a request.
using OwnerFilter = std::function<bool(const ApiKey& key)>;

// owner_of gives the API key whose owner is to be told of a request: one that it names somewhere
// or, where it names none, one whose secret stands in the place of the API key. Keys that `filter`
// refuses are passed over like those that do not exist. nullopt: nobody's, or the registry does not
// answer.
[[nodiscard]] std::optional<ApiKey> owner_of(const Issuer& issuer, const Sealer& sealer,
                                             const autopsy::RefusedRequest& request,
                                             const OwnerFilter& filter);

// find_owner does so for a request that was refused here, where its API key is known to be one of
// ours or not.
[[nodiscard]] std::optional<ApiKey> find_owner(const Issuer& issuer, const Sealer& sealer,
                                               const RefusedCopy& refused);

// lacking_permission is what a request needs one of and the key lacks; empty: nothing.
[[nodiscard]] std::string lacking_permission(PermissionSet asked, const ApiKey& key,
                                             const PermissionTable& permissions);

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
