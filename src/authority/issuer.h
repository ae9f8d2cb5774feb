#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/account.h"  // IWYU pragma: export
#include "accounts/person.h"
#include "authority/audited_registry.h"
#include "authority/key_policies.h"
#include "authority/key_records.h"
#include "authority/possession.h"
#include "authority/problem.h"
#include "authority/receipts.h"
#include "authority/revoker.h"
#include "authority/sealer.h"
#include "authority/upstream_event.h"
#include "authority/upstream_events.h"
#include "base/account_id.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "crypto/secret_bytes.h"      // IWYU pragma: export
#include "crypto/signature_scheme.h"  // IWYU pragma: export
#include "keys/api_key.h"
#include "keys/key_format.h"
#include "keys/life.h"
#include "keys/permission.h"
#include "policy/permission_rule.h"
#include "registry/registry.h"

namespace counterfoil {

// Actor is who asks for a change, as the audit log will name them.
struct Actor {
  std::string name;    // "socket:uid=0", "key:vmPUZE6m", "system"
  std::string source;  // address, or "local"
  // Set: the API key that asks (authority/sub_account_keys.h). What it asks for is done only while
  // it is active and holds a permission that manages keys, and only to API keys of sub-accounts of
  // its own account, which never get a permission through it that it lacks. What it makes has it as
  // parent.
  std::optional<ApiKeyId> key = std::nullopt;
  // Set: the API key that signed a call of the management API (authority/management_keys.h). What
  // it asks for is done only while it is active and has a permission that opens that API.
  std::optional<ApiKeyId> management_key = std::nullopt;
  // Set: what the person who asks may do. They give no API key more than that.
  std::optional<Role> role = std::nullopt;
};

// KeyMaterial says where a new key pair comes from: an HMAC secret is made here, a public key is
// given.
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
  std::string permissions;  // comma list of names; empty: IssuerRules::default_permissions
  std::string allow_list;   // "any" or a comma list; empty: any
  std::vector<std::string> symbols;
  std::optional<Timestamp> expires_at;  // nullopt: as `never_expires` says
  bool never_expires = false;           // only where the operator set no default life
  std::string vendor;
};

// ImportedKey is a pair made elsewhere: the id and the HMAC secret or public key that its holder
// already uses. Without an expiry it has none: a bot that worked yesterday must not stop by itself
// in 90 days. A public key needs no proof of possession here: its holder is elsewhere, and whoever
// imports it answers for it.
struct ImportedKey {
  NewKey key;           // material: a public key, or nothing where there is a secret
  std::string api_key;  // 64 characters, without our marker or with a right checksum
  SecretBytes secret;   // see SecretJob::fault_of_imported; empty beside a public key
};

// KeyEdit names what is to be changed; all else stays.
struct KeyEdit {
  std::optional<std::string> label;
  std::optional<std::string> permissions;
  std::optional<std::string> allow_list;
  std::optional<std::vector<std::string>> symbols;
  std::optional<std::optional<Timestamp>> expires_at;
  std::optional<std::string> vendor;
};

// ChangedKey and ChangedAccount are what a change has made. `receipt` is the proof that no gateway
// acts on what was before (authority/receipts.h), one line of JSON; nullopt: it is so, but the
// proof could not be signed.
struct ChangedKey {
  ApiKey key;
  std::optional<std::string> receipt;
};
struct ChangedAccount {
  Account account;
  std::optional<std::string> receipt;
};

