#include <algorithm>
#include <expected>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "accounts/account.h"
#include "accounts/person.h"
#include "authority/audit_chain.h"
#include "authority/issuer.h"
#include "authority/issuer_limits.h"
#include "authority/key_records.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/secret_job.h"
#include "base/account_id.h"
#include "base/time.h"
#include "crypto/signature_scheme.h"
#include "keys/allow_list.h"
#include "keys/api_key.h"
#include "keys/api_key_id.h"
#include "keys/key_format.h"
#include "keys/life.h"
#include "keys/permission.h"
#include "registry/index_names.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;

std::expected<ApiKeyId, Problem> imported_id(const std::string& text, const KeyFormat& format) {
  const auto id = ApiKeyId::parse(text);
  if (!id) {
    return problem(Kind::kInvalid, "api_key_malformed",
                   "an API key has 64 characters of A-Z, a-z and 0-9");
  }
  if (format.classify_api_key(text) == KeyFormat::Kind::kBadChecksum) {
    return problem(
        Kind::kInvalid, "api_key_checksum",
        "this API key carries our marker but its checksum is wrong: a character was mistyped");
  }
  if (format.classify_secret(text) != KeyFormat::Kind::kForeign) {
    // Public ids are shown, logged and forwarded; a secret must never become one.
    return problem(Kind::kInvalid, "secret_given_as_api_key",
                   "this is a secret, not an API key: the two are swapped");
  }
  return *id;
}

}  // namespace

Issuer::Result<PermissionSet> Issuer::parse_permissions(const std::string& names) const {
  const auto set = permissions_.parse(names);
  if (!set) {
    return problem(Kind::kInvalid, "permission_unknown",
                   "there is no permission \"" +
                       set.error().substr(0, PermissionTable::kNameSizeMax) + "\" in this profile");
  }
  return *set;
}

Issuer::Result<ApiKey> Issuer::draft(const NewKey& wanted, const AccountId& account,
                                     const ApiKeyId& id) const {
  const Timestamp now = clock_.now();
  ApiKey key{.id = id, .account = account};
  key.label = wanted.label;
  key.symbols = wanted.symbols;
  key.created = now;
  key.state_since = now;
  key.vendor = wanted.vendor;
  key.expires_at = wanted.expires_at;
  key.permissions = rules_.default_permissions;
  if (!wanted.permissions.empty()) {
    const auto set = parse_permissions(wanted.permissions);
    if (!set) {
      return std::unexpected(set.error());
    }
    key.permissions = *set;
  }
  const auto list = AllowList::parse(wanted.allow_list.empty() ? "any" : wanted.allow_list);
  if (!list) {
    return problem(Kind::kInvalid, "allow_list_invalid", list.error());
  }
  key.allow_list = *list;
  if (const auto fine = check(key, rules_.life); !fine) {
    return problem_of(fine.error());
  }
  return key;
}

// The account's record is written anew with every new key, so that two keys made at once cannot
// both take the last place, nor one be made while the account is being suspended.
Issuer::Result<Issuer::VersionedAccount> Issuer::open_for_new_key(const AccountId& account) const {
  auto owner = load_account(account.text());
  if (!owner) {
    return std::unexpected(owner.error());
  }
  if (owner->account.state != AccountState::kActive) {
    return account_suspended();
  }
  const auto living = registry_.read().find_by_index(kLivingIndex, account.text());
  if (!living) {
    return problem_of(living.error());
  }
  if (living->size() >= kKeysPerAccountMax) {
    return too_many_keys();
  }
  return owner;
}

