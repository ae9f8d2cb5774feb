#include "app/heartbeat.h"

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "app/clock_watch.h"
#include "app/log.h"
#include "authority/right_to_accept.h"
#include "base/time.h"
#include "registry/registry.h"

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

bool Heartbeat::clock_is_sound() {
  const ClockWatch::Standing standing =
      clock_watch_.look(parts_.clock.now(), parts_.clock.boot_now(), time_service_confirms());
  const bool stepped = standing != ClockWatch::Standing::kSteady;
  if (stepped && !clock_stepped_) {
    parts_.log.write(LogLevel::kWarn, "clock_stepped", {{"by", seconds_text(clock_watch_.step())}});
  }
  clock_stepped_ = stepped;
  if (standing != ClockWatch::Standing::kInDoubt) {
    return true;
  }
  parts_.gatekeeper.extend_right(BootTime{});
  tell("the wall clock jumped by " + seconds_text(clock_watch_.step()) +
       ", and no time service vouches for it: signed requests are answered 503; set the clock, and "
       "start the node anew if it is right now");
  return false;
}

bool Heartbeat::bring_up_to(const Revision& revision) {
  if (revision == right_.applied_revision()) {
    return true;
  }
  const auto shown = parts_.replica.catch_up(parts_.registry);
  if (!shown) {
    tell("the copy of the registry is behind: " + std::string(describe(shown.error())));
    return false;
  }
  if (!parts_.revoker.wait_until_in_force()) {
    tell("an event loop does not come round; if this lasts, restart the node");
    return false;
  }
  right_.applied(*shown);
  return true;
}

void Heartbeat::beat() {
  if (!clock_is_sound()) {
    return;
  }
  const auto beat = right_.beat(parts_.clock.boot_now());
  if (!beat) {
    return;
  }
  const auto revision = parts_.registry.revision();
  if (!revision) {
    tell("the registry does not answer: " + std::string(describe(revision.error())));
    return;
  }
  right_.answered(beat->number, *revision);
  const bool is_up_to_date = bring_up_to(*revision);
  parts_.gatekeeper.extend_right(right_.until());
  if (is_up_to_date && parts_.gatekeeper.has_right()) {
    tell(std::nullopt);
  }
}

}  // namespace counterfoil
