#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/account_id.h"
#include "base/time.h"

namespace counterfoil {

// AccountState is what was decided about an account. Values are stored: append, never renumber.
enum class AccountState : std::uint8_t { kActive = 1, kSuspended = 2 };
[[nodiscard]] std::string_view to_string(AccountState state);

// Account owns API keys. While it is suspended, none of its keys is accepted.
struct Account {
  AccountId id;
  std::string name;  // for people; at most 64 characters
  AccountState state = AccountState::kActive;
  Timestamp state_since{};
  std::string state_cause;
  Timestamp created{};
  bool operator==(const Account&) const = default;
};

enum class AccountError : std::uint8_t { kAlreadySuspended, kNotSuspended };
[[nodiscard]] std::string_view describe(AccountError error);

[[nodiscard]] std::expected<Account, AccountError> suspend(Account account, std::string_view cause,
                                                           Timestamp now);
[[nodiscard]] std::expected<Account, AccountError> resume(Account account, Timestamp now);

}  // namespace counterfoil
