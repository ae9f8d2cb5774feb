#include "app/heartbeat.h"

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "app/clock_watch.h"
#include "app/log.h"
#include "base/time.h"

namespace counterfoil {
namespace {

std::string seconds_text(std::chrono::microseconds time) {
  return std::to_string(std::chrono::round<std::chrono::seconds>(time).count()) + " s";
}

}  // namespace

std::optional<std::string> Heartbeat::trouble() const {
  const std::scoped_lock lock(mutex_);
  return trouble_;
}

void Heartbeat::tell(const std::optional<std::string>& trouble) {
  {
    const std::scoped_lock lock(mutex_);
    if (trouble == trouble_) {
      return;
    }
    trouble_ = trouble;
  }
  if (trouble) {
    parts_.log.write(LogLevel::kError, "right_to_accept_not_extended", {{"trouble", *trouble}});
  } else {
    parts_.log.write(LogLevel::kInfo, "right_to_accept_extended");
  }
}

std::optional<std::string> Heartbeat::doubt_of_clock() {
  const ClockWatch::Standing standing =
      clock_watch_.look(parts_.clock.now(), parts_.clock.boot_now(), time_service_confirms());
  const bool stepped = standing != ClockWatch::Standing::kSteady;
  if (stepped && !clock_stepped_) {
    parts_.log.write(LogLevel::kWarn, "clock_stepped", {{"by", seconds_text(clock_watch_.step())}});
  }
  clock_stepped_ = stepped;
  if (standing != ClockWatch::Standing::kInDoubt) {
    return std::nullopt;
  }
  return "the wall clock jumped by " + seconds_text(clock_watch_.step()) +
         ", and no time service vouches for it: signed requests are answered 503; set the clock, "
         "and start the node anew if it is right now";
}

void Heartbeat::beat() {
  const auto doubt = doubt_of_clock();
  // The feed goes on in any case: whoever revokes must not have to wait for a clock.
  parts_.feed.tick();
  parts_.gatekeeper.extend_right(doubt ? BootTime{} : parts_.feed.right_until());
  const auto trouble = doubt ? doubt : parts_.feed.trouble();
  if (trouble || parts_.gatekeeper.has_right()) {
    tell(trouble);
  }
}

}  // namespace counterfoil
