#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "accounts/account.h"

namespace counterfoil {

// The stored form of an Account: one version byte, then tagged fields (base/tagged_fields.h).
inline constexpr std::uint8_t kAccountRecordVersion = 1;

[[nodiscard]] std::string encode_account(const Account& account);
// decode_account gives nullopt for an unknown version or field, a missing field or trailing bytes
// (fail closed).
[[nodiscard]] std::optional<Account> decode_account(std::string_view bytes);

}  // namespace counterfoil
