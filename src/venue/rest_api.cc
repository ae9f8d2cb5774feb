#include "venue/rest_api.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "venue/api_error.h"
#include "venue/exchange.h"
#include "venue/json_writer.h"
#include "venue/parameters.h"
#include "venue/rest_call.h"
#include "wire/http/request_head.h"

namespace counterfoil::venue {
namespace {

using enum http::Method;
using enum Security;

constexpr std::string_view kOrderParameters =
    "symbol side type timeInForce quantity quoteOrderQty price newClientOrderId strategyId "
    "strategyType stopPrice trailingDelta icebergQty newOrderRespType selfTradePreventionMode "
    "pegPriceType pegOffsetValue pegOffsetType";
constexpr std::string_view kTestOrderParameters =
    "symbol side type timeInForce quantity quoteOrderQty price newClientOrderId strategyId "
    "strategyType stopPrice trailingDelta icebergQty newOrderRespType selfTradePreventionMode "
    "pegPriceType pegOffsetValue pegOffsetType computeCommissionRates";
constexpr std::string_view kCancelReplaceParameters =
    "symbol side type timeInForce quantity quoteOrderQty price newClientOrderId strategyId "
    "strategyType stopPrice trailingDelta icebergQty newOrderRespType selfTradePreventionMode "
    "pegPriceType pegOffsetValue pegOffsetType cancelReplaceMode cancelNewClientOrderId "
    "cancelOrigClientOrderId cancelOrderId cancelRestrictions orderRateLimitExceededMode";
constexpr std::string_view kKlineParameters = "symbol interval startTime endTime timeZone limit";

// clang-format off
constexpr auto kRoutes = std::to_array<RestRoute>({
    {kGet,    "/api/v3/ping",               kPublic,  answer_ping,               ""},
    {kGet,    "/api/v3/time",               kPublic,  answer_time,               ""},
    {kGet,    "/api/v3/exchangeInfo",       kPublic,  answer_exchange_info,      "symbol symbols permissions showPermissionSets symbolStatus"},
    {kGet,    "/api/v3/depth",              kPublic,  answer_depth,              "symbol limit"},
    {kGet,    "/api/v3/trades",             kPublic,  answer_trades,             "symbol limit"},
    {kGet,    "/api/v3/historicalTrades",   kPublic,  answer_historical_trades,  "symbol limit fromId"},
    {kGet,    "/api/v3/aggTrades",          kPublic,  answer_aggregate_trades,   "symbol fromId startTime endTime limit"},
    {kGet,    "/api/v3/klines",             kPublic,  answer_klines,             kKlineParameters},
    {kGet,    "/api/v3/uiKlines",           kPublic,  answer_klines,             kKlineParameters},
    {kGet,    "/api/v3/avgPrice",           kPublic,  answer_average_price,      "symbol"},
    {kGet,    "/api/v3/ticker/price",       kPublic,  answer_price_ticker,       "symbol symbols symbolStatus"},
    {kGet,    "/api/v3/ticker/bookTicker",  kPublic,  answer_book_ticker,        "symbol symbols symbolStatus"},
    {kGet,    "/api/v3/ticker/24hr",        kPublic,  answer_day_ticker,         "symbol symbols type symbolStatus"},
    {kGet,    "/api/v3/ticker/tradingDay",  kPublic,  answer_trading_day_ticker, "symbol symbols type timeZone symbolStatus"},
    {kGet,    "/api/v3/ticker",             kPublic,  answer_window_ticker,      "symbol symbols type windowSize symbolStatus"},

    {kPost,   "/api/v3/order",              kPrivate, answer_new_order,          kOrderParameters},
    {kPost,   "/api/v3/order/test",         kPrivate, answer_test_order,         kTestOrderParameters},
    {kPost,   "/api/v3/order/cancelReplace", kPrivate, answer_cancel_replace,    kCancelReplaceParameters},
    {kDelete, "/api/v3/order",              kPrivate, answer_cancel_order,       "symbol orderId origClientOrderId newClientOrderId cancelRestrictions"},
    {kDelete, "/api/v3/openOrders",         kPrivate, answer_cancel_open_orders, "symbol"},
    {kGet,    "/api/v3/order",              kPrivate, answer_order,              "symbol orderId origClientOrderId"},
    {kGet,    "/api/v3/openOrders",         kPrivate, answer_open_orders,        "symbol"},
    {kGet,    "/api/v3/allOrders",          kPrivate, answer_all_orders,         "symbol orderId startTime endTime limit"},

    {kGet,    "/api/v3/myTrades",           kPrivate, answer_my_trades,          "symbol orderId startTime endTime fromId limit"},
    {kGet,    "/api/v3/account",            kPrivate, answer_account,            "omitZeroBalances"},
    {kGet,    "/api/v3/account/commission", kPrivate, answer_commission,         "symbol"},
    {kGet,    "/api/v3/rateLimit/order",    kPrivate, answer_order_rate_limit,   ""},

    {kGet,    "/sapi/v1/system/status",           kPublic,  answer_system_status,  ""},
    {kGet,    "/sapi/v1/account/status",          kPrivate, answer_account_status, ""},
    {kGet,    "/sapi/v1/capital/config/getall",   kPrivate, answer_empty_list,     ""},
    {kGet,    "/sapi/v1/margin/allPairs",         kPublic,  answer_empty_list,     "symbol"},
    {kGet,    "/sapi/v1/margin/isolated/allPairs", kPublic, answer_empty_list,     "symbol"},
});
// clang-format on

constexpr auto kAlwaysTaken =
    std::to_array<std::string_view>({"timestamp", "recvWindow", "signature"});

bool lists_word(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(' '), list.size());
    if (list.substr(0, end) == word) {
      return true;
    }
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

// check_names refuses parameters that the route does not know: a misspelt one must not be dropped
// in silence when it is money that it speaks of.
ApiResult check_names(const RestRoute& route, const Parameters& parameters) {
  std::size_t unread = 0;
  for (const auto& [name, value] : parameters.all()) {
    const bool taken = std::ranges::find(kAlwaysTaken, name) != kAlwaysTaken.end();
    if (!taken && !lists_word(route.parameters, name)) {
      ++unread;
    }
  }
  if (unread == 0) {
    return {};
  }
  const std::string sent = std::to_string(parameters.all().size());
  if (route.parameters.empty()) {
    return std::unexpected(ApiError{
        .code = -1101, .text = "Too many parameters; expected '0' and received '" + sent + "'."});
  }
  return std::unexpected(ApiError{.code = -1104,
                                  .text = "Not all sent parameters were read; read '" +
                                          std::to_string(parameters.all().size() - unread) +
                                          "' parameter(s) but was sent '" + sent + "'."});
}

}  // namespace

std::span<const RestRoute> rest_routes() { return kRoutes; }

const RestRoute* find_route(http::Method method, std::string_view path) {
  const auto* const found = std::ranges::find_if(kRoutes, [&](const RestRoute& route) {
    return route.method == method && route.path == path;
  });
  return found == kRoutes.end() ? nullptr : found;
}

RestAnswer to_answer(const ApiError& error) {
  JsonWriter out;
  out.begin_object();
  out.number("code", error.code);
  out.text("msg", error.text);
  out.end_object();
  return {.status = error.status, .body = std::move(out).take()};
}

RestAnswer route_unknown(http::Method method, std::string_view path) {
  std::string text = "Path ";
  text.append(path).append(", Method ").append(http::method_name(method)).append(" is invalid");
  return to_answer({.status = 404, .code = -5000, .text = std::move(text)});
}

RestAnswer RestApi::answer(const RestRoute& route, const Request& request) {
  JsonWriter out(request.time_unit);
  const auto status = serve(route, request, out);
  if (!status) {
    return to_answer(status.error());
  }
  return {.status = *status, .body = std::move(out).take()};
}

std::expected<int, ApiError> RestApi::serve(const RestRoute& route, const Request& request,
                                            JsonWriter& out) {
  const auto parameters = Parameters::read(request.query, request.body);
  if (!parameters) {
    return std::unexpected(parameters.error());
  }
  if (const auto checked = check_names(route, *parameters); !checked) {
    return std::unexpected(checked.error());
  }
  RestCall call{.exchange = exchange_,
                .order_counts = order_counts_,
                .limits = limits_,
                .parameters = *parameters,
                .now = request.now};
  if (route.security == Security::kPrivate) {
    if (!request.caller) {
      return std::unexpected(unauthorized());
    }
    const auto account = exchange_.account(request.caller->account);
    if (!account) {
      return std::unexpected(overloaded());
    }
    call.account = *account;
    call.api_key = request.caller->api_key;
  }
  if (const auto answered = route.handler(call, out); !answered) {
    return std::unexpected(answered.error());
  }
  return call.status;
}

}  // namespace counterfoil::venue
