#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "venue/api_error.h"
#include "venue/decimal.h"
#include "venue/instrument.h"
#include "venue/order.h"

namespace counterfoil::venue {

// Parameters are the decoded parameters of one request: those of the query and, where the query
// does not have the name, those of the body.
class Parameters {
 public:
  static constexpr std::size_t kCountMax = 100;

  // read decodes both parts as form text. Errors: a name twice in one part (-1101), more than
  // kCountMax (-1101), a '%' without two hex digits (-1100).
  [[nodiscard]] static std::expected<Parameters, ApiError> read(std::string_view query,
                                                                std::string_view body);

  struct Parameter {
    std::string name;
    std::string value;
  };
  [[nodiscard]] const std::vector<Parameter>& all() const { return all_; }
  // find gives nullopt when the name was not sent, and empty text when its value is empty.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;

 private:
  [[nodiscard]] ApiResult read_part(std::string_view part, std::size_t begin);

  std::vector<Parameter> all_;
};

// ParameterReader reads typed values and remembers the first thing that is wrong; what it returns
// after that means nothing. So a call reads all it wants and then looks at fault() once.
//
// Every function takes a parameter's name. Those that give an optional: nullopt when it was not
// sent. A value that was sent and is empty is a fault (-1105).
class ParameterReader {
 public:
  explicit ParameterReader(const Parameters& parameters) : parameters_(parameters) {}

  [[nodiscard]] const std::optional<ApiError>& fault() const { return fault_; }
  void fail(ApiError error);

  [[nodiscard]] bool has(std::string_view name) const { return parameters_.find(name).has_value(); }
  [[nodiscard]] std::optional<std::string_view> text(std::string_view name);
  // required gives the value's text; not sent is a fault (-1102).
  [[nodiscard]] std::string_view required(std::string_view name);

  // symbol wants the name of an instrument (-1100, -1121); symbols wants ["A","B"], each once.
  [[nodiscard]] InstrumentId symbol();
  [[nodiscard]] std::optional<InstrumentId> optional_symbol();
  [[nodiscard]] std::optional<std::vector<InstrumentId>> optional_symbols();
  // decimal wants digits with up to eight decimals, above zero (-1100, -1108, -1111, -1013).
  [[nodiscard]] Decimal decimal(std::string_view name);
  [[nodiscard]] std::optional<Decimal> optional_decimal(std::string_view name);
  // integer wants up to 20 digits (-1100) that fit 63 bits (-1108).
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name);
  // count is an integer from 1 to `max` (-1130); clamped_count takes a larger one as `max`.
  [[nodiscard]] std::size_t count(std::string_view name, std::size_t otherwise, std::size_t max);
  [[nodiscard]] std::size_t clamped_count(std::string_view name, std::size_t otherwise,
                                          std::size_t max);
  // time wants milliseconds, or microseconds when it has 16 digits or more; at most the year 9999.
  [[nodiscard]] std::optional<Timestamp> time(std::string_view name);
  // flag wants "true" or "false" (-1130) and is false when not sent.
  [[nodiscard]] bool flag(std::string_view name);
  // client_id wants 1 to 36 of [a-zA-Z0-9-_] (-1100).
  [[nodiscard]] std::optional<std::string_view> client_id(std::string_view name);
  // refuse makes the parameter's presence a fault (-1106).
  void refuse(std::string_view name);

 private:
  [[nodiscard]] std::optional<InstrumentId> instrument(std::string_view symbol);

  const Parameters& parameters_;
  std::optional<ApiError> fault_;
};

}  // namespace counterfoil::venue
