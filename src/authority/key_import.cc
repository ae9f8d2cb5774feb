#include "authority/key_import.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "accounts/account.h"
#include "authority/audit_chain.h"
#include "authority/issuer.h"
#include "authority/issuer_limits.h"
#include "authority/key_records.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "crypto/digest.h"
#include "keys/api_key.h"
#include "keys/api_key_codec.h"
#include "keys/life.h"
#include "registry/index_names.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Kind = ImportedRow::Kind;

ImportedRow refused(const std::unexpected<Problem>& problem) {
  return {.kind = Kind::kRefused, .problem = problem.error()};
}

ImportedRow id_taken() {
  return refused(problem(Problem::Kind::kConflict, "api_key_exists",
                         "an API key with this id exists already, with another pair or of another "
                         "account"));
}

// What a row means where a key with its id is there already.
ImportedRow beside(const ApiKey& wanted, const ApiKey& present) {
  const Digest& pair = wanted.pairs.front().lookup_hash;
  const bool is_same =
      present.account == wanted.account &&
      std::ranges::find(present.pairs, pair, &KeyPair::lookup_hash) != present.pairs.end();
  return is_same ? ImportedRow{.kind = Kind::kAlreadyThere, .problem = {}} : id_taken();
}

std::string pair_name(const ApiKey& key) { return to_hex(key.pairs.front().lookup_hash); }

}  // namespace

void KeyImport::add(const ImportedKey& row) {
  assert(rows_.size() < kRowsMax);
  auto key = issuer_.draft_imported(row);
  if (key) {
    rows_.push_back({.key = std::move(*key), .problem = {}});
  } else {
    add_refused(std::move(key.error()));
  }
}

void KeyImport::add_refused(Problem problem) {
  rows_.push_back({.key = {}, .problem = std::move(problem)});
}

std::expected<KeyImport::Owner*, Problem> KeyImport::owner_of(const ApiKey& key, Plan& plan) const {
  const auto [at, is_new] = plan.owners.try_emplace(key.account.text());
  Owner& owner = at->second;
  if (!is_new) {
    return &owner;
  }
  const auto loaded = issuer_.load_account(key.account.text());
  if (loaded) {
    owner.account = loaded->account;
    owner.version = loaded->version;
    if (loaded->account.state != AccountState::kActive) {
      owner.problem = account_suspended().error();
    }
  } else if (loaded.error().kind == Problem::Kind::kUnavailable) {
    return std::unexpected(loaded.error());
  } else if (rules_.missing_accounts == MissingAccounts::kRefuse) {
    owner.problem = loaded.error();
  } else {
    owner.account = Account{.id = key.account,
                            .name = {},
                            .state_since = key.created,
                            .state_cause = {},
                            .created = key.created};
  }
  if (owner.version != 0) {
    const auto living = issuer_.registry_.read().find_by_index(kLivingIndex, key.account.text());
    if (!living) {
      return problem_of(living.error());
    }
    owner.living = living->size();
  }
  return &owner;
}

std::expected<std::optional<ImportedRow>, Problem> KeyImport::standing(const ApiKey& key,
                                                                       Plan& plan) const {
  if (const auto same = plan.by_id.find(key.id.text()); same != plan.by_id.end()) {
    return beside(key, *same->second);
  }
  const Registry& registry = issuer_.registry_.read();
  const auto present = registry.find(RecordKind::kApiKey, key.id.text());
  if (!present) {
    return problem_of(present.error());
  }
  if (*present) {
    const auto stored = decode_api_key((*present)->bytes, issuer_.permissions_);
    return stored ? beside(key, *stored) : id_taken();
  }
  const std::string pair = pair_name(key);
  const auto holders = registry.find_by_index(kLookupIndex, pair);
  if (!holders) {
    return problem_of(holders.error());
  }
  if (!holders->empty() || plan.by_pair.contains(pair)) {
    return refused(pair_taken());
  }
  return std::nullopt;
}

