#include "app/log.h"

#include <fmt/core.h>
#include <spdlog/async_logger.h>
#include <spdlog/common.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"

namespace counterfoil {
namespace {

constexpr std::size_t kLinesQueuedMax = 8'192;

spdlog::level::level_enum threshold_of(std::string_view level) {
  if (level == "debug") {
    return spdlog::level::debug;
  }
  if (level == "warn") {
    return spdlog::level::warn;
  }
  return level == "error" ? spdlog::level::err : spdlog::level::info;
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  std::unreachable();
}

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warn";
    case LogLevel::kError:
      return "error";
  }
  std::unreachable();
}

// utc_text is RFC 3339 with milliseconds.
std::string utc_text(Timestamp time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(second - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     std::chrono::floor<std::chrono::milliseconds>(time - second).count());
}

}  // namespace

Log::Log(std::string_view level) {
  auto pool = std::make_shared<spdlog::details::thread_pool>(kLinesQueuedMax, 1);
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  sink->set_pattern("%v");  // the line is whole already
  // async_logger hands shared_from_this to its queue, so it has to be owned by itself.
  auto logger = std::make_shared<spdlog::async_logger>(
      "counterfoil", std::move(sink), pool, spdlog::async_overflow_policy::overrun_oldest);
  logger->set_level(threshold_of(level));
  logger->flush_on(spdlog::level::warn);
  pool_ = std::move(pool);
  logger_ = std::move(logger);
}

Log::~Log() {
  logger_->flush();
  logger_.reset();
  pool_.reset();  // joins its thread once the queue is empty
}

void Log::set_level(std::string_view level) { logger_->set_level(threshold_of(level)); }

void Log::write(LogLevel level, std::string_view event, std::initializer_list<Field> fields) {
  if (!logger_->should_log(to_spdlog(level))) {
    return;
  }
  nlohmann::ordered_json line{
      {"time", utc_text(SystemClock().now())}, {"level", name_of(level)}, {"event", event}};
  for (const auto& [name, value] : fields) {
    line[std::string(name)] = value;
  }
  logger_->log(to_spdlog(level),
               line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace counterfoil
