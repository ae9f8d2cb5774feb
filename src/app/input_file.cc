#include "app/input_file.h"

#include <array>
#include <cstddef>
#include <expected>
#include <fstream>
#include <iostream>
#include <istream>
#include <string>

#include "app/command_context.h"

namespace counterfoil {

std::expected<std::string, Failure> read_input(const std::string& path, std::size_t bytes_max) {
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
  }
  std::istream& stream = path == "-" ? std::cin : file;
  std::string text;
  std::array<char, 16384> piece{};
  while (stream.read(piece.data(), piece.size()) || stream.gcount() > 0) {
    text.append(piece.data(), static_cast<std::size_t>(stream.gcount()));
    if (text.size() > bytes_max) {
      return std::unexpected(
          Failure{ExitCode::kUsage, path + ": has more than " + std::to_string(bytes_max) +
                                        " bytes, too many for what it should be"});
    }
  }
  if (stream.bad() || (path != "-" && !file.is_open())) {
    return std::unexpected(Failure{ExitCode::kUsage, path + ": cannot be read; check the name"});
  }
  return text;
}

}  // namespace counterfoil
