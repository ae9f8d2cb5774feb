#pragma once

#include "app/command_context.h"

namespace CLI {
class App;
}

namespace counterfoil {

// The parts of `counterfoil keys`.
void add_key_reading(CLI::App& keys, CommandContext& context);  // list, show
void add_key_making(CLI::App& keys, CommandContext& context);   // create, import, challenge, rotate
void add_key_enrolling(CLI::App& keys, CommandContext& context);  // enroll
void add_key_fixing(CLI::App& keys, CommandContext& context);     // fix
void add_key_changing(CLI::App& keys, CommandContext& context);  // edit, suspend, resume, revoke, …

inline constexpr const char* kKeyArgumentHelp =
    "the API key: its id, at least eight characters of its beginning, or its label";

}  // namespace counterfoil
