// Target: read_authenticator_data() and authenticator_data_of(), what an authenticator sends.
// Property: what they give are views into what they were given, and an attestation object that
// holds readable data has room for its parts.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "accounts/authenticator_data.h"
#include "base/bytes.h"

namespace {

bool is_within(counterfoil::ByteView part, counterfoil::ByteView whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check(counterfoil::ByteView bytes) {
  const auto data = counterfoil::read_authenticator_data(bytes);
  if (data && (!is_within(data->relying_party_hash, bytes) ||
               !is_within(data->credential_id, bytes) || data->relying_party_hash.size() != 32)) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const counterfoil::ByteView bytes(data, size);
  check(bytes);
  if (const auto inner = counterfoil::authenticator_data_of(bytes)) {
    if (!is_within(*inner, bytes)) {
      std::abort();
    }
    check(*inner);
  }
  return 0;
}
