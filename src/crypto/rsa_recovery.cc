#include "crypto/rsa_recovery.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "crypto/der.h"
#include "crypto/hash.h"
#include "crypto/public_key.h"
#include "crypto/rsa_key.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {

// BlockReader reads the padded block that the public-key operation gave back.
class BlockReader {
 public:
  [[nodiscard]] static std::optional<RecoveredRsa> pkcs1(ByteView block);
  [[nodiscard]] static std::optional<RecoveredRsa> pss(ByteView block, std::size_t modulus_bits,
                                                       HashName hash);
};

namespace {

struct HashObject {
  HashName hash;
  std::vector<std::uint8_t> object;  // the object identifier, DER contents
};

// RFC 8017 appendix B.1, and NIST's arc 2.16.840.1.101.3.4.2.
const std::vector<HashObject>& hash_objects() {
  static const std::vector<HashObject> kObjects = {
      {HashName::kMd5, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05}},
      {HashName::kSha1, {0x2b, 0x0e, 0x03, 0x02, 0x1a}},
      {HashName::kSha224, {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x04}},
      {HashName::kSha256, {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01}},
      {HashName::kSha384, {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02}},
      {HashName::kSha512, {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03}},
      {HashName::kSha512Half, {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x06}},
      {HashName::kSha3Short, {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x08}},
      {HashName::kSha3Long, {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x0a}},
  };
  return kObjects;
}

constexpr std::size_t kPaddingBytesMin = 8;  // "PS ... at least eight octets"

// mask_of is MGF1, RFC 8017 appendix B.2.1.
std::vector<std::uint8_t> mask_of(HashName hash, ByteView seed, std::size_t size) {
  std::vector<std::uint8_t> mask;
  for (std::uint8_t counter = 0; mask.size() < size; ++counter) {
    const std::array<std::uint8_t, 4> number{0, 0, 0, counter};
    const std::array<ByteView, 2> parts{seed, number};
    const auto block = hash_of(hash, parts);
    if (!block) {
      return {};
    }
    std::ranges::copy(*block, std::back_inserter(mask));
  }
  mask.resize(size);
  return mask;
}

}  // namespace

std::optional<RecoveredRsa> BlockReader::pkcs1(ByteView block) {
  if (block.size() < kPaddingBytesMin + 3 || block[0] != 0 || block[1] != 1) {
    return std::nullopt;
  }
  const auto end = std::ranges::find_if(block.subspan(2), [](auto byte) { return byte != 0xff; });
  const auto padding = static_cast<std::size_t>(end - block.subspan(2).begin());
  if (padding < kPaddingBytesMin || 2 + padding >= block.size() || block[2 + padding] != 0) {
    return std::nullopt;
  }
  // DigestInfo ::= SEQUENCE { digestAlgorithm SEQUENCE { OID, NULL OPTIONAL }, digest OCTET STRING
  // }
  DerReader outer(block.subspan(3 + padding));
  const auto info = outer.read(DerTag::kSequence);
  if (!info) {
    return std::nullopt;
  }
  DerReader fields(*info);
  const auto algorithm = fields.read(DerTag::kSequence);
  const auto digest = algorithm ? fields.read(DerTag::kOctetString) : std::nullopt;
  if (!digest) {
    return std::nullopt;
  }
  DerReader names(*algorithm);
  const auto object = names.read(DerTag::kObjectIdentifier);
  for (const HashObject& row : hash_objects()) {
    if (object && std::ranges::equal(*object, row.object) &&
        digest->size() == describe(row.hash).bytes) {
      RecoveredRsa found;
      found.padding_ = RecoveredRsa::Padding::kPkcs1;
      found.hash_ = row.hash;
      found.digest_.assign(digest->begin(), digest->end());
      return found;
    }
  }
  return std::nullopt;
}

std::optional<RecoveredRsa> BlockReader::pss(ByteView block, std::size_t modulus_bits,
                                             HashName hash) {
  const std::size_t bits = modulus_bits - 1;
  const std::size_t size = (bits + 7) / 8;
  const std::size_t hash_bytes = describe(hash).bytes;
  const ByteView encoded = block.last(std::min(size, block.size()));
  if (encoded.size() < hash_bytes + 2 || encoded.back() != 0xbc) {
    return std::nullopt;
  }
  const ByteView masked = encoded.first(encoded.size() - hash_bytes - 1);
  const ByteView digest = encoded.subspan(masked.size(), hash_bytes);
  std::vector<std::uint8_t> data = mask_of(hash, digest, masked.size());
  if (data.size() != masked.size()) {
    return std::nullopt;
  }
  for (std::size_t at = 0; at < data.size(); ++at) {
    data[at] ^= masked[at];
  }
  data[0] &= static_cast<std::uint8_t>(0xffU >> ((8 * size) - bits));
  const auto mark = std::ranges::find_if(data, [](auto byte) { return byte != 0; });
  if (mark == data.end() || *mark != 1) {
    return std::nullopt;
  }
  RecoveredRsa found;
  found.padding_ = RecoveredRsa::Padding::kPss;
  found.hash_ = hash;
  found.digest_.assign(digest.begin(), digest.end());
  found.salt_.assign(mark + 1, data.end());
  return found;
}

std::optional<RecoveredRsa> RecoveredRsa::recover(const PublicKey& key, ByteView signature) {
  if (key.scheme() != Scheme::kRsaPkcs1Sha256) {
    return std::nullopt;
  }
  const auto verifier = RsaVerifier::create(key);
  const auto block = verifier ? (*verifier)->recover(signature) : std::nullopt;
  if (!block) {
    return std::nullopt;
  }
  if (auto found = BlockReader::pkcs1(*block)) {
    return found;
  }
  for (const HashName hash :
       {HashName::kSha256, HashName::kSha1, HashName::kSha512, HashName::kSha384}) {
    if (auto found = BlockReader::pss(*block, key.rsa_bits(), hash)) {
      return found;
    }
  }
  return std::nullopt;
}

bool RecoveredRsa::covers(ByteView message) const {
  const std::array<ByteView, 1> whole{message};
  auto digest = hash_of(hash_, whole);
  if (digest && padding_ == Padding::kPss) {
    // "M' = (0x)00 00 00 00 00 00 00 00 || mHash || salt"
    constexpr std::array<std::uint8_t, 8> kZeros{};
    const std::array<ByteView, 3> parts{kZeros, *digest, salt_};
    digest = hash_of(hash_, parts);
  }
  return digest && *digest == digest_;
}

}  // namespace counterfoil
