#include "venue/ledger.h"

#include <cstdlib>
#include <expected>
#include <utility>

#include "venue/asset.h"
#include "venue/decimal.h"

namespace counterfoil::venue {
namespace {

// take reduces `part`; it holds the preconditions of the header to their word.
void take(Decimal& part, Decimal amount) {
  if (amount < Decimal() || amount > part) {
    std::abort();
  }
  part -= amount;
}

}  // namespace

AccountNumber Ledger::open_account() {
  balances_.emplace_back();
  return static_cast<AccountNumber>(balances_.size() - 1);
}

std::expected<void, LedgerError> Ledger::issue(AccountNumber account, Asset asset, Decimal amount) {
  Decimal& issued = issued_[index_of(asset)];
  const auto sum = checked_add(issued, amount);
  if (amount < Decimal() || !sum) {
    return std::unexpected(LedgerError::kIssueTooLarge);
  }
  issued = *sum;
  at(account, asset).free += amount;
  return {};
}

std::expected<void, LedgerError> Ledger::lock(AccountNumber account, Asset asset, Decimal amount) {
  Balance& balance = at(account, asset);
  if (amount > balance.free) {
    return std::unexpected(LedgerError::kInsufficient);
  }
  take(balance.free, amount);
  balance.locked += amount;
  return {};
}

void Ledger::release(AccountNumber account, Asset asset, Decimal amount) {
  Balance& balance = at(account, asset);
  take(balance.locked, amount);
  balance.free += amount;
}

void Ledger::pay(AccountNumber from, AccountNumber to, Asset asset, Decimal amount) {
  take(at(from, asset).locked, amount);
  at(to, asset).free += amount;
}

void Ledger::charge(AccountNumber from, AccountNumber to, Asset asset, Decimal amount) {
  take(at(from, asset).free, amount);
  at(to, asset).free += amount;
}

Balance Ledger::balance(AccountNumber account, Asset asset) const {
  return balances_.at(std::to_underlying(account))[index_of(asset)];
}

Decimal Ledger::total(Asset asset) const {
  Decimal sum;
  for (const auto& account : balances_) {
    sum += account[index_of(asset)].free + account[index_of(asset)].locked;
  }
  return sum;
}

Balance& Ledger::at(AccountNumber account, Asset asset) {
  return balances_.at(std::to_underlying(account))[index_of(asset)];
}

}  // namespace counterfoil::venue
