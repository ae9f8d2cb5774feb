#include "authority/issuer.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/account.h"
#include "accounts/account_codec.h"
#include "authority/audit_chain.h"
#include "authority/problem.h"
#include "base/account_id.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "crypto/public_key.h"
#include "crypto/secret_bytes.h"
#include "crypto/signature_scheme.h"
#include "crypto/verification_key.h"
#include "keys/allow_list.h"
#include "keys/api_key.h"
#include "keys/api_key_codec.h"
#include "keys/api_key_id.h"
#include "keys/key_format.h"
#include "keys/life.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;

constexpr std::size_t kImportedSecretBytesMin = 16;
constexpr std::size_t kImportedSecretBytesMax = 128;
constexpr std::size_t kPendingChallengesMax = 10'000;
constexpr std::chrono::minutes kChallengeLife{5};

std::unexpected<Problem> problem(Kind kind, std::string_view reason, std::string_view detail) {
  return std::unexpected(
      Problem{.kind = kind, .reason = std::string(reason), .detail = std::string(detail)});
}

std::unexpected<Problem> problem(RegistryError error) {
  switch (error) {
    case RegistryError::kConflict:
      return problem(Kind::kConflict, "conflict",
                     "somebody else changed this at the same moment; look at it again and repeat");
    case RegistryError::kDuplicate:
      return problem(Kind::kConflict, "already_registered", "this is registered already");
    case RegistryError::kFull:
      return problem(
          Kind::kUnavailable, "disk_full",
          "the registry's disk is full and nothing was changed; free some space and repeat");
    default:
      return problem(Kind::kUnavailable, "registry_unavailable",
                     "the registry did not answer (" + std::string(describe(error)) +
                         "); look whether the change was made before repeating it");
  }
}

std::string_view name_of(LifeError error) {
  switch (error) {
    case LifeError::kRevoked:
      return "api_key_revoked";
    case LifeError::kNotSuspended:
      return "not_suspended";
    case LifeError::kAlreadySuspended:
      return "already_suspended";
    case LifeError::kExpired:
      return "api_key_expired";
    case LifeError::kAlreadyRotating:
      return "already_rotating";
    case LifeError::kNoSuchPair:
      return "no_such_pair";
    case LifeError::kLastPair:
      return "last_pair";
    case LifeError::kExpiryInThePast:
      return "expiry_in_the_past";
    case LifeError::kAllowListRequired:
      return "allow_list_required";
    case LifeError::kLabelInvalid:
      return "label_invalid";
    case LifeError::kSymbolsInvalid:
      return "symbols_invalid";
  }
  std::unreachable();
}

std::unexpected<Problem> problem(LifeError error) {
  const bool is_input = error == LifeError::kExpiryInThePast ||
                        error == LifeError::kAllowListRequired ||
                        error == LifeError::kLabelInvalid || error == LifeError::kSymbolsInvalid;
  return problem(is_input ? Kind::kInvalid : Kind::kConflict, name_of(error), describe(error));
}

std::unexpected<Problem> no_such_key() {
  return problem(Kind::kNotFound, "no_such_key",
                 "there is no such API key here; `counterfoil keys list` shows all");
}

// index_entries are how an API key is found besides its id. The value of a public key's fingerprint
// names the account too: one account may register a key again under another API key, a second
// account may not (control S-28).
std::vector<IndexEntry> index_entries(const ApiKey& key) {
  std::vector<IndexEntry> entries{{"account", key.account.text(), IndexRule::kMany}};
  if (!key.label.empty()) {
    entries.push_back({"label", key.label, IndexRule::kMany});
  }
  if (!key.vendor.empty()) {
    entries.push_back({"vendor", key.vendor, IndexRule::kMany});
  }
  for (const KeyPair& pair : key.pairs) {
    entries.push_back({"lookup", to_hex(pair.lookup_hash), IndexRule::kMany});
  }
  return entries;
}

AuditFact fact_of(const Actor& actor, std::string action, const ApiKey& key,
                  std::map<std::string, std::string> detail = {}) {
  detail["account"] = key.account.text();
  return {.actor = actor.name,
          .source = actor.source,
          .action = std::move(action),
          .object = std::string(key.id.text()),
          .detail = std::move(detail)};
}

}  // namespace

// MadePair is a key pair with what is shown of it once.
struct Issuer::MadePair {
  KeyPair pair;
  std::optional<SecretBytes> secret;
};

