#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "app/config.h"

namespace counterfoil {

// ExitCode is what a command says to the shell. The difference between "no" and "could not tell" is
// a promise: a script may act on a 1.
enum class ExitCode : std::uint8_t {
  kDone = 0,           // yes, or done
  kNo = 1,             // no: signature invalid, problem found, log broken, test failed
  kUsage = 2,          // usage or configuration error
  kCannotTell = 3,     // network, server fault, I/O
  kNotAllowed = 4,     // not signed in, or not allowed
  kInterrupted = 130,  // Ctrl-C
};

// Failure is why a command ends early: one sentence (or two) that says what, where, and what to do
// next. Nothing secret in it.
struct Failure {
  ExitCode code = ExitCode::kCannotTell;
  std::string sentence;
};

// Mark is the sign before a line of talk: it says the same as the colour, for those who see none.
enum class Mark : std::uint8_t { kDone, kWarning, kProblem, kStep };

// Painter colours text for one stream, or leaves it as it is.
enum class Paint : std::uint8_t { kBold, kDim, kGreen, kYellow, kRed, kCyan };
class Painter {
 public:
  enum class Colors : std::uint8_t { kOff, kOn };
  explicit Painter(Colors colors) : colors_(colors) {}
  [[nodiscard]] std::string paint(Paint paint, std::string_view text) const;
  [[nodiscard]] bool is_on() const { return colors_ == Colors::kOn; }

 private:
  Colors colors_;
};

// GlobalFlags are the flags that every command takes, before or after its name.
struct GlobalFlags {
  bool json = false;      // --json: one object (or one a line) on standard output
  bool quiet = false;     // --quiet: no talk, only data and failures
  bool yes = false;       // --yes: answers every question
  bool no_input = false;  // --no-input: a question is a failure that names the missing flag
  std::string color = "auto";
  std::string config;        // --config FILE
  std::string data;          // --data DIR: overrides node.data
  std::string admin_socket;  // --admin-socket PATH: overrides admin.socket
  std::string output;        // -o FILE: data goes there instead of standard output
};

// Terminals says which streams a person looks at.
struct Terminals {
  bool out = false;
  bool err = false;
};

// CommandContext is what a command is given: where data and talk go, the flags that all commands
// share, and how it ends. Standard output is data, standard error is talk. One thread.
class CommandContext {
 public:
  // `out` and `err` must outlive it.
  CommandContext(std::ostream& out, std::ostream& err, Terminals terminals)
      : out_(out), err_(err), terminals_(terminals) {}
  CommandContext(const CommandContext&) = delete;
  CommandContext& operator=(const CommandContext&) = delete;
  CommandContext(CommandContext&&) = delete;
  CommandContext& operator=(CommandContext&&) = delete;
  ~CommandContext();

  GlobalFlags flags;

  // data writes one line of data (an LF is added). Into a new file (0600) with -o.
  void data(std::string_view line);
  // say writes one line of talk; nothing with --quiet.
  void say(std::string_view line = "");
  // note is say with a mark before it. Problems are written even with --quiet.
  void note(Mark mark, std::string_view line);
  // progress shows how far something is, on one line that the next call writes over and any other
  // talk clears. Nothing without a terminal, or with --quiet.
  void progress(std::string_view line);
  [[nodiscard]] bool shows_progress() const;
  // fail writes the failure and ends the command with its code.
  void fail(const Failure& failure);
  // end sets the exit code; the first failure's stays.
  void end(ExitCode code);
  [[nodiscard]] ExitCode exit_code() const { return exit_code_; }

  [[nodiscard]] Painter out_painter() const;
  [[nodiscard]] Painter err_painter() const;
  [[nodiscard]] bool err_is_terminal() const { return terminals_.err; }
  [[nodiscard]] bool out_is_terminal() const { return terminals_.out && flags.output.empty(); }

  // confirm asks a yes-or-no question on the terminal. Failure (kUsage) when nobody can be asked;
  // it names --yes. false: the answer was no.
  [[nodiscard]] std::expected<bool, Failure> confirm(std::string_view question) const;

  // config_file is the file that load_config reads: --config, else $COUNTERFOIL_CONFIG, else
  // counterfoil.toml in the data directory if it is there. Empty: none.
  [[nodiscard]] std::string config_file() const;
  // load_config gives the effective configuration, with --data and --admin-socket applied.
  [[nodiscard]] std::expected<Config, Failure> load_config() const {
    return load_config(config_file());
  }
  [[nodiscard]] std::expected<Config, Failure> load_config(const std::string& file) const;

 private:
  [[nodiscard]] Painter painter(bool is_terminal) const;
  [[nodiscard]] std::ostream* data_stream();
  void clear_progress();

  std::ostream& out_;
  std::ostream& err_;
  Terminals terminals_;
  std::unique_ptr<std::ostream> file_;
  ExitCode exit_code_ = ExitCode::kDone;
  bool shows_progress_ = false;
};

}  // namespace counterfoil
