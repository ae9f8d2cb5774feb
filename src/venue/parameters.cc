#include "venue/parameters.h"

#include <algorithm>
#include <charconv>
#include <chrono>
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
#include "venue/api_error.h"
#include "venue/decimal.h"
#include "venue/instrument.h"

namespace counterfoil::venue {
namespace {

constexpr std::string_view kSymbolRange = "^[A-Z0-9-_.]{1,20}$";
constexpr std::string_view kSymbolsRange =
    R"(^\[("[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}){0,1}\]$)";
constexpr std::string_view kDecimalRange = R"(^([0-9]{1,20})(\.[0-9]{1,20})?$)";
constexpr std::string_view kIntegerRange = "^[0-9]{1,20}$";
constexpr std::string_view kClientIdRange = "^[a-zA-Z0-9-_]{1,36}$";

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kSymbolLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
constexpr std::string_view kClientIdLetters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

constexpr std::size_t kSymbolSizeMax = 20;
constexpr std::size_t kDigitsMax = 20;
constexpr std::size_t kClientIdSizeMax = 36;

constexpr Timestamp kLatest =
    std::chrono::sys_days(std::chrono::year(9999) / std::chrono::December / 31);
constexpr std::size_t kMicrosecondDigits = 16;

bool consists_of(std::string_view text, std::string_view letters, std::size_t size_max) {
  return !text.empty() && text.size() <= size_max &&
         text.find_first_not_of(letters) == std::string_view::npos;
}

bool is_symbol(std::string_view text) { return consists_of(text, kSymbolLetters, kSymbolSizeMax); }

bool is_decimal(std::string_view text) {
  const std::size_t point = text.find('.');
  const bool whole = consists_of(text.substr(0, point), kDigits, kDigitsMax);
  return whole && (point == std::string_view::npos ||
                   consists_of(text.substr(point + 1), kDigits, kDigitsMax));
}

// list_of_symbols reads ["A","B"] written exactly so. nullopt: it is written otherwise.
std::optional<std::vector<std::string_view>> list_of_symbols(std::string_view text) {
  std::vector<std::string_view> symbols;
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') {
    return std::nullopt;
  }
  text = text.substr(1, text.size() - 2);
  while (!text.empty()) {
    const std::size_t end = text.find(',');
    const std::string_view item = text.substr(0, end);
    if (item.size() < 2 || item.front() != '"' || item.back() != '"' ||
        !is_symbol(item.substr(1, item.size() - 2))) {
      return std::nullopt;
    }
    symbols.push_back(item.substr(1, item.size() - 2));
    if (end == std::string_view::npos) {
      return symbols;
    }
    text.remove_prefix(end + 1);
    if (text.empty()) {
      return std::nullopt;  // A comma with nothing behind it.
    }
  }
  return symbols;
}

}  // namespace

std::expected<Parameters, ApiError> Parameters::read(std::string_view query,
                                                     std::string_view body) {
  Parameters parameters;
  if (const auto read = parameters.read_part(query, 0); !read) {
    return std::unexpected(read.error());
  }
  // "If a parameter sent in both the query string and request body, the query string parameter will
  // be used." (rest-api.md): the query stands first, and find() takes the first.
  if (const auto read = parameters.read_part(body, parameters.all_.size()); !read) {
    return std::unexpected(read.error());
  }
  return parameters;
}

ApiResult Parameters::read_part(std::string_view part, std::size_t begin) {
  while (!part.empty()) {
    const std::size_t end = std::min(part.find('&'), part.size());
    const std::string_view pair = part.substr(0, end);
    part.remove_prefix(std::min(end + 1, part.size()));
    if (pair.empty()) {
      continue;
    }
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = form_decode(pair.substr(0, equals));
    auto value = form_decode(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value) {
      return std::unexpected(illegal_characters());
    }
    const auto here = all_.begin() + static_cast<std::ptrdiff_t>(begin);
    if (std::ranges::find(here, all_.end(), *name, &Parameter::name) != all_.end()) {
      return std::unexpected(repeated_parameter());
    }
    if (all_.size() == kCountMax) {
      return std::unexpected(
          ApiError{.code = -1101, .text = "Too many parameters sent for this endpoint."});
    }
    all_.push_back({.name = *std::move(name), .value = *std::move(value)});
  }
  return {};
}

std::optional<std::string_view> Parameters::find(std::string_view name) const {
  const auto found = std::ranges::find(all_, name, &Parameter::name);
  return found == all_.end() ? std::nullopt : std::optional<std::string_view>(found->value);
}

void ParameterReader::fail(ApiError error) {
  if (!fault_) {
    fault_ = std::move(error);
  }
}

std::optional<std::string_view> ParameterReader::text(std::string_view name) {
  const auto value = parameters_.find(name);
  if (value && value->empty()) {
    fail(parameter_empty(name));
    return std::nullopt;
  }
  return value;
}

