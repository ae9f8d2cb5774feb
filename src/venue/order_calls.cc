// Placing, cancelling and looking at orders.
#include <algorithm>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "venue/api_error.h"
#include "venue/decimal.h"
#include "venue/exchange.h"
#include "venue/instrument.h"
#include "venue/json_writer.h"
#include "venue/order.h"
#include "venue/order_cancel.h"
#include "venue/order_counts.h"
#include "venue/order_form.h"
#include "venue/order_json.h"
#include "venue/parameters.h"
#include "venue/rest_call.h"

namespace counterfoil::venue {
namespace {

constexpr std::size_t kOrdersDefault = 500;
constexpr std::size_t kOrdersMax = 1'000;

void write_rates(JsonWriter& out, std::string_view name, Decimal maker, Decimal taker) {
  out.key(name);
  out.begin_object();
  out.amount("maker", maker);
  out.amount("taker", taker);
  out.end_object();
}

void write_test_commissions(JsonWriter& out, const ExchangeOptions& options) {
  out.begin_object();
  write_rates(out, "standardCommissionForOrder", options.maker_rate, options.taker_rate);
  write_rates(out, "specialCommissionForOrder", Decimal(), Decimal());
  write_rates(out, "taxCommissionForOrder", Decimal(), Decimal());
  write_no_discount(out);
  out.end_object();
}

}  // namespace

ApiResult answer_new_order(RestCall& call, JsonWriter& out) {
  auto form = read_order_form(call.parameters);
  if (!form) {
    return std::unexpected(form.error());
  }
  form->order.api_key = std::string(call.api_key);
  const auto placed = call.exchange.place(call.account, std::move(form->order), call.now);
  if (!placed) {
    return std::unexpected(refused_by(placed.error()));
  }
  call.order_counts.count(call.account, call.now);
  write_placed(out, *placed, form->response_type, call.now);
  return {};
}

ApiResult answer_test_order(RestCall& call, JsonWriter& out) {
  const auto form = read_order_form(call.parameters);
  if (!form) {
    return std::unexpected(form.error());
  }
  if (const auto passes = call.exchange.check(call.account, form->order, call.now); !passes) {
    return std::unexpected(refused_by(passes.error()));
  }
  if (form->compute_commission_rates) {
    write_test_commissions(out, call.exchange.options());
  } else {
    out.begin_object();
    out.end_object();
  }
  return {};
}

ApiResult answer_cancel_order(RestCall& call, JsonWriter& out) {
  ParameterReader reader(call.parameters);
  const CancelForm form = read_cancel_form(reader, {});
  if (const auto& fault = reader.fault()) {
    return std::unexpected(*fault);
  }
  const auto canceled = cancel_named(call.exchange, call.account, form, call.now);
  if (!canceled) {
    return std::unexpected(canceled.error());
  }
  write_canceled(out, *canceled, cancel_id_of(form, *canceled), call.now);
  return {};
}

ApiResult answer_cancel_open_orders(RestCall& call, JsonWriter& out) {
  ParameterReader reader(call.parameters);
  const InstrumentId instrument = reader.symbol();
  if (const auto& fault = reader.fault()) {
    return std::unexpected(*fault);
  }
  const std::vector<Order> open = call.exchange.open_orders(call.account, instrument);
  if (open.empty()) {
    return std::unexpected(cancel_rejected("Unknown order sent."));
  }
  out.begin_array();
  for (const Order& order : open) {
    if (const auto canceled = call.exchange.cancel(call.account, order.id, call.now)) {
      write_canceled(out, *canceled, cancel_id_of({}, *canceled), call.now);
    }
  }
  out.end_array();
  return {};
}

ApiResult answer_order(RestCall& call, JsonWriter& out) {
  ParameterReader reader(call.parameters);
  const OrderName name = read_order_name(reader, {});
  if (const auto& fault = reader.fault()) {
    return std::unexpected(*fault);
  }
  const auto found = find_named(call.exchange, call.account, name);
  if (!found) {
    return std::unexpected(found.error());
  }
  const std::optional<Order>& order = *found;
  if (!order) {
    return std::unexpected(order_unknown());
  }
  write_order(out, *order);
  return {};
}

ApiResult answer_open_orders(RestCall& call, JsonWriter& out) {
  ParameterReader reader(call.parameters);
  const auto instrument = reader.optional_symbol();
  if (const auto& fault = reader.fault()) {
    return std::unexpected(*fault);
  }
  out.begin_array();
  for (const Order& order : call.exchange.open_orders(call.account, instrument)) {
    write_order(out, order);
  }
  out.end_array();
  return {};
}

ApiResult answer_all_orders(RestCall& call, JsonWriter& out) {
  ParameterReader reader(call.parameters);
  const InstrumentId instrument = reader.symbol();
  const auto from_id = reader.integer("orderId");
  const auto start = reader.time("startTime");
  const auto end = reader.time("endTime");
  const std::size_t limit = reader.count("limit", kOrdersDefault, kOrdersMax);
  if (from_id && (start || end)) {
    reader.fail(bad_combination());
  }
  if (const auto& fault = reader.fault()) {
    return std::unexpected(*fault);
  }
  std::vector<Order> found = call.exchange.all_orders(call.account, instrument);
  std::erase_if(found, [&](const Order& order) {
    return (from_id && order.id < static_cast<OrderId>(*from_id)) ||
           (start && order.placed_at < *start) || (end && order.placed_at > *end);
  });
  // "If orderId is set, it will get orders >= that orderId. Otherwise most recent orders are
  // returned." (rest-api.md)
  const std::size_t count = std::min(found.size(), limit);
  const std::size_t first = from_id || start ? 0 : found.size() - count;
  out.begin_array();
  for (std::size_t at = first; at < first + count; ++at) {
    write_order(out, found[at]);
  }
  out.end_array();
  return {};
}

}  // namespace counterfoil::venue
