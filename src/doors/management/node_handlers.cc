#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/json.h"
#include "doors/management/member_reader.h"
#include "doors/management/views.h"

namespace counterfoil {

Outcome show_status(const Call& call) { return reply(to_json(call.parts.status())); }

namespace {

Json to_days(const std::vector<std::chrono::days>& reminders) {
  Json days = Json::array();
  for (const std::chrono::days reminder : reminders) {
    days.push_back(reminder.count());
  }
  return days;
}

}  // namespace

Outcome show_profile(const Call& call) {
  Json json = to_json(call.parts.profile());
  const std::string url = call.parts.gateway_url ? call.parts.gateway_url() : std::string();
  json["gateway_url"] = url.empty() ? Json() : Json(url);
  json["reminder_days"] = to_days(call.parts.reminders);
  return reply(json);
}

Outcome reload(const Call& call) {
  if (const auto fine = MemberReader(call.body).finish(); !fine) {
    return std::unexpected(fine.error());
  }
  const auto done = call.parts.reload(call.actor());
  if (!done) {
    return std::unexpected(fault_of(done.error()));
  }
  return reply({{"taken_over", done->taken_over}, {"needs_restart", done->needs_restart}});
}

Outcome confirm_clock(const Call& call) {
  constexpr std::int64_t kStepMsMax = std::int64_t{1'000} * 366 * 24 * 3600 * 1'000;
  MemberReader members(call.body);
  const auto step_ms = members.number("step_ms", -kStepMsMax, kStepMsMax);
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  const auto confirmed = call.parts.confirm_clock(call.actor(), step_ms);
  if (!confirmed) {
    return std::unexpected(fault_of(confirmed.error()));
  }
  return reply(to_json(*confirmed));
}

}  // namespace counterfoil
