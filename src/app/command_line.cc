#include "app/command_line.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>  // IWYU pragma: keep (defines what App.hpp only declares)
#include <CLI/Error.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <exception>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/command_context.h"
#include "app/commands.h"
#include "app/nearest_word.h"
#include "app/remote/commands.h"
#include "app/remote/enrolment_url.h"
#include "keys/key_format.h"

namespace counterfoil {
namespace {

constexpr std::string_view kGlobalHelp =
    "Every command also takes --json, --quiet, --color auto|always|never, --yes, --no-input, "
    "--config FILE,\n--data DIR, --admin-socket PATH and -o FILE.\n";

// full_name is what a person types: "counterfoil keys create".
std::string full_name(const CLI::App& command) {
  return command.get_parent() == nullptr
             ? "counterfoil"
             : full_name(*command.get_parent()) + " " + command.get_name();
}

// ExamplesFirst writes a help that begins with what most people came for: a line to copy. Examples
// stand in the footer of each command.
class ExamplesFirst final : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string /*name*/,
                        CLI::AppFormatMode mode) const override {
    std::string help = app->get_description() + "\n";
    if (!app->get_footer().empty()) {
      help += "\nExamples:\n" + app->get_footer() + "\n";
    }
    help += make_usage(app, full_name(*app)) + make_positionals(app) + make_groups(app, mode) +
            make_subcommands(app, CLI::AppFormatMode::Normal);
    if (app->get_parent() != nullptr) {
      help += "\n" + std::string(kGlobalHelp);
    }
    return help;
  }
};

void add_global_flags(CLI::App& app, GlobalFlags& flags) {
  app.add_flag("--json", flags.json, "one JSON object on standard output (one a line for streams)");
  app.add_flag("-q,--quiet", flags.quiet, "no talk: only data and failures");
  app.add_option("--color", flags.color, "auto, always or never (NO_COLOR is honoured)")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  app.add_flag("-y,--yes", flags.yes, "answer every question with yes");
  app.add_flag("--no-input", flags.no_input, "ask nothing: fail and name the missing flag");
  app.add_option("--config", flags.config,
                 "configuration file (default: counterfoil.toml in the data directory)");
  app.add_option("--data", flags.data, "data directory (node.data)");
  app.add_option("--admin-socket", flags.admin_socket, "admin socket of the running node");
  app.add_option("-o,--output", flags.output, "write data into this new file (0600)");
}

void add_commands(CLI::App& app, CommandContext& context) {
  add_demo_command(app, context);
  add_init_command(app, context);
  add_serve_command(app, context);
  add_config_command(app, context);
  add_status_command(app, context);
  add_reload_command(app, context);
  add_clock_commands(app, context);
  add_accounts_commands(app, context);
  add_people_commands(app, context);
  add_keys_commands(app, context);
  add_enroll_command(app, context);
  add_mass_commands(app, context);
  add_refusals_commands(app, context);
  add_audit_commands(app, context);
  add_receipt_commands(app, context);
  add_secrets_commands(app, context);
  add_backup_commands(app, context);
  add_sign_command(app, context);
  add_verify_command(app, context);
  add_doctor_command(app, context);
  add_venue_command(app, context);
  add_completion_command(app, context);
  add_version_command(app, context);
}

// is_secret recognises what must never stand in an argument, alone or behind '='.
bool is_secret(std::string_view argument) {
  const KeyFormat format;
  const std::string_view value =
      argument.contains('=') ? argument.substr(argument.find('=') + 1) : argument;
  return format.classify_secret(value) == KeyFormat::Kind::kOurs ||
         argument.contains("PRIVATE KEY-----");
}

// deepest is the last command that the arguments named: `counterfoil keys crate` -> keys.
const CLI::App& deepest(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? app : deepest(*parsed.front());
}

