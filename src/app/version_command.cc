#include <CLI/App.hpp>
#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "app/command_context.h"
#include "app/commands.h"
#include "app/version.h"

// The build says these (CMakeLists.txt).
#ifndef COUNTERFOIL_VERSION
#error "COUNTERFOIL_VERSION is not defined"
#endif

namespace counterfoil {

const std::string_view kVersion = COUNTERFOIL_VERSION;

namespace {

struct Library {
  std::string_view name;
  std::string_view version;
};
constexpr auto kLibraries = std::to_array<Library>({
    {"boost", COUNTERFOIL_BOOST},
    {"fmt", COUNTERFOIL_FMT},
    {"libsodium", COUNTERFOIL_SODIUM},
    {"nlohmann_json", COUNTERFOIL_JSON},
    {"openssl", COUNTERFOIL_OPENSSL},
    {"sqlite", COUNTERFOIL_SQLITE},
});

void show_version(CommandContext& context) {
  if (!context.flags.json) {
    context.data("counterfoil " COUNTERFOIL_VERSION);
    return;
  }
  nlohmann::ordered_json answer{{"version", COUNTERFOIL_VERSION},
                                {"commit", COUNTERFOIL_COMMIT},
                                {"build", COUNTERFOIL_BUILD},
                                {"compiler", COUNTERFOIL_COMPILER}};
  for (const Library& library : kLibraries) {
    answer["libraries"][std::string(library.name)] = library.version;
  }
  context.data(answer.dump());
}

}  // namespace

void add_version_command(CLI::App& app, CommandContext& context) {
  CLI::App* const command = app.add_subcommand("version", "Print the version");
  command->footer(
      "  counterfoil version\n"
      "  counterfoil version --json      with commit, build and library versions");
  command->callback([&context] { show_version(context); });
}

}  // namespace counterfoil
