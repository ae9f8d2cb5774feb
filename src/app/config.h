#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace counterfoil {

// Setting is one row of the table of everything an operator may set. A key is "<table>.<name>" of
// the TOML file; the environment variable of rest.listen is COUNTERFOIL_REST_LISTEN.
struct Setting {
  enum class Kind : std::uint8_t { kText, kNumber, kSwitch };
  // Change says what a running node does with another value: takes it over (`counterfoil reload`,
  // SIGHUP), or goes on with the one it was started with.
  enum class Change : std::uint8_t { kNeedsRestart, kTakenOver };
  std::string_view key;
  Kind kind;
  std::string_view fallback;
  std::string_view help;
  Change change = Change::kNeedsRestart;
};
[[nodiscard]] const std::vector<Setting>& settings();

// ConfigError says what is wrong, where, and what to do, in one sentence.
struct ConfigError {
  std::string sentence;
};

// Config is the effective configuration: flag before environment before file before default, each
// value with its origin.
class Config {
 public:
  // load reads `file` unless it is empty. Refused: an unreadable or foreign-writable file, broken
  // TOML, an unknown key (with the nearest known one), a value of the wrong type.
  [[nodiscard]] static std::expected<Config, ConfigError> load(const std::string& file);
  // defaults is what holds without a file; the environment still counts.
  [[nodiscard]] static std::expected<Config, ConfigError> defaults() { return load(""); }

  // set overrides one value from a command-line flag.
  void set(std::string_view key, std::string value, std::string_view flag);
  // take has one value, with its origin, from another configuration.
  void take(std::string_view key, const Config& from);

  [[nodiscard]] const std::string& text(std::string_view key) const;
  [[nodiscard]] std::int64_t number(std::string_view key) const;
  [[nodiscard]] bool is_on(std::string_view key) const;

  struct Value {
    std::string text;
    std::string
        origin;  // "default", "file counterfoil.toml:3", "environment COUNTERFOIL_…", "flag --…"
  };
  [[nodiscard]] const std::map<std::string, Value, std::less<>>& values() const { return values_; }

 private:
  std::map<std::string, Value, std::less<>> values_;
};

}  // namespace counterfoil
