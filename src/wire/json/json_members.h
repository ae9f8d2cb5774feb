#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace counterfoil::json_text {

inline constexpr std::size_t kMembersMax = 256;
inline constexpr std::size_t kDepthMax = 32;

enum class Kind : std::uint8_t { kText, kNumber, kBoolean, kNull, kArray, kObject };

// Member is one member of an object, or one element of an array (its name is then empty).
struct Member {
  std::string name;  // decoded
  Kind kind{};
  std::string_view raw;  // the value exactly as written, quotes included; a view into the text read
  std::string text;      // of a text: decoded, UTF-8; of everything else: as `raw`
  bool operator==(const Member&) const = default;
};

// read_object gives the members of the one JSON object (RFC 8259) that `text` is, in their order
// and with every value as it was written: what is signed of a number is its text. Values inside of
// values are checked and kept whole. Doubled names stay doubled: the caller judges them.
// nullopt: not JSON, not an object, more than kMembersMax members, or deeper than kDepthMax.
[[nodiscard]] std::optional<std::vector<Member>> read_object(std::string_view text);

// read_array does the same for an array.
[[nodiscard]] std::optional<std::vector<Member>> read_array(std::string_view text);

}  // namespace counterfoil::json_text
