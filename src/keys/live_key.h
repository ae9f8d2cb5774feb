#pragma once

#include <boost/container/static_vector.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "base/account_id.h"
#include "base/time.h"
#include "crypto/verification_key.h"
#include "keys/allow_list.h"
#include "keys/api_key.h"
#include "keys/api_key_id.h"
#include "keys/permission.h"

namespace counterfoil {

// kNever is an instant no clock reaches: "does not expire", "does not retire".
inline constexpr Timestamp kNever = Timestamp::max();

// LivePair is one key pair a gateway can verify with.
struct LivePair {
  std::uint32_t number;
  Timestamp retires_at;  // kNever, or the end of a retiring pair: verifies while now < retires_at
  VerificationKey key;
};

// LiveKey is all a gateway holds of one API key: facts to judge by and verification material, never
// a secret text. Immutable once published in the replica, so that many threads may read it. A
// revoked key is a tombstone: no pairs.
//
// What a verdict looks at first stands first: among millions of keys each is cold, and every cache
// line costs as much as a signature check.
struct LiveKey {
  ApiKeyId id;
  boost::container::static_vector<LivePair, kPairsMax> pairs;
  AccountId account;
  PermissionSet permissions;
  KeyState state = KeyState::kActive;
  bool account_suspended = false;
  bool restricted = false;  // it only reads and cancels (PolicyNotice)
  Timestamp expires_at = kNever;
  AllowList allow_list;
  std::vector<std::string> symbols;
  Timestamp created{};
};

}  // namespace counterfoil
