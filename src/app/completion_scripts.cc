#include "app/completion_scripts.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "app/shell_text.h"

namespace counterfoil {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    line += (line.empty() ? "" : " ") + word;
  }
  return line;
}

// path_cases is the part of a shell's `case` that follows the command words already typed.
std::string path_cases(const std::vector<CommandWords>& commands) {
  std::string pattern;
  for (const CommandWords& command : commands) {
    if (!command.path.empty()) {
      pattern += (pattern.empty() ? "" : "|") + shell_quoted(command.path);
    }
  }
  return pattern;
}

// word_cases sets the variables `name` and options by the path; zsh has a `words` of its own.
std::string word_cases(const std::vector<CommandWords>& commands, const std::string& name) {
  std::string cases;
  for (const CommandWords& command : commands) {
    cases += "    " + shell_quoted(command.path) + ") " + name + "=" +
             shell_quoted(joined(command.commands)) +
             " options=" + shell_quoted(joined(command.options)) + " ;;\n";
  }
  return cases;
}

// fish_condition holds when exactly this command was typed so far.
std::string fish_condition(const CommandWords& command) {
  if (command.path.empty()) {
    return "__fish_use_subcommand";
  }
  std::string condition;
  std::string_view rest = command.path;
  while (!rest.empty()) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    condition += (condition.empty() ? "" : "; and ") + std::string("__fish_seen_subcommand_from ") +
                 std::string(word);
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
  }
  return condition;
}

const CommandWords* find(const std::vector<CommandWords>& commands, const std::string& path) {
  const auto found = std::ranges::find(commands, path, &CommandWords::path);
  return found == commands.end() ? nullptr : &*found;
}

}  // namespace

std::string bash_completion(const std::vector<CommandWords>& commands) {
  return R"(# bash completion for counterfoil:  source <(counterfoil completion bash)
_counterfoil() {
  local current=${COMP_WORDS[COMP_CWORD]} path= words= options= word
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "${path:+$path }$word" in
    )" + path_cases(commands) +
         R"() path="${path:+$path }$word" ;;
    esac
  done
  case "$path" in
)" + word_cases(commands, "words") +
         R"(  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
}
complete -o bashdefault -o default -F _counterfoil counterfoil)";
}

std::string zsh_completion(const std::vector<CommandWords>& commands) {
  return R"(#compdef counterfoil
# zsh completion for counterfoil: put this into a file _counterfoil in a folder of $fpath
_counterfoil() {
  local path_so_far= commands= options= word
  for word in "${(@)words[2,CURRENT-1]}"; do
    case "${path_so_far:+$path_so_far }$word" in
    )" + path_cases(commands) +
         R"() path_so_far="${path_so_far:+$path_so_far }$word" ;;
    esac
  done
  local -a found
  case "$path_so_far" in
)" + word_cases(commands, "commands") +
         R"(  esac
  if [[ $PREFIX == -* ]]; then
    found=(${=options})
  else
    found=(${=commands})
  fi
  if (( $#found )); then
    compadd -a found
  else
    _files
  fi
}
compdef _counterfoil counterfoil)";
}

std::string fish_completion(const std::vector<CommandWords>& commands) {
  std::string script = "# fish completion for counterfoil:  counterfoil completion fish | source\n";
  for (const CommandWords& command : commands) {
    const std::string condition = shell_quoted(fish_condition(command));
    for (const std::string& word : command.commands) {
      const CommandWords* const sub =
          find(commands, command.path.empty() ? word : command.path + " " + word);
      script.append("complete -c counterfoil -f -n ").append(condition);
      script.append(" -a ").append(word).append(" -d ");
      script.append(shell_quoted(sub == nullptr ? "" : sub->help)).append("\n");
    }
    for (const std::string& option : command.options) {
      script += "complete -c counterfoil -n " + condition;
      script.append(" -l ").append(option, 2).append("\n");
    }
  }
  script.pop_back();
  return script;
}

}  // namespace counterfoil
