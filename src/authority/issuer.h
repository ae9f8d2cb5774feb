#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/account.h"  // IWYU pragma: export
#include "authority/audited_registry.h"
#include "authority/problem.h"
#include "authority/revoker.h"
#include "authority/sealer.h"
#include "base/account_id.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/secret_bytes.h"      // IWYU pragma: export
#include "crypto/signature_scheme.h"  // IWYU pragma: export
#include "keys/api_key.h"
#include "keys/key_format.h"
#include "keys/life.h"
#include "keys/permission.h"

namespace counterfoil {

// Actor is who asks for a change, as the audit log will name them.
struct Actor {
  std::string name;    // "socket:uid=0", "key:vmPUZE6m", "system"
  std::string source;  // address, or "local"
};

// KeyMaterial says where a new key pair comes from.
struct KeyMaterial {
  Scheme scheme = Scheme::kHmacSha256;
  std::string public_key;  // RSA, Ed25519: PEM or base64 of the SubjectPublicKeyInfo
  // Proof of possession: the signature over Issuer::challenge's text, in base64.
  std::string possession_nonce;
  std::string possession_signature;
};

struct NewKey {
  std::string account;
  std::string label;
  KeyMaterial material;
  std::string permissions;  // comma list of names
  std::string allow_list;   // "any" or a comma list
  std::vector<std::string> symbols;
  std::optional<Timestamp> expires_at;  // nullopt: as `never_expires` says
  bool never_expires = false;
  std::string vendor;
};

// ImportedKey is a pair made elsewhere: the id and the HMAC secret that its holder already uses.
struct ImportedKey {
  NewKey key;           // material.scheme is kHmacSha256
  std::string api_key;  // 64 characters
  SecretBytes secret;   // 16 to 128 bytes
};

struct KeyEdit {
  std::optional<std::string> label;
  std::optional<std::string> permissions;
  std::optional<std::string> allow_list;
  std::optional<std::vector<std::string>> symbols;
  std::optional<std::optional<Timestamp>> expires_at;
  std::optional<std::string> vendor;
};

// Issued is an API key as it was just made or given a new pair. `secret` is its HMAC secret, shown
// this once (S-03); empty for public keys.
struct Issued {
  ApiKey key;
  std::optional<SecretBytes> secret;
};

// VersionedKey is an API key as it is stored. Its version grows with every change.
struct VersionedKey {
  ApiKey key;
  std::uint64_t version = 0;
  bool operator==(const VersionedKey&) const = default;
};
// OnlyIf ties a change to the version that its maker saw: on any other nothing is changed
// ("changed_meanwhile"). nullopt: whatever the API key is now.
using OnlyIf = std::optional<std::uint64_t>;

// KeyPage and AccountPage are parts of a long list, in byte order of the ids. `next` continues
// after this part; nullopt: it was the last. `unreadable` counts records that are there but cannot
// be read: their keys are refused.
struct KeyPage {
  std::vector<VersionedKey> keys;
  std::optional<std::string> next;
  std::size_t unreadable = 0;
};
struct AccountPage {
  std::vector<Account> accounts;
  std::optional<std::string> next;
  std::size_t unreadable = 0;
};

struct IssuerRules {
  LifeRules life;
  std::optional<std::chrono::hours> default_life = std::chrono::hours(24 * 90);
  PermissionSet default_permissions;
  std::string origin = "counterfoil";  // named in possession challenges
};

// Issuer makes and changes accounts and API keys: reads the record, asks keys/life.h what it may
// become, and commits it with its audit record. Safe to call from any thread; calls block on the
// store, so no event loop makes them.
class Issuer {
 public:
  // All references must outlive the issuer.
  Issuer(AuditedRegistry& registry, Sealer& sealer, Revoker& revoker, RandomSource& random,
         const Clock& clock, const PermissionTable& permissions, KeyFormat format,
         IssuerRules rules)
      : registry_(registry),
        sealer_(sealer),
        revoker_(revoker),
        random_(random),
        clock_(clock),
        permissions_(permissions),
        format_(std::move(format)),
        rules_(std::move(rules)) {}

  template <typename T>
  using Result = std::expected<T, Problem>;

  [[nodiscard]] Result<Account> create_account(const std::string& id, const std::string& name,
                                               const Actor& actor);
  [[nodiscard]] Result<Account> account(const std::string& id) const;
  [[nodiscard]] Result<std::vector<Account>> accounts(const std::string& after,
                                                      std::size_t limit) const;
  [[nodiscard]] Result<AccountPage> account_page(const std::string& after, std::size_t limit) const;
  [[nodiscard]] Result<Account> suspend_account(const std::string& id, const std::string& cause,
                                                const Actor& actor);
  [[nodiscard]] Result<Account> resume_account(const std::string& id, const Actor& actor);

