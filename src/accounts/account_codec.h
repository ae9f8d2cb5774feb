#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "accounts/account.h"

namespace counterfoil {

// The stored form of an Account: one version byte, then tagged fields (base/tagged_fields.h).
// Version 1, which knew no sub-accounts, is still read.
inline constexpr std::uint8_t kAccountRecordVersion = 2;

[[nodiscard]] std::string encode_account(const Account& account);
// decode_account gives nullopt for an unknown version or field, a missing field, a master without
// an e-mail or the other way round, or trailing bytes (fail closed).
[[nodiscard]] std::optional<Account> decode_account(std::string_view bytes);

}  // namespace counterfoil