std::vector<std::string> words_of(const CLI::App& command, bool options) {
  std::vector<std::string> words;
  if (options) {
    for (const CLI::App* at = &command; at != nullptr; at = at->get_parent()) {
      for (const CLI::Option* const option : at->get_options()) {
        std::ranges::transform(option->get_lnames(), std::back_inserter(words),
                               [](const std::string& name) { return "--" + name; });
      }
    }
    return words;
  }
  std::ranges::transform(command.get_subcommands({}), std::back_inserter(words),
                         [](const CLI::App* sub) { return sub->get_name(); });
  return words;
}

// unknown_word says which word was not understood, and which one was probably meant.
Failure unknown_word(const CLI::App& app) {
  const CLI::App& command = deepest(app);
  const std::vector<std::string> left = app.remaining(true);
  const std::string word = left.empty() ? std::string() : left.front();
  const bool is_option = word.starts_with("-");
  const std::vector<std::string> known = words_of(command, is_option);
  const std::string kind = is_option       ? "unknown option "
                           : known.empty() ? "too many arguments: "
                                           : "unknown command ";
  return {ExitCode::kUsage, kind + word + did_you_mean(word, known) + "; `" + full_name(command) +
                                " --help` lists what there is"};
}

void parse(CLI::App& app, std::vector<std::string> arguments, CommandContext& context) {
  try {
    std::ranges::reverse(arguments);  // CLI11 takes them from the back
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    context.data(deepest(app).help());
  } catch (const CLI::ExtrasError&) {
    context.fail(unknown_word(app));
  } catch (const CLI::ParseError& error) {
    const CLI::App& command = deepest(app);
    if (&command == &app || !command.get_subcommands({}).empty()) {
      const auto left = app.remaining(true);
      if (!left.empty()) {
        context.fail(unknown_word(app));
        return;
      }
    }
    context.fail({ExitCode::kUsage,
                  std::string(error.what()) + "; see `" + full_name(command) + " --help`"});
  } catch (const std::exception& error) {
    context.fail({ExitCode::kCannotTell, std::string("unexpected fault: ") + error.what()});
  }
}

}  // namespace

ExitCode run_command_line(std::span<const std::string> arguments, CommandContext& context) {
  if (std::ranges::any_of(arguments, is_secret)) {
    context.fail({ExitCode::kUsage,
                  "a secret stands in the arguments: that is now in your shell history and in the "
                  "process list. Rotate it, and give the new one by --secret-file"});
    return context.exit_code();
  }
  if (std::ranges::any_of(arguments, has_enrolment_token)) {
    context.fail(
        {ExitCode::kUsage,
         "an enrolment link stands in the arguments: that is now in your shell history and "
         "in the process list, and whoever reads it there may use it first. Give it by "
         "standard input, `counterfoil enroll - --out DIR`, or have it withdrawn"});
    return context.exit_code();
  }
  CLI::App app(
      "Counterfoil issues API keys, verifies every request signed with them, and makes a "
      "revoked key dead.",
      "counterfoil");
  app.formatter(std::make_shared<ExamplesFirst>());
  app.footer(
      "  counterfoil demo                          everything on loopback, with a tour\n"
      "  counterfoil init --data ./data            a node of your own: keys, configuration\n"
      "  counterfoil serve --data ./data           run it\n"
      "  counterfoil keys create --help            the first API key");
  app.fallthrough();
  app.require_subcommand(0, 1);
  add_global_flags(app, context.flags);
  bool version = false;
  app.add_flag("--version", version, "print the version");
  add_commands(app, context);
  parse(app, {arguments.begin(), arguments.end()}, context);
  if (context.exit_code() != ExitCode::kDone || !app.get_subcommands().empty()) {
    return context.exit_code();
  }
  if (version) {
    parse(app, {"version"}, context);
  } else if (!app.get_help_ptr()->count()) {
    context.say(app.help());
    context.end(ExitCode::kUsage);
  }
  return context.exit_code();
}

}  // namespace counterfoil