Issuer::Result<Revision> Issuer::store_new(const ApiKey& key, const AuditFact& fact,
                                           const Actor& actor, const WriteAlongside& alongside) {
  for (int attempt = 1;; ++attempt) {
    const auto owner = open_for_new_key(key.account);
    if (!owner) {
      return std::unexpected(owner.error());
    }
    std::vector<Write> writes{account_write(owner->account, owner->version),
                              api_key_write(key, permissions_, 0)};
    if (const auto tied = tie_to_maker(actor, key.account, key.permissions, writes); !tied) {
      return std::unexpected(tied.error());
    }
    std::vector<AuditFact> facts{fact};
    if (alongside) {
      auto more = alongside(key);
      if (!more) {
        return std::unexpected(more.error());
      }
      std::ranges::move(more->writes, std::back_inserter(writes));
      facts.push_back(std::move(more->fact));
    }
    const auto stored = registry_.commit_all(std::move(writes), facts);
    if (stored) {
      return *stored;
    }
    if (stored.error() == RegistryError::kDuplicate) {
      return pair_taken();
    }
    if (stored.error() != RegistryError::kConflict) {
      return problem_of(stored.error());
    }
    const auto present = registry_.read().find(RecordKind::kApiKey, key.id.text());
    if (present && *present) {
      return problem(Kind::kConflict, "api_key_exists", "an API key with this id exists already");
    }
    if (attempt == kAttemptsMax) {
      return problem_of(stored.error());
    }
  }
}

Issuer::Result<void> Issuer::tie_to_maker(const Actor& actor, const AccountId& account,
                                          PermissionSet gift, std::vector<Write>& writes) const {
  if (!actor.key) {
    return {};
  }
  const auto maker = load_key(std::string(actor.key->text()));
  const auto owner = load_account(account.text());
  if (!maker) {
    return std::unexpected(maker.error());
  }
  if (!owner) {
    return std::unexpected(owner.error());
  }
  const ApiKey& key = maker->key;
  if (effective_state(key, clock_.now()) != EffectiveState::kActive ||
      !key.permissions.intersects(rules_.manages_keys) || owner->account.master != key.account) {
    return problem(Kind::kNotAllowed, "maker_not_allowed",
                   "this API key may not, or no longer, change API keys of that account");
  }
  if (!key.permissions.without(rules_.manages_keys)
           .without(rules_.management.opening)
           .contains_all(gift)) {
    return problem(Kind::kNotAllowed, "permission_beyond_maker",
                   "an API key cannot give another one a permission that it lacks itself, nor the "
                   "one to manage keys");
  }
  writes.push_back(api_key_write(key, permissions_, maker->version));
  return {};
}

Issuer::Result<void> Issuer::tie_to_caller(const Actor& actor, const std::string& changed,
                                           std::vector<Write>& writes) const {
  if (!actor.management_key || actor.management_key->text() == changed) {
    return {};  // its own record is written anyhow, and only as it was read
  }
  const auto caller = load_key(std::string(actor.management_key->text()));
  if (!caller) {
    return std::unexpected(caller.error());
  }
  const ApiKey& key = caller->key;
  if (effective_state(key, clock_.now()) != EffectiveState::kActive ||
      !key.permissions.intersects(rules_.management.opening)) {
    return problem(Kind::kNotAllowed, "caller_not_allowed",
                   "the API key that signed this call may not make it any more; nothing was done");
  }
  writes.push_back(api_key_write(key, permissions_, caller->version));
  return {};
}

Issuer::Result<void> Issuer::check_role(const Actor& actor, PermissionSet held) const {
  if (!actor.role) {
    return {};
  }
  const bool manages_all = *actor.role == Role::kOwner || *actor.role == Role::kOperator;
  const bool reads_all = manages_all || *actor.role == Role::kAuditor;
  if ((held.intersects(rules_.management.managing_all) && !manages_all) ||
      (held.intersects(rules_.management.reading_all) && !reads_all)) {
    return problem(Kind::kNotAllowed, "permission_beyond_role",
                   "the API key would act for all accounts, which your role does not; take that "
                   "permission away, or suspend or revoke the key");
  }
  return {};
}

Issuer::Result<ApiKey> Issuer::planned_key(const NewKey& wanted, const Actor& actor) const {
  const auto owner = load_account(wanted.account);
  if (!owner) {
    return std::unexpected(owner.error());
  }
  const auto id = format_.generate_api_key(random_);
  if (!id) {
    return no_randomness();
  }
  if (wanted.never_expires && rules_.default_life) {
    return problem(Kind::kNotAllowed, "expiry_required",
                   "an API key has an end here; name a date (an operator may allow keys without "
                   "one: keys.expires_days = 0)");
  }
  auto key = draft(wanted, owner->account.id, *id);
  if (!key) {
    return std::unexpected(key.error());
  }
  if (const auto fine = check_role(actor, key->permissions); !fine) {
    return std::unexpected(fine.error());
  }
  if (const auto may = check_hold(key->account, key->permissions); !may) {
    return std::unexpected(may.error());
  }
  if (!key->expires_at && !wanted.never_expires && rules_.default_life) {
    key->expires_at = key->created + *rules_.default_life;
  }
  // Before a pair is made: a challenge serves once, and a full account need not use one up.
  if (const auto open = open_for_new_key(key->account); !open) {
    return std::unexpected(open.error());
  }
  return key;
}

