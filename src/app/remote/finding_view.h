#pragma once

#include <string>
#include <string_view>

#include "app/command_context.h"
#include "app/remote/node_api.h"

namespace counterfoil {

// show_refusal writes a refused request, as the node shows it, and what its autopsy found, for
// people. `language`: "curl", "Python", "Node" or "C++", of the snippet that shows a fix; empty:
// none.
void show_refusal(CommandContext& context, const NodeJson& refusal, const std::string& language);

// safe_text makes a text that a stranger sent fit for a terminal: control characters are written as
// escapes.
[[nodiscard]] std::string safe_text(std::string_view text);

}  // namespace counterfoil