// Issued is an API key as it was just made or given a new pair. `secret` is its HMAC secret, shown
// this once (S-03); empty for public keys. `receipt`, as in ChangedKey, is of a rotation alone.
struct Issued {
  ApiKey key;
  std::optional<SecretBytes> secret;
  std::optional<std::string> receipt;
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

// Possession says whether a public key is registered only with a proof that its private key is
// held (control S-28).
enum class Possession : std::uint8_t { kProved, kNotAsked };

// PublicKeysByKeys says whether an API key may register the public keys of those it makes. The
// vendor's calls have no place for a proof of possession: that the caller holds the private key is
// then vouched for by the signature of the key that manages keys, and by nobody else.
enum class PublicKeysByKeys : std::uint8_t { kAllow, kRefuse };

struct IssuerRules {
  LifeRules life;
  // What a new key lives when nothing is said; nullopt: it has no end, and a key without an end may
  // be asked for.
  std::optional<std::chrono::hours> default_life = std::chrono::hours(24 * 90);
  PermissionSet default_permissions;
  std::string origin = "counterfoil";  // named in possession challenges
  Possession possession = Possession::kProved;
  PermissionSet manages_keys;  // the permissions that let an API key be an Actor
  PublicKeysByKeys public_keys_by_keys = PublicKeysByKeys::kAllow;
  ManagementPermissions management;
  // The permissions that no API key of an account gets for kResetHold after the password of
  // somebody who holds it was reset (authority/reset_hold.h); none: all may be had.
  PermissionSet held_after_reset;
};

// RotationEnd says when the old pair of a rotation stops verifying: after `overlap` (0 to
// kRotationOverlapMax; 0: at once, as after a leak), or when no request was signed with it for
// `quiet_for` (kQuietMin to less than `overlap`).
struct RotationEnd {
  std::chrono::seconds overlap;
  std::optional<std::chrono::seconds> quiet_for = std::nullopt;
};
inline constexpr std::chrono::hours kRotationOverlapMax{24 * 30};
inline constexpr std::chrono::seconds kQuietMin{60};  // use is known to the journal after some s
inline constexpr std::size_t kCauseSizeMax = 200;     // characters, of the rules of a label

// KeyVerb is what is done to many API keys at once.
enum class KeyVerb : std::uint8_t { kSuspend = 1, kResume = 2, kRevoke = 3 };  // stored

// BatchKey is what became of one API key of a batch.
struct BatchKey {
  std::string api_key;
  std::string account;  // empty: unknown
  std::string label;
  enum class Outcome : std::uint8_t {
    kChanged,
    kAlready,  // it was so before
    kRefused,  // see `problem`
  } outcome = Outcome::kRefused;
  std::string receipt;             // the id of its receipt; empty: it was not changed
  std::optional<Problem> problem;  // of kRefused
};
// BatchOrder asks for one change of some API keys, at most kBatchMax and none twice, in one
// transaction: all that can be changed are, each with its own audit record and receipt.
struct BatchOrder {
  KeyVerb verb = KeyVerb::kSuspend;
  std::vector<std::string> api_keys;
  std::string cause;      // not for kResume
  std::string operation;  // the id of what this is a part of; stands in each audit record
  // note gives what else is to be written in the same transaction, and its fact; it may be called
  // again on what others made of the keys meanwhile.
  std::function<std::pair<std::vector<Write>, AuditFact>(const std::vector<BatchKey>& keys)> note;
};
inline constexpr std::size_t kBatchMax = 1'000;
// Batch is what became of it, in the order asked for: stored at `revision`, and in force on every
// gateway.
struct Batch {
  std::vector<BatchKey> keys;
  Revision revision;
  bool is_proved = false;  // all receipts are kept; else prove() tries again
};

// Issuer makes and changes accounts and API keys: reads the record, asks keys/life.h what it may
// become, and commits it with its audit record. A change that lost a race is decided anew on what
// the other made of the key, unless the caller tied it to a version. Each function that changes
// something answers once the change is in force on every gateway (authority/revoker.h): after some
// milliseconds, or after ForceTimes::bound() when a gateway does not answer.
//
// Safe to call from any thread; calls block on the store, so no event loop makes them.
class Issuer {
 public:
  // Enforcement is who makes sure that a change is in force, and proves it. `events` is nullptr
  // where no upstream is told.
  struct Enforcement {
    Revoker& revoker;
    Receipts& receipts;
    UpstreamEvents* events = nullptr;
  };
  // All references must outlive the issuer.
  Issuer(AuditedRegistry& registry, Sealer& sealer, const Enforcement& enforcement,
         RandomSource& random, const Clock& clock, const PermissionTable& permissions,
         KeyFormat format, IssuerRules rules)
      : registry_(registry),
        sealer_(sealer),
        revoker_(enforcement.revoker),
        receipts_(enforcement.receipts),
        events_(enforcement.events),
        random_(random),
        clock_(clock),
        permissions_(permissions),
        format_(std::move(format)),
        rules_(std::move(rules)),
        possession_(random, clock, rules_.origin) {}

  template <typename T>
  using Result = std::expected<T, Problem>;

