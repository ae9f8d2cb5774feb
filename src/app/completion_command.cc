#include <CLI/App.hpp>
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/command_context.h"
#include "app/commands.h"
#include "app/completion_scripts.h"

namespace counterfoil {
namespace {

struct Shell {
  std::string_view name;
  std::string (*script)(const std::vector<CommandWords>& commands);
};
constexpr auto kShells = std::to_array<Shell>(
    {{"bash", bash_completion}, {"zsh", zsh_completion}, {"fish", fish_completion}});

void add_options(const CLI::App& command, std::vector<std::string>& options) {
  for (const CLI::Option* const option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      options.push_back("--" + name);
    }
  }
}

// walk lists a command and everything below it.
void walk(const CLI::App& command, const std::string& path, std::vector<CommandWords>& all) {
  CommandWords words{
      .path = path, .help = command.get_description(), .commands = {}, .options = {}};
  const auto subcommands = command.get_subcommands({});
  for (const CLI::App* const sub : subcommands) {
    words.commands.push_back(sub->get_name());
  }
  for (const CLI::App* at = &command; at != nullptr; at = at->get_parent()) {
    add_options(*at, words.options);
  }
  std::ranges::sort(words.options);
  const auto repeated = std::ranges::unique(words.options);
  words.options.erase(repeated.begin(), repeated.end());
  all.push_back(std::move(words));
  for (const CLI::App* const sub : subcommands) {
    walk(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), all);
  }
}

void print(const CLI::App& root, std::string_view shell, CommandContext& context) {
  const auto* const found = std::ranges::find(kShells, shell, &Shell::name);
  if (found == kShells.end()) {
    context.fail(
        {ExitCode::kUsage, "there is completion for bash, zsh and fish; name one of them"});
    return;
  }
  std::vector<CommandWords> commands;
  walk(root, "", commands);
  context.data(found->script(commands));
}

}  // namespace

void add_completion_command(CLI::App& app, CommandContext& context) {
  CLI::App* const command =
      app.add_subcommand("completion", "Print a completion script for bash, zsh or fish");
  command->footer(
      "  source <(counterfoil completion bash)\n"
      "  counterfoil completion zsh > ~/.zfunc/_counterfoil\n"
      "  counterfoil completion fish | source");
  const auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "bash, zsh or fish")->required();
  command->callback([&app, &context, shell] { print(app, *shell, context); });
}

}  // namespace counterfoil
