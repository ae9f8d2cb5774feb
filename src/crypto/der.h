#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace counterfoil {

// Inside the room: the little of DER (X.690) that keys need. Own code because the library's parsers
// accept BER here and there, negative numbers and trailing bytes (control S-28).

enum class DerTag : std::uint8_t {
  kInteger = 0x02,
  kBitString = 0x03,
  kOctetString = 0x04,
  kNull = 0x05,
  kObjectIdentifier = 0x06,
  kSequence = 0x30,
  kContext0 = 0xa0,           // [0], constructed
  kContext1Primitive = 0x81,  // [1] IMPLICIT BIT STRING
};

// DerReader walks the elements of borrowed bytes. Lengths must be definite and as short as can be.
class DerReader {
 public:
  explicit DerReader(ByteView bytes) : rest_(bytes) {}

  // read gives the content of the next element if it has this tag; otherwise nothing is taken.
  [[nodiscard]] std::optional<ByteView> read(DerTag tag);
  // read_unsigned reads an INTEGER that is not negative and encoded minimally, and gives its bytes
  // without the leading zero; the number 0 gives one zero byte.
  [[nodiscard]] std::optional<ByteView> read_unsigned();
  // read_whole_bytes reads a BIT STRING without unused bits.
  [[nodiscard]] std::optional<ByteView> read_whole_bytes();

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] bool next_is(DerTag tag) const {
    return !rest_.empty() && rest_.front() == std::to_underlying(tag);
  }

 private:
  ByteView rest_;
};

// der_element gives tag, length and content. For public bytes: it copies through the heap.
[[nodiscard]] std::vector<std::uint8_t> der_element(DerTag tag, ByteView content);
// der_header gives tag and length of a content of `content_bytes` bytes (below 2^32).
[[nodiscard]] std::vector<std::uint8_t> der_header(DerTag tag, std::size_t content_bytes);
// der_unsigned gives an INTEGER from big-endian bytes without leading zeros.
[[nodiscard]] std::vector<std::uint8_t> der_unsigned(ByteView number);
// append joins byte strings.
void append(std::vector<std::uint8_t>& to, ByteView bytes);

// The contents of the AlgorithmIdentifiers that we know.
// rsaEncryption, 1.2.840.113549.1.1.1, "The parameters field ... MUST be ... NULL" (RFC
// 3279 2.3.1).
inline constexpr std::array<std::uint8_t, 13> kRsaAlgorithm{
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
// id-Ed25519, 1.3.101.112, "the parameters MUST be absent" (RFC 8410 section 3).
inline constexpr std::array<std::uint8_t, 5> kEd25519Algorithm{0x06, 0x03, 0x2b, 0x65, 0x70};

}  // namespace counterfoil