  // ---- accounts (issuer_accounts.cc)

  // SubAccountOf makes a new account a sub-account: of whom, and by which e-mail the master names
  // it. No two accounts have one e-mail.
  struct SubAccountOf {
    std::string master;
    std::string email;
  };
  // create_account: account_id_invalid, label_invalid, account_exists; email_invalid, email_taken,
  // no_such_account (the master), master_is_sub_account.
  [[nodiscard]] Result<Account> create_account(
      const std::string& id, const std::string& name, const Actor& actor,
      const std::optional<SubAccountOf>& of = std::nullopt);
  [[nodiscard]] Result<Account> account(const std::string& id) const;
  [[nodiscard]] Result<std::vector<Account>> accounts(const std::string& after,
                                                      std::size_t limit) const;
  [[nodiscard]] Result<AccountPage> account_page(const std::string& after, std::size_t limit) const;
  // sub_accounts gives all sub-accounts of one master, at most kListMax (registry/registry.h).
  [[nodiscard]] Result<AccountPage> sub_accounts(const std::string& master) const;
  // sub_account gives the one that `master` names by an e-mail, in any letter case. An e-mail that
  // nobody has and one of another master's sub-account are the same no_such_sub_account.
  [[nodiscard]] Result<Account> sub_account(const AccountId& master,
                                            const std::string& email) const;
  // held_until says until when the API keys of an account get none of
  // IssuerRules::held_after_reset; nullopt: they may.
  [[nodiscard]] Result<std::optional<Timestamp>> held_until(const AccountId& account) const;
  // suspend_account refuses all keys of the account until resume_account; the keys' own states
  // stay. Repeated, it waits again and then says already_suspended.
  [[nodiscard]] Result<ChangedAccount> suspend_account(const std::string& id,
                                                       const std::string& cause,
                                                       const Actor& actor);
  [[nodiscard]] Result<ChangedAccount> resume_account(const std::string& id, const Actor& actor);

  // ---- reading API keys (issuer_reading.cc)

  // find_key takes a whole API key id, or a label that only one API key has; revoked ones are
  // passed over when another has it.
  [[nodiscard]] Result<ApiKey> find_key(const std::string& id_or_label) const;
  [[nodiscard]] Result<std::vector<ApiKey>> keys_of(const std::string& account) const;
  [[nodiscard]] Result<std::vector<ApiKey>> keys(const std::string& after, std::size_t limit) const;
  [[nodiscard]] Result<VersionedKey> stored_key(const std::string& id) const;
  [[nodiscard]] Result<KeyPage> key_page(const std::string& after, std::size_t limit) const;
  // key_page_of gives all API keys of one account; those labelled gives all with exactly this
  // label.
  [[nodiscard]] Result<KeyPage> key_page_of(const std::string& account) const;
  [[nodiscard]] Result<KeyPage> keys_labelled(const std::string& label) const;
  // key_of_pair gives the API key that has a pair with this KeyPair::lookup_hash; nullopt: none, or
  // the registry does not answer.
  [[nodiscard]] std::optional<ApiKey> key_of_pair(const Digest& lookup_hash) const;
  // descendants gives the API keys that this one made and that are not revoked, those that those
  // made, and so on: what stays when it is revoked. At most kListMax of each maker.
  [[nodiscard]] Result<KeyPage> descendants(const std::string& id) const;

  // ---- making API keys (issuer_making.cc, issuer_pairs.cc)

  // challenge gives the text whose signature proves possession of a private key.
  using Challenge = PossessionChallenge;
  [[nodiscard]] Result<Challenge> challenge(const std::string& account,
                                            const std::string& public_key);
  // create_key: an account has at most kKeysPerAccountMax API keys that are not revoked
  // (too_many_keys), and no secret or public key belongs to two API keys (pair_taken), revoked ones
  // included: what was given up does not come back. For an Actor that is an API key also:
  // permission_beyond_maker (it asks for more than it holds), maker_not_allowed. For an Actor with
  // a role: permission_beyond_role (it would act for accounts that its maker may not act for).
  // `alongside` gives what else is written in the same transaction, and its fact; it may be called
  // again when somebody else changed one of its records meanwhile, and what it refuses is refused.
  struct Alongside {
    std::vector<Write> writes;
    AuditFact fact;
  };
  using WriteAlongside = std::function<Result<Alongside>(const ApiKey& key)>;
  [[nodiscard]] Result<Issued> create_key(const NewKey& wanted, const Actor& actor,
                                          const WriteAlongside& alongside = {});
  // planned_key gives the key that create_key would make of this wish now, but for its pair: with
  // the rules' defaults filled in, under an id that nobody gets. It says what create_key would say,
  // and changes nothing.
  [[nodiscard]] Result<ApiKey> planned_key(const NewKey& wanted, const Actor& actor) const;
  // import_key: api_key_exists, whatever the key there is. authority/key_import.h imports many.
  [[nodiscard]] Result<ApiKey> import_key(const ImportedKey& wanted, const Actor& actor);

