#include "wire/pasted/shell_words.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace counterfoil::pasted {
namespace {

constexpr std::string_view kBlanks = " \t\r";

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// plain_escape gives the byte of a one-letter escape of $'…'; nullopt: it is none.
std::optional<char> plain_escape(char letter) {
  switch (letter) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'a':
      return '\a';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'v':
      return '\v';
    case 'e':
    case 'E':
      return '\x1b';
    case '\\':
    case '\'':
    case '"':
    case '?':
      return letter;
    default:
      return std::nullopt;
  }
}

// append_utf8 writes a code point; what is none is left out.
void append_utf8(std::uint32_t point, std::string& out) {
  constexpr std::uint32_t kLow = 0x3f;
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xc0U | (point >> 6U));
    out += static_cast<char>(0x80U | (point & kLow));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xe0U | (point >> 12U));
    out += static_cast<char>(0x80U | ((point >> 6U) & kLow));
    out += static_cast<char>(0x80U | (point & kLow));
  } else if (point < 0x110000) {
    out += static_cast<char>(0xf0U | (point >> 18U));
    out += static_cast<char>(0x80U | ((point >> 12U) & kLow));
    out += static_cast<char>(0x80U | ((point >> 6U) & kLow));
    out += static_cast<char>(0x80U | (point & kLow));
  }
}

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  std::expected<std::vector<ShellCommand>, std::string> split() {
    while (at_ < text_.size() && fault_.empty()) {
      step();
    }
    end_command();
    if (!fault_.empty()) {
      return std::unexpected(fault_);
    }
    return std::move(commands_);
  }

 private:
  void step() {
    const char c = text_[at_];
    if (c == '\n' || c == ';' || c == '|' || c == '&') {
      command_.cut = c == '&' && in_word_ && is_name_character(peek());
      end_command();
      advance();
    } else if (kBlanks.contains(c)) {
      end_word();
      advance();
    } else if (c == '#' && !in_word_) {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if ((c == '<' || c == '>') || c == '(' || c == ')') {
      skip_redirection(c);
    } else {
      begin_word();
      take_piece(c);
    }
  }

  // A redirection and the word behind it are no part of the command.
  void skip_redirection(char c) {
    if (in_word_ && (word_.text == "1" || word_.text == "2")) {
      word_ = {};  // 2>…
      in_word_ = false;
    }
    end_word();
    advance();
    skips_word_ = c == '<' || c == '>';
    if (skips_word_ && at_ < text_.size() && (text_[at_] == c || text_[at_] == '&')) {
      advance();
    }
  }

  void take_piece(char c) {
    switch (c) {
      case '\'':
        take_quoted();
        break;
      case '"':
        take_double_quoted();
        break;
      case '\\':
        take_escaped();
        break;
      case '$':
        take_dollar();
        break;
      case '`':
        word_.open = true;
        take();
        break;
      default:
        take();
    }
  }

  void take_quoted() {
    const std::size_t opened = line_;
    advance();
    while (at_ < text_.size() && text_[at_] != '\'') {
      take();
    }
    close(opened);
  }

  void take_double_quoted() {
    const std::size_t opened = line_;
    advance();
    while (at_ < text_.size() && text_[at_] != '"') {
      const char c = text_[at_];
      if (c == '\\' && at_ + 1 < text_.size() &&
          std::string_view("$`\"\\\n").contains(text_[at_ + 1])) {
        take_escaped();
      } else if (c == '$') {
        note_variable();
        take();
      } else {
        word_.open = word_.open || c == '`';
        take();
      }
    }
    close(opened);
  }

  void close(std::size_t opened) {
    if (at_ >= text_.size()) {
      fault_ = "the quote that begins on line " + std::to_string(opened) + " is not closed";
      return;
    }
    advance();
  }

  // A backslash: the next byte as it is; before a line's end: nothing.
  void take_escaped() {
    advance();
    if (text_.substr(at_).starts_with("\r\n")) {
      advance();
    }
    if (at_ >= text_.size()) {
      return;
    }
    if (text_[at_] == '\n') {
      advance();
      in_word_ = in_word_ && (!word_.text.empty() || was_quoted());
      return;
    }
    take();
  }
  // Whether the word began with a quote, so that even an empty one counts.
  [[nodiscard]] bool was_quoted() const { return text_[word_begin_] != '\\'; }

  void take_dollar() {
    if (text_.substr(at_).starts_with("$'")) {
      take_ansi_quoted();
      return;
    }
    if (text_.substr(at_).starts_with("$\"")) {
      advance();
      return;
    }
    note_variable();
    take();
  }

  // note_variable marks the word if a variable or a substitution begins here.
  void note_variable() {
    const char next = peek();
    word_.open = word_.open || is_name_character(next) || next == '{' || next == '(';
  }

  void take_ansi_quoted() {
    const std::size_t opened = line_;
    advance();
    advance();
    while (at_ < text_.size() && text_[at_] != '\'') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        take_ansi_escape();
      } else {
        take();
      }
    }
    close(opened);
  }

  void take_ansi_escape() {
    advance();
    const char letter = text_[at_];
    if (const auto plain = plain_escape(letter)) {
      word_.text += *plain;
      advance();
    } else if (letter == 'x') {
      advance();
      word_.text += static_cast<char>(number(16, 2));
    } else if (letter == 'u' || letter == 'U') {
      advance();
      append_utf8(number(16, letter == 'u' ? 4 : 8), word_.text);
    } else if (letter >= '0' && letter <= '7') {
      word_.text += static_cast<char>(number(8, 3));
    } else {
      word_.text += '\\';
      take();
    }
  }

  // number reads digits of a base, at most so many.
  std::uint32_t number(std::uint32_t base, int digits_max) {
    std::uint32_t value = 0;
    for (int i = 0; i < digits_max && at_ < text_.size(); ++i) {
      const char c = text_[at_];
      std::uint32_t digit = base;
      if (c >= '0' && c <= '9') {
        digit = static_cast<std::uint32_t>(c - '0');
      } else if (c >= 'a' && c <= 'f') {
        digit = static_cast<std::uint32_t>(c - 'a') + 10;
      } else if (c >= 'A' && c <= 'F') {
        digit = static_cast<std::uint32_t>(c - 'A') + 10;
      }
      if (digit >= base) {
        break;
      }
      value = value * base + digit;
      advance();
    }
    return value;
  }

  void begin_word() {
    if (!in_word_) {
      in_word_ = true;
      word_begin_ = at_;
      if (command_.words.empty()) {
        command_.line = line_;
      }
    }
  }

  void end_word() {
    if (!in_word_) {
      return;
    }
    if (skips_word_) {
      skips_word_ = false;
    } else if (++words_ > kWordsMax) {
      fault_ = "the command has more than " + std::to_string(kWordsMax) + " words";
    } else {
      command_.words.push_back(std::move(word_));
    }
    word_ = {};
    in_word_ = false;
  }

  void end_command() {
    end_word();
    skips_word_ = false;
    if (!command_.words.empty()) {
      commands_.push_back(std::move(command_));
    }
    command_ = {};
  }

  // peek gives the byte behind the present one; a blank at the end.
  [[nodiscard]] char peek() const { return at_ + 1 < text_.size() ? text_[at_ + 1] : ' '; }
  void advance() {
    line_ += text_[at_] == '\n' ? 1U : 0U;
    ++at_;
  }
  void take() {
    word_.text += text_[at_];
    advance();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t words_ = 0;
  std::string fault_;
  ShellWord word_;
  std::size_t word_begin_ = 0;
  bool in_word_ = false;
  bool skips_word_ = false;
  ShellCommand command_;
  std::vector<ShellCommand> commands_;
};

bool is_of_cmd(std::string_view text) {
  return text.contains(" ^\n") || text.contains(" ^\r\n") || text.contains("^\"");
}

// from_cmd rewrites what cmd's ^ escapes, so that the shell's rules read the rest: browsers copy a
// command for cmd with every special byte behind a ^ and with " around every word.
std::string from_cmd(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '^' || at + 1 >= text.size()) {
      plain += text[at];
      continue;
    }
    ++at;
    if (text[at] == '\r' && text.substr(at).starts_with("\r\n")) {
      ++at;
    }
    // The line goes on; the shell's sign for it keeps the count of lines.
    plain += text[at] == '\n' ? std::string("\\\n") : std::string(1, text[at]);
  }
  return plain;
}

}  // namespace

std::expected<std::vector<ShellCommand>, std::string> split_shell(std::string_view text) {
  if (is_of_cmd(text)) {
    const std::string plain = from_cmd(text);
    return Splitter(plain).split();
  }
  return Splitter(text).split();
}

}  // namespace counterfoil::pasted
