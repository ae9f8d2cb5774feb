#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace spdlog {
class logger;
namespace details {
class thread_pool;
}
}  // namespace spdlog

namespace counterfoil {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarn, kError };

// Log writes one JSON object a line to standard error: time, level, event, and the fields given.
// Lines go through a bounded queue to a thread of its own; when it is full the oldest lines are
// dropped. Values are texts that may be known: ids by their prefix, never a secret (control S-80).
// Safe to call from any thread.
class Log {
 public:
  using Field = std::pair<std::string_view, std::string_view>;

  // `level` is one of the texts of log.level; anything else counts as info.
  explicit Log(std::string_view level);
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  Log(Log&&) = delete;
  Log& operator=(Log&&) = delete;
  ~Log();  // writes what is queued

  // set_level is for lines from now on.
  void set_level(std::string_view level);
  void write(LogLevel level, std::string_view event, std::initializer_list<Field> fields = {});

 private:
  std::shared_ptr<spdlog::details::thread_pool> pool_;  // the logger only borrows it
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace counterfoil
