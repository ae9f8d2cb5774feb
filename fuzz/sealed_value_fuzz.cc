// Target: open, rewrap and kek_version_of on bytes out of a store that somebody has altered. The
// input is XORed, from its first byte on, over a genuine sealed value of the input's length.
// Property: nothing but the genuine value opens, and what opens is the genuine value.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "crypto/sealing.h"

namespace {

using namespace counterfoil;  // NOLINT(google-build-using-namespace)

constexpr SealContext kPlace{
    .table = "api_key", .record_id = "key", .account_id = "acme", .field = "secret"};

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

KekRing& ring() {
  static KekRing& the_ring = *[] {
    SystemRandom random;
    auto* const made = new KekRing;
    made->add(*SealingKey::generate(1, random));
    return made;
  }();
  return the_ring;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  static_cast<void>(kek_version_of(input));
  require(!open(kPlace, input, ring()).has_value());

  SystemRandom random;
  const std::vector<std::uint8_t> value(
      input.begin(), input.begin() + static_cast<std::ptrdiff_t>(std::min(size, std::size_t{100})));
  const auto genuine = seal(kPlace, value, *ring().newest(), random);
  require(genuine.has_value());
  std::vector<std::uint8_t> altered = *genuine;
  for (std::size_t i = 0; i < std::min(size, altered.size()); ++i) {
    altered[i] ^= input[i];
  }
  const auto opened = open(kPlace, altered, ring());
  require(opened.has_value() == (altered == *genuine));
  require(!opened || opened->equals(value));
  require(rewrap(kPlace.record_id, altered, ring(), *ring().newest(), random).has_value() ||
          altered != *genuine);
  return 0;
}