std::expected<ImportedRow, Problem> KeyImport::plan_row(const ApiKey& key, Plan& plan) const {
  // What is there already is so whatever its account has become.
  const auto present = standing(key, plan);
  if (!present) {
    return std::unexpected(present.error());
  }
  if (*present) {
    return **present;
  }
  const auto owner = owner_of(key, plan);
  if (!owner) {
    return std::unexpected(owner.error());
  }
  if ((*owner)->problem) {
    return ImportedRow{.kind = Kind::kRefused, .problem = (*owner)->problem};
  }
  if ((*owner)->living >= kKeysPerAccountMax) {
    return refused(too_many_keys());
  }
  ++(*owner)->living;
  (*owner)->gets_keys = true;
  plan.keys.push_back(&key);
  plan.by_id.emplace(key.id.text(), &key);
  plan.by_pair.emplace(pair_name(key), &key);
  return ImportedRow{};
}

std::expected<KeyImport::Plan, Problem> KeyImport::plan() const {
  Plan plan;
  for (const Row& row : rows_) {
    if (!row.key) {
      plan.outcome.rows.push_back({.kind = Kind::kRefused, .problem = row.problem});
      continue;
    }
    auto planned = plan_row(*row.key, plan);
    if (!planned) {
      return std::unexpected(planned.error());
    }
    plan.outcome.rows.push_back(std::move(*planned));
  }
  plan.outcome.accounts_created =
      static_cast<std::size_t>(std::ranges::count_if(plan.owners, [](const auto& entry) {
        return entry.second.gets_keys && entry.second.version == 0;
      }));
  return plan;
}

std::vector<Write> KeyImport::writes_of(const Plan& plan) const {
  std::vector<Write> writes;
  for (const auto& [id, owner] : plan.owners) {
    if (owner.gets_keys) {
      // Written anew also when it is there: see Issuer::open_for_new_key.
      writes.push_back(account_write(*owner.account, owner.version));
    }
  }
  for (const ApiKey* const key : plan.keys) {
    writes.push_back(api_key_write(*key, issuer_.permissions_, 0));
  }
  return writes;
}

AuditFact KeyImport::fact_of(const Plan& plan, const Actor& actor) {
  Sha256 ids;
  for (const ApiKey* const key : plan.keys) {
    ids.update(as_bytes(key->id.text()));
    ids.update(as_bytes("\n"));
  }
  return {.actor = actor.name,
          .source = actor.source,
          .action = "keys.import",
          .object = std::string(plan.keys.front()->id.text()),
          .detail = {{"count", std::to_string(plan.keys.size())},
                     {"last", std::string(plan.keys.back()->id.text())},
                     {"ids_sha256", to_hex(ids.finish())},
                     {"accounts", std::to_string(plan.owners.size())},
                     {"accounts_created", std::to_string(plan.outcome.accounts_created)}}};
}

std::expected<KeyImport::Stored, Problem> KeyImport::store(const Actor& actor) {
  for (int attempt = 1;; ++attempt) {
    auto planned = plan();
    if (!planned) {
      return std::unexpected(planned.error());
    }
    if (planned->keys.empty() || rules_.run == ImportRun::kRehearsal) {
      return std::move(planned->outcome);
    }
    const auto stored = issuer_.registry_.commit(writes_of(*planned), fact_of(*planned, actor));
    if (stored) {
      held_.unlock();
      // As for one new key: where it is not known yet it is refused, which harms nobody. Waiting
      // keeps an import from running away from the gateways' copies.
      (void)issuer_.revoker_.wait_until_in_force(*stored);
      return std::move(planned->outcome);
    }
    // Somebody else took an id, a pair or an account's place between the look and the commit.
    const bool lost_race =
        stored.error() == RegistryError::kConflict || stored.error() == RegistryError::kDuplicate;
    if (!lost_race || attempt == kAttemptsMax) {
      return problem_of(stored.error());
    }
  }
}

}  // namespace counterfoil
