#include "app/progress.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "app/command_context.h"

namespace counterfoil {
namespace {

constexpr std::uint64_t kBarSize = 20;
constexpr std::uint64_t kPercent = 100;
constexpr std::int64_t kMsPerSecond = 1'000;

std::string span_text(std::int64_t seconds) {
  constexpr std::int64_t kMinute = 60;
  constexpr std::int64_t kHour = 3'600;
  if (seconds >= kHour) {
    return std::to_string(seconds / kHour) + " h " + std::to_string(seconds % kHour / kMinute) +
           " min";
  }
  return seconds >= kMinute ? std::to_string(seconds / kMinute) + " min " +
                                  std::to_string(seconds % kMinute) + " s"
                            : std::to_string(seconds) + " s";
}

}  // namespace

std::string grouped(std::uint64_t number) {
  constexpr std::size_t kGroup = 3;
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > kGroup; at -= kGroup) {
    text.insert(at - kGroup, 1, ',');
  }
  return text;
}

std::string progress_text(const ProgressNow& now, std::string_view unit,
                          std::chrono::milliseconds elapsed) {
  std::string text;
  const std::uint64_t done = std::min(now.done, now.whole);
  if (now.whole > 0) {
    const std::uint64_t filled = done * kBarSize / now.whole;
    for (std::uint64_t cell = 0; cell < kBarSize; ++cell) {
      text += cell < filled ? "█" : "░";
    }
    text += " " + std::to_string(done * kPercent / now.whole) + " %  ";
  }
  text += grouped(now.count) + " " + std::string(unit);
  if (elapsed.count() < kMsPerSecond) {
    return text;
  }
  const auto ms = static_cast<std::uint64_t>(elapsed.count());
  const std::uint64_t before = std::min({now.before, now.count, done});
  text += "  " + grouped((now.count - before) * kMsPerSecond / ms) + " " + std::string(unit) + "/s";
  if (done > before && done < now.whole) {
    const double left = static_cast<double>(now.whole - done) / static_cast<double>(done - before);
    const auto left_ms = static_cast<std::int64_t>(left * static_cast<double>(ms));
    text += "  " + span_text(left_ms / kMsPerSecond) + " left";
  }
  return text;
}

void Progress::update(const ProgressNow& now) {
  const bool rewrites = context_.shows_progress();
  const auto present = Clock::now();
  if (present - shown_ < (rewrites ? kRewriteEvery : kLineEvery)) {
    return;
  }
  shown_ = present;
  const std::string text = progress_text(now, unit_, elapsed());
  if (rewrites) {
    context_.progress(text);
  } else {
    context_.say(text);
  }
}

}  // namespace counterfoil
