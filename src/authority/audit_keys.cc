#include "authority/audit_keys.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/tagged_fields.h"

namespace counterfoil {
namespace {

// Tags are stored: append, never renumber.
constexpr std::uint8_t kPublicKey = 1;
constexpr std::uint8_t kSealedPrivateKey = 2;

}  // namespace

std::string encode(const AuditKeys& keys) {
  FieldWriter writer;
  for (const std::string& pem : keys.public_keys) {
    writer.put(kPublicKey, pem);
  }
  writer.put(kSealedPrivateKey, keys.sealed_private_key);
  return writer.take();
}

std::optional<AuditKeys> decode_audit_keys(std::string_view bytes) {
  AuditKeys keys;
  FieldReader reader(bytes);
  while (const auto field = reader.next()) {
    if (field->tag == kPublicKey) {
      keys.public_keys.emplace_back(field->bytes);
    } else if (field->tag == kSealedPrivateKey) {
      keys.sealed_private_key = field->bytes;
    } else {
      return std::nullopt;  // A newer release's: what it means, nobody here knows.
    }
  }
  if (reader.failed() || keys.public_keys.empty() || keys.sealed_private_key.empty()) {
    return std::nullopt;
  }
  return keys;
}

}  // namespace counterfoil
