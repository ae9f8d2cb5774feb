#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/account.h"
#include "accounts/account_codec.h"
#include "authority/issuer.h"
#include "authority/issuer_limits.h"
#include "authority/key_records.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "authority/receipts.h"
#include "authority/upstream_event.h"
#include "base/account_id.h"
#include "base/time.h"
#include "keys/life.h"
#include "registry/index_names.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;

AccountPage page_of(const std::vector<Record>& records) {
  AccountPage page;
  for (const Record& record : records) {
    if (record.kind != RecordKind::kAccount) {
      continue;
    }
    if (auto account = decode_account(record.bytes)) {
      page.accounts.push_back(std::move(*account));
    } else {
      ++page.unreadable;
    }
  }
  return page;
}

// suspension_receipts are the account's, and one for each of its API keys of which the upstream is
// told: that one names the upstream's answer.
std::vector<Receipts::Told> suspension_receipts(const std::string& account,
                                                const std::string& change,
                                                const std::vector<UpstreamEvent>& events) {
  const auto receipt = [&](const std::string& id, const std::string& object) {
    return Receipts::Told{
        .subject = {.id = id, .action = "account.suspend", .object = object, .account = account},
        .upstream = std::nullopt};
  };
  std::vector<Receipts::Told> receipts{receipt(change, account)};
  for (const UpstreamEvent& event : events) {
    receipts.push_back(receipt(event.change, event.api_key));
    receipts.back().upstream = UpstreamAnswer{.event = event.id()};
  }
  return receipts;
}

}  // namespace

Issuer::Result<Issuer::VersionedAccount> Issuer::load_account(const std::string& id) const {
  const auto no_such_account = [] {
    return problem(Kind::kNotFound, "no_such_account",
                   "there is no such account here; `counterfoil accounts list` shows all, "
                   "`counterfoil accounts create` makes one");
  };
  if (!AccountId::parse(id)) {
    return no_such_account();
  }
  const auto record = registry_.read().find(RecordKind::kAccount, id);
  if (!record) {
    return problem_of(record.error());
  }
  if (!*record) {
    return no_such_account();
  }
  auto account = decode_account((*record)->bytes);
  if (!account) {
    return problem(Kind::kUnavailable, "record_unreadable",
                   "the account's record cannot be read; restore it from a backup");
  }
  return VersionedAccount{.account = std::move(*account), .version = (*record)->modified};
}

// The master's record is not written with it: nothing that could make it unfit to be one ever
// happens to an account.
Issuer::Result<void> Issuer::make_sub_account(Account& account, const SubAccountOf& of) const {
  const auto email = parse_email(of.email);
  if (!email) {
    return problem(Kind::kInvalid, "email_invalid",
                   "the e-mail of a sub-account is a name such as desk-7@example.com: at most 64 "
                   "of a-z, 0-9 and .+_%-, then @, then at most 63 of a-z, 0-9, '.' and '-'");
  }
  const auto master = load_account(of.master);
  if (!master) {
    return std::unexpected(master.error());
  }
  if (master->account.master) {
    return problem(
        Kind::kConflict, "master_is_sub_account",
        "the account \"" + of.master + "\" is a sub-account itself and cannot be a master");
  }
  account.master = master->account.id;
  account.email = *email;
  return {};
}

Issuer::Result<Account> Issuer::create_account(const std::string& id, const std::string& name,
                                               const Actor& actor,
                                               const std::optional<SubAccountOf>& of) {
  const auto parsed = AccountId::parse(id);
  if (!parsed) {
    return account_id_invalid();
  }
  if (!is_label(name)) {
    return problem_of(LifeError::kLabelInvalid);
  }
  const Timestamp now = clock_.now();
  Account made{.id = *parsed, .name = name, .state_since = now, .state_cause = {}, .created = now};
  AuditDetail detail;
  if (of) {
    if (const auto fine = make_sub_account(made, *of); !fine) {
      return std::unexpected(fine.error());
    }
    detail = {{"master", made.master->text()}, {"email", made.email}};
  }
  const auto stored = registry_.commit(
      {account_write(made, 0)}, account_fact(actor, "account.create", id, std::move(detail)));
  if (!stored && stored.error() == RegistryError::kDuplicate) {
    return problem(Kind::kConflict, "email_taken",
                   "another account has the e-mail " + made.email + "; choose another one");
  }
  if (!stored && stored.error() == RegistryError::kConflict) {
    return problem(Kind::kConflict, "account_exists", "the account \"" + id + "\" exists already");
  }
  if (!stored) {
    return problem_of(stored.error());
  }
  return made;
}

