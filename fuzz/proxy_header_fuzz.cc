// Target: parse_proxy_header(). Properties: the answer does not depend on how the bytes arrive; a
// header never claims more bytes than there are nor more than the limits; what follows does not
// change what was read; while more is wanted, the limits are not reached.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "wire/proxy/proxy_header.h"

namespace {

using namespace counterfoil::proxy;  // NOLINT(google-build-using-namespace)

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

// parse shows the parser a block of memory of exactly this size.
auto parse(std::string_view bytes) {
  const std::vector<char> block(bytes.begin(), bytes.end());
  return parse_proxy_header({block.data(), block.size()});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto whole = parse(input);
  const bool is_v1 = input.starts_with('P');
  const std::size_t bytes_max = is_v1 ? kV1BytesMax : kV2BytesMax;
  for (std::size_t shown = 0; shown <= std::min(size, kV2BytesMax + 1); ++shown) {
    const auto parsed = parse(input.substr(0, shown));
    if (parsed && !*parsed) {
      require(shown < bytes_max);
      continue;
    }
    require(parsed == whole);
    if (parsed) {
      require((*parsed)->size_bytes == shown && shown <= bytes_max);
    }
    return 0;
  }
  require(whole && !*whole);
  return 0;
}
