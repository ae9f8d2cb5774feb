// Cancelling one order and placing another in one call. The two can end differently, and the answer
// tells of both.
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "venue/api_error.h"
#include "venue/exchange.h"
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

// ReplaceMode says what a failed cancel means for the new order.
enum class ReplaceMode : std::uint8_t { kStopOnFailure, kAllowFailure };

ReplaceMode read_mode(ParameterReader& reader) {
  const std::string_view mode = reader.required("cancelReplaceMode");
  if (mode != "STOP_ON_FAILURE" && mode != "ALLOW_FAILURE") {
    reader.fail(invalid_data("cancelReplaceMode"));
  }
  // Who counts orders here refuses none for their number, so that it never comes to this choice.
  const std::string_view exceeded =
      reader.text("orderRateLimitExceededMode").value_or("DO_NOTHING");
  if (exceeded != "DO_NOTHING" && exceeded != "CANCEL_ONLY") {
    reader.fail(invalid_data("orderRateLimitExceededMode"));
  }
  return mode == "ALLOW_FAILURE" ? ReplaceMode::kAllowFailure : ReplaceMode::kStopOnFailure;
}

// Outcome is how the two halves ended; no `placed` means that the second was not attempted.
struct Outcome {
  std::expected<Order, ApiError> canceled;
  std::optional<std::expected<Placed, ApiError>> placed;
};

std::expected<Placed, ApiError> place(RestCall& call, NewOrder order) {
  order.api_key = std::string(call.api_key);
  auto placed = call.exchange.place(call.account, std::move(order), call.now);
  if (!placed) {
    return std::unexpected(refused_by(placed.error()));
  }
  return *std::move(placed);
}

void write_error(JsonWriter& out, const ApiError& error) {
  out.begin_object();
  out.number("code", error.code);
  out.text("msg", error.text);
  out.end_object();
}

void write_halves(JsonWriter& out, const RestCall& call, const Outcome& outcome,
                  const CancelForm& cancel, ResponseType type) {
  const bool attempted = outcome.placed.has_value();
  const bool placed = attempted && outcome.placed->has_value();
  out.text("cancelResult", outcome.canceled ? "SUCCESS" : "FAILURE");
  out.text("newOrderResult", placed ? "SUCCESS" : attempted ? "FAILURE" : "NOT_ATTEMPTED");
  out.key("cancelResponse");
  if (outcome.canceled) {
    write_canceled(out, *outcome.canceled, cancel_id_of(cancel, *outcome.canceled), call.now);
  } else {
    write_error(out, outcome.canceled.error());
  }
  out.key("newOrderResponse");
  if (placed) {
    write_placed(out, **outcome.placed, type, call.now);
  } else if (attempted) {
    write_error(out, outcome.placed->error());
  } else {
    out.null();
  }
}

// write_outcome: 200 when both went well, 409 when one did, 400 when none did.
void write_outcome(JsonWriter& out, RestCall& call, const Outcome& outcome,
                   const CancelForm& cancel, ResponseType type) {
  const bool placed = outcome.placed && outcome.placed->has_value();
  out.begin_object();
  if (outcome.canceled && placed) {
    write_halves(out, call, outcome, cancel, type);
    out.end_object();
    return;
  }
  const bool partly = outcome.canceled.has_value() || placed;
  call.status = partly ? 409 : 400;
  out.number("code", partly ? -2021 : -2022);
  out.text("msg",
           partly ? "Order cancel-replace partially failed." : "Order cancel-replace failed.");
  out.key("data");
  out.begin_object();
  write_halves(out, call, outcome, cancel, type);
  out.end_object();
  out.end_object();
}

}  // namespace

ApiResult answer_cancel_replace(RestCall& call, JsonWriter& out) {
  ParameterReader reader(call.parameters);
  const ReplaceMode mode = read_mode(reader);
  const CancelForm cancel = read_cancel_form(reader, {.id = "cancelOrderId",
                                                      .client_id = "cancelOrigClientOrderId",
                                                      .cancel_id = "cancelNewClientOrderId"});
  if (const auto& fault = reader.fault()) {
    return std::unexpected(*fault);
  }
  auto form = read_order_form(call.parameters);
  if (!form) {
    return std::unexpected(form.error());
  }
  // "Filters and Order Count are evaluated before the processing of the cancellation and order
  // placement occurs." (rest-api.md)
  if (const auto passes = call.exchange.check(call.account, form->order, call.now); !passes) {
    return std::unexpected(refused_by(passes.error()));
  }
  // "A new order that was not attempted [...] will still increase the unfilled order count by 1."
  call.order_counts.count(call.account, call.now);
  Outcome outcome{.canceled = cancel_named(call.exchange, call.account, cancel, call.now)};
  if (outcome.canceled || mode == ReplaceMode::kAllowFailure) {
    outcome.placed = place(call, std::move(form->order));
  }
  write_outcome(out, call, outcome, cancel, form->response_type);
  return {};
}

}  // namespace counterfoil::venue
