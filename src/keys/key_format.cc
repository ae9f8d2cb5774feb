#include "keys/key_format.h"

#include <algorithm>
#include <array>
#include <boost/crc.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "keys/api_key_id.h"

namespace counterfoil {
namespace {

constexpr std::string_view kBase62 =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kChecksumSize = 6;
constexpr std::size_t kBodySize = KeyFormat::kSize - kChecksumSize;

std::array<char, kChecksumSize> checksum(std::string_view body) {
  boost::crc_32_type crc;
  crc.process_bytes(body.data(), body.size());
  std::uint32_t value = crc.checksum();
  std::array<char, kChecksumSize> digits{};
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    *digit = kBase62[value % kBase62.size()];
    value /= static_cast<std::uint32_t>(kBase62.size());
  }
  return digits;
}

bool is_base62(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return kBase62.contains(c); });
}

// generate draws each character uniformly: bytes at or above 248 (4 * 62) are thrown away, not
// folded.
std::string generate(std::string_view marker, RandomSource& random) {
  constexpr std::uint8_t kFairMax = 248;
  std::string text(marker);
  text.reserve(KeyFormat::kSize);
  std::array<std::uint8_t, 64> bytes{};
  while (text.size() < kBodySize) {
    if (!random.fill(bytes)) {
      return {};
    }
    for (const std::uint8_t byte : bytes) {
      if (byte < kFairMax && text.size() < kBodySize) {
        text.push_back(kBase62[byte % kBase62.size()]);
      }
    }
  }
  const auto digits = checksum(text);
  text.append(digits.data(), digits.size());
  return text;
}

}  // namespace

std::optional<KeyFormat> KeyFormat::with_markers(std::string_view api_key_marker,
                                                 std::string_view secret_marker) {
  const auto good = [](std::string_view marker) {
    return marker.size() == kMarkerSize && is_base62(marker);
  };
  if (!good(api_key_marker) || !good(secret_marker) || api_key_marker == secret_marker) {
    return std::nullopt;
  }
  KeyFormat format;
  format.api_key_marker_ = api_key_marker;
  format.secret_marker_ = secret_marker;
  return format;
}

KeyFormat::Kind KeyFormat::classify(std::string_view text, std::string_view marker) {
  if (!text.starts_with(marker)) {
    return Kind::kForeign;
  }
  if (text.size() != kSize || !is_base62(text)) {
    return Kind::kBadChecksum;
  }
  const auto digits = checksum(text.substr(0, kBodySize));
  return text.substr(kBodySize) == std::string_view(digits.data(), digits.size())
             ? Kind::kOurs
             : Kind::kBadChecksum;
}

std::optional<ApiKeyId> KeyFormat::generate_api_key(RandomSource& random) const {
  return ApiKeyId::parse(generate(api_key_marker_, random));
}

std::string KeyFormat::generate_secret(RandomSource& random) const {
  return generate(secret_marker_, random);
}

}  // namespace counterfoil