  // ---- changing API keys (issuer_changes.cc, issuer_edit.cc, issuer_rotation.cc)

  [[nodiscard]] Result<ChangedKey> edit_key(const std::string& id, const KeyEdit& edit,
                                            const Actor& actor, OnlyIf only_if = std::nullopt);
  // rotate_key adds a new pair, of any type; the old one verifies until `end`.
  [[nodiscard]] Result<Issued> rotate_key(const std::string& id, const KeyMaterial& material,
                                          const RotationEnd& end, const Actor& actor,
                                          OnlyIf only_if = std::nullopt);
  // end_retiring ends the old pair of a rotation now; `cause`: for the audit log. back_out gives
  // the new one up, and the old one stays.
  [[nodiscard]] Result<ChangedKey> end_retiring(const std::string& id, const Actor& actor,
                                                OnlyIf only_if = std::nullopt,
                                                const std::string& cause = {});
  [[nodiscard]] Result<ChangedKey> back_out(const std::string& id, const Actor& actor,
                                            OnlyIf only_if = std::nullopt);
  // suspend_key: repeated, it waits again and then says already_suspended.
  [[nodiscard]] Result<ChangedKey> suspend_key(const std::string& id, const std::string& cause,
                                               const Actor& actor, OnlyIf only_if = std::nullopt);
  [[nodiscard]] Result<ChangedKey> resume_key(const std::string& id, const Actor& actor,
                                              OnlyIf only_if = std::nullopt);
  // revoke_key: repeated, it waits again; its answer then means the same as the first one's. When
  // the registry cannot record it, the key is refused on this gateway all the same (problem
  // in_force_not_recorded) and record_held_back() goes on trying.
  [[nodiscard]] Result<ChangedKey> revoke_key(const std::string& id, const std::string& cause,
                                              const Actor& actor, OnlyIf only_if = std::nullopt);

  // change_all makes one change of many API keys (issuer_batches.cc).
  [[nodiscard]] Result<Batch> change_all(const BatchOrder& order, const Actor& actor);
  // prove makes the receipts of a batch that are missing: the process ended before they were made,
  // or the journal did not take them. They say since when the changes are known to be in force.
  [[nodiscard]] Result<void> prove(KeyVerb verb, const std::vector<BatchKey>& keys);

  // apply_policy does what an automatic policy decided about a key of this version
  // (issuer_policies.cc).
  [[nodiscard]] Result<void> apply_policy(const std::string& id, const PolicyStep& step,
                                          std::uint64_t version);

  // record_held_back tries again to record the revocations that are in force but not recorded, and
  // returns how many are left: above 0 it is an alarm, for they are forgotten when the process
  // ends. Call it every second or so.
  [[nodiscard]] std::size_t record_held_back();
  // held_back_count is how many of them wait now: while it is not 0, the node must not be stopped.
  [[nodiscard]] std::size_t held_back_count() const;

  [[nodiscard]] const PermissionTable& permissions() const { return permissions_; }
  [[nodiscard]] const KeyFormat& format() const { return format_; }