// ---- accounts

Issuer::Result<std::pair<Account, std::uint64_t>> Issuer::load_account(
    const std::string& id) const {
  const auto record = registry_.read().find(RecordKind::kAccount, id);
  if (!record) {
    return problem(record.error());
  }
  if (!*record) {
    return problem(Kind::kNotFound, "no_such_account",
                   "there is no account \"" + id.substr(0, AccountId::kSizeMax) +
                       "\"; `counterfoil accounts create` makes one");
  }
  auto account = decode_account((*record)->bytes);
  if (!account) {
    return problem(Kind::kUnavailable, "record_unreadable",
                   "the account's record cannot be read; restore it from a backup");
  }
  return std::pair(std::move(*account), (*record)->modified);
}

Issuer::Result<Account> Issuer::store_account(const Account& account, std::uint64_t modified,
                                              const AuditFact& fact) {
  const auto stored = registry_.commit({{.kind = RecordKind::kAccount,
                                         .id = account.id.text(),
                                         .bytes = encode_account(account),
                                         .expected_modified = modified,
                                         .indexes = {}}},
                                       fact);
  if (!stored) {
    return problem(stored.error());
  }
  return account;
}

Issuer::Result<Account> Issuer::create_account(const std::string& id, const std::string& name,
                                               const Actor& actor) {
  const auto parsed = AccountId::parse(id);
  if (!parsed) {
    return problem(Kind::kInvalid, "account_id_invalid",
                   "an account id has 1 to 32 characters of a-z, 0-9 and '-'");
  }
  if (!is_label(name)) {
    return problem(Kind::kInvalid, "label_invalid", describe(LifeError::kLabelInvalid));
  }
  const Timestamp now = clock_.now();
  const Account account{.id = *parsed, .name = name, .state_since = now, .created = now};
  auto stored = store_account(
      account, 0,
      {.actor = actor.name, .source = actor.source, .action = "account.create", .object = id});
  if (!stored && stored.error().reason == "conflict") {
    return problem(Kind::kConflict, "account_exists", "the account \"" + id + "\" exists already");
  }
  return stored;
}

Issuer::Result<Account> Issuer::account(const std::string& id) const {
  auto loaded = load_account(id);
  if (!loaded) {
    return std::unexpected(loaded.error());
  }
  return std::move(loaded->first);
}

Issuer::Result<std::vector<Account>> Issuer::accounts(const std::string& after,
                                                      std::size_t limit) const {
  const auto records = registry_.read().list(RecordKind::kAccount, after, limit);
  if (!records) {
    return problem(records.error());
  }
  std::vector<Account> listed;
  for (const Record& record : *records) {
    if (auto account = decode_account(record.bytes)) {
      listed.push_back(std::move(*account));
    }
  }
  return listed;
}

Issuer::Result<AccountPage> Issuer::account_page(const std::string& after,
                                                 std::size_t limit) const {
  const auto records = registry_.read().list(RecordKind::kAccount, after, limit);
  if (!records) {
    return problem(records.error());
  }
  AccountPage page;
  for (const Record& record : *records) {
    if (auto account = decode_account(record.bytes)) {
      page.accounts.push_back(std::move(*account));
    } else {
      ++page.unreadable;
    }
  }
  if (records->size() >= limit) {
    page.next = records->back().id;
  }
  return page;
}

Issuer::Result<Account> Issuer::suspend_account(const std::string& id, const std::string& cause,
                                                const Actor& actor) {
  auto loaded = load_account(id);
  if (!loaded) {
    return std::unexpected(loaded.error());
  }
  const auto suspended = suspend(loaded->first, cause, clock_.now());
  if (!suspended) {
    return problem(Kind::kConflict, "already_suspended", describe(suspended.error()));
  }
  auto stored = store_account(*suspended, loaded->second,
                              {.actor = actor.name,
                               .source = actor.source,
                               .action = "account.suspend",
                               .object = id,
                               .detail = {{"cause", cause}}});
  if (stored && !revoker_.wait_until_in_force()) {
    return problem(Kind::kUnavailable, "not_in_force",
                   "the suspension is stored, but a gateway thread has not confirmed it; repeat to "
                   "wait again");
  }
  return stored;
}

