#include "accounts/account.h"

#include <expected>
#include <string_view>
#include <utility>

#include "base/time.h"

namespace counterfoil {

std::string_view to_string(AccountState state) {
  switch (state) {
    case AccountState::kActive:
      return "active";
    case AccountState::kSuspended:
      return "suspended";
  }
  std::unreachable();
}

std::string_view describe(AccountError error) {
  switch (error) {
    case AccountError::kAlreadySuspended:
      return "this account is suspended already";
    case AccountError::kNotSuspended:
      return "this account is not suspended, so there is nothing to resume";
  }
  std::unreachable();
}

std::expected<Account, AccountError> suspend(Account account, std::string_view cause,
                                             Timestamp now) {
  if (account.state == AccountState::kSuspended) {
    return std::unexpected(AccountError::kAlreadySuspended);
  }
  account.state = AccountState::kSuspended;
  account.state_since = now;
  account.state_cause = cause;
  return account;
}

std::expected<Account, AccountError> resume(Account account, Timestamp now) {
  if (account.state != AccountState::kSuspended) {
    return std::unexpected(AccountError::kNotSuspended);
  }
  account.state = AccountState::kActive;
  account.state_since = now;
  account.state_cause.clear();
  return account;
}

}  // namespace counterfoil
