#pragma once

#include <vector>

#include "app/command_context.h"
#include "app/remote/node_api.h"
#include "base/time.h"

namespace counterfoil {

// show_key_facts writes an API key for people, one fact a line.
void show_key_facts(CommandContext& context, const NodeJson& key, Timestamp now);
// show_key_table writes a list of API keys for people, one a line.
void show_key_table(CommandContext& context, const std::vector<NodeJson>& keys, Timestamp now);
// key_name is how a sentence speaks of an API key: `mm-bot-3 (cfk1vmPU…4b2Q of demo)`.
[[nodiscard]] std::string key_name(const NodeJson& key);

}  // namespace counterfoil