Issuer::Result<Issued> Issuer::create_key(const NewKey& wanted, const Actor& actor,
                                          const WriteAlongside& alongside) {
  auto key = planned_key(wanted, actor);
  if (!key) {
    return std::unexpected(key.error());
  }
  key->parent = actor.key;
  auto prepared = prepare(key->account, wanted.material, actor);
  if (!prepared) {
    return std::unexpected(prepared.error());
  }
  auto held = sealer_.hold_keys();
  auto pair = make_pair(*key, *prepared, 1);
  if (!pair) {
    return std::unexpected(pair.error());
  }
  key->pairs.push_back(std::move(*pair));
  AuditDetail detail{{"type", std::string(describe(prepared->scheme).name)},
                     {"permissions", permissions_.to_text(key->permissions)},
                     {"allow_list", key->allow_list.to_text()}};
  if (actor.key && prepared->public_key) {
    detail["possession"] = "not_asked";
  }
  const auto stored =
      store_new(*key, api_key_fact(actor, "key.create", *key, std::move(detail)), actor, alongside);
  held.unlock();
  if (!stored) {
    return std::unexpected(stored.error());
  }
  // A new key is worth no receipt: where it is not known yet it is refused, which harms nobody.
  (void)revoker_.wait_until_in_force(*stored);
  return Issued{.key = std::move(*key), .secret = std::move(prepared->secret)};
}

Issuer::Result<ApiKey> Issuer::draft_imported(const ImportedKey& wanted) {
  const auto account = AccountId::parse(wanted.key.account);
  if (!account) {
    return account_id_invalid();
  }
  const auto id = imported_id(wanted.api_key, format_);
  if (!id) {
    return std::unexpected(id.error());
  }
  const std::string& public_key = wanted.key.material.public_key;
  if (!public_key.empty() && !wanted.secret.empty()) {
    return problem(Kind::kInvalid, "import_needs_one",
                   "an API key is imported with its secret or with its public key, not with both");
  }
  const auto read = public_key.empty() ? std::unexpected(Problem{}) : import_public_key(public_key);
  if (!public_key.empty() && !read) {
    return std::unexpected(read.error());
  }
  if (const auto fault =
          read ? std::nullopt : SecretJob::fault_of_imported(wanted.secret, *id, format_)) {
    return problem(Kind::kInvalid, fault->reason, fault->detail);
  }
  auto key = draft(wanted.key, *account, *id);
  if (!key) {
    return std::unexpected(key.error());
  }
  key->imported = true;
  auto pair = read ? Result<KeyPair>(public_pair(*read, 1)) : hmac_pair(*key, wanted.secret, 1);
  if (!pair) {
    return std::unexpected(pair.error());
  }
  key->pairs.push_back(std::move(*pair));
  return std::move(*key);
}

Issuer::Result<ApiKey> Issuer::import_key(const ImportedKey& wanted, const Actor& actor) {
  if (const auto owner = load_account(wanted.key.account); !owner) {
    return std::unexpected(owner.error());
  }
  auto held = sealer_.hold_keys();
  auto key = draft_imported(wanted);
  if (!key) {
    return std::unexpected(key.error());
  }
  const auto stored =
      store_new(*key,
                api_key_fact(actor, "key.import", *key,
                             {{"permissions", permissions_.to_text(key->permissions)},
                              {"allow_list", key->allow_list.to_text()}}),
                actor);
  held.unlock();
  if (!stored) {
    return std::unexpected(stored.error());
  }
  (void)revoker_.wait_until_in_force(*stored);
  return std::move(*key);
}

}  // namespace counterfoil
