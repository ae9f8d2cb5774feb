#include "venue/order_form.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "venue/api_error.h"
#include "venue/decimal.h"
#include "venue/order.h"
#include "venue/parameters.h"

namespace counterfoil::venue {
namespace {

constexpr std::int64_t kStrategyTypeMin = 1'000'000;

constexpr auto kResponseTypeNames = std::to_array<std::string_view>({"ACK", "RESULT", "FULL"});

// Words of the vendor for what this venue does not have.
struct ForeignType {
  std::string_view name;
  std::string_view refusal;
};
constexpr auto kForeignTypes = std::to_array<ForeignType>({
    {"STOP_LOSS", "Stop loss orders are not supported for this symbol."},
    {"STOP_LOSS_LIMIT", "Stop loss limit orders are not supported for this symbol."},
    {"TAKE_PROFIT", "Take profit orders are not supported for this symbol."},
    {"TAKE_PROFIT_LIMIT", "Take profit limit orders are not supported for this symbol."},
});
constexpr auto kForeignPreventionModes = std::to_array<std::string_view>(
    {"EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT", "TRANSFER"});

// Parameters of order types that this venue does not have.
constexpr auto kNeverRequired = std::to_array<std::string_view>({"stopPrice", "trailingDelta"});
constexpr auto kPegNames =
    std::to_array<std::string_view>({"pegPriceType", "pegOffsetValue", "pegOffsetType"});

// word finds a value in a table of names; absent values were reported before.
template <typename Word, std::size_t kCount>
Word word(ParameterReader& reader, std::string_view value,
          const std::array<std::string_view, kCount>& names, const ApiError& otherwise) {
  const auto* const found = std::ranges::find(names, value);
  if (found == names.end()) {
    reader.fail(otherwise);
    return Word{};
  }
  return static_cast<Word>(found - names.begin());
}

OrderType read_type(ParameterReader& reader) {
  const std::string_view value = reader.required("type");
  const auto* const foreign = std::ranges::find(kForeignTypes, value, &ForeignType::name);
  if (foreign != kForeignTypes.end()) {
    reader.fail(new_order_rejected(foreign->refusal));
  }
  return word<OrderType>(reader, value, kOrderTypeNames,
                         {.code = -1116, .text = "Invalid orderType."});
}

void read_limit(ParameterReader& reader, NewOrder& order) {
  if (order.type == OrderType::kLimit) {
    order.time_in_force =
        word<TimeInForce>(reader, reader.required("timeInForce"), kTimeInForceNames,
                          {.code = -1115, .text = "Invalid timeInForce."});
  } else {
    reader.refuse("timeInForce");
  }
  order.quantity = reader.decimal("quantity");
  order.price = reader.decimal("price");
  reader.refuse("quoteOrderQty");
  if (reader.optional_decimal("icebergQty")) {
    reader.fail(new_order_rejected("Iceberg orders are not supported for this symbol."));
  }
}

void read_market(ParameterReader& reader, NewOrder& order) {
  for (const std::string_view name : {"timeInForce", "price", "icebergQty"}) {
    reader.refuse(name);
  }
  const auto quantity = reader.optional_decimal("quantity");
  const auto quote_quantity = reader.optional_decimal("quoteOrderQty");
  if (!quantity && !quote_quantity) {
    reader.fail(both_missing("quantity", "quoteOrderQty"));
  }
  if (quantity && quote_quantity) {
    reader.fail(bad_combination());
  }
  order.quantity = quantity.value_or(Decimal());
  order.quote_quantity = quote_quantity.value_or(Decimal());
}

void read_strategy(ParameterReader& reader, NewOrder& order) {
  order.strategy_id = reader.integer("strategyId");
  order.strategy_type = reader.integer("strategyType");
  if (order.strategy_type.value_or(kStrategyTypeMin) < kStrategyTypeMin) {
    reader.fail({.code = -1134, .text = "strategyType was less than 1000000."});
  }
}

void read_prevention_mode(ParameterReader& reader) {
  const std::string_view mode = reader.text("selfTradePreventionMode").value_or("NONE");
  if (std::ranges::find(kForeignPreventionModes, mode) != kForeignPreventionModes.end()) {
    reader.fail(
        new_order_rejected("This symbol does not allow the specified self-trade prevention mode."));
  }
  if (mode != "NONE") {
    reader.fail(invalid_data("selfTradePreventionMode"));
  }
}

ResponseType read_response_type(ParameterReader& reader, OrderType type) {
  const auto value = reader.text("newOrderRespType");
  if (!value) {
    return type == OrderType::kLimitMaker ? ResponseType::kAck : ResponseType::kFull;
  }
  return word<ResponseType>(reader, *value, kResponseTypeNames, invalid_data("newOrderRespType"));
}

}  // namespace

std::expected<OrderForm, ApiError> read_order_form(const Parameters& parameters) {
  ParameterReader reader(parameters);
  OrderForm form;
  NewOrder& order = form.order;
  order.instrument = reader.symbol();
  order.side = word<Side>(reader, reader.required("side"), kSideNames,
                          {.code = -1117, .text = "Invalid side."});
  order.type = read_type(reader);
  if (order.type == OrderType::kMarket) {
    read_market(reader, order);
  } else {
    read_limit(reader, order);
  }
  for (const std::string_view name : kNeverRequired) {
    reader.refuse(name);
  }
  if (std::ranges::any_of(kPegNames, [&](std::string_view name) { return reader.has(name); })) {
    reader.fail(new_order_rejected("Pegged orders are not supported for this symbol."));
  }
  order.client_id = std::string(reader.client_id("newClientOrderId").value_or(""));
  read_strategy(reader, order);
  read_prevention_mode(reader);
  form.response_type = read_response_type(reader, order.type);
  form.compute_commission_rates = reader.flag("computeCommissionRates");
  if (const auto& fault = reader.fault()) {
    return std::unexpected(*fault);
  }
  return form;
}

}  // namespace counterfoil::venue
