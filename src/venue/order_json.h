#pragma once

#include <string_view>
#include <vector>

#include "base/time.h"
#include "venue/exchange.h"
#include "venue/json_writer.h"
#include "venue/order.h"
#include "venue/order_form.h"

namespace counterfoil::venue {

// write_placed writes the answer to a new order: ACK, RESULT or FULL.
void write_placed(JsonWriter& out, const Placed& placed, ResponseType type, Timestamp now);

// write_canceled writes one cancelled order; `client_id` is the name of the cancel itself.
void write_canceled(JsonWriter& out, const Order& order, std::string_view client_id, Timestamp now);

// write_order writes an order as queries show it.
void write_order(JsonWriter& out, const Order& order);

// write_no_discount writes the member "discount" of commissions: the venue gives none.
void write_no_discount(JsonWriter& out);

}  // namespace counterfoil::venue
