#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace counterfoil {

struct TomlMember;

// TomlValue is one value of a TOML document, with the place where it stands, so that a sentence
// about it can say where. Members of a table are in the order of the file.
struct TomlValue {
  enum class Kind : std::uint8_t {
    kString,
    kInteger,
    kBoolean,
    kArray,
    kTable,
    kOther  // fractions and dates, which no file of ours has
  };
  Kind kind = Kind::kOther;
  std::uint32_t line = 0;  // from 1
  std::uint32_t column = 0;
  std::string text;                 // kString
  std::int64_t number = 0;          // kInteger
  bool flag = false;                // kBoolean
  std::vector<TomlValue> items;     // kArray
  std::vector<TomlMember> members;  // kTable
};

struct TomlMember {
  std::string key;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  TomlValue value;
};

struct TomlError {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string sentence;
};

// A line with more dots than this outside comments is refused: dotted keys nest without limit in
// the library below, and tables are destroyed by recursion.
inline constexpr std::size_t kTomlDotsPerLineMax = 64;

// parse_toml reads a TOML 1.0 document into its root table. The caller limits the size of `text`.
[[nodiscard]] std::expected<TomlValue, TomlError> parse_toml(std::string_view text);

// describe_kind is "a string", "a table", ...
[[nodiscard]] std::string_view describe_kind(TomlValue::Kind kind);

}  // namespace counterfoil