std::string_view ParameterReader::required(std::string_view name) {
  const auto value = text(name);
  if (!value) {
    fail(parameter_missing(name));
  }
  return value.value_or("");
}

std::optional<InstrumentId> ParameterReader::instrument(std::string_view symbol) {
  if (!is_symbol(symbol)) {
    fail(illegal_characters("symbol", kSymbolRange));
    return std::nullopt;
  }
  const auto found = instrument_named(symbol);
  if (!found) {
    fail(invalid_symbol());
  }
  return found;
}

InstrumentId ParameterReader::symbol() {
  const std::string_view symbol = required("symbol");
  return symbol.empty() ? InstrumentId{} : instrument(symbol).value_or(InstrumentId{});
}

std::optional<InstrumentId> ParameterReader::optional_symbol() {
  const auto symbol = text("symbol");
  return symbol ? instrument(*symbol) : std::nullopt;
}

std::optional<std::vector<InstrumentId>> ParameterReader::optional_symbols() {
  const auto list = text("symbols");
  if (!list) {
    return std::nullopt;
  }
  const auto symbols = list_of_symbols(*list);
  if (!symbols) {
    fail(illegal_characters("symbols", kSymbolsRange));
    return std::nullopt;
  }
  std::vector<InstrumentId> found;
  for (const std::string_view symbol : *symbols) {
    const InstrumentId id = instrument(symbol).value_or(InstrumentId{});
    if (!fault_ && std::ranges::find(found, id) != found.end()) {
      fail({.code = -1151, .text = "Symbol is present multiple times in the list."});
    }
    found.push_back(id);
  }
  return found;
}

Decimal ParameterReader::decimal(std::string_view name) {
  const auto value = optional_decimal(name);
  if (!value) {
    fail(parameter_missing(name));
  }
  return value.value_or(Decimal());
}

std::optional<Decimal> ParameterReader::optional_decimal(std::string_view name) {
  const auto value = text(name);
  if (!value) {
    return std::nullopt;
  }
  if (!is_decimal(*value)) {
    fail(illegal_characters(name, kDecimalRange));
    return std::nullopt;
  }
  const auto number = Decimal::parse(*value);
  if (!number) {
    fail(number.error() == DecimalError::kTooPrecise ? too_precise(name) : overflowed(name));
    return std::nullopt;
  }
  if (number->is_zero()) {
    fail({.code = -1013, .text = "Invalid " + std::string(name) + "."});
  }
  return *number;
}

std::optional<std::int64_t> ParameterReader::integer(std::string_view name) {
  const auto value = text(name);
  if (!value) {
    return std::nullopt;
  }
  if (!consists_of(*value, kDigits, kDigitsMax)) {
    fail(illegal_characters(name, kIntegerRange));
    return std::nullopt;
  }
  std::int64_t number = 0;
  if (std::from_chars(value->data(), value->data() + value->size(), number).ec != std::errc{}) {
    fail(overflowed(name));
    return std::nullopt;
  }
  return number;
}

std::size_t ParameterReader::count(std::string_view name, std::size_t otherwise, std::size_t max) {
  const auto number = integer(name);
  if (!number) {
    return otherwise;
  }
  if (*number < 1 || static_cast<std::uint64_t>(*number) > max) {
    fail(invalid_data(name));
    return otherwise;
  }
  return static_cast<std::size_t>(*number);
}

std::size_t ParameterReader::clamped_count(std::string_view name, std::size_t otherwise,
                                           std::size_t max) {
  const auto number = integer(name);
  if (!number) {
    return otherwise;
  }
  if (*number < 1) {
    fail(invalid_data(name));
    return otherwise;
  }
  return static_cast<std::size_t>(
      std::min(static_cast<std::uint64_t>(*number), std::uint64_t{max}));
}

std::optional<Timestamp> ParameterReader::time(std::string_view name) {
  const auto number = integer(name);
  if (!number) {
    return std::nullopt;
  }
  const bool in_microseconds = text(name).value_or("").size() >= kMicrosecondDigits;
  // A number of 15 digits and fewer fits when it is multiplied by a thousand.
  const Timestamp time = in_microseconds ? from_unix_us(*number) : from_unix_ms(*number);
  return std::min(time, kLatest);
}

bool ParameterReader::flag(std::string_view name) {
  const auto value = text(name);
  if (value && *value != "true" && *value != "false") {
    fail(invalid_data(name));
  }
  return value == "true";
}

std::optional<std::string_view> ParameterReader::client_id(std::string_view name) {
  const auto value = text(name);
  if (value && !consists_of(*value, kClientIdLetters, kClientIdSizeMax)) {
    fail(illegal_characters(name, kClientIdRange));
  }
  return value;
}

void ParameterReader::refuse(std::string_view name) {
  if (has(name)) {
    fail(not_required(name));
  }
}

}  // namespace counterfoil::venue
