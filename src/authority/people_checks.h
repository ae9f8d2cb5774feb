#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "authority/problem.h"
#include "base/account_id.h"
#include "base/wiped_text.h"

namespace counterfoil {

struct Caller;

// The checks that several steps of People share, in the same words each time.

// check_email gives the normal form. email_invalid.
[[nodiscard]] std::expected<std::string, Problem> check_email(std::string_view typed);
// check_name: name_invalid. Names of people and of passkeys.
[[nodiscard]] std::expected<void, Problem> check_name(std::string_view name);
// check_password: password_refused.
[[nodiscard]] std::expected<void, Problem> check_password(const WipedText& password,
                                                          std::string_view email,
                                                          std::string_view name,
                                                          const std::optional<AccountId>& account);
// check_owner, check_reader (anybody but holders): role_not_allowed.
[[nodiscard]] std::expected<void, Problem> check_owner(const Caller& caller);
[[nodiscard]] std::expected<void, Problem> check_reader(const Caller& caller);
[[nodiscard]] std::unexpected<Problem> email_taken();

}  // namespace counterfoil
