#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// For tests alone: PROXY headers of version 2, well formed or not.
namespace counterfoil::proxy {

// block is two addresses and two ports.
inline const std::string kV4Block("\xc0\x00\x02\x01\xc6\x33\x64\x02\x00\x01\x00\x02", 12);
inline const std::string kV6Block = std::string("\x20\x01\x0d\xb8", 4) + std::string(11, '\0') +
                                    "\x01" + std::string(15, '\0') +
                                    std::string("\x01\x00\x01\x00\x02", 5);
inline const std::string kMappedBlock =
    std::string(10, '\0') + "\xff\xff\xc0" + std::string("\x00\x02\x01", 3) + std::string(20, '\0');

inline std::string two_bytes(std::size_t number) {
  return {static_cast<char>(number >> 8U), static_cast<char>(number & 0xffU)};
}

inline std::string tlv(std::uint8_t type, std::string_view value) {
  return static_cast<char>(type) + two_bytes(value.size()) + std::string(value);
}

// v2 writes a header whose length is that of `behind`.
inline std::string v2(std::uint8_t version_and_command, std::uint8_t family,
                      std::string_view behind) {
  return std::string("\r\n\r\n\0\r\nQUIT\n", 12) + static_cast<char>(version_and_command) +
         static_cast<char>(family) + two_bytes(behind.size()) + std::string(behind);
}

}  // namespace counterfoil::proxy
