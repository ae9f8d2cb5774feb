#pragma once

#include <filesystem>

#include "app/command_context.h"
#include "app/node.h"

namespace counterfoil {

// say_console tells people where a node's console is, and how its first owner comes in. The set-up
// link is a secret: it is shown on a terminal alone; elsewhere its file in `data` is named.
void say_console(const Node& node, const std::filesystem::path& data, CommandContext& context);

}  // namespace counterfoil
