#pragma once

#include <string_view>

namespace counterfoil {

// The version of the program and of what it was built with, as the build said them.
extern const std::string_view kVersion;

}  // namespace counterfoil
