#include "venue/order_cancel.h"

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "venue/api_error.h"
#include "venue/exchange.h"
#include "venue/ledger.h"
#include "venue/order.h"
#include "venue/parameters.h"

namespace counterfoil::venue {
namespace {

CancelRestriction read_restriction(ParameterReader& reader) {
  const auto text = reader.text("cancelRestrictions");
  if (!text) {
    return CancelRestriction::kNone;
  }
  if (*text == "ONLY_NEW") {
    return CancelRestriction::kOnlyNew;
  }
  if (*text == "ONLY_PARTIALLY_FILLED") {
    return CancelRestriction::kOnlyPartiallyFilled;
  }
  reader.fail({.code = -1145, .text = "Invalid cancelRestrictions"});
  return CancelRestriction::kNone;
}

bool allows(CancelRestriction restriction, OrderStatus status) {
  switch (restriction) {
    case CancelRestriction::kNone:
      return true;
    case CancelRestriction::kOnlyNew:
      return status == OrderStatus::kNew;
    case CancelRestriction::kOnlyPartiallyFilled:
      return status == OrderStatus::kPartiallyFilled;
  }
  std::unreachable();
}

std::optional<std::string> owned(std::optional<std::string_view> text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

}  // namespace

OrderName read_order_name(ParameterReader& reader, const CancelParameters& names) {
  OrderName name{.instrument = reader.symbol(),
                 .id = reader.integer(names.id),
                 .client_id = owned(reader.client_id(names.client_id))};
  if (!name.id && !name.client_id) {
    reader.fail(both_missing(names.client_id, names.id));
  }
  return name;
}

CancelForm read_cancel_form(ParameterReader& reader, const CancelParameters& names) {
  return {.order = read_order_name(reader, names),
          .cancel_id = owned(reader.client_id(names.cancel_id)),
          .restriction = read_restriction(reader)};
}

std::expected<std::optional<Order>, ApiError> find_named(const Exchange& exchange,
                                                         AccountNumber account,
                                                         const OrderName& name) {
  if (!name.id) {
    return exchange.find_by_client(account, name.instrument, name.client_id.value_or(""));
  }
  auto order = exchange.find(account, static_cast<OrderId>(*name.id));
  if (!order || order->wish.instrument != name.instrument) {
    return std::nullopt;
  }
  if (name.client_id && order->wish.client_id != *name.client_id) {
    return std::unexpected(
        ApiError{.code = -2039, .text = "Client order ID is not correct for this order ID."});
  }
  return order;
}

std::expected<Order, ApiError> cancel_named(Exchange& exchange, AccountNumber account,
                                            const CancelForm& form, Timestamp now) {
  const auto found = find_named(exchange, account, form.order);
  if (!found) {
    return std::unexpected(found.error());
  }
  const std::optional<Order>& order = *found;
  if (!order || !order->is_open()) {
    return std::unexpected(cancel_rejected("Unknown order sent."));
  }
  if (!allows(form.restriction, order->status)) {
    return std::unexpected(cancel_rejected("Order was not canceled due to cancel restrictions."));
  }
  auto canceled = exchange.cancel(account, order->id, now);
  if (!canceled) {
    return std::unexpected(cancel_rejected("Unknown order sent."));
  }
  return *std::move(canceled);
}

std::string cancel_id_of(const CancelForm& form, const Order& canceled) {
  // A letter and the order's own name, within the 36 characters of a client order id.
  return form.cancel_id.value_or("c" + canceled.wish.client_id.substr(0, 35));
}

}  // namespace counterfoil::venue
