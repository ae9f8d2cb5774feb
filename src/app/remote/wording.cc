#include "app/remote/wording.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "app/command_context.h"
#include "app/remote/node_api.h"
#include "base/time.h"
#include "base/trim.h"
#include "doors/management/time_text.h"

namespace counterfoil {
namespace {

using std::chrono::seconds;

struct Unit {
  char letter;
  std::int64_t seconds;
};
constexpr std::array kUnits{Unit{'d', 86'400}, Unit{'h', 3'600}, Unit{'m', 60}, Unit{'s', 1}};
constexpr std::int64_t kSpanMax = std::int64_t{86'400} * 36'500;
constexpr std::size_t kDateSize = 10;  // "2026-12-31"

}  // namespace

std::string span_words(std::int64_t seconds) {
  std::int64_t left = seconds;
  std::string text;
  int written = 0;
  for (const Unit& unit : kUnits) {
    const std::int64_t count = left / unit.seconds;
    left -= count * unit.seconds;
    if (written == 1 || count != 0) {
      if (count != 0) {
        text += (text.empty() ? "" : " ") + std::to_string(count) + " " + unit.letter;
      }
      if (++written == 2) {
        break;
      }
    }
  }
  return text.empty() ? "0 s" : text;
}

std::string short_id(std::string_view api_key) {
  constexpr std::size_t kHead = 8;
  constexpr std::size_t kTail = 4;
  if (api_key.size() <= kHead + kTail) {
    return std::string(api_key);
  }
  return std::string(api_key.substr(0, kHead)) + "…" +
         std::string(api_key.substr(api_key.size() - kTail));
}

std::string relative(Timestamp time, Timestamp now) {
  const auto away = std::chrono::floor<seconds>(time > now ? time - now : now - time);
  return time > now ? "in " + span_words(away.count()) : span_words(away.count()) + " ago";
}

std::string member(const NodeJson& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<Timestamp> time_member(const NodeJson& json, const char* name) {
  return parse_time(member(json, name));
}

std::string list_member(const NodeJson& json, const char* name, std::string_view between) {
  std::string text;
  if (const auto found = json.find(name); found != json.end() && found->is_array()) {
    for (const NodeJson& element : *found) {
      text += (text.empty() ? "" : std::string(between)) +
              (element.is_string() ? element.get<std::string>() : std::string());
    }
  }
  return text;
}

NodeJson split_list(std::string_view text) {
  NodeJson list = NodeJson::array();
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view entry = trim(text.substr(0, comma), " \t");
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    if (!entry.empty()) {
      list.push_back(entry);
    }
  }
  return list;
}

std::optional<seconds> parse_span(std::string_view text) {
  std::int64_t count = 0;
  const char* const end = text.end();
  const auto [stop, error] = std::from_chars(text.begin(), end, count);
  if (error != std::errc{} || count < 0) {
    return std::nullopt;
  }
  if (stop == end) {
    return count == 0 ? std::optional(seconds(0)) : std::nullopt;
  }
  const auto* const unit = std::ranges::find(kUnits, *stop, &Unit::letter);
  if (unit == kUnits.end() || stop + 1 != end || count > kSpanMax / unit->seconds) {
    return std::nullopt;
  }
  return seconds(count * unit->seconds);
}

std::optional<Timestamp> parse_date(const std::string& text) {
  return parse_time(text.size() == kDateSize ? text + "T00:00:00Z" : text);
}

std::expected<NodeJson, Failure> parse_expiry(const std::string& text, Timestamp now) {
  if (text == "never") {
    return NodeJson(nullptr);
  }
  if (const auto span = parse_span(text); span && span->count() != 0) {
    return NodeJson(time_text(now + *span));
  }
  const auto time = parse_date(text);
  if (!time) {
    return std::unexpected(
        Failure{ExitCode::kUsage,
                "--expires " + text +
                    " is not understood; write 90d, 12h, a date such as 2026-12-31, a time such as "
                    "2026-12-31T08:00:00Z, or never"});
  }
  return NodeJson(time_text(*time));
}

std::expected<void, Failure> go_on(const CommandContext& context, std::string_view question) {
  const auto answer = context.confirm(question);
  if (!answer) {
    return std::unexpected(answer.error());
  }
  if (!*answer) {
    return std::unexpected(Failure{ExitCode::kNo, "nothing was changed"});
  }
  return {};
}

void note_receipt(CommandContext& context, const NodeJson& answer) {
  const auto receipt = answer.find("receipt");
  if (receipt == answer.end()) {
    return;
  }
  std::size_t applied = 0;
  std::int64_t last_us = 0;
  const NodeJson gateways = receipt->value("gateways", NodeJson::array());
  for (const NodeJson& gateway : gateways) {
    applied += member(gateway, "outcome") == "applied" ? 1U : 0U;
    last_us = std::max(last_us, gateway.value("after_us", std::int64_t{0}));
  }
  context.note(Mark::kDone,
               fmt::format("{} of {} gateways have confirmed it, the last after {:.1f} "
                           "ms; receipt {}",
                           applied, gateways.size(), static_cast<double>(last_us) / 1000.0,
                           member(*receipt, "id")));
  if (applied < gateways.size() || gateways.empty()) {
    context.note(Mark::kWarning, fmt::format("the others were waited out: what does not answer for "
                                             "{} ms accepts nothing any more",
                                             receipt->value("bound_ms", 0)));
  }
}

NodeJson cause_body(const std::string& cause) {
  NodeJson body = NodeJson::object();
  if (!cause.empty()) {
    body["cause"] = cause;
  }
  return body;
}

}  // namespace counterfoil
