#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/account_id.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "crypto/signature_scheme.h"
#include "keys/allow_list.h"
#include "keys/api_key_id.h"
#include "keys/permission.h"

namespace counterfoil {

// KeyPair is what requests are signed and verified with. The registry keeps it; a gateway gets a
// VerificationKey made from it (LiveKey).
struct KeyPair {
  std::uint32_t number = 1;  // 1, 2, ... within the API key; never used twice
  Scheme scheme = Scheme::kEd25519;
  std::vector<std::uint8_t> public_key;     // SubjectPublicKeyInfo, DER; empty for HMAC
  std::vector<std::uint8_t> sealed_secret;  // HMAC only; empty once erased (control S-09)
  Digest lookup_hash{};  // HMAC: keyed hash of the secret. Others: SHA-256 of public_key
  Timestamp created{};
  std::optional<Timestamp>
      retires_at;  // set: the pair is retiring and verifies until then; past: it is retired
  // Of a retiring pair: it ends before that, when no request was signed with it for so long.
  std::optional<std::chrono::seconds> quiet_for;

  [[nodiscard]] bool verifies_at(Timestamp now) const { return !retires_at || now < *retires_at; }
  bool operator==(const KeyPair&) const = default;
};

// KeyState is what was decided about an API key. Values are stored: append, never renumber.
enum class KeyState : std::uint8_t {
  kActive = 1,
  kSuspended = 2,  // can be undone
  kRevoked = 3,    // final
};

// EffectiveState is what an API key is at an instant. Expiry needs no write to come true.
enum class EffectiveState : std::uint8_t { kActive, kSuspended, kRevoked, kExpired };
[[nodiscard]] std::string_view to_string(
    EffectiveState state);  // "active", "suspended", "revoked", "expired"

// PolicyNotice stands on an API key that an automatic policy of the operator has found fault with
// (authority/key_policies.h). Its owner's next edit, or resuming the key, takes it away.
struct PolicyNotice {
  std::string policy;  // "unused"
  Timestamp since{};   // when its owner was told
  // Set: from then on the key only reads and cancels, so that positions can still be closed.
  std::optional<Timestamp> restricted_since;
  bool operator==(const PolicyNotice&) const = default;
};

// kResetPolicy names the notice on API keys of an account after the password of somebody who holds
// it was reset (control S-59). It ends by itself, kResetHold after `since`, and by nothing else:
// who had the password reset may be a thief, and edits and resumes are theirs to make.
inline constexpr std::string_view kResetPolicy = "password_reset";
inline constexpr std::chrono::hours kResetHold{24};

inline constexpr std::size_t kPairsMax = 2;  // of one API key: two while it rotates

// ApiKey is a public id, what it may do, and its state. A value: the functions of keys/life.h
// return changed copies.
struct ApiKey {
  ApiKeyId id;
  AccountId account;
  std::string label;
  PermissionSet permissions;
  AllowList allow_list;
  std::vector<std::string> symbols;  // the only symbols it may trade; empty: all
  Timestamp created{};
  std::optional<Timestamp> expires_at;
  KeyState state = KeyState::kActive;
  Timestamp state_since{};
  std::string state_cause;     // why it is suspended or revoked, in the words of who did it
  std::vector<KeyPair> pairs;  // 1, or 2 while rotating; retired ones are erased by the next change
  std::uint32_t last_pair = 0;     // number of the newest one ever, where that was given up
  std::string vendor;              // the third-party application that uses it, or empty
  std::optional<ApiKeyId> parent;  // the API key that made this one
  std::optional<PolicyNotice> notice;
  bool imported = false;  // exempt from automatic policies until its owner edits it

  bool operator==(const ApiKey&) const = default;
};

// effective_state: revoked and suspended are told before expired, because they were somebody's
// decision.
[[nodiscard]] EffectiveState effective_state(const ApiKey& key, Timestamp now);

// reset_notice_ends says when the notice of kResetPolicy on `key` ends; nullopt: it has none.
[[nodiscard]] std::optional<Timestamp> reset_notice_ends(const ApiKey& key);

}  // namespace counterfoil
