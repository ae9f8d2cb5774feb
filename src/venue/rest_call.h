#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/time.h"
#include "venue/api_error.h"
#include "venue/exchange.h"
#include "venue/json_writer.h"
#include "venue/ledger.h"
#include "venue/order_counts.h"
#include "venue/parameters.h"

namespace counterfoil::venue {

// RestCall is one call of a known route with everything it may look at. Borrowed for the call.
struct RestCall {
  Exchange& exchange;
  OrderCounts& order_counts;
  const RateLimits& limits;
  const Parameters& parameters;
  AccountNumber account{};   // private routes only
  std::string_view api_key;  // the same
  Timestamp now;
  int status = 200;  // of an answer that was written
};

// RestHandler answers one call. After an error what it has written is thrown away.
using RestHandler = ApiResult (*)(RestCall& call, JsonWriter& out);

// Market data (market_calls.cc, ticker_calls.cc).
[[nodiscard]] ApiResult answer_ping(RestCall& call, JsonWriter& out);
[[nodiscard]] ApiResult answer_time(RestCall& call, JsonWriter& out);
[[nodiscard]] ApiResult answer_exchange_info(RestCall& call, JsonWriter& out);
[[nodiscard]] ApiResult answer_depth(RestCall& call, JsonWriter& out);
[[nodiscard]] ApiResult answer_trades(RestCall& call, JsonWriter& out);
[[nodiscard]] ApiResult answer_historical_trades(RestCall& call, JsonWriter& out);
[[nodiscard]] ApiResult answer_aggregate_trades(RestCall& call, JsonWriter& out);
[[nodiscard]] ApiResult answer_klines(RestCall& call, JsonWriter& out);
[[nodiscard]] ApiResult answer_average_price(RestCall& call, JsonWriter& out);
[[nodiscard]] ApiResult answer_price_ticker(RestCall& call, JsonWriter& out);
[[nodiscard]] ApiResult answer_book_ticker(RestCall& call, JsonWriter& out);
[[nodiscard]] ApiResult answer_day_ticker(RestCall& call, JsonWriter& out);
[[nodiscard]] ApiResult answer_trading_day_ticker(RestCall& call, JsonWriter& out);
[[nodiscard]] ApiResult answer_window_ticker(RestCall& call, JsonWriter& out);

// Orders (order_calls.cc, cancel_replace_call.cc).
[[nodiscard]] ApiResult answer_new_order(RestCall& call, JsonWriter& out);
[[nodiscard]] ApiResult answer_test_order(RestCall& call, JsonWriter& out);
[[nodiscard]] ApiResult answer_cancel_replace(RestCall& call, JsonWriter& out);
[[nodiscard]] ApiResult answer_cancel_order(RestCall& call, JsonWriter& out);
[[nodiscard]] ApiResult answer_cancel_open_orders(RestCall& call, JsonWriter& out);
[[nodiscard]] ApiResult answer_order(RestCall& call, JsonWriter& out);
[[nodiscard]] ApiResult answer_open_orders(RestCall& call, JsonWriter& out);
[[nodiscard]] ApiResult answer_all_orders(RestCall& call, JsonWriter& out);

// The account (account_calls.cc).
[[nodiscard]] ApiResult answer_account(RestCall& call, JsonWriter& out);
[[nodiscard]] ApiResult answer_my_trades(RestCall& call, JsonWriter& out);
[[nodiscard]] ApiResult answer_order_rate_limit(RestCall& call, JsonWriter& out);
[[nodiscard]] ApiResult answer_commission(RestCall& call, JsonWriter& out);
[[nodiscard]] ApiResult answer_system_status(RestCall& call, JsonWriter& out);
[[nodiscard]] ApiResult answer_account_status(RestCall& call, JsonWriter& out);
[[nodiscard]] ApiResult answer_empty_list(RestCall& call, JsonWriter& out);

}  // namespace counterfoil::venue
