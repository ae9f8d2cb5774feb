#include "outbound/webhook_signature.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/base64.h"
#include "base/bytes.h"
#include "crypto/digest.h"
#include "crypto/hmac.h"

namespace counterfoil {

std::string webhook_signature(std::string_view id, std::int64_t timestamp, std::string_view body,
                              std::span<const HmacKey* const> keys) {
  const std::string head = std::string(id) + "." + std::to_string(timestamp) + ".";
  const std::array<ByteView, 2> message{as_bytes(head), as_bytes(body)};
  std::string header;
  for (const HmacKey* const key : keys) {
    const Digest mac = key->mac(message);
    header += (header.empty() ? "v1," : " v1,") + to_base64(mac);
  }
  return header;
}

}  // namespace counterfoil
