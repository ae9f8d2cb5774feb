#include "doors/management/query.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/percent.h"
#include "base/time.h"
#include "doors/management/api_fault.h"
#include "doors/management/time_text.h"
#include "policy/did_you_mean.h"

namespace counterfoil {

Query::Query(std::string_view raw) {
  while (!raw.empty() && !fault_) {
    const std::size_t end = raw.find('&');
    const std::string_view pair = raw.substr(0, end);
    raw.remove_prefix(end == std::string_view::npos ? raw.size() : end + 1);
    if (!pair.empty()) {
      take(pair);
    }
  }
}

void Query::take(std::string_view pair) {
  const std::size_t equals = pair.find('=');
  auto name = form_decode(pair.substr(0, equals));
  auto value =
      equals == std::string_view::npos ? std::string() : form_decode(pair.substr(equals + 1));
  if (!name || !value) {
    refuse("query_malformed", "a percent sign in the query is not followed by two hex digits", "");
    return;
  }
  if (parameters_.size() >= kParametersMax || value->size() > kValueBytesMax) {
    refuse("query_too_large", "the query has too many parameters, or one that is too long", "");
    return;
  }
  if (std::ranges::find(parameters_, *name, &Parameter::name) != parameters_.end()) {
    refuse("parameter_repeated", "a parameter stands twice in the query; write it once", "");
    return;
  }
  parameters_.push_back({.name = std::move(*name), .value = std::move(*value)});
}

std::optional<std::string> Query::text(std::string_view name) {
  known_.push_back(name);
  const auto found = std::ranges::find(parameters_, name, &Parameter::name);
  return found == parameters_.end() ? std::nullopt : std::optional(found->value);
}

std::optional<std::uint64_t> Query::number(std::string_view name, std::uint64_t least,
                                           std::uint64_t most) {
  const auto written = text(name);
  if (!written) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  const char* const end = written->data() + written->size();
  const auto [stop, error] = std::from_chars(written->data(), end, value);
  if (error != std::errc{} || stop != end || value < least || value > most) {
    refuse("parameter_type",
           "\"" + std::string(name) + "\" wants a whole number from " + std::to_string(least) +
               " to " + std::to_string(most),
           name);
    return std::nullopt;
  }
  return value;
}

std::optional<Timestamp> Query::time(std::string_view name) {
  const auto written = text(name);
  if (!written) {
    return std::nullopt;
  }
  const auto time = parse_time(*written);
  if (!time) {
    refuse("parameter_type",
           "\"" + std::string(name) + "\" wants a time such as 2026-03-01T12:00:00Z", name);
  }
  return time;
}

void Query::take_out(std::string_view name) {
  std::erase_if(parameters_, [&](const Parameter& one) { return one.name == name; });
}

void Query::refuse(std::string_view reason, std::string detail, std::string_view parameter) {
  if (!fault_) {
    fault_ = bad_input(reason, std::move(detail), parameter);
  }
}

std::expected<void, ApiFault> Query::finish() {
  if (!fault_) {
    for (const Parameter& parameter : parameters_) {
      if (std::ranges::find(known_, parameter.name) == known_.end()) {
        fault_ =
            bad_input("parameter_unknown", "the query has a parameter that is not known here." +
                                               did_you_mean(parameter.name, known_));
        break;
      }
    }
  }
  if (fault_) {
    return std::unexpected(*fault_);
  }
  return {};
}

}  // namespace counterfoil