 private:
  friend class KeyImport;
  // KeyChange is what becomes of a stored API key. `apply` may run again, on what somebody else has
  // made of the key meanwhile.
  struct KeyChange {
    std::string_view action;  // "key.suspend"
    Urgency urgency = Urgency::kNormal;
    // What the upstream is told of. kResumed and kProlonged: of a suspension, an expiry, it need
    // not be told any more unless it was already.
    enum class Tell : std::uint8_t {
      kNothing,
      kRevoked,
      kSuspended,
      kResumed,
      kProlonged,
      kNoticed,
      kRestricted,
    } tell = Tell::kNothing;
    std::function<Result<ApiKey>(ApiKey key, Timestamp now, AuditDetail& detail)> apply;
  };
  // What the changes of state make of a key, for one key or many. `already` gets a key that is as
  // wanted already.
  [[nodiscard]] static KeyChange suspension(const std::string& cause,
                                            std::optional<ApiKey>& already);
  [[nodiscard]] static KeyChange resumption();
  [[nodiscard]] static KeyChange revocation(const std::string& cause,
                                            std::optional<ApiKey>& already);
  [[nodiscard]] static KeyChange change_of(KeyVerb verb, const std::string& cause,
                                           std::optional<ApiKey>& already);
  // Prepared is the material of a new pair, checked, before it is known which number it gets.
  struct Prepared {
    Scheme scheme;
    std::optional<SecretBytes> secret;
    std::optional<PublicKey> public_key;
  };
  struct HeldBack {
    std::string cause;
    Actor actor;
  };
  struct VersionedAccount {
    Account account;
    std::uint64_t version;
  };
  [[nodiscard]] Result<VersionedKey> load_key(const std::string& id,
                                              OnlyIf only_if = std::nullopt) const;
  [[nodiscard]] Result<KeyPage> indexed(std::string_view index, const std::string& value) const;
  [[nodiscard]] Result<VersionedAccount> load_account(const std::string& id) const;
  [[nodiscard]] Result<void> make_sub_account(Account& account, const SubAccountOf& of) const;

  [[nodiscard]] Result<ApiKey> draft(const NewKey& wanted, const AccountId& account,
                                     const ApiKeyId& id) const;
  [[nodiscard]] Result<PermissionSet> parse_permissions(const std::string& names) const;
  [[nodiscard]] Result<Prepared> prepare(const AccountId& account, const KeyMaterial& material,
                                         const Actor& actor);
  [[nodiscard]] static Result<PublicKey> import_public_key(const std::string& text);
  [[nodiscard]] Result<KeyPair> make_pair(const ApiKey& key, const Prepared& prepared,
                                          std::uint32_t number);
  [[nodiscard]] KeyPair public_pair(const PublicKey& public_key, std::uint32_t number) const;
  [[nodiscard]] Result<KeyPair> hmac_pair(const ApiKey& key, const SecretBytes& secret,
                                          std::uint32_t number);
  // draft_imported checks an imported key and seals its secret; nothing is read or stored, so its
  // account may be missing.
  [[nodiscard]] Result<ApiKey> draft_imported(const ImportedKey& wanted);
  [[nodiscard]] Result<VersionedAccount> open_for_new_key(const AccountId& account) const;
  [[nodiscard]] Result<Revision> store_new(const ApiKey& key, const AuditFact& fact,
                                           const Actor& actor,
                                           const WriteAlongside& alongside = {});
  // tie_to_maker adds to `writes` what ties a change of an API key of `account` to the API key that
  // asks for it: that one's record, as it is. So a key that was revoked changes nothing after that
  // was answered. Nothing is added when no key asks. maker_not_allowed: it may not, or not any
  // more; permission_beyond_maker: `gift` holds what it lacks.
  [[nodiscard]] Result<void> tie_to_maker(const Actor& actor, const AccountId& account,
                                          PermissionSet gift, std::vector<Write>& writes) const;

  // tie_to_caller does so for the API key that signed a call of the management API: a change of the
  // key `changed`, or of nothing that it is. caller_not_allowed: it may not call any more.
  [[nodiscard]] Result<void> tie_to_caller(const Actor& actor, const std::string& changed,
                                           std::vector<Write>& writes) const;
  // check_role: permission_beyond_role, when a person's change would leave an API key with rights
  // beyond its account that their own role lacks: whoever may rotate it could use them.
  [[nodiscard]] Result<void> check_role(const Actor& actor, PermissionSet held) const;
  // check_hold: password_was_reset, with the time from which on `gift` may be had.
  [[nodiscard]] Result<void> check_hold(const AccountId& account, const PermissionSet& gift) const;

