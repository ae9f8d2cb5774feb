#pragma once

#include <cstddef>
#include <expected>
#include <string>

#include "app/command_context.h"

namespace counterfoil {

// read_input reads a whole file that a command was given, or standard input for "-". Failure: it
// cannot be read, or has more than `bytes_max` bytes.
[[nodiscard]] std::expected<std::string, Failure> read_input(const std::string& path,
                                                             std::size_t bytes_max);

}  // namespace counterfoil