  // challenge gives the text whose signature proves possession of a private key. It can never be an
  // order.
  struct Challenge {
    std::string nonce;
    std::string text;  // counterfoil-possession-v1\n<origin>\n<account>\n<fingerprint>\n<nonce>
  };
  [[nodiscard]] Result<Challenge> challenge(const std::string& account,
                                            const std::string& public_key);

  [[nodiscard]] Result<Issued> create_key(const NewKey& wanted, const Actor& actor);
  [[nodiscard]] Result<ApiKey> import_key(const ImportedKey& wanted, const Actor& actor);
  // find_key takes a whole API key id, or an unambiguous label of the account given (or of any).
  [[nodiscard]] Result<ApiKey> find_key(const std::string& id_or_label) const;
  [[nodiscard]] Result<std::vector<ApiKey>> keys_of(const std::string& account) const;
  [[nodiscard]] Result<std::vector<ApiKey>> keys(const std::string& after, std::size_t limit) const;
  [[nodiscard]] Result<VersionedKey> stored_key(const std::string& id) const;
  [[nodiscard]] Result<KeyPage> key_page(const std::string& after, std::size_t limit) const;
  // key_page_of gives all API keys of one account; those labelled gives all with exactly this
  // label.
  [[nodiscard]] Result<KeyPage> key_page_of(const std::string& account) const;
  [[nodiscard]] Result<KeyPage> keys_labelled(const std::string& label) const;
  [[nodiscard]] Result<ApiKey> edit_key(const std::string& id, const KeyEdit& edit,
                                        const Actor& actor, OnlyIf only_if = std::nullopt);
  // rotate_key adds a new pair; the old one verifies for `overlap` more.
  [[nodiscard]] Result<Issued> rotate_key(const std::string& id, const KeyMaterial& material,
                                          std::chrono::seconds overlap, const Actor& actor,
                                          OnlyIf only_if = std::nullopt);
  [[nodiscard]] Result<ApiKey> end_retiring(const std::string& id, const Actor& actor,
                                            OnlyIf only_if = std::nullopt);
  [[nodiscard]] Result<ApiKey> suspend_key(const std::string& id, const std::string& cause,
                                           const Actor& actor, OnlyIf only_if = std::nullopt);
  [[nodiscard]] Result<ApiKey> resume_key(const std::string& id, const Actor& actor,
                                          OnlyIf only_if = std::nullopt);
  // revoke_key answers only once no event loop accepts the key any more.
  [[nodiscard]] Result<ApiKey> revoke_key(const std::string& id, const std::string& cause,
                                          const Actor& actor, OnlyIf only_if = std::nullopt);

  [[nodiscard]] const PermissionTable& permissions() const { return permissions_; }

 private:
  struct MadePair;
  [[nodiscard]] Result<VersionedKey> load_key(const std::string& id,
                                              OnlyIf only_if = std::nullopt) const;
  [[nodiscard]] Result<KeyPage> indexed(std::string_view index, const std::string& value) const;
  [[nodiscard]] Result<std::pair<Account, std::uint64_t>> load_account(const std::string& id) const;
  [[nodiscard]] Result<Account> store_account(const Account& account, std::uint64_t modified,
                                              const AuditFact& fact);
  [[nodiscard]] Result<ApiKey> draft(const NewKey& wanted, const ApiKeyId& id) const;
  [[nodiscard]] Result<MadePair> make_pair(const ApiKey& key, const KeyMaterial& material,
                                           std::uint32_t number);
  [[nodiscard]] Result<std::vector<std::uint8_t>> prove(const ApiKey& key,
                                                        const KeyMaterial& material);
  [[nodiscard]] Result<void> store_key(const ApiKey& key, std::uint64_t modified,
                                       const AuditFact& fact, Urgency urgency = Urgency::kNormal);
  [[nodiscard]] Result<void> check_room(const AccountId& account) const;

  struct PendingChallenge {
    std::string text;
    BootTime expires_at;
  };
  AuditedRegistry& registry_;
  Sealer& sealer_;
  Revoker& revoker_;
  RandomSource& random_;
  const Clock& clock_;
  const PermissionTable& permissions_;
  KeyFormat format_;
  IssuerRules rules_;
  std::mutex challenges_mutex_;
  std::map<std::string, PendingChallenge> challenges_;  // by nonce
};

}  // namespace counterfoil
