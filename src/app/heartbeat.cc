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

Heartbeat::ClockState Heartbeat::clock_state() const {
  const std::scoped_lock lock(mutex_);
  return clock_;
}

bool Heartbeat::confirm_clock(std::chrono::microseconds step) {
  const std::scoped_lock lock(mutex_);
  if (!clock_.is_in_doubt || std::chrono::abs(clock_.step - step) > ClockWatch::kAlarm) {
    return false;
  }
  clock_watch_.confirm();
  clock_ = {};
  return true;
}

void Heartbeat::note_step(ClockWatch::Standing standing) {
  const bool stepped = standing != ClockWatch::Standing::kSteady;
  if (stepped && !clock_stepped_) {
    parts_.log.write(LogLevel::kWarn, "clock_stepped", {{"by", seconds_text(clock_.step)}});
  }
  clock_stepped_ = stepped;
}

std::optional<std::string> Heartbeat::look_at_clock() {
  const std::scoped_lock lock(mutex_);
  const Timestamp wall = parts_.clock.now();
  const ClockWatch::Standing standing =
      clock_watch_.look(wall, parts_.clock.boot_now(), time_service_confirms());
  clock_ = {.step = clock_watch_.step(), .is_in_doubt = standing == ClockWatch::Standing::kInDoubt};
  note_step(standing);
  const std::chrono::microseconds offset = clock_watch_.offset();
  const std::chrono::microseconds before = believed_offset_.value_or(offset);
  if (std::chrono::abs(offset - before) > ClockWatch::kDoubt) {
    // Another time is right from now on. What was received at this time once before, and forgotten
    // while the clock said that it is long ago, must not come again.
    parts_.acceptance.forget_before(wall);
  }
  believed_offset_ = offset;
  if (!clock_.is_in_doubt) {
    return std::nullopt;
  }
  return "the wall clock jumped by " + seconds_text(clock_.step) +
         ", and no time service vouches for it: signed requests are answered 503; set the clock, "
         "or, if it is right now, say so with `counterfoil clock confirm`";
}

void Heartbeat::beat() {
  const auto doubt = look_at_clock();
  // The feed goes on in any case: whoever revokes must not have to wait for a clock.
  parts_.feed.tick();
  if (doubt) {
    parts_.acceptance.end();
  } else {
    parts_.acceptance.extend(parts_.feed.right_until(), *believed_offset_);
  }
  const auto trouble = doubt ? doubt : parts_.feed.trouble();
  if (trouble || parts_.acceptance.holds(parts_.clock.now(), parts_.clock.boot_now())) {
    tell(trouble);
  }
}

}  // namespace counterfoil
