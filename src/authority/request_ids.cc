#include "authority/request_ids.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/hex.h"
#include "base/random.h"

namespace counterfoil {

RequestIdSource::RequestIdSource(RandomSource& random) {
  std::array<std::uint8_t, 8> bytes{};
  if (!random.fill(bytes)) {
    bytes.fill(0);
  }
  std::ranges::copy(to_hex(bytes), prefix_.begin());
}

RequestId RequestIdSource::next() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  RequestId id;
  std::ranges::copy(prefix_, id.text_.begin());
  std::uint64_t rest = ++counter_;
  for (std::size_t i = id.text_.size(); i-- > prefix_.size(); rest >>= 4U) {
    id.text_[i] = kDigits[rest & 0x0fU];
  }
  return id;
}

}  // namespace counterfoil
