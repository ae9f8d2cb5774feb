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
constexpr auto kForeignPreventionModes = std::to_array<std::string_view>(
    {"EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT", "TRANSFER"});

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

void read_limit(ParameterReader& reader, NewOrder& order) {
  if (has_time_in_force(order.type)) {
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
  if (has_stop(order.type)) {
    reader.refuse("quoteOrderQty");
    order.quantity = reader.decimal("quantity");
    return;
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

void read_stop(ParameterReader& reader, NewOrder& order) {
  if (!has_stop(order.type)) {
    reader.refuse("stopPrice");
    reader.refuse("trailingDelta");
    return;
  }
  if (reader.has("trailingDelta")) {
    reader.fail(new_order_rejected("Trailing stop orders are not supported for this symbol."));
  }
  const auto stop_price = reader.optional_decimal("stopPrice");
  if (!stop_price) {
    reader.fail(both_missing("stopPrice", "trailingDelta"));
  }
  order.stop_price = stop_price.value_or(Decimal());
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
    // "MARKET and LIMIT order types default to FULL, all other orders default to ACK."
    return type == OrderType::kMarket || type == OrderType::kLimit ? ResponseType::kFull
                                                                   : ResponseType::kAck;
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
  order.type = word<OrderType>(reader, reader.required("type"), kOrderTypeNames,
                               {.code = -1116, .text = "Invalid orderType."});
  if (has_price(order.type)) {
    read_limit(reader, order);
  } else {
    read_market(reader, order);
  }
  read_stop(reader, order);
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
