#include "accounts/account.h"

#include <algorithm>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"

namespace counterfoil {
namespace {

bool is_lower_word(std::string_view text, std::size_t size_max, std::string_view others) {
  return !text.empty() && text.size() <= size_max && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || others.contains(c);
  });
}

}  // namespace

std::optional<std::string> parse_email(std::string_view text) {
  constexpr std::size_t kNameMax = 64;
  constexpr std::size_t kHostMax = 63;
  std::string email(text.substr(0, kEmailSizeMax + 1));
  std::ranges::transform(email, email.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  const std::string_view whole = email;
  const std::size_t at = whole.find('@');
  if (at == std::string_view::npos || !is_lower_word(whole.substr(0, at), kNameMax, ".+_%-") ||
      !is_lower_word(whole.substr(at + 1), kHostMax, ".-")) {
    return std::nullopt;
  }
  return email;
}

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
