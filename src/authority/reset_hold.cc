#include "authority/reset_hold.h"

#include <algorithm>
#include <cstddef>
#include <expected>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "accounts/account.h"
#include "accounts/account_codec.h"
#include "accounts/people_codec.h"
#include "accounts/person.h"
#include "authority/issuer.h"
#include "authority/key_policies.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "base/account_id.h"
#include "base/time.h"
#include "keys/api_key.h"
#include "registry/index_names.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Act = PolicyStep::Act;

std::unexpected<Problem> unreadable() {
  return problem(Problem::Kind::kUnavailable, "record_unreadable",
                 "the record of a person or account cannot be read by this version, so it is not "
                 "known whether a password was reset");
}

// The accounts whose holders may act for `account`: itself, and its master.
std::expected<std::vector<std::string>, Problem> held_by(const Registry& registry,
                                                         const AccountId& account) {
  std::vector<std::string> accounts{account.text()};
  const auto record = registry.find(RecordKind::kAccount, account.text());
  if (!record) {
    return problem_of(record.error());
  }
  if (*record) {
    const auto read = decode_account((*record)->bytes);
    if (!read) {
      return unreadable();
    }
    if (read->master) {
      accounts.push_back(read->master->text());
    }
  }
  return accounts;
}

}  // namespace

std::expected<std::optional<Timestamp>, Problem> reset_hold_of(const Registry& registry,
                                                               const AccountId& account,
                                                               Timestamp now) {
  const auto accounts = held_by(registry, account);
  if (!accounts) {
    return std::unexpected(accounts.error());
  }
  std::optional<Timestamp> until;
  for (const std::string& one : *accounts) {
    const auto holders = registry.find_by_index(kPersonAccountIndex, one);
    if (!holders) {
      return problem_of(holders.error());
    }
    for (const Record& record : *holders) {
      const auto person = decode_person(record.bytes);
      if (!person) {
        return unreadable();
      }
      const Timestamp ends = person->password_reset + kResetHold;
      if (now < ends) {
        until = std::max(until.value_or(ends), ends);
      }
    }
  }
  return until;
}

PolicyStep ResetHolds::step_for(const ApiKey& key, Timestamp reset, Timestamp now) const {
  if (const auto ends = reset_notice_ends(key); ends && key.notice->since >= reset) {
    return {.act = now >= *ends ? Act::kClear : Act::kNothing};
  }
  const bool is_held = mode_ != PolicyMode::kOff && now < reset + kResetHold &&
                       key.created <= reset && key.permissions.intersects(parts_.held);
  if (!is_held) {
    return {};
  }
  return {.act = mode_ == PolicyMode::kEnforce ? Act::kRestrict : Act::kNotify,
          .policy = kResetPolicy};
}

std::expected<void, Problem> ResetHolds::look_at(const AccountId& account, Timestamp reset) {
  const auto page = parts_.issuer.key_page_of(account.text());
  if (!page) {
    return std::unexpected(page.error());
  }
  for (const VersionedKey& stored : page->keys) {
    if (stored.key.state == KeyState::kRevoked) {
      continue;
    }
    // A suspended key is held as well: it may be resumed.
    const auto applied =
        parts_.issuer.apply_policy(std::string(stored.key.id.text()),
                                   step_for(stored.key, reset, parts_.clock.now()), stored.version);
    // A key that was changed at this moment is looked at again.
    if (!applied && applied.error().kind == Problem::Kind::kUnavailable) {
      return applied;
    }
  }
  return {};
}

std::expected<void, Problem> ResetHolds::look_at(const Person& person) {
  const bool is_due = person.account && parts_.clock.now() < person.password_reset + 2 * kResetHold;
  if (!is_due) {
    return {};
  }
  if (auto looked = look_at(*person.account, person.password_reset); !looked) {
    return looked;
  }
  const auto subs = parts_.issuer.sub_accounts(person.account->text());
  if (!subs) {
    return std::unexpected(subs.error());
  }
  for (const Account& sub : subs->accounts) {
    if (auto looked = look_at(sub.id, person.password_reset); !looked) {
      return looked;
    }
  }
  return {};
}

std::expected<void, Problem> ResetHolds::look() {
  constexpr std::size_t kAtOnce = 1'000;
  std::string after;
  bool is_whole = true;
  for (;;) {
    const auto records = parts_.registry.list(RecordKind::kPerson, after, kAtOnce);
    if (!records) {
      return problem_of(records.error());
    }
    for (const Record& record : *records) {
      const auto person = decode_person(record.bytes);
      is_whole = is_whole && person.has_value();
      if (auto looked = person ? look_at(*person) : std::expected<void, Problem>(); !looked) {
        return looked;
      }
    }
    if (records->size() < kAtOnce) {
      return is_whole ? std::expected<void, Problem>() : unreadable();
    }
    after = records->back().id;
  }
}

void ResetHolds::wake_with(std::function<void()> wake) {
  const std::scoped_lock lock(mutex_);
  wake_ = std::move(wake);
}

void ResetHolds::wake() {
  const std::scoped_lock lock(mutex_);
  wake_();
}

}  // namespace counterfoil
