#include "app/live_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <expected>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/clock_probe.h"
#include "app/command_context.h"
#include "app/key_verdict.h"
#include "app/live_finding.h"
#include "app/remote/finding_view.h"
#include "app/remote/wording.h"
#include "app/server_answer.h"
#include "base/time.h"
#include "crypto/signature_scheme.h"
#include "doors/management/time_text.h"

namespace counterfoil {
namespace {

using Json = nlohmann::ordered_json;
using Kind = LiveFinding::Kind;
using std::chrono::microseconds;

constexpr double kUsPerMs = 1'000;
constexpr double kMsPerSecond = 1'000;
constexpr double kWithDecimalBelowMs = 10;
constexpr double kInSecondsFromMs = 10'000;
constexpr std::size_t kDateSize = 10;  // "2026-12-31"

double in_ms(microseconds span) { return static_cast<double>(span.count()) / kUsPerMs; }

// span_text writes "0.4 ms", "612 ms", "72.3 s": as exact as anybody needs it.
std::string span_text(microseconds span) {
  const double ms = in_ms(span);
  if (std::abs(ms) >= kInSecondsFromMs) {
    return fmt::format("{:.1f} s", ms / kMsPerSecond);
  }
  return fmt::format(fmt::runtime(std::abs(ms) < kWithDecimalBelowMs ? "{:.1f} ms" : "{:.0f} ms"),
                     ms);
}

std::string counted(std::size_t count, std::string_view thing) {
  return std::to_string(count) + " " + std::string(thing) + (count == 1 ? "" : "s");
}

std::size_t count_of(const LiveReport& report, Kind kind) {
  return static_cast<std::size_t>(std::ranges::count(report.findings, kind, &LiveFinding::kind));
}

// ---- For people

std::string offset_text(const ClockEstimate& clock) {
  const std::string exactness =
      " (±" + span_text(clock.error) + ", " + counted(clock.probes, "probe") + ")";
  if (std::chrono::abs(clock.offset) <= clock.error) {
    return "yours agrees with the server's" + exactness;
  }
  return "you are " + span_text(std::chrono::abs(clock.offset)) +
         (clock.offset.count() > 0 ? " behind" : " ahead of") + " the server" + exactness;
}

std::string drift_text(const LiveReport& report) {
  const auto& drift = *report.drift;
  if (!drift) {
    return "";
  }
  if (!drift->is_seen()) {
    return fmt::format(", no drift seen in {} (±{:.1f} ppm)", span_words(report.watched.count()),
                       drift->error_ppm);
  }
  std::string text = fmt::format(", {} {:.1f} ppm (±{:.1f})", drift->ppm > 0 ? "losing" : "gaining",
                                 std::abs(drift->ppm), drift->error_ppm);
  if (const auto left = refusals_begin_in(report.clock, *drift)) {
    text += left->count() == 0
                ? ": requests are refused already at recvWindow 5000"
                : ": refusals start in about " + span_words(left->count()) + " at recvWindow 5000";
  }
  return text;
}

std::string network_text(const ClockEstimate& clock) {
  return "rtt " + span_text(clock.round_trip_p50) + " (p95 " + span_text(clock.round_trip_p95) +
         "); " +
         (standing_of(clock) == ClockStanding::kBehindRefused
              ? "no recvWindow is long enough"
              : "smallest safe recvWindow " + std::to_string(smallest_safe_window(clock).count()) +
                    " ms");
}

// may_be_shown: what stands there is an API key, as far as its form tells, and no secret.
bool may_be_shown(const LiveKeyReport& key) {
  return key.form == ApiKeyForm::kOurs || key.form == ApiKeyForm::kForeign ||
         key.form == ApiKeyForm::kMistyped;
}

std::string key_text(const LiveKeyReport& key) {
  return (may_be_shown(key) ? short_id(key.api_key) : "(not shown)") + "  " +
         std::string(describe(key.scheme).display_name) +
         (key.fingerprint.empty() ? "" : " " + key.fingerprint) + "; " +
         std::string(describe(key.form).words);
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : std::string(between)) + word;
  }
  return text;
}

std::string rights_text(const LiveKeyReport& key, Timestamp now) {
  std::string text = key.permissions.empty() ? "none" : joined(key.permissions, " ");
  if (key.rights->created) {
    text += "; made " + time_text(*key.rights->created).substr(0, kDateSize);
  }
  if (key.record && key.record->expires) {
    text += "; expires " + relative(*key.record->expires, now);
  }
  if (key.rights->trading_ends) {
    text += *key.rights->trading_ends > now
                ? "; trading ends " + relative(*key.rights->trading_ends, now)
                : "; trading ended " + relative(*key.rights->trading_ends, now);
  }
  return text;
}

std::string address_text(const LiveKeyReport& key) {
  if (!key.rights) {
    return "requests from this machine are taken";
  }
  if (!key.rights->ip_restricted) {
    return "any is allowed: the key has no IP allow-list";
  }
  return "this machine's is allowed by the key's IP allow-list" +
         (key.record ? ", " + joined(key.record->allow_list, " ") : std::string());
}

std::string verdict_text(const LiveReport& report) {
  const std::size_t problems = count_of(report, Kind::kProblem);
  const std::size_t unknown = count_of(report, Kind::kCannotTell);
  const std::size_t warnings = count_of(report, Kind::kWarning);
  std::string text = problems == 0 ? "no problem found" : counted(problems, "problem") + " found";
  if (unknown != 0) {
    text += ", " + counted(unknown, "thing") + " could not be told";
  }
  if (warnings != 0) {
    text += ", " + counted(warnings, "warning");
  }
  return text;
}

