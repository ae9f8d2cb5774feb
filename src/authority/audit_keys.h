#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace counterfoil {

// Where the audit log's own records lie in the registry, as settings.
inline constexpr std::string_view kAuditBirthSetting = "audit_birth";  // the birth record's line
inline constexpr std::string_view kAuditKeysSetting = "audit_keys";    // encode(AuditKeys)
inline constexpr std::string_view kAuditKeySealName = "audit_key";  // what the sealer binds it to

// AuditKeys are the keys of an audit log, as the registry keeps them.
struct AuditKeys {
  std::vector<std::string> public_keys;  // PEM, oldest first; the last one signs now
  std::string sealed_private_key;        // its PKCS#8 PEM, sealed
};
[[nodiscard]] std::string encode(const AuditKeys& keys);
// decode_audit_keys gives nullopt for anything but what encode wrote.
[[nodiscard]] std::optional<AuditKeys> decode_audit_keys(std::string_view bytes);

}  // namespace counterfoil
