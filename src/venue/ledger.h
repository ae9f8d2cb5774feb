#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <vector>

#include "venue/asset.h"
#include "venue/decimal.h"

namespace counterfoil::venue {

// AccountNumber counts the accounts of one ledger from 0.
enum class AccountNumber : std::uint32_t {};

// Balance is what one account holds of one asset. Neither part is ever below zero.
struct Balance {
  Decimal free;
  Decimal locked;  // promised to open orders

  bool operator==(const Balance&) const = default;
};

enum class LedgerError : std::uint8_t {
  kInsufficient,   // less is free than was asked for
  kIssueTooLarge,  // all that exists of the asset would no longer fit a Decimal
};

// Ledger holds every balance of the venue. Money enters by issue() alone and is only moved after
// that, so for each asset the sum of free and locked over all accounts is always what was issued,
// to the last unit. Because issue() keeps that sum within a Decimal, no balance can overflow.
//
// One thread at a time. What is called a precondition is the exchange's duty: breaking it is our
// own mistake and ends the process, for a sandbox that mints money teaches the wrong lessons.
class Ledger {
 public:
  // open_account gives the next account, with nothing in it.
  [[nodiscard]] AccountNumber open_account();
  [[nodiscard]] std::size_t accounts_count() const { return balances_.size(); }

  // issue makes `amount` (not below zero) out of nothing, free in `account`.
  [[nodiscard]] std::expected<void, LedgerError> issue(AccountNumber account, Asset asset,
                                                       Decimal amount);
  // lock moves `amount` (not below zero) from free to locked; after an error nothing has changed.
  [[nodiscard]] std::expected<void, LedgerError> lock(AccountNumber account, Asset asset,
                                                      Decimal amount);
  // release moves `amount` back. Precondition: so much is locked.
  void release(AccountNumber account, Asset asset, Decimal amount);
  // pay moves `amount` from what `from` has locked to what `to` has free. The two may be one.
  // Precondition: so much is locked.
  void pay(AccountNumber from, AccountNumber to, Asset asset, Decimal amount);
  // charge moves `amount` from what `from` has free to what `to` has free. Precondition: so much is
  // free.
  void charge(AccountNumber from, AccountNumber to, Asset asset, Decimal amount);

  [[nodiscard]] Balance balance(AccountNumber account, Asset asset) const;
  [[nodiscard]] Decimal issued(Asset asset) const { return issued_[index_of(asset)]; }
  // total adds up free and locked over all accounts: always issued(asset). For tests.
  [[nodiscard]] Decimal total(Asset asset) const;

 private:
  [[nodiscard]] Balance& at(AccountNumber account, Asset asset);

  std::vector<std::array<Balance, kAssetsCount>> balances_;
  std::array<Decimal, kAssetsCount> issued_{};
};

}  // namespace counterfoil::venue
