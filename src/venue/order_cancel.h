#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "venue/api_error.h"
#include "venue/exchange.h"
#include "venue/instrument.h"
#include "venue/ledger.h"
#include "venue/order.h"
#include "venue/parameters.h"

namespace counterfoil::venue {

// OrderName is how a call names an order: by its id, by its client order id, or by both, which then
// have to agree.
struct OrderName {
  InstrumentId instrument{};
  std::optional<std::int64_t> id;
  std::optional<std::string> client_id;
};

// CancelRestriction lets a caller cancel only while the order is as he knows it.
enum class CancelRestriction : std::uint8_t { kNone, kOnlyNew, kOnlyPartiallyFilled };

// CancelForm is what somebody sent to have an order cancelled. cancel_id names the cancel itself.
struct CancelForm {
  OrderName order;
  std::optional<std::string> cancel_id;
  CancelRestriction restriction = CancelRestriction::kNone;
};

// CancelParameters are the parameters' names, which differ from call to call.
struct CancelParameters {
  std::string_view id = "orderId";
  std::string_view client_id = "origClientOrderId";
  std::string_view cancel_id = "newClientOrderId";
};

// read_order_name and read_cancel_form leave their faults with the reader: -1102 when neither name
// was sent, -1100, -1108, -1145.
[[nodiscard]] OrderName read_order_name(ParameterReader& reader, const CancelParameters& names);
[[nodiscard]] CancelForm read_cancel_form(ParameterReader& reader, const CancelParameters& names);

// find_named gives the account's order of that name; nullopt: there is none. -2039: the two names
// belong to different orders.
[[nodiscard]] std::expected<std::optional<Order>, ApiError> find_named(const Exchange& exchange,
                                                                       AccountNumber account,
                                                                       const OrderName& name);

// cancel_named cancels it and gives it as it then stands (-2011, -2039).
[[nodiscard]] std::expected<Order, ApiError> cancel_named(Exchange& exchange, AccountNumber account,
                                                          const CancelForm& form, Timestamp now);

// cancel_id_of gives the name of a cancel: the caller's, or one that the venue makes.
[[nodiscard]] std::string cancel_id_of(const CancelForm& form, const Order& canceled);

}  // namespace counterfoil::venue
