#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "app/command_context.h"
#include "app/command_line.h"
#include "crypto/process_hardening.h"

int main(int argc, char** argv) {
  using counterfoil::CommandContext;
  using counterfoil::ExitCode;
  // A reader that goes away is an error at the write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  ::umask(077);
  CommandContext context(
      std::cout, std::cerr,
      {.out = ::isatty(STDOUT_FILENO) == 1, .err = ::isatty(STDERR_FILENO) == 1});
  if (!counterfoil::forbid_core_dumps()) {
    context.fail({ExitCode::kCannotTell,
                  "the kernel does not let this process forbid core dumps, so a crash could write "
                  "secrets to the disk; check the limits and the sandbox it runs in"});
    return std::to_underlying(context.exit_code());
  }
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  return std::to_underlying(counterfoil::run_command_line(arguments, context));
}
