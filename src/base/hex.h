#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace counterfoil {

// to_hex writes two lower-case digits a byte; append_hex writes them behind `out`.
[[nodiscard]] std::string to_hex(ByteView bytes);
void append_hex(ByteView bytes, std::string& out);

// from_hex reads pairs of hex digits of either case. nullopt: odd length or another character.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_hex(std::string_view hex);

// from_hex_into fills `out` exactly. false: `hex` is not 2 * out.size() hex digits; `out` is then
// unspecified. Does not allocate: for the path of every request.
[[nodiscard]] bool from_hex_into(std::string_view hex, std::span<std::uint8_t> out);

}  // namespace counterfoil
