#include "venue/order_json.h"

#include <string_view>
#include <vector>

#include "base/time.h"
#include "venue/asset.h"
#include "venue/decimal.h"
#include "venue/exchange.h"
#include "venue/instrument.h"
#include "venue/json_writer.h"
#include "venue/order.h"
#include "venue/order_form.h"

namespace counterfoil::venue {
namespace {

// There are no order lists here; the vendor writes -1 then.
constexpr int kNoOrderList = -1;
// The vendor's workingTime of an order that never came into force.
constexpr int kNotWorking = -1;

void write_amounts(JsonWriter& out, const Order& order) {
  out.amount("price", order.wish.price);
  out.amount("origQty", order.wish.quantity);
  out.amount("executedQty", order.executed);
  out.amount("origQuoteOrderQty", order.wish.quote_quantity);
  out.amount("cummulativeQuoteQty", order.executed_quote);  // The vendor's spelling.
  out.text("status", name_of(order.status));
  out.text("timeInForce", name_of(order.wish.time_in_force));
  out.text("type", name_of(order.wish.type));
  out.text("side", name_of(order.wish.side));
}

void write_stop_price(JsonWriter& out, const Order& order) {
  if (has_stop(order.wish.type)) {
    out.amount("stopPrice", order.wish.stop_price);
  }
}

void write_working_time(JsonWriter& out, const Order& order) {
  if (order.working_since) {
    out.time("workingTime", *order.working_since);
  } else {
    out.number("workingTime", kNotWorking);
  }
}

void write_strategy(JsonWriter& out, const Order& order) {
  if (order.wish.strategy_id) {
    out.number("strategyId", *order.wish.strategy_id);
  }
  if (order.wish.strategy_type) {
    out.number("strategyType", *order.wish.strategy_type);
  }
}

void write_fills(JsonWriter& out, const std::vector<Fill>& fills) {
  out.key("fills");
  out.begin_array();
  for (const Fill& fill : fills) {
    out.begin_object();
    out.amount("price", fill.price);
    out.amount("qty", fill.quantity);
    out.amount("commission", fill.commission);
    out.text("commissionAsset", name_of(fill.commission_asset));
    out.number("tradeId", fill.trade_id);
    out.end_object();
  }
  out.end_array();
}

}  // namespace

void write_placed(JsonWriter& out, const Placed& placed, ResponseType type, Timestamp now) {
  const Order& order = placed.order;
  out.begin_object();
  out.text("symbol", describe(order.wish.instrument).symbol);
  out.number("orderId", order.id);
  out.number("orderListId", kNoOrderList);
  out.text("clientOrderId", order.wish.client_id);
  out.time("transactTime", now);
  if (type != ResponseType::kAck) {
    write_amounts(out, order);
    write_stop_price(out, order);
    write_strategy(out, order);
    write_working_time(out, order);
    out.text("selfTradePreventionMode", "NONE");
  }
  if (type == ResponseType::kFull) {
    write_fills(out, placed.fills);
  }
  out.end_object();
}

void write_canceled(JsonWriter& out, const Order& order, std::string_view client_id,
                    Timestamp now) {
  out.begin_object();
  out.text("symbol", describe(order.wish.instrument).symbol);
  out.text("origClientOrderId", order.wish.client_id);
  out.number("orderId", order.id);
  out.number("orderListId", kNoOrderList);
  out.text("clientOrderId", client_id);
  out.time("transactTime", now);
  write_amounts(out, order);
  write_stop_price(out, order);
  write_strategy(out, order);
  out.text("selfTradePreventionMode", "NONE");
  out.end_object();
}

void write_order(JsonWriter& out, const Order& order) {
  out.begin_object();
  out.text("symbol", describe(order.wish.instrument).symbol);
  out.number("orderId", order.id);
  out.number("orderListId", kNoOrderList);
  out.text("clientOrderId", order.wish.client_id);
  write_amounts(out, order);
  out.amount("stopPrice", order.wish.stop_price);
  out.amount("icebergQty", Decimal());
  out.time("time", order.placed_at);
  out.time("updateTime", order.updated_at);
  out.flag("isWorking", order.working_since.has_value());
  write_working_time(out, order);
  write_strategy(out, order);
  out.text("selfTradePreventionMode", "NONE");
  out.end_object();
}

void write_no_discount(JsonWriter& out) {
  out.key("discount");
  out.begin_object();
  out.flag("enabledForAccount", false);
  out.flag("enabledForSymbol", false);
  out.text("discountAsset", "BNB");
  out.amount("discount", Decimal());
  out.end_object();
}

}  // namespace counterfoil::venue
