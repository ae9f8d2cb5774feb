#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "keys/api_key.h"
#include "keys/permission.h"

namespace counterfoil {

// The stored form of an ApiKey: one version byte, then every field once and in order, as (tag byte,
// length as LEB128, bytes); what is not set is an empty field, and a pair is a field that holds
// fields. An unknown tag, a missing field, one twice or out of order, trailing bytes, an unknown
// version or permission name: the record is refused, and the key with it (fail closed). Permissions
// are stored by name.
inline constexpr std::uint8_t kApiKeyRecordVersion = 2;  // 1 is read too

enum class CodecError : std::uint8_t { kUnknownVersion, kMalformed, kUnknownPermission };

[[nodiscard]] std::string encode_api_key(const ApiKey& key, const PermissionTable& permissions);
[[nodiscard]] std::expected<ApiKey, CodecError> decode_api_key(std::string_view bytes,
                                                               const PermissionTable& permissions);

}  // namespace counterfoil
