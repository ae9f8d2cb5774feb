#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "app/command_context.h"

namespace counterfoil {

// ProgressNow is how far something long has come. `done` of `whole` is the part of the way (bytes
// of a file, records), whole 0: not known. `count` is what a person counts. Where one joins late,
// `before` is how much of both was there already: it says nothing of the speed.
struct ProgressNow {
  std::uint64_t done = 0;
  std::uint64_t whole = 0;
  std::uint64_t count = 0;
  std::uint64_t before = 0;
};

// progress_text is "█████░░░░░░░░░░░░░░░ 25 %  1,000 rows  500 rows/s  6 s left".
[[nodiscard]] std::string progress_text(const ProgressNow& now, std::string_view unit,
                                        std::chrono::milliseconds elapsed);

// grouped writes 1234567 as "1,234,567".
[[nodiscard]] std::string grouped(std::uint64_t number);

// Progress shows it: as one line that is written anew where a person watches a terminal, else as a
// line every kLineEvery. Nothing with --quiet.
class Progress {
 public:
  static constexpr std::chrono::milliseconds kRewriteEvery{100};
  static constexpr std::chrono::milliseconds kLineEvery{10'000};

  // `context` must outlive it.
  Progress(CommandContext& context, std::string unit)
      : context_(context), unit_(std::move(unit)), begun_(Clock::now()), shown_(begun_) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  Progress(Progress&&) = delete;
  Progress& operator=(Progress&&) = delete;
  ~Progress() { clear(); }

  // clear takes the line away, as the destructor does: before an answer.
  void clear() { context_.progress({}); }

  void update(const ProgressNow& now);
  [[nodiscard]] std::chrono::milliseconds elapsed() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun_);
  }

 private:
  using Clock = std::chrono::steady_clock;
  CommandContext& context_;
  std::string unit_;
  Clock::time_point begun_;
  Clock::time_point shown_;
};

}  // namespace counterfoil