Issuer::Result<Account> Issuer::resume_account(const std::string& id, const Actor& actor) {
  auto loaded = load_account(id);
  if (!loaded) {
    return std::unexpected(loaded.error());
  }
  const auto resumed = resume(loaded->first, clock_.now());
  if (!resumed) {
    return problem(Kind::kConflict, "not_suspended", describe(resumed.error()));
  }
  return store_account(
      *resumed, loaded->second,
      {.actor = actor.name, .source = actor.source, .action = "account.resume", .object = id});
}

// ---- reading API keys

Issuer::Result<VersionedKey> Issuer::load_key(const std::string& id, OnlyIf only_if) const {
  if (!ApiKeyId::parse(id)) {
    return no_such_key();
  }
  const auto record = registry_.read().find(RecordKind::kApiKey, id);
  if (!record) {
    return problem(record.error());
  }
  if (!*record) {
    return no_such_key();
  }
  auto key = decode_api_key((*record)->bytes, permissions_);
  if (!key) {
    return problem(Kind::kUnavailable, "record_unreadable",
                   "the API key's record cannot be read (another profile, a newer version, or "
                   "damage); the key is refused until it can");
  }
  if (only_if && *only_if != (*record)->modified) {
    return problem(Kind::kChanged, "changed_meanwhile",
                   "the API key was changed since you looked at it; look again and decide anew");
  }
  return VersionedKey{.key = std::move(*key), .version = (*record)->modified};
}

Issuer::Result<VersionedKey> Issuer::stored_key(const std::string& id) const {
  return load_key(id);
}

Issuer::Result<ApiKey> Issuer::find_key(const std::string& id_or_label) const {
  if (ApiKeyId::parse(id_or_label)) {
    auto stored = load_key(id_or_label);
    if (!stored) {
      return std::unexpected(stored.error());
    }
    return std::move(stored->key);
  }
  const auto records = registry_.read().find_by_index("label", id_or_label);
  if (!records) {
    return problem(records.error());
  }
  if (records->empty()) {
    return no_such_key();
  }
  if (records->size() > 1) {
    return problem(
        Kind::kInvalid, "label_ambiguous",
        "several API keys have this label; name the key by its id (`counterfoil keys list`)");
  }
  auto key = decode_api_key(records->front().bytes, permissions_);
  return key ? Result<ApiKey>(std::move(*key)) : no_such_key();
}

Issuer::Result<std::vector<ApiKey>> Issuer::keys_of(const std::string& account) const {
  const auto records = registry_.read().find_by_index("account", account);
  if (!records) {
    return problem(records.error());
  }
  std::vector<ApiKey> listed;
  for (const Record& record : *records) {
    if (auto key = decode_api_key(record.bytes, permissions_);
        key && record.kind == RecordKind::kApiKey) {
      listed.push_back(std::move(*key));
    }
  }
  return listed;
}

namespace {

// page_of decodes the records of one page. A full page has a next one, even if none of its records
// could be read.
KeyPage page_of(const std::vector<Record>& records, std::size_t limit,
                const PermissionTable& permissions) {
  KeyPage page;
  for (const Record& record : records) {
    if (record.kind != RecordKind::kApiKey) {
      continue;
    }
    if (auto key = decode_api_key(record.bytes, permissions)) {
      page.keys.push_back({.key = std::move(*key), .version = record.modified});
    } else {
      ++page.unreadable;
    }
  }
  if (records.size() >= limit) {
    page.next = records.back().id;
  }
  return page;
}

}  // namespace

Issuer::Result<KeyPage> Issuer::key_page(const std::string& after, std::size_t limit) const {
  const auto records = registry_.read().list(RecordKind::kApiKey, after, limit);
  if (!records) {
    return problem(records.error());
  }
  return page_of(*records, limit, permissions_);
}

Issuer::Result<KeyPage> Issuer::indexed(std::string_view index, const std::string& value) const {
  const auto records = registry_.read().find_by_index(index, value);
  if (!records) {
    return problem(records.error());
  }
  return page_of(*records, records->size() + 1, permissions_);
}

Issuer::Result<KeyPage> Issuer::key_page_of(const std::string& account) const {
  return indexed("account", account);
}

Issuer::Result<KeyPage> Issuer::keys_labelled(const std::string& label) const {
  return indexed("label", label);
}

