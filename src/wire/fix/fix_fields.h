#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace counterfoil::fix {

inline constexpr char kSoh = '\x01';
inline constexpr std::size_t kFieldsMax = 256;

struct Field {
  std::uint32_t tag = 0;
  std::string_view value;  // a view into the message
  bool operator==(const Field&) const = default;
};

// Fields are the fields of one FIX message (4.4, tag=value), in their order.
struct Fields {
  std::vector<Field> all;
  // Whether the frame is whole: 8, 9 and 35 come first in this order and 10 last, BodyLength (9)
  // counts the bytes from behind its own SOH up to 10=, and CheckSum (10) is their sum modulo 256.
  bool whole = false;

  // find gives the first field with this tag; nullopt: there is none.
  [[nodiscard]] std::optional<std::string_view> find(std::uint32_t tag) const;
};

// read_fields splits a message at SOH. A message that breaks the rules of its frame is still read,
// for whoever explains it. nullopt: a part without '=' or without a decimal tag of 1 to 9 digits,
// more than kFieldsMax fields, no SOH at the end, or no field at all.
[[nodiscard]] std::optional<Fields> read_fields(std::string_view message);

}  // namespace counterfoil::fix
