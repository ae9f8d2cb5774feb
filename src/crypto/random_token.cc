#include "crypto/random_token.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/random.h"
#include "base/wiped_text.h"
#include "crypto/digest.h"
#include "crypto/wipe.h"

namespace counterfoil {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kTokenCharacters = 43;

}  // namespace

std::optional<RandomToken> new_token(RandomSource& random) {
  std::array<std::uint8_t, kTokenBytes> bytes{};
  if (!random.fill(bytes)) {
    return std::nullopt;
  }
  std::string text = to_base64url(bytes);
  RandomToken token{.text = WipedText(text), .hash = sha256(as_bytes(text))};
  wipe(text);
  wipe(bytes);
  return token;
}

std::optional<Digest> token_hash(std::string_view text) {
  if (text.size() != kTokenCharacters) {
    return std::nullopt;
  }
  auto bytes = from_base64url(text);
  if (!bytes) {
    return std::nullopt;
  }
  wipe(*bytes);
  return sha256(as_bytes(text));
}

}  // namespace counterfoil
