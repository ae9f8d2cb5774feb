// Target: parse_handover, behind the authentication that its input cannot pass. Property: what is
// read is within the limits, and is written again as the very same bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "authority/replay_handover.h"
#include "base/bytes.h"
#include "crypto/hmac.h"
#include "crypto/secret_arena.h"

namespace {

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

const counterfoil::HmacKey& any_key() {
  static const counterfoil::HmacKey key = [] {
    counterfoil::configure_secret_memory(counterfoil::UnlockedMemory::kAllow);
    return counterfoil::HmacKey::from_secret(counterfoil::as_bytes("any")).value();
  }();
  return key;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace counterfoil;  // NOLINT(google-build-using-namespace)
  const std::string_view body = as_text(ByteView(data, size));
  (void)decode_handover(body, any_key());
  const auto handover = parse_handover(body);
  if (!handover) {
    return 0;
  }
  require(handover->batches.size() <= kHandoverBatchesMax);
  const auto again = encode_handover(*handover, any_key());
  require(again && std::string_view(*again).starts_with(body) && again->size() == size + 32);
  require(decode_handover(*again, any_key()) == *handover);
  return 0;
}
