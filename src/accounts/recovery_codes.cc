#include "accounts/recovery_codes.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/base32.h"
#include "base/bytes.h"
#include "base/random.h"
#include "base/wiped_text.h"
#include "crypto/constant_time.h"
#include "crypto/digest.h"
#include "crypto/wipe.h"

namespace counterfoil {
namespace {

constexpr std::size_t kCodeBytes = 10;
constexpr std::size_t kCodeCharacters = 16;
constexpr std::size_t kGroupCharacters = 4;
constexpr std::size_t kTypedBytesMax = 64;

Digest hash_of(std::string_view base32) {
  Sha256 hash;
  hash.update(as_bytes("counterfoil-recovery-code-v1"));
  hash.update(as_bytes(base32));
  return hash.finish();
}

WipedText shown(std::string_view base32) {
  WipedText text;
  for (std::size_t i = 0; i < base32.size(); ++i) {
    if (i > 0 && i % kGroupCharacters == 0) {
      text.push_back('-');
    }
    const char c = base32[i];
    text.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c);
  }
  return text;
}

}  // namespace

std::optional<NewRecoveryCodes> new_recovery_codes(RandomSource& random) {
  NewRecoveryCodes codes;
  for (std::size_t i = 0; i < kRecoveryCodes; ++i) {
    std::array<std::uint8_t, kCodeBytes> bytes{};
    if (!random.fill(bytes)) {
      return std::nullopt;
    }
    std::string base32 = to_base32(bytes);
    codes.hashes.push_back(hash_of(base32));
    codes.texts.push_back(shown(base32));
    wipe(base32);
    wipe(bytes);
  }
  return codes;
}

bool use_recovery_code(std::vector<Digest>& hashes, std::string_view typed) {
  if (typed.size() > kTypedBytesMax) {
    return false;
  }
  WipedText base32;
  base32.reserve(kTypedBytesMax);
  for (const char c : typed) {
    if (c != '-' && c != ' ') {
      base32.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c);
    }
  }
  if (base32.size() != kCodeCharacters) {
    return false;
  }
  const Digest hash = hash_of(base32);
  const auto found = std::ranges::find_if(
      hashes, [&](const Digest& stored) { return constant_time_equal(stored, hash); });
  if (found == hashes.end()) {
    return false;
  }
  hashes.erase(found);
  return true;
}

}  // namespace counterfoil
