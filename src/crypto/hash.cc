#include "crypto/hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/types.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace counterfoil {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

const EVP_MD* method_of(HashName hash) {
  switch (hash) {
    case HashName::kMd5:
      return EVP_md5();
    case HashName::kSha1:
      return EVP_sha1();
    case HashName::kSha224:
      return EVP_sha224();
    case HashName::kSha256:
      return EVP_sha256();
    case HashName::kSha384:
      return EVP_sha384();
    case HashName::kSha512:
      return EVP_sha512();
    case HashName::kSha512Half:
      return EVP_sha512_256();
    case HashName::kSha3Short:
      return EVP_sha3_256();
    case HashName::kSha3Long:
      return EVP_sha3_512();
    case HashName::kBlake2b:
      return EVP_blake2b512();
  }
  std::unreachable();
}

}  // namespace

std::optional<std::vector<std::uint8_t>> hash_of(HashName hash, std::span<const ByteView> parts) {
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  std::vector<std::uint8_t> out(describe(hash).bytes);
  unsigned size = 0;
  bool good = context && EVP_DigestInit_ex(context.get(), method_of(hash), nullptr) == 1;
  for (const ByteView part : parts) {
    good = good && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  }
  if (!good || EVP_DigestFinal_ex(context.get(), out.data(), &size) != 1 || size != out.size()) {
    return std::nullopt;
  }
  return out;
}

std::optional<std::vector<std::uint8_t>> hmac_of(HashName hash, ByteView key, ByteView message) {
  std::vector<std::uint8_t> out(describe(hash).bytes);
  unsigned size = 0;
  // The library takes a null pointer as "the key of before", also with length 0.
  constexpr std::array<std::uint8_t, 1> kNothing{};
  if (HMAC(method_of(hash), key.empty() ? kNothing.data() : key.data(),
           static_cast<int>(key.size()), message.data(), message.size(), out.data(),
           &size) == nullptr ||
      size != out.size()) {
    return std::nullopt;
  }
  return out;
}

}  // namespace counterfoil
