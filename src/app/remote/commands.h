#pragma once

#include "app/command_context.h"

namespace CLI {
class App;
}

namespace counterfoil {

// The commands that ask a running node. Like those of app/commands.h: a callback reports through
// `context` and never throws; both must outlive the parse.
void add_accounts_commands(CLI::App& app, CommandContext& context);
void add_people_commands(CLI::App& app, CommandContext& context);
void add_keys_commands(CLI::App& app, CommandContext& context);
void add_enroll_command(CLI::App& app, CommandContext& context);
void add_mass_commands(CLI::App& app, CommandContext& context);
void add_audit_commands(CLI::App& app, CommandContext& context);
void add_receipt_commands(CLI::App& app, CommandContext& context);
void add_refusals_commands(CLI::App& app, CommandContext& context);
void add_reload_command(CLI::App& app, CommandContext& context);
void add_clock_commands(CLI::App& app, CommandContext& context);
void add_secrets_commands(CLI::App& app, CommandContext& context);

}  // namespace counterfoil
