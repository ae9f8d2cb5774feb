#pragma once

#include <string>
#include <vector>

namespace counterfoil {

// CommandWords is one command as completion sees it.
struct CommandWords {
  std::string path;                   // "keys create"; empty for the program itself
  std::string help;                   // one line
  std::vector<std::string> commands;  // what may follow it
  std::vector<std::string> options;   // "--label", …
};

// Each gives a script for the shell to source. `commands` lists every command, the program first.
[[nodiscard]] std::string bash_completion(const std::vector<CommandWords>& commands);
[[nodiscard]] std::string zsh_completion(const std::vector<CommandWords>& commands);
[[nodiscard]] std::string fish_completion(const std::vector<CommandWords>& commands);

}  // namespace counterfoil
