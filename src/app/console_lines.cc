#include "app/console_lines.h"

#include <filesystem>
#include <string>

#include "app/command_context.h"
#include "app/node.h"
#include "app/node_paths.h"

namespace counterfoil {

void say_console(const Node& node, const std::filesystem::path& data, CommandContext& context) {
  const auto url = node.console_url();
  if (!url) {
    return;
  }
  context.say("  console   " + *url);
  if (const auto& setup = node.setup_url()) {
    context.say("            It has no owner yet. The set-up link is good for 30 minutes, once:");
    context.say("            " + (context.err_is_terminal()
                                      ? std::string(*setup)
                                      : "see " + (data / kSetupFileName).string()));
  }
}

}  // namespace counterfoil
