#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace counterfoil {

// The rules for passwords (control S-51): long, and nothing that is tried first. There are none
// about kinds of characters, and none that makes people change a good one.
inline constexpr std::size_t kPasswordCharactersMin = 12;
inline constexpr std::size_t kPasswordCharactersMax = 256;
// kPasswordBytesMax: what is longer is refused before anything else is done with it.
inline constexpr std::size_t kPasswordBytesMax = 1024;

enum class PasswordFault : std::uint8_t {
  kTooShort,
  kTooLong,
  kNotUtf8,
  kCommon,   // one of the common ones, with or without figures and signs around it, or repeated
  kSimple,   // few different characters, or a row such as abcdef or 123456
  kHasName,  // holds the name of the product, of the person or of the account
};
[[nodiscard]] std::string_view describe(PasswordFault fault);

// fault_of_password says why a new password is refused, or nullopt.
//
//   password  as it was typed; it is never changed, neither here nor before it is hashed
//   names     what it must not hold: parts of the e-mail, of the name, the account. Those of less
//             than kNameCharactersMin characters do not count: they occur by chance.
inline constexpr std::size_t kNameCharactersMin = 4;
[[nodiscard]] std::optional<PasswordFault> fault_of_password(
    std::string_view password, std::span<const std::string_view> names);

}  // namespace counterfoil
