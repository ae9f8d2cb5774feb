#include "app/command_context.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <expected>
#include <filesystem>
#include <fstream>
#include <ios>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "app/config.h"
#include "app/node_paths.h"

namespace counterfoil {
namespace {

struct MarkRow {
  Mark mark;
  Paint paint;
  std::string_view sign;
};
constexpr auto kMarks = std::to_array<MarkRow>({
    {Mark::kDone, Paint::kGreen, "✓"},
    {Mark::kWarning, Paint::kYellow, "!"},
    {Mark::kProblem, Paint::kRed, "✕"},
    {Mark::kStep, Paint::kCyan, "→"},
});

std::string_view escape_of(Paint paint) {
  switch (paint) {
    case Paint::kBold:
      return "\x1b[1m";
    case Paint::kDim:
      return "\x1b[2m";
    case Paint::kGreen:
      return "\x1b[32m";
    case Paint::kYellow:
      return "\x1b[33m";
    case Paint::kRed:
      return "\x1b[31m";
    case Paint::kCyan:
      return "\x1b[36m";
  }
  std::unreachable();
}

// The environment is read before any thread starts, and never written.
std::string environment(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): see above
  return value == nullptr ? std::string() : std::string(value);
}

std::string system_words() { return std::error_code(errno, std::generic_category()).message(); }

// make_private_file makes the file of -o. An existing one is never overwritten.
bool make_private_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  return file >= 0 && ::close(file) == 0;
}

}  // namespace

std::string Painter::paint(Paint paint, std::string_view text) const {
  if (colors_ == Colors::kOff) {
    return std::string(text);
  }
  return std::string(escape_of(paint)) + std::string(text) + "\x1b[0m";
}

CommandContext::~CommandContext() = default;

Painter CommandContext::painter(bool is_terminal) const {
  if (flags.color == "always") {
    return Painter(Painter::Colors::kOn);
  }
  const bool wanted = flags.color == "auto" && is_terminal && environment("NO_COLOR").empty() &&
                      environment("TERM") != "dumb";
  return Painter(wanted ? Painter::Colors::kOn : Painter::Colors::kOff);
}

Painter CommandContext::out_painter() const { return painter(out_is_terminal()); }
Painter CommandContext::err_painter() const { return painter(terminals_.err); }

std::ostream* CommandContext::data_stream() {
  if (flags.output.empty()) {
    return &out_;
  }
  if (!file_) {
    if (!make_private_file(flags.output)) {
      fail({ExitCode::kCannotTell, flags.output + ": " + system_words() +
                                       "; -o makes a new file and never overwrites one"});
      return nullptr;
    }
    file_ = std::make_unique<std::ofstream>(flags.output, std::ios::binary | std::ios::app);
  }
  return file_.get();
}

void CommandContext::data(std::string_view line) {
  std::ostream* const stream = data_stream();
  if (stream == nullptr) {
    return;
  }
  *stream << line << '\n' << std::flush;
  if (!*stream && exit_code_ == ExitCode::kDone) {
    fail({ExitCode::kCannotTell,
          "the output could not be written; is the disk full, or has its "
          "reader gone away?"});
  }
}

bool CommandContext::shows_progress() const { return terminals_.err && !flags.quiet; }

void CommandContext::progress(std::string_view line) {
  if (!shows_progress()) {
    return;
  }
  clear_progress();
  err_ << line << std::flush;
  shows_progress_ = !line.empty();
}

void CommandContext::clear_progress() {
  if (std::exchange(shows_progress_, false)) {
    err_ << "\r\x1b[K";
  }
}

void CommandContext::say(std::string_view line) {
  if (!flags.quiet) {
    clear_progress();
    err_ << line << '\n' << std::flush;
  }
}

void CommandContext::note(Mark mark, std::string_view line) {
  if (flags.quiet && mark != Mark::kProblem) {
    return;
  }
  clear_progress();
  const MarkRow& row = kMarks[static_cast<std::size_t>(mark)];
  err_ << err_painter().paint(row.paint, row.sign) << ' ' << line << '\n' << std::flush;
}

void CommandContext::fail(const Failure& failure) {
  clear_progress();
  err_ << err_painter().paint(Paint::kRed, "counterfoil:") << ' ' << failure.sentence << '\n'
       << std::flush;
  end(failure.code);
}

void CommandContext::end(ExitCode code) {
  if (exit_code_ == ExitCode::kDone) {
    exit_code_ = code;
  }
}

std::expected<bool, Failure> CommandContext::confirm(std::string_view question) const {
  if (flags.yes) {
    return true;
  }
  std::fstream terminal;
  if (!flags.no_input) {
    terminal.open("/dev/tty", std::ios::in | std::ios::out);
  }
  if (!terminal.is_open()) {
    return std::unexpected(Failure{
        ExitCode::kUsage, std::string(question) + " Nobody can be asked here; add --yes to go on"});
  }
  terminal << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(terminal, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

std::string CommandContext::config_file() const {
  if (!flags.config.empty()) {
    return flags.config;
  }
  if (std::string named = environment("COUNTERFOIL_CONFIG"); !named.empty()) {
    return named;
  }
  std::string directory = flags.data;
  if (directory.empty()) {
    directory = environment("COUNTERFOIL_NODE_DATA");
  }
  const std::filesystem::path beside =
      std::filesystem::path(directory.empty() ? "./data" : directory) / kConfigFileName;
  std::error_code ignored;
  return std::filesystem::exists(beside, ignored) ? beside.string() : std::string();
}

std::expected<Config, Failure> CommandContext::load_config(const std::string& file) const {
  auto config = Config::load(file);
  if (!config) {
    return std::unexpected(Failure{ExitCode::kUsage, config.error().sentence});
  }
  if (!flags.data.empty()) {
    config->set("node.data", flags.data, "--data");
  }
  if (!flags.admin_socket.empty()) {
    config->set("admin.socket", flags.admin_socket, "--admin-socket");
  }
  return std::move(*config);
}

}  // namespace counterfoil
