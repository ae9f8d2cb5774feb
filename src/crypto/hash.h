#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace counterfoil {

// HashName names a hash function that a client may have taken by mistake. For diagnosis only: what
// we sign and verify with is SHA-256 alone (crypto/digest.h).
enum class HashName : std::uint8_t {
  kMd5,
  kSha1,
  kSha224,
  kSha256,
  kSha384,
  kSha512,
  kSha512Half,  // SHA-512/256
  kSha3Short,   // SHA3-256
  kSha3Long,    // SHA3-512
  kBlake2b,     // 512 bits
};

struct HashRow {
  HashName hash;
  std::string_view name;  // for people
  std::size_t bytes;
};

// clang-format off
inline constexpr auto kHashes = std::to_array<HashRow>({
    {HashName::kMd5,        "MD5",         16},
    {HashName::kSha1,       "SHA-1",       20},
    {HashName::kSha224,     "SHA-224",     28},
    {HashName::kSha256,     "SHA-256",     32},
    {HashName::kSha384,     "SHA-384",     48},
    {HashName::kSha512,     "SHA-512",     64},
    {HashName::kSha512Half, "SHA-512/256", 32},
    {HashName::kSha3Short,  "SHA3-256",    32},
    {HashName::kSha3Long,   "SHA3-512",    64},
    {HashName::kBlake2b,    "BLAKE2b-512", 64},
});
// clang-format on

[[nodiscard]] constexpr const HashRow& describe(HashName hash) {
  return kHashes[static_cast<std::size_t>(hash)];
}
static_assert(std::ranges::all_of(kHashes, [](const HashRow& row) {
  return &describe(row.hash) == &row;  // Row n describes enumerator n.
}));

// hash_of hashes the parts, taken as one message. nullopt: the library does not have this hash, or
// failed.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> hash_of(HashName hash,
                                                               std::span<const ByteView> parts);

// hmac_of gives HMAC (RFC 2104) with that hash; the key may be empty, for a client may have lost
// it. nullopt: as above.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> hmac_of(HashName hash, ByteView key,
                                                               ByteView message);

}  // namespace counterfoil
