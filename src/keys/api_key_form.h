#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "keys/key_format.h"

namespace counterfoil {

// ApiKeyForm is what the text in the place of an API key tells by its looks alone, to nobody but
// whoever explains a mistake: what is refused for which form, verify/claims.h says.
enum class ApiKeyForm : std::uint8_t {
  kOurs,             // a Counterfoil made it: marker and checksum are right
  kForeign,          // 64 letters and digits, as the vendor makes them: nothing more can be told
  kOtherCharacters,  // printable, with others than letters and digits
  kOtherLength,      // letters and digits, but not 64
  kMistyped,         // letters and digits that begin with our marker, and have a wrong checksum
  kSecret,           // it begins with the marker of our secrets: it must not be sent
  kUnsendable,       // cannot stand in a header: empty, longer than kSendableBytesMax, or with
                     // blanks, control characters or others beyond ASCII
};

inline constexpr std::size_t kSendableBytesMax = 256;

[[nodiscard]] ApiKeyForm form_of(std::string_view api_key, const KeyFormat& format);

}  // namespace counterfoil