Issuer::Result<std::vector<ApiKey>> Issuer::keys(const std::string& after,
                                                 std::size_t limit) const {
  const auto records = registry_.read().list(RecordKind::kApiKey, after, limit);
  if (!records) {
    return problem(records.error());
  }
  std::vector<ApiKey> listed;
  for (const Record& record : *records) {
    if (auto key = decode_api_key(record.bytes, permissions_)) {
      listed.push_back(std::move(*key));
    }
  }
  return listed;
}

// ---- making pairs

Issuer::Result<Issuer::Challenge> Issuer::challenge(const std::string& account,
                                                    const std::string& public_key) {
  const auto known = load_account(account);
  if (!known) {
    return std::unexpected(known.error());
  }
  const auto key = PublicKey::import_text(public_key);
  if (!key) {
    return problem(Kind::kInvalid, "public_key_invalid", describe(key.error()));
  }
  std::array<std::uint8_t, 16> bytes{};
  if (!random_.fill(bytes)) {
    return problem(Kind::kUnavailable, "no_randomness",
                   "the system's random source failed; nothing was made");
  }
  Challenge made{.nonce = to_hex(bytes), .text = {}};
  made.text = "counterfoil-possession-v1\n" + rules_.origin + "\n" + account + "\n" +
              to_hex(key->fingerprint()) + "\n" + made.nonce;
  const BootTime now = clock_.boot_now();
  const std::scoped_lock lock(challenges_mutex_);
  std::erase_if(challenges_, [&](const auto& pending) { return pending.second.expires_at < now; });
  if (challenges_.size() >= kPendingChallengesMax) {
    return problem(Kind::kUnavailable, "overloaded",
                   "too many keys are being registered; try again in a few minutes");
  }
  challenges_[made.nonce] = {.text = made.text, .expires_at = now + kChallengeLife};
  return made;
}

Issuer::Result<std::vector<std::uint8_t>> Issuer::prove(const ApiKey& key,
                                                        const KeyMaterial& material) {
  const auto public_key = PublicKey::import_text(material.public_key);
  if (!public_key) {
    return problem(Kind::kInvalid, "public_key_invalid", describe(public_key.error()));
  }
  if (public_key->scheme() != material.scheme) {
    return problem(Kind::kInvalid, "public_key_type",
                   "the public key is of another type than the one asked for");
  }
  std::string expected_text;
  {
    const std::scoped_lock lock(challenges_mutex_);
    const auto pending = challenges_.find(material.possession_nonce);
    if (pending != challenges_.end() && pending->second.expires_at >= clock_.boot_now()) {
      expected_text = pending->second.text;
      challenges_.erase(pending);
    }
  }
  const std::string wanted_text = "counterfoil-possession-v1\n" + rules_.origin + "\n" +
                                  key.account.text() + "\n" + to_hex(public_key->fingerprint()) +
                                  "\n" + material.possession_nonce;
  if (expected_text.empty() || expected_text != wanted_text) {
    return problem(Kind::kInvalid, "challenge_unknown",
                   "no challenge is open for this account and public key (it lives five minutes "
                   "and serves once); ask for a new one");
  }
  const auto verifier = VerificationKey::from_public_key(*public_key);
  if (!verifier || !verifier->verify_text(as_bytes(expected_text), material.possession_signature)) {
    return problem(Kind::kInvalid, "possession_not_proved",
                   "the signature over the challenge is not valid for this public key; sign "
                   "exactly the challenge's bytes with the matching private key");
  }
  return public_key->spki_der();
}

Issuer::Result<Issuer::MadePair> Issuer::make_pair(const ApiKey& key, const KeyMaterial& material,
                                                   std::uint32_t number) {
  MadePair made{.pair = {.number = number, .scheme = material.scheme, .created = clock_.now()},
                .secret = std::nullopt};
  if (material.scheme == Scheme::kHmacSha256) {
    auto secret = sealer_.new_secret(format_, random_);
    if (!secret) {
      return std::unexpected(secret.error());
    }
    auto sealed = sealer_.seal_secret(key, number, *secret);
    if (!sealed) {
      return std::unexpected(sealed.error());
    }
    made.pair.sealed_secret = std::move(sealed->bytes);
    made.pair.lookup_hash = sealed->lookup_hash;
    made.secret = std::move(*secret);
    return made;
  }
  auto public_key = prove(key, material);
  if (!public_key) {
    return std::unexpected(public_key.error());
  }
  made.pair.public_key = std::move(*public_key);
  made.pair.lookup_hash = sha256(made.pair.public_key);
  const auto holders = registry_.read().find_by_index("lookup", to_hex(made.pair.lookup_hash));
  if (!holders) {
    return problem(holders.error());
  }
  for (const Record& record : *holders) {
    const auto holder = decode_api_key(record.bytes, permissions_);
    if (!holder || holder->account != key.account) {
      return problem(Kind::kConflict, "public_key_taken",
                     "this public key cannot be registered here; make a new key pair");
    }
  }
  return made;
}

