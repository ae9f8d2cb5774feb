#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace counterfoil::pasted {

inline constexpr std::size_t kWordsMax = 10'000;

// ShellWord is one word of a command as the shell would hand it on.
struct ShellWord {
  std::string text;
  // It holds a variable or a command substitution that only the shell could fill in: the word is
  // not what was sent.
  bool open = false;
};

// ShellCommand is one simple command: what stands between ; & | and line ends.
struct ShellCommand {
  std::vector<ShellWord> words;
  std::size_t line = 1;  // of its first word, from 1
  // An & in the middle of a word ended it, as in a URL without quotes: what stands behind was not
  // part of what was run.
  bool cut = false;
};

// split_shell reads a text by the quoting rules of a POSIX shell (IEEE 1003.1, 2.2: '…', "…", \, a
// backslash at a line's end goes on; and $'…' as bash has it). Nothing is run or filled in: a
// redirection is left out, a variable stays as it is written and marks its word open. A text of
// Windows' cmd, known by ^ at the ends of lines, is read by its rules. Failure: a quote that is not
// closed, or more than kWordsMax words; a sentence.
[[nodiscard]] std::expected<std::vector<ShellCommand>, std::string> split_shell(
    std::string_view text);

}  // namespace counterfoil::pasted
