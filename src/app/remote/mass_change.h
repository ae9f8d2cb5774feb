#pragma once

#include <expected>
#include <string>
#include <vector>

#include "app/command_context.h"
#include "app/remote/node_api.h"

namespace CLI {
class App;
}

namespace counterfoil {

// SelectionFlags say which API keys a command is for, when it is not for a single one.
struct SelectionFlags {
  std::vector<std::string> accounts;
  std::string label;
  std::string vendor;
  std::string created_after;
  std::string created_before;
  std::string used_from;
  std::string used_since;
  std::string keys_file;
  bool everything = false;

  [[nodiscard]] bool is_set() const;
};
void add_selection_flags(CLI::App& command, SelectionFlags& flags);

// change_many prepares a mass action, shows what it would hit, asks, starts it and follows it to
// its end. `verb` is suspend, resume or revoke.
[[nodiscard]] std::expected<void, Failure> change_many(const NodeApi& api, CommandContext& context,
                                                       const std::string& verb,
                                                       const SelectionFlags& flags,
                                                       const std::string& cause, bool dry_run);

// follow_mass_action shows how a mass action comes on until it ends, and then what it has done.
[[nodiscard]] std::expected<void, Failure> follow_mass_action(const NodeApi& api,
                                                              CommandContext& context,
                                                              const std::string& id);

// write_mass_results writes what became of each API key, one line of JSON each.
[[nodiscard]] std::expected<void, Failure> write_mass_results(const NodeApi& api,
                                                              CommandContext& context,
                                                              const std::string& id);

// show_mass_action writes what a mass action is and has done.
void show_mass_action(CommandContext& context, const NodeJson& action);

}  // namespace counterfoil
