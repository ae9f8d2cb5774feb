#include "keys/api_key_id.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace counterfoil {
namespace {

constexpr auto kIsAlphanumeric = [] {
  std::array<bool, 256> table{};
  for (const char c :
       std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")) {
    table[static_cast<std::uint8_t>(c)] = true;
  }
  return table;
}();

// fold is the 64x64 -> 128 bit multiply-and-xor step of the wyhash family.
std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

}  // namespace

std::optional<ApiKeyId> ApiKeyId::parse(std::string_view text) {
  if (text.size() != kSize) {
    return std::nullopt;
  }
  bool good = true;
  for (const char c : text) {
    good &= kIsAlphanumeric[static_cast<std::uint8_t>(c)];
  }
  if (!good) {
    return std::nullopt;
  }
  ApiKeyId id;
  std::ranges::copy(text, id.text_.begin());
  return id;
}

std::size_t ApiKeyIdHash::operator()(const ApiKeyId& id) const noexcept {
  constexpr std::uint64_t kSeedA = 0x9e3779b97f4a7c15U;
  constexpr std::uint64_t kSeedB = 0xd1b54a32d192ed03U;
  std::array<std::uint64_t, ApiKeyId::kSize / 8> words{};
  std::memcpy(words.data(), id.text().data(), ApiKeyId::kSize);
  std::uint64_t hash = kSeedA;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    hash = fold(words[i] ^ hash, words[i + 1] ^ kSeedB);
  }
  return hash;
}

}  // namespace counterfoil