  // Stored is an API key as it is in the registry at `revision`, made so by `change`.
  struct Stored {
    ApiKey key;
    Revision revision;
    std::string change;
    std::optional<UpstreamEvent> event = std::nullopt;
  };
  // PlannedChange is all that one change of a stored API key writes.
  struct PlannedChange {
    ApiKey key;  // as it becomes
    std::vector<Write> writes;
    AuditFact fact;
    std::optional<UpstreamEvent> event;
  };
  [[nodiscard]] Result<PlannedChange> plan_change(const VersionedKey& stored,
                                                  const KeyChange& change,
                                                  const std::string& change_id, const Actor& actor,
                                                  AuditDetail detail) const;
  // store_change commits; change_key also waits until it is in force.
  [[nodiscard]] Result<Stored> store_change(const std::string& id, const Actor& actor,
                                            OnlyIf only_if, const KeyChange& change);
  [[nodiscard]] Result<ChangedKey> change_key(const std::string& id, const Actor& actor,
                                              OnlyIf only_if, const KeyChange& change);
  // plan_batch decides what becomes of each key, as they are now; plan_key of one of them.
  struct BatchPlan;
  [[nodiscard]] Result<BatchKey> plan_key(const BatchOrder& order, const std::string& id,
                                          const Actor& actor, BatchPlan& plan);
  [[nodiscard]] Result<BatchPlan> plan_batch(const BatchOrder& order, const Actor& actor);
  [[nodiscard]] bool enforce_batch(const BatchPlan& plan, const Revision& revision);
  // record_revocation stores it; `already` is set when the key was revoked before.
  [[nodiscard]] Result<Stored> record_revocation(const std::string& id, const std::string& cause,
                                                 const Actor& actor, OnlyIf only_if,
                                                 std::optional<ApiKey>& already);
  // enforce waits until what was committed is in force, has the upstream told of it, and gives the
  // receipt.
  [[nodiscard]] std::optional<std::string> enforce(std::string_view action, const Stored& stored);
  [[nodiscard]] std::optional<std::string> enforce(const ReceiptSubject& subject,
                                                   const Revision& revision,
                                                   const std::optional<UpstreamEvent>& event);
  // enforce_all does so for changes that were committed together: a receipt for each, which names
  // the upstream's answer once it has come.
  [[nodiscard]] Receipts::Issued enforce_all(KeyChange::Tell tell,
                                             const std::vector<UpstreamEvent>& events,
                                             const std::vector<Receipts::Told>& changes,
                                             const Revision& revision);
  // told adds to `writes` what the change makes of the upstream's event (issuer_events.cc), and
  // gives the event to be announced.
  [[nodiscard]] Result<std::optional<UpstreamEvent>> told(KeyChange::Tell tell, const ApiKey& key,
                                                          const std::string& change,
                                                          std::vector<Write>& writes) const;
  // told_of_account does so for every API key of an account that is accepted otherwise.
  [[nodiscard]] Result<std::vector<UpstreamEvent>> told_of_account(
      KeyChange::Tell tell, const std::string& account, const std::string& change,
      std::vector<Write>& writes) const;
  void announce(KeyChange::Tell tell, const std::vector<UpstreamEvent>& events);
  // told_end is what the upstream is told of; taken_back what a change takes back; nullopt:
  // nothing.
  [[nodiscard]] static KeyEnd told_end(KeyChange::Tell tell);
  [[nodiscard]] static std::optional<KeyEnd> taken_back(KeyChange::Tell tell);
  // enforce_present is for who repeats a change that was made before: it waits for the registry as
  // it is now.
  [[nodiscard]] Result<ChangedKey> enforce_present(std::string_view action, ApiKey key);
  [[nodiscard]] std::unexpected<Problem> hold_back(const std::string& id, const std::string& cause,
                                                   const Actor& actor, const Problem& fault);
  [[nodiscard]] Result<ApiKey> apply_edit(ApiKey key, const KeyEdit& edit, Timestamp now,
                                          AuditDetail& detail) const;

  AuditedRegistry& registry_;
  Sealer& sealer_;
  Revoker& revoker_;
  Receipts& receipts_;
  UpstreamEvents* events_;
  RandomSource& random_;
  const Clock& clock_;
  const PermissionTable& permissions_;
  KeyFormat format_;
  IssuerRules rules_;
  PossessionProofs possession_;
  mutable std::mutex held_back_mutex_;
  std::map<std::string, HeldBack> held_back_;  // by API key id
};

}  // namespace counterfoil
