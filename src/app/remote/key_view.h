#pragma once

#include <vector>

#include "app/command_context.h"
#include "app/remote/node_api.h"
#include "base/time.h"
#include "base/wiped_text.h"

namespace counterfoil {

// show_key_facts writes an API key for people, one fact a line.
void show_key_facts(CommandContext& context, const NodeJson& key, Timestamp now);
// print_made_key writes a new API key or pair, as JSON with --json, and where its secret half went.
// A secret that is in no file is part of it, this once.
void print_made_key(CommandContext& context, const NodeJson& key, const WipedText& secret);
// show_key_table writes a list of API keys for people, one a line.
void show_key_table(CommandContext& context, const std::vector<NodeJson>& keys, Timestamp now);
// key_name is how a sentence speaks of an API key: `mm-bot-3 (cfk1vmPU…4b2Q of demo)`.
[[nodiscard]] std::string key_name(const NodeJson& key);

}  // namespace counterfoil
