#pragma once

#include <string_view>

#include "app/command_context.h"
#include "autopsy/finding.h"

namespace counterfoil {

// write_findings writes what an autopsy found, for people: each cause with its fix, and the text
// that was signed beside the one that is verified. `language`: "curl", "Python", "Node" or "C++",
// of the snippet that shows a fix; empty: none.
void write_findings(CommandContext& context, const autopsy::Findings& findings,
                    std::string_view language);

}  // namespace counterfoil