// ---- making and changing API keys

Issuer::Result<void> Issuer::check_room(const AccountId& account) const {
  const auto present = keys_of(account.text());
  if (!present) {
    return std::unexpected(present.error());
  }
  const auto living = std::ranges::count_if(
      *present, [](const ApiKey& key) { return key.state != KeyState::kRevoked; });
  if (static_cast<std::size_t>(living) >= kKeysPerAccountMax) {
    return problem(Kind::kConflict, "too_many_keys",
                   "an account has at most 30 API keys; revoke one that is no longer used");
  }
  return {};
}

Issuer::Result<ApiKey> Issuer::draft(const NewKey& wanted, const ApiKeyId& id) const {
  const auto owner = load_account(wanted.account);
  if (!owner) {
    return std::unexpected(owner.error());
  }
  const Timestamp now = clock_.now();
  ApiKey key{.id = id,
             .account = owner->first.id,
             .label = wanted.label,
             .symbols = wanted.symbols,
             .created = now,
             .state_since = now,
             .vendor = wanted.vendor};
  key.permissions = rules_.default_permissions;
  if (!wanted.permissions.empty()) {
    const auto set = permissions_.parse(wanted.permissions);
    if (!set) {
      return problem(Kind::kInvalid, "permission_unknown",
                     "there is no permission \"" +
                         set.error().substr(0, PermissionTable::kNameSizeMax) +
                         "\" in this profile");
    }
    key.permissions = *set;
  }
  const auto list = AllowList::parse(wanted.allow_list.empty() ? "any" : wanted.allow_list);
  if (!list) {
    return problem(Kind::kInvalid, "allow_list_invalid", list.error());
  }
  key.allow_list = *list;
  key.expires_at = wanted.expires_at;
  if (!key.expires_at && !wanted.never_expires && rules_.default_life) {
    key.expires_at = now + *rules_.default_life;
  }
  if (const auto fine = check(key, rules_.life); !fine) {
    return problem(fine.error());
  }
  return key;
}

Issuer::Result<void> Issuer::store_key(const ApiKey& key, std::uint64_t modified,
                                       const AuditFact& fact, Urgency urgency) {
  const auto stored = registry_.commit({{.kind = RecordKind::kApiKey,
                                         .id = std::string(key.id.text()),
                                         .bytes = encode_api_key(key, permissions_),
                                         .expected_modified = modified,
                                         .indexes = index_entries(key)}},
                                       fact, urgency);
  if (!stored) {
    return problem(stored.error());
  }
  return {};
}

Issuer::Result<Issued> Issuer::create_key(const NewKey& wanted, const Actor& actor) {
  const auto id = format_.generate_api_key(random_);
  if (!id) {
    return problem(Kind::kUnavailable, "no_randomness",
                   "the system's random source failed; nothing was made");
  }
  auto key = draft(wanted, *id);
  if (!key) {
    return std::unexpected(key.error());
  }
  if (const auto room = check_room(key->account); !room) {
    return std::unexpected(room.error());
  }
  auto made = make_pair(*key, wanted.material, 1);
  if (!made) {
    return std::unexpected(made.error());
  }
  key->pairs.push_back(std::move(made->pair));
  const auto stored =
      store_key(*key, 0,
                fact_of(actor, "key.create", *key,
                        {{"type", std::string(describe(wanted.material.scheme).name)},
                         {"permissions", permissions_.to_text(key->permissions)},
                         {"allow_list", key->allow_list.to_text()}}));
  if (!stored) {
    return std::unexpected(stored.error());
  }
  return Issued{.key = std::move(*key), .secret = std::move(made->secret)};
}

