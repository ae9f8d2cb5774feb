#include "venue/api_error.h"

#include <string>
#include <string_view>
#include <utility>

#include "venue/exchange.h"
#include "venue/instrument.h"

namespace counterfoil::venue {
namespace {

ApiError refusal(int code, std::string text) { return {.code = code, .text = std::move(text)}; }

// about writes a sentence around a quoted name.
std::string about(std::string_view before, std::string_view name, std::string_view after) {
  std::string text(before);
  text.append(name).append(after);
  return text;
}

}  // namespace

ApiError parameter_missing(std::string_view name) {
  return refusal(
      -1102, about("Mandatory parameter '", name, "' was not sent, was empty/null, or malformed."));
}

ApiError both_missing(std::string_view one, std::string_view other) {
  return refusal(-1102, about("Param '", one, "' or '") +
                            about("", other, "' must be sent, but both were empty/null!"));
}

ApiError parameter_empty(std::string_view name) {
  return refusal(-1105, about("Parameter '", name, "' was empty."));
}

ApiError illegal_characters() { return refusal(-1100, "Illegal characters found in a parameter."); }

ApiError illegal_characters(std::string_view name, std::string_view legal_range) {
  return refusal(-1100, about("Illegal characters found in parameter '", name, "'; ") +
                            about("legal range is '", legal_range, "'."));
}

ApiError not_required(std::string_view name) {
  return refusal(-1106, about("Parameter '", name, "' sent when not required."));
}

ApiError overflowed(std::string_view name) {
  return refusal(-1108, about("Parameter '", name, "' overflowed."));
}

ApiError too_precise(std::string_view name) {
  return refusal(-1111, about("Parameter '", name, "' has too much precision."));
}

ApiError invalid_data(std::string_view name) {
  return refusal(-1130, about("Data sent for parameter '", name, "' is not valid."));
}

ApiError repeated_parameter() {
  return refusal(-1101, "Duplicate values for a parameter detected.");
}

ApiError unauthorized() {
  return {.status = 401, .code = -1002, .text = "You are not authorized to execute this request."};
}

ApiError overloaded() {
  return {.status = 503,
          .code = -1008,
          .text =
              "Server is currently overloaded with other requests. Please try again in a few "
              "minutes."};
}

ApiError key_rejected() {
  return {.status = 401, .code = -2015, .text = "Invalid API-key, IP, or permissions for action."};
}

ApiError invalid_symbol() { return refusal(-1121, "Invalid symbol."); }

ApiError bad_combination() { return refusal(-1128, "Combination of optional parameters invalid."); }

ApiError new_order_rejected(std::string_view text) { return refusal(-2010, std::string(text)); }

ApiError cancel_rejected(std::string_view text) { return refusal(-2011, std::string(text)); }

ApiError order_unknown() { return refusal(-2013, "Order does not exist."); }

ApiError refused_by(const Rejection& rejection) {
  switch (rejection.reason) {
    case RejectReason::kFilter:
      return refusal(-1013, about("Filter failure: ", name_of(rejection.filter), ""));
    case RejectReason::kInsufficientBalance:
      return new_order_rejected("Account has insufficient balance for requested action.");
    case RejectReason::kWouldTake:
      return new_order_rejected("Order would immediately match and take.");
    case RejectReason::kWouldTrigger:
      // What the live server says; errors.md still prints the older "Order would trigger
      // immediately."
      return new_order_rejected("Stop price would trigger immediately.");
    case RejectReason::kDuplicateClientId:
      return new_order_rejected("Duplicate order sent.");
  }
  std::unreachable();
}

}  // namespace counterfoil::venue
