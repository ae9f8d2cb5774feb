#pragma once

#include <cstdint>
#include <expected>

#include "venue/api_error.h"
#include "venue/order.h"
#include "venue/parameters.h"

namespace counterfoil::venue {

// ResponseType is how much of an order the answer tells.
enum class ResponseType : std::uint8_t { kAck, kResult, kFull };

// OrderForm is what somebody sent to `POST /api/v3/order` (or `/order/test`). order.api_key is left
// empty: it is not a parameter.
struct OrderForm {
  NewOrder order;
  ResponseType response_type = ResponseType::kFull;
  bool compute_commission_rates = false;  // `/order/test` only
};

// read_order_form reads and checks the form: which parameters the order type wants and which it
// does not, and each value by itself. What takes the market or the account to judge (filters,
// balance) is the exchange's. Errors as the vendor words them: -1013, -1100, -1102, -1105, -1106,
// -1108, -1111, -1115, -1116, -1117, -1121, -1128, -1130, -1134, -2010.
[[nodiscard]] std::expected<OrderForm, ApiError> read_order_form(const Parameters& parameters);

}  // namespace counterfoil::venue
