#include "crypto/hkdf.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>

#include "base/bytes.h"
#include "crypto/crypto_error.h"
#include "crypto/digest.h"
#include "crypto/secret_bytes.h"
#include "crypto/sha256_midstate.h"
#include "crypto/wipe.h"

namespace counterfoil {

// KeyDerivation is a friend of SecretAccess: it writes the secret it derives.
class KeyDerivation {
 public:
  [[nodiscard]] static std::expected<SecretBytes, CryptoError> derive(ByteView input_key,
                                                                      ByteView salt, ByteView info,
                                                                      std::size_t size_bytes) {
    auto derived = SecretBytes::create(size_bytes);
    auto states = SecretBytes::create(kHmacMidstateBytes);
    if (!derived || !states) {
      return std::unexpected(derived ? states.error() : derived.error());
    }
    const auto midstates = states->writable(SecretAccess()).first<kHmacMidstateBytes>();
    // "PRK = HMAC-Hash(salt, IKM)"; "if not provided, [salt] is set to a string of HashLen zeros",
    // which HMAC's own padding makes of an empty key.
    write_hmac_midstates(salt, midstates);
    Digest block = hmac_from_midstates(midstates, std::span(&input_key, 1));
    write_hmac_midstates(block, midstates);
    expand(midstates, info, derived->writable(SecretAccess()));
    wipe(block);
    return derived;
  }

 private:
  // "T(i) = HMAC-Hash(PRK, T(i-1) | info | i)", T(0) empty, RFC 5869 section 2.3.
  static void expand(std::span<const std::uint8_t, kHmacMidstateBytes> midstates, ByteView info,
                     std::span<std::uint8_t> out) {
    Digest block{};
    std::size_t done = 0;
    for (std::uint8_t counter = 1; done < out.size(); ++counter) {
      const ByteView previous = counter == 1 ? ByteView() : ByteView(block);
      const std::array<ByteView, 3> parts{previous, info, ByteView(&counter, 1)};
      block = hmac_from_midstates(midstates, parts);
      const std::size_t wanted = std::min(block.size(), out.size() - done);
      std::copy_n(block.begin(), wanted, out.begin() + static_cast<std::ptrdiff_t>(done));
      done += wanted;
    }
    wipe(block);
  }
};

std::expected<SecretBytes, CryptoError> hkdf_sha256(ByteView input_key, ByteView salt,
                                                    ByteView info, std::size_t size_bytes) {
  if (size_bytes > kHkdfBytesMax) {
    return std::unexpected(CryptoError::kSecretTooLarge);
  }
  return KeyDerivation::derive(input_key, salt, info, size_bytes);
}

}  // namespace counterfoil