Issuer::Result<ApiKey> Issuer::import_key(const ImportedKey& wanted, const Actor& actor) {
  const auto id = ApiKeyId::parse(wanted.api_key);
  if (!id) {
    return problem(Kind::kInvalid, "api_key_malformed",
                   "an API key has 64 characters of A-Z, a-z and 0-9");
  }
  if (format_.classify_api_key(wanted.api_key) == KeyFormat::Kind::kBadChecksum) {
    return problem(
        Kind::kInvalid, "api_key_checksum",
        "this API key carries our marker but its checksum is wrong: a character was mistyped");
  }
  if (wanted.secret.size() < kImportedSecretBytesMin ||
      wanted.secret.size() > kImportedSecretBytesMax) {
    return problem(Kind::kInvalid, "secret_length",
                   "an imported secret has 16 to 128 bytes (64 characters is usual)");
  }
  auto key = draft(wanted.key, *id);
  if (!key) {
    return std::unexpected(key.error());
  }
  key->imported = true;
  auto sealed = sealer_.seal_secret(*key, 1, wanted.secret);
  if (!sealed) {
    return std::unexpected(sealed.error());
  }
  KeyPair pair{.number = 1, .scheme = Scheme::kHmacSha256, .created = key->created};
  pair.sealed_secret = std::move(sealed->bytes);
  pair.lookup_hash = sealed->lookup_hash;
  key->pairs.push_back(std::move(pair));
  const auto stored = store_key(*key, 0,
                                fact_of(actor, "key.import", *key,
                                        {{"permissions", permissions_.to_text(key->permissions)}}));
  if (!stored && stored.error().reason == "conflict") {
    return problem(Kind::kConflict, "api_key_exists", "an API key with this id exists already");
  }
  if (!stored) {
    return std::unexpected(stored.error());
  }
  return std::move(*key);
}

Issuer::Result<ApiKey> Issuer::edit_key(const std::string& id, const KeyEdit& edit,
                                        const Actor& actor, OnlyIf only_if) {
  auto stored = load_key(id, only_if);
  if (!stored) {
    return std::unexpected(stored.error());
  }
  ApiKey key = std::move(stored->key);
  if (key.state == KeyState::kRevoked) {
    return problem(LifeError::kRevoked);
  }
  std::map<std::string, std::string> detail;
  if (edit.label) {
    key.label = *edit.label;
    detail["label"] = key.label;
  }
  if (edit.permissions) {
    const auto set = permissions_.parse(*edit.permissions);
    if (!set) {
      return problem(Kind::kInvalid, "permission_unknown",
                     "there is no permission \"" +
                         set.error().substr(0, PermissionTable::kNameSizeMax) +
                         "\" in this profile");
    }
    detail["permissions"] =
        permissions_.to_text(key.permissions) + " -> " + permissions_.to_text(*set);
    key.permissions = *set;
  }
  if (edit.allow_list) {
    const auto list = AllowList::parse(*edit.allow_list);
    if (!list) {
      return problem(Kind::kInvalid, "allow_list_invalid", list.error());
    }
    detail["allow_list"] = key.allow_list.to_text() + " -> " + list->to_text();
    key.allow_list = *list;
  }
  if (edit.symbols) {
    key.symbols = *edit.symbols;
    detail["symbols"] = std::to_string(key.symbols.size());
  }
  if (edit.expires_at) {
    if (*edit.expires_at && **edit.expires_at <= clock_.now()) {
      return problem(LifeError::kExpiryInThePast);
    }
    key.expires_at = *edit.expires_at;
    detail["expires_ms"] = key.expires_at ? std::to_string(to_unix_ms(*key.expires_at)) : "never";
  }
  if (edit.vendor) {
    key.vendor = *edit.vendor;
    detail["vendor"] = key.vendor;
  }
  key.imported = false;
  if (const auto fine = check(key, rules_.life); !fine) {
    return problem(fine.error());
  }
  const auto written =
      store_key(key, stored->version, fact_of(actor, "key.edit", key, std::move(detail)));
  if (!written) {
    return std::unexpected(written.error());
  }
  if (!revoker_.wait_until_in_force()) {
    return problem(
        Kind::kUnavailable, "not_in_force",
        "the change is stored, but a gateway thread has not confirmed it; repeat to wait again");
  }
  return key;
}

