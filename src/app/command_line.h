#pragma once

#include <span>
#include <string>

#include "app/command_context.h"

namespace counterfoil {

// run_command_line reads the arguments (without the program's name), runs the command they name and
// returns the exit code. Never throws.
[[nodiscard]] ExitCode run_command_line(std::span<const std::string> arguments,
                                        CommandContext& context);

}  // namespace counterfoil
