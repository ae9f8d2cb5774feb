#pragma once

#include "app/command_context.h"

namespace CLI {
class App;
}

namespace counterfoil {

// Each command has a file of its own (<name>_command.cc) and one function here, which adds it to
// the command line. A command's callback reports through `context` and never throws; `app` and
// `context` must outlive the parse.
void add_init_command(CLI::App& app, CommandContext& context);
void add_serve_command(CLI::App& app, CommandContext& context);
void add_demo_command(CLI::App& app, CommandContext& context);
void add_status_command(CLI::App& app, CommandContext& context);
void add_backup_commands(CLI::App& app, CommandContext& context);
void add_sign_command(CLI::App& app, CommandContext& context);
void add_verify_command(CLI::App& app, CommandContext& context);
void add_doctor_command(CLI::App& app, CommandContext& context);
void add_venue_command(CLI::App& app, CommandContext& context);
void add_config_command(CLI::App& app, CommandContext& context);
void add_completion_command(CLI::App& app, CommandContext& context);
void add_version_command(CLI::App& app, CommandContext& context);

}  // namespace counterfoil