Issuer::Result<Issued> Issuer::rotate_key(const std::string& id, const KeyMaterial& material,
                                          std::chrono::seconds overlap, const Actor& actor,
                                          OnlyIf only_if) {
  auto stored = load_key(id, only_if);
  if (!stored) {
    return std::unexpected(stored.error());
  }
  std::uint32_t last_number = 0;
  for (const KeyPair& pair : stored->key.pairs) {
    last_number = std::max(last_number, pair.number);
  }
  auto made = make_pair(stored->key, material, last_number + 1);
  if (!made) {
    return std::unexpected(made.error());
  }
  const Timestamp now = clock_.now();
  auto rotated = rotate(std::move(stored->key), std::move(made->pair), now + overlap, now);
  if (!rotated) {
    return problem(rotated.error());
  }
  const auto written = store_key(*rotated, stored->version,
                                 fact_of(actor, "key.rotate", *rotated,
                                         {{"type", std::string(describe(material.scheme).name)},
                                          {"overlap_s", std::to_string(overlap.count())}}));
  if (!written) {
    return std::unexpected(written.error());
  }
  if (!revoker_.wait_until_in_force()) {
    return problem(Kind::kUnavailable, "not_in_force",
                   "the rotation is stored, but a gateway thread has not confirmed it");
  }
  return Issued{.key = std::move(*rotated), .secret = std::move(made->secret)};
}

Issuer::Result<ApiKey> Issuer::end_retiring(const std::string& id, const Actor& actor,
                                            OnlyIf only_if) {
  auto stored = load_key(id, only_if);
  if (!stored) {
    return std::unexpected(stored.error());
  }
  auto ended = counterfoil::end_retiring(std::move(stored->key), clock_.now());
  if (!ended) {
    return problem(ended.error());
  }
  if (const auto written =
          store_key(*ended, stored->version, fact_of(actor, "key.end_retiring", *ended));
      !written) {
    return std::unexpected(written.error());
  }
  if (!revoker_.wait_until_in_force()) {
    return problem(
        Kind::kUnavailable, "not_in_force",
        "the end of the retiring pair is stored, but a gateway thread has not confirmed it");
  }
  return std::move(*ended);
}

Issuer::Result<ApiKey> Issuer::suspend_key(const std::string& id, const std::string& cause,
                                           const Actor& actor, OnlyIf only_if) {
  auto stored = load_key(id, only_if);
  if (!stored) {
    return std::unexpected(stored.error());
  }
  auto suspended = suspend(std::move(stored->key), cause, clock_.now());
  if (!suspended) {
    return problem(suspended.error());
  }
  if (const auto written = store_key(*suspended, stored->version,
                                     fact_of(actor, "key.suspend", *suspended, {{"cause", cause}}),
                                     Urgency::kRevocation);
      !written) {
    return std::unexpected(written.error());
  }
  if (!revoker_.wait_until_in_force()) {
    return problem(Kind::kUnavailable, "not_in_force",
                   "the suspension is stored, but a gateway thread has not confirmed it; repeat to "
                   "wait again");
  }
  return std::move(*suspended);
}

Issuer::Result<ApiKey> Issuer::resume_key(const std::string& id, const Actor& actor,
                                          OnlyIf only_if) {
  auto stored = load_key(id, only_if);
  if (!stored) {
    return std::unexpected(stored.error());
  }
  auto resumed = resume(std::move(stored->key), clock_.now());
  if (!resumed) {
    return problem(resumed.error());
  }
  if (const auto written =
          store_key(*resumed, stored->version, fact_of(actor, "key.resume", *resumed));
      !written) {
    return std::unexpected(written.error());
  }
  return std::move(*resumed);
}

Issuer::Result<ApiKey> Issuer::revoke_key(const std::string& id, const std::string& cause,
                                          const Actor& actor, OnlyIf only_if) {
  auto stored = load_key(id, only_if);
  if (!stored) {
    return std::unexpected(stored.error());
  }
  ApiKey key = std::move(stored->key);
  if (key.state != KeyState::kRevoked) {
    key = revoke(std::move(key), cause, clock_.now());
    if (const auto written =
            store_key(key, stored->version, fact_of(actor, "key.revoke", key, {{"cause", cause}}),
                      Urgency::kRevocation);
        !written) {
      return std::unexpected(written.error());
    }
  }
  // A repeated revoke waits again: its answer means the same as the first one's.
  if (!revoker_.wait_until_in_force()) {
    return problem(Kind::kUnavailable, "not_in_force",
                   "the revocation is stored, but a gateway thread has not confirmed it within 5 "
                   "s; repeat to wait again");
  }
  return key;
}

}  // namespace counterfoil
