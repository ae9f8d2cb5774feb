// What an account may know of itself, and the fixed answers that SDKs ask for when they start.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "venue/api_error.h"
#include "venue/asset.h"
#include "venue/decimal.h"
#include "venue/exchange.h"
#include "venue/instrument.h"
#include "venue/json_writer.h"
#include "venue/ledger.h"
#include "venue/order.h"
#include "venue/order_counts.h"
#include "venue/order_json.h"
#include "venue/parameters.h"
#include "venue/rest_call.h"

namespace counterfoil::venue {
namespace {

constexpr std::size_t kTradesDefault = 500;
constexpr std::size_t kTradesMax = 1'000;
constexpr std::chrono::hours kTradesSpanMax{24};
// Ids of accounts are made up; they look like the vendor's.
constexpr std::uint64_t kFirstUid = 100'000'000;

// basis_points writes 0.001 as 10, as the first, older fields of the account do.
std::int64_t basis_points(Decimal rate) { return rate.units() / (Decimal::kUnitsPerOne / 10'000); }

void write_rates(JsonWriter& out, std::string_view name, Decimal maker, Decimal taker) {
  out.key(name);
  out.begin_object();
  out.amount("maker", maker);
  out.amount("taker", taker);
  out.amount("buyer", Decimal());
  out.amount("seller", Decimal());
  out.end_object();
}

// updated_at is when the account last traded or moved an order.
Timestamp updated_at(const RestCall& call) {
  Timestamp latest{};
  for (const Order& order : call.exchange.open_orders(call.account, std::nullopt)) {
    latest = std::max(latest, order.updated_at);
  }
  const auto& fills = call.exchange.fills(call.account);
  return fills.empty() ? latest : std::max(latest, fills.back().at);
}

enum class ZeroBalances : std::uint8_t { kShown, kOmitted };

void write_balances(JsonWriter& out, const RestCall& call, ZeroBalances zero) {
  out.key("balances");
  out.begin_array();
  for (std::size_t at = 0; at < kAssetsCount; ++at) {
    const auto asset = static_cast<Asset>(at);
    const Balance balance = call.exchange.ledger().balance(call.account, asset);
    if (zero == ZeroBalances::kOmitted && balance == Balance{}) {
      continue;
    }
    out.begin_object();
    out.text("asset", name_of(asset));
    out.amount("free", balance.free);
    out.amount("locked", balance.locked);
    out.end_object();
  }
  out.end_array();
}

// FillChoice is which of his trades somebody asked for.
struct FillChoice {
  InstrumentId instrument{};
  std::optional<std::int64_t> order_id;
  std::optional<std::int64_t> from_id;
  std::optional<Timestamp> start;
  std::optional<Timestamp> end;

  [[nodiscard]] bool wants(const Fill& fill) const {
    return fill.instrument == instrument &&
           (!order_id || fill.order_id == static_cast<OrderId>(*order_id)) &&
           (!from_id || fill.trade_id >= static_cast<TradeId>(*from_id)) &&
           (!start || fill.at >= *start) && (!end || fill.at <= *end);
  }
  // The combinations that the vendor documents leave out a time together with an id.
  [[nodiscard]] bool is_allowed() const { return !((start || end) && (order_id || from_id)); }
  [[nodiscard]] bool from_the_front() const { return from_id || start; }
};

void write_fill(JsonWriter& out, const Fill& fill) {
  out.begin_object();
  out.text("symbol", describe(fill.instrument).symbol);
  out.number("id", fill.trade_id);
  out.number("orderId", fill.order_id);
  out.number("orderListId", -1);
  out.amount("price", fill.price);
  out.amount("qty", fill.quantity);
  out.amount("quoteQty", fill.quote_quantity);
  out.amount("commission", fill.commission);
  out.text("commissionAsset", name_of(fill.commission_asset));
  out.time("time", fill.at);
  out.flag("isBuyer", fill.is_buyer);
  out.flag("isMaker", fill.is_maker);
  out.flag("isBestMatch", true);
  out.end_object();
}

void write_count(JsonWriter& out, std::string_view interval, int intervals, std::uint32_t limit,
                 std::uint32_t count) {
  out.begin_object();
  out.text("rateLimitType", "ORDERS");
  out.text("interval", interval);
  out.number("intervalNum", intervals);
  out.number("limit", limit);
  out.number("count", count);
  out.end_object();
}

}  // namespace

ApiResult answer_account(RestCall& call, JsonWriter& out) {
  ParameterReader reader(call.parameters);
  const bool omit_zero = reader.flag("omitZeroBalances");
  if (const auto& fault = reader.fault()) {
    return std::unexpected(*fault);
  }
  const ExchangeOptions& options = call.exchange.options();
  out.begin_object();
  out.number("makerCommission", basis_points(options.maker_rate));
  out.number("takerCommission", basis_points(options.taker_rate));
  out.number("buyerCommission", 0);
  out.number("sellerCommission", 0);
  write_rates(out, "commissionRates", options.maker_rate, options.taker_rate);
  out.flag("canTrade", true);
  out.flag("canWithdraw", true);
  out.flag("canDeposit", true);
  out.flag("brokered", false);
  out.flag("requireSelfTradePrevention", false);
  out.flag("preventSor", false);
  out.time("updateTime", updated_at(call));
  out.text("accountType", "SPOT");
  write_balances(out, call, omit_zero ? ZeroBalances::kOmitted : ZeroBalances::kShown);
  out.key("permissions");
  out.begin_array();
  out.text("SPOT");
  out.end_array();
  out.number("uid", kFirstUid + std::to_underlying(call.account));
  out.end_object();
  return {};
}

ApiResult answer_my_trades(RestCall& call, JsonWriter& out) {
  ParameterReader reader(call.parameters);
  const FillChoice choice{.instrument = reader.symbol(),
                          .order_id = reader.integer("orderId"),
                          .from_id = reader.integer("fromId"),
                          .start = reader.time("startTime"),
                          .end = reader.time("endTime")};
  const std::size_t limit = reader.count("limit", kTradesDefault, kTradesMax);
  if (!choice.is_allowed()) {
    reader.fail(bad_combination());
  }
  if (choice.start && choice.end && *choice.end - *choice.start > kTradesSpanMax) {
    reader.fail({.code = -1127, .text = "More than 24 hours between startTime and endTime."});
  }
  if (const auto& fault = reader.fault()) {
    return std::unexpected(*fault);
  }
  std::vector<Fill> found;
  std::ranges::copy_if(call.exchange.fills(call.account), std::back_inserter(found),
                       [&](const Fill& fill) { return choice.wants(fill); });
  const std::size_t count = std::min(found.size(), limit);
  const std::size_t first = choice.from_the_front() ? 0 : found.size() - count;
  out.begin_array();
  for (std::size_t at = first; at < first + count; ++at) {
    write_fill(out, found[at]);
  }
  out.end_array();
  return {};
}

ApiResult answer_order_rate_limit(RestCall& call, JsonWriter& out) {
  const OrderCounts::Counts counts = call.order_counts.counts(call.account, call.now);
  out.begin_array();
  write_count(out, "SECOND", 10, call.limits.orders_per_10_seconds, counts.in_10_seconds);
  write_count(out, "DAY", 1, call.limits.orders_per_day, counts.in_day);
  out.end_array();
  return {};
}

ApiResult answer_commission(RestCall& call, JsonWriter& out) {
  ParameterReader reader(call.parameters);
  const InstrumentId instrument = reader.symbol();
  if (const auto& fault = reader.fault()) {
    return std::unexpected(*fault);
  }
  const ExchangeOptions& options = call.exchange.options();
  out.begin_object();
  out.text("symbol", describe(instrument).symbol);
  write_rates(out, "standardCommission", options.maker_rate, options.taker_rate);
  write_rates(out, "specialCommission", Decimal(), Decimal());
  write_rates(out, "taxCommission", Decimal(), Decimal());
  write_no_discount(out);
  out.end_object();
  return {};
}

ApiResult answer_system_status(RestCall& /*call*/, JsonWriter& out) {
  out.begin_object();
  out.number("status", 0);
  out.text("msg", "normal");
  out.end_object();
  return {};
}

ApiResult answer_account_status(RestCall& /*call*/, JsonWriter& out) {
  out.begin_object();
  out.text("data", "Normal");
  out.end_object();
  return {};
}

ApiResult answer_empty_list(RestCall& /*call*/, JsonWriter& out) {
  out.begin_array();
  out.end_array();
  return {};
}

}  // namespace counterfoil::venue
