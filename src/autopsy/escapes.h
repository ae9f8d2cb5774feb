#pragma once

#include <string>
#include <string_view>

namespace counterfoil::autopsy {

// escaped percent-encodes all bytes but letters, digits and those of `kept`; a blank becomes '+'
// with kPlus.
enum class Blank : unsigned char { kPercent, kPlus };
enum class HexCase : unsigned char { kUpper, kLower };
[[nodiscard]] std::string escaped(std::string_view text, std::string_view kept,
                                  Blank blank = Blank::kPercent, HexCase hex = HexCase::kUpper);

// The bytes that well-known encoders keep, besides letters and digits.
inline constexpr std::string_view kKeptByRfc3986 = "-._~";              // quote(safe='')
inline constexpr std::string_view kKeptByQuote = "-._~/";               // Python's quote
inline constexpr std::string_view kKeptByForm = "-._*";                 // form encoders
inline constexpr std::string_view kKeptByComponent = "-._~!'()*";       // encodeURIComponent
inline constexpr std::string_view kKeptByUri = "-._~!'()*;,/?:@&=+$#";  // encodeURI

// with_escapes_in gives the text with the hex digits of its escapes in the other case.
[[nodiscard]] std::string with_escapes_in(std::string_view text, HexCase hex);

}  // namespace counterfoil::autopsy