void line(CommandContext& context, std::string_view name, std::string_view text) {
  context.data(fmt::format("{:<12}{}", name, text));
}

void show_finding(const LiveFinding& finding, CommandContext& context) {
  switch (finding.kind) {
    case Kind::kWarning:
      context.note(Mark::kWarning, finding.text);
      break;
    case Kind::kProblem:
      context.note(Mark::kProblem, finding.text);
      break;
    case Kind::kCannotTell:
      context.note(Mark::kProblem, "could not tell: " + finding.text);
      break;
  }
  if (!finding.next.empty()) {
    context.note(Mark::kStep, finding.next);
  }
}

void show_key(const LiveKeyReport& key, Timestamp now, CommandContext& context) {
  line(context, "key", key_text(key));
  if (key.is_accepted) {
    line(context, "address", address_text(key));
  }
  if (key.rights) {
    line(context, "rights", rights_text(key, now));
  }
}

void show_text(const LiveReport& report, CommandContext& context) {
  line(context, "server", report.url);
  line(context, "clock",
       offset_text(report.clock) + (report.drift ? drift_text(report) : std::string()));
  line(context, "network", network_text(report.clock));
  if (report.key) {
    show_key(*report.key, report.time, context);
  }
  for (const LiveFinding& finding : report.findings) {
    show_finding(finding, context);
  }
  if (report.key && report.key->refusal) {
    context.say("what the node on this machine knows of that refusal:");
    show_refusal(context, *report.key->refusal, "");
  }
  line(context, "verdict", verdict_text(report));
}

// ---- For scripts

Json time_or_null(const std::optional<Timestamp>& time) {
  return time ? Json(time_text(*time)) : Json(nullptr);
}

Json drift_json(const LiveReport& report) {
  const auto& drift = *report.drift;
  Json json{{"watched_s", report.watched.count()}};
  if (!drift) {
    json["unknown"] = drift.error() == NoDrift::kStepped ? "stepped" : "too_few";
    return json;
  }
  const auto left = refusals_begin_in(report.clock, *drift);
  json["ppm"] = drift->ppm;
  json["error_ppm"] = drift->error_ppm;
  json["seen"] = drift->is_seen();
  json["samples"] = drift->samples;
  json["refusals_begin_in_s"] = left ? Json(left->count()) : Json(nullptr);
  return json;
}

Json key_json(const LiveKeyReport& key) {
  Json json{{"api_key", may_be_shown(key) ? Json(key.api_key) : Json(nullptr)},
            {"type", describe(key.scheme).name},
            {"fingerprint", key.fingerprint.empty() ? Json(nullptr) : Json(key.fingerprint)},
            {"form", describe(key.form).name},
            {"accepted", key.is_accepted}};
  if (key.rights) {
    json["permissions"] = key.permissions;
    json["ip_restricted"] = key.rights->ip_restricted;
    json["created"] = time_or_null(key.rights->created);
    json["trading_ends"] = time_or_null(key.rights->trading_ends);
    Json fields = Json::object();
    for (const auto& [name, is_permitted] : key.rights->fields) {
      fields[name] = is_permitted;
    }
    json["fields"] = std::move(fields);
  }
  if (key.record) {
    json["allow_list"] = key.record->allow_list;
    json["expires_at"] = time_or_null(key.record->expires);
  }
  if (!key.request_id.empty()) {
    json["request_id"] = key.request_id;
  }
  if (key.refusal) {
    json["refusal"] = *key.refusal;
  }
  return json;
}

Json findings_json(const LiveReport& report, Kind kind) {
  Json list = Json::array();
  for (const LiveFinding& finding : report.findings) {
    if (finding.kind == kind) {
      list.push_back({{"id", finding.id}, {"text", finding.text}, {"next", finding.next}});
    }
  }
  return list;
}

Json report_json(const LiveReport& report) {
  const ClockEstimate& clock = report.clock;
  Json json{{"url", report.url},
            {"time", time_text(report.time)},
            {"clock",
             {{"offset_ms", in_ms(clock.offset)},
              {"error_ms", in_ms(clock.error)},
              {"probes", clock.probes},
              {"failed_probes", report.failed_probes}}},
            {"network",
             {{"rtt_best_ms", in_ms(clock.round_trip_best)},
              {"rtt_p50_ms", in_ms(clock.round_trip_p50)},
              {"rtt_p95_ms", in_ms(clock.round_trip_p95)}}},
            {"recv_window",
             {{"smallest_safe_ms", standing_of(clock) == ClockStanding::kBehindRefused
                                       ? Json(nullptr)
                                       : Json(smallest_safe_window(clock).count())},
              {"margin_ms", kWindowMargin.count()}}}};
  if (report.drift) {
    json["drift"] = drift_json(report);
  }
  if (report.key) {
    json["key"] = key_json(*report.key);
  }
  json["problems"] = findings_json(report, Kind::kProblem);
  json["could_not_tell"] = findings_json(report, Kind::kCannotTell);
  json["warnings"] = findings_json(report, Kind::kWarning);
  return json;
}

}  // namespace

void show_live_report(const LiveReport& report, CommandContext& context) {
  if (context.flags.json) {
    context.data(report_json(report).dump());
  } else {
    show_text(report, context);
  }
  if (count_of(report, Kind::kProblem) != 0) {
    context.end(ExitCode::kNo);
  } else if (count_of(report, Kind::kCannotTell) != 0) {
    context.end(ExitCode::kCannotTell);
  }
}

}  // namespace counterfoil
