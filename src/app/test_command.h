#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "app/command_context.h"
#include "app/command_line.h"

namespace counterfoil {

// For tests alone: what a command answered.
struct Ran {
  ExitCode code;
  std::string out;
  std::string err;
};

// run_command runs the program's command line as a shell does, without a terminal.
inline Ran run_command(const std::vector<std::string>& arguments) {
  std::ostringstream out;
  std::ostringstream err;
  CommandContext context(out, err, {});
  const ExitCode code = run_command_line(arguments, context);
  return {.code = code, .out = out.str(), .err = err.str()};
}

}  // namespace counterfoil
