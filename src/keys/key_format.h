#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "keys/api_key_id.h"

namespace counterfoil {

// KeyFormat writes and recognises the texts of API keys and HMAC secrets that we make: 64
// characters of [A-Za-z0-9], a 4-character marker (kind and version), 54 random characters, and 6
// base62 digits (0-9A-Za-z) of the CRC-32 (zlib's) of the 58 before them. So a scanner finds them
// and a typing error dies before any look-up (control S-07). Regular expression:
// (cfk1|cfs1)[A-Za-z0-9]{60}
class KeyFormat {
 public:
  static constexpr std::string_view kDefaultApiKeyMarker = "cfk1";
  static constexpr std::string_view kDefaultSecretMarker = "cfs1";
  static constexpr std::size_t kMarkerSize = 4;
  static constexpr std::size_t kSize = 64;

  KeyFormat() = default;
  // with_markers refuses (nullopt) markers that are not 4 characters of [A-Za-z0-9], or are equal.
  [[nodiscard]] static std::optional<KeyFormat> with_markers(std::string_view api_key_marker,
                                                             std::string_view secret_marker);

  enum class Kind : std::uint8_t {
    kForeign,      // does not begin with the marker: somebody else's key, nothing to check
    kOurs,         // marker and checksum right
    kBadChecksum,  // our marker, but mistyped or invented
  };
  [[nodiscard]] Kind classify_api_key(std::string_view text) const {
    return classify(text, api_key_marker_);
  }
  [[nodiscard]] Kind classify_secret(std::string_view text) const {
    return classify(text, secret_marker_);
  }

  // generate_api_key gives nullopt when the random source failed.
  [[nodiscard]] std::optional<ApiKeyId> generate_api_key(RandomSource& random) const;
  // generate_secret gives the text of a new HMAC secret, whose ASCII bytes are the HMAC key. The
  // caller moves it into secret memory and wipes it. Empty when the random source failed.
  [[nodiscard]] std::string generate_secret(RandomSource& random) const;

 private:
  [[nodiscard]] static Kind classify(std::string_view text, std::string_view marker);
  std::string api_key_marker_{kDefaultApiKeyMarker};
  std::string secret_marker_{kDefaultSecretMarker};
};

}  // namespace counterfoil
