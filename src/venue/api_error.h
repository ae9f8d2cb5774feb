#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "venue/exchange.h"

namespace counterfoil::venue {

// ApiError is a refusal in the vendor's words: {"code":-1121,"msg":"Invalid symbol."}.
struct ApiError {
  int status = 400;  // HTTP
  int code = 0;
  std::string text;

  bool operator==(const ApiError&) const = default;
};

// ApiResult is what a call ends with: its answer has been written, or there is none.
using ApiResult = std::expected<void, ApiError>;

// What a parameter can have wrong with it. `name` is the parameter's.
[[nodiscard]] ApiError parameter_missing(std::string_view name);
[[nodiscard]] ApiError both_missing(std::string_view one, std::string_view other);
[[nodiscard]] ApiError parameter_empty(std::string_view name);
[[nodiscard]] ApiError illegal_characters();
[[nodiscard]] ApiError illegal_characters(std::string_view name, std::string_view legal_range);
[[nodiscard]] ApiError not_required(std::string_view name);
[[nodiscard]] ApiError overflowed(std::string_view name);
[[nodiscard]] ApiError too_precise(std::string_view name);
[[nodiscard]] ApiError invalid_data(std::string_view name);
[[nodiscard]] ApiError repeated_parameter();

// The rest, by code.
[[nodiscard]] ApiError unauthorized();                             // 401, -1002
[[nodiscard]] ApiError overloaded();                               // 503, -1008
[[nodiscard]] ApiError key_rejected();                             // 401, -2015
[[nodiscard]] ApiError invalid_symbol();                           // -1121
[[nodiscard]] ApiError bad_combination();                          // -1128
[[nodiscard]] ApiError new_order_rejected(std::string_view text);  // -2010
[[nodiscard]] ApiError cancel_rejected(std::string_view text);     // -2011
[[nodiscard]] ApiError order_unknown();                            // -2013

// refused_by turns what the exchange said of an order into the vendor's words.
[[nodiscard]] ApiError refused_by(const Rejection& rejection);

}  // namespace counterfoil::venue