Issuer::Result<Account> Issuer::account(const std::string& id) const {
  auto loaded = load_account(id);
  if (!loaded) {
    return std::unexpected(loaded.error());
  }
  return std::move(loaded->account);
}

Issuer::Result<AccountPage> Issuer::account_page(const std::string& after,
                                                 std::size_t limit) const {
  const auto records = registry_.read().list(RecordKind::kAccount, after, limit);
  if (!records) {
    return problem_of(records.error());
  }
  AccountPage page = page_of(*records);
  if (!records->empty() && records->size() >= limit) {
    page.next = records->back().id;
  }
  return page;
}

Issuer::Result<AccountPage> Issuer::sub_accounts(const std::string& master) const {
  if (!AccountId::parse(master)) {
    return AccountPage{};
  }
  const auto records = registry_.read().find_by_index(kMasterIndex, master);
  if (!records) {
    return problem_of(records.error());
  }
  return page_of(*records);
}

Issuer::Result<Account> Issuer::sub_account(const AccountId& master,
                                            const std::string& email) const {
  const auto written = parse_email(email);
  if (written) {
    const auto records = registry_.read().find_by_index(kEmailIndex, *written);
    if (!records) {
      return problem_of(records.error());
    }
    AccountPage found = page_of(*records);
    if (!found.accounts.empty() && found.accounts.front().master == master) {
      return std::move(found.accounts.front());
    }
  }
  return problem(Kind::kNotFound, "no_such_sub_account",
                 "the account has no sub-account of this e-mail");
}

Issuer::Result<std::vector<Account>> Issuer::accounts(const std::string& after,
                                                      std::size_t limit) const {
  auto page = account_page(after, limit);
  if (!page) {
    return std::unexpected(page.error());
  }
  return std::move(page->accounts);
}

Issuer::Result<ChangedAccount> Issuer::suspend_account(const std::string& id,
                                                       const std::string& cause,
                                                       const Actor& actor) {
  if (const auto fine = check_cause(cause); !fine) {
    return std::unexpected(fine.error());
  }
  const std::string change = receipts_.new_id();
  for (int attempt = 1;; ++attempt) {
    const auto loaded = load_account(id);
    if (!loaded) {
      return std::unexpected(loaded.error());
    }
    const auto suspended = suspend(loaded->account, cause, clock_.now());
    std::vector<Write> writes;
    std::vector<UpstreamEvent> events;
    if (suspended) {
      writes.push_back(account_write(*suspended, loaded->version));
      if (const auto tied = tie_to_caller(actor, {}, writes); !tied) {
        return std::unexpected(tied.error());
      }
      auto told = told_of_account(KeyChange::Tell::kSuspended, id, change, writes);
      if (!told) {
        return std::unexpected(told.error());
      }
      events = std::move(*told);
    }
    // Whoever repeats a suspension that was not answered is answered once it is in force.
    const auto stored =
        suspended ? registry_.commit(std::move(writes),
                                     account_fact(actor, "account.suspend", id, {{"cause", cause}}),
                                     Urgency::kRevocation)
                  : registry_.read().revision();
    if (!stored && stored.error() == RegistryError::kConflict && attempt < kAttemptsMax) {
      continue;
    }
    if (!stored) {
      return problem_of(stored.error());
    }
    auto receipts = enforce_all(KeyChange::Tell::kSuspended, events,
                                suspension_receipts(id, change, events), *stored);
    return suspended ? Result<ChangedAccount>({*suspended, std::move(receipts.lines.front())})
                     : problem_of(suspended.error());
  }
}

Issuer::Result<ChangedAccount> Issuer::resume_account(const std::string& id, const Actor& actor) {
  const auto loaded = load_account(id);
  if (!loaded) {
    return std::unexpected(loaded.error());
  }
  const auto resumed = resume(loaded->account, clock_.now());
  if (!resumed) {
    return problem_of(resumed.error());
  }
  const std::string change = receipts_.new_id();
  std::vector<Write> writes{account_write(*resumed, loaded->version)};
  const auto events = told_of_account(KeyChange::Tell::kResumed, id, change, writes);
  if (!events) {
    return std::unexpected(events.error());
  }
  const auto stored =
      registry_.commit(std::move(writes), account_fact(actor, "account.resume", id));
  if (!stored) {
    return problem_of(stored.error());
  }
  announce(KeyChange::Tell::kResumed, *events);
  return ChangedAccount{
      .account = *resumed,
      .receipt = enforce({.id = change, .action = "account.resume", .object = id, .account = id},
                         *stored, std::nullopt)};
}

}  // namespace counterfoil
