#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "venue/asset.h"
#include "venue/decimal.h"

namespace counterfoil::venue {

// Filter is a rule of the venue that an order can break. Named as exchangeInfo and the errors name
// it ("Filter failure: LOT_SIZE").
enum class Filter : std::uint8_t {
  kPrice,
  kLotSize,
  kMarketLotSize,
  kNotional,
  kMaxNumOrders,
  kMaxNumAlgoOrders,
};
inline constexpr auto kFilterNames =
    std::to_array<std::string_view>({"PRICE_FILTER", "LOT_SIZE", "MARKET_LOT_SIZE", "NOTIONAL",
                                     "MAX_NUM_ORDERS", "MAX_NUM_ALGO_ORDERS"});
[[nodiscard]] constexpr std::string_view name_of(Filter filter) {
  return kFilterNames[static_cast<std::size_t>(filter)];
}

// Instrument is a pair that trades and the grid its orders lie on. Every bound is the last value
// that passes.
struct Instrument {
  std::string_view symbol;
  Asset base;
  Asset quote;
  Decimal tick;  // prices are multiples of it, and at least one
  Decimal price_max;
  Decimal step;  // quantities are multiples of it, and at least one
  Decimal quantity_max;
  Decimal market_quantity_max;
  Decimal notional_min;  // price × quantity
  Decimal notional_max;
  Decimal reference_price;  // where the market maker begins
};

// kOrdersOpenMax is how many orders one account may have open on one symbol (MAX_NUM_ORDERS).
inline constexpr std::size_t kOrdersOpenMax = 200;
// kStopOrdersOpenMax is how many of these may be stop orders (MAX_NUM_ALGO_ORDERS), whether they
// still wait or not.
inline constexpr std::size_t kStopOrdersOpenMax = 5;
// kAccountsMax bounds the accounts of a venue, whatever its options say, so that all sums of open
// quantities fit a Decimal.
inline constexpr std::size_t kAccountsMax = 4'000;

// InstrumentId is a row of kInstruments.
enum class InstrumentId : std::uint8_t {};

// clang-format off
inline constexpr auto kInstruments = std::to_array<Instrument>({
    // symbol, base, quote, tick, price_max, step, quantity_max, market_quantity_max, notional_min, notional_max, reference_price
    {"BTCUSDT", Asset::kBtc, Asset::kUsdt, Decimal::of("0.01"),     Decimal::of("1000000"), Decimal::of("0.00001"), Decimal::of("9000"),  Decimal::of("120"),  Decimal::of("5"),      Decimal::of("9000000"), Decimal::of("64000")},
    {"ETHUSDT", Asset::kEth, Asset::kUsdt, Decimal::of("0.01"),     Decimal::of("1000000"), Decimal::of("0.0001"),  Decimal::of("9000"),  Decimal::of("2000"), Decimal::of("5"),      Decimal::of("9000000"), Decimal::of("3200")},
    {"BNBUSDT", Asset::kBnb, Asset::kUsdt, Decimal::of("0.01"),     Decimal::of("100000"),  Decimal::of("0.001"),   Decimal::of("9000"),  Decimal::of("2000"), Decimal::of("5"),      Decimal::of("9000000"), Decimal::of("580")},
    {"LTCUSDT", Asset::kLtc, Asset::kUsdt, Decimal::of("0.01"),     Decimal::of("100000"),  Decimal::of("0.001"),   Decimal::of("10000"), Decimal::of("3000"), Decimal::of("5"),      Decimal::of("9000000"), Decimal::of("84")},
    {"SOLUSDT", Asset::kSol, Asset::kUsdt, Decimal::of("0.01"),     Decimal::of("100000"),  Decimal::of("0.001"),   Decimal::of("10000"), Decimal::of("3000"), Decimal::of("5"),      Decimal::of("9000000"), Decimal::of("150")},
    {"ETHBTC",  Asset::kEth, Asset::kBtc,  Decimal::of("0.00001"),  Decimal::of("922"),     Decimal::of("0.001"),   Decimal::of("9000"),  Decimal::of("2000"), Decimal::of("0.0001"), Decimal::of("900"),     Decimal::of("0.05")},
    {"BNBBTC",  Asset::kBnb, Asset::kBtc,  Decimal::of("0.000001"), Decimal::of("922"),     Decimal::of("0.01"),    Decimal::of("9000"),  Decimal::of("2000"), Decimal::of("0.0001"), Decimal::of("900"),     Decimal::of("0.009")},
    {"LTCBTC",  Asset::kLtc, Asset::kBtc,  Decimal::of("0.000001"), Decimal::of("922"),     Decimal::of("0.01"),    Decimal::of("10000"), Decimal::of("3000"), Decimal::of("0.0001"), Decimal::of("900"),     Decimal::of("0.0013")},
});
// clang-format on

inline constexpr std::size_t kInstrumentsCount = kInstruments.size();

[[nodiscard]] constexpr std::size_t index_of(InstrumentId id) {
  return static_cast<std::size_t>(id);
}
[[nodiscard]] constexpr const Instrument& describe(InstrumentId id) {
  return kInstruments[index_of(id)];
}
[[nodiscard]] constexpr std::optional<InstrumentId> instrument_named(std::string_view symbol) {
  for (std::size_t at = 0; at < kInstrumentsCount; ++at) {
    if (kInstruments[at].symbol == symbol) {
      return static_cast<InstrumentId>(at);
    }
  }
  return std::nullopt;
}

// What price × quantity costs is exact, never rounded, and fits: the grid of every row sees to it.
static_assert(std::ranges::all_of(kInstruments, [](const Instrument& row) {
  return row.base != row.quote && multiply(row.tick, row.step).has_value() &&
         multiply(row.price_max, row.quantity_max).has_value() &&
         divide_down(row.notional_max, row.tick).has_value() &&
         is_multiple(row.price_max, row.tick) && is_multiple(row.quantity_max, row.step) &&
         is_multiple(row.reference_price, row.tick);
}));
// The quantities of all open orders of one symbol fit as well.
static_assert(std::ranges::all_of(kInstruments, [](const Instrument& row) {
  return multiply(row.quantity_max,
                  Decimal::of("1000000"))  // kAccountsMax + the venue's own, × kOrdersOpenMax
      .has_value();
}));
static_assert((kAccountsMax + 10) * kOrdersOpenMax <= 1'000'000);

// cost is price × quantity. Precondition: both lie on one instrument's grid, so it is exact and
// fits; breaking it is our own mistake and ends the process.
[[nodiscard]] Decimal cost(Decimal price, Decimal quantity);

// check_price, check_quantity, check_market_quantity and check_notional give the filter that is
// broken, or nullopt.
[[nodiscard]] std::optional<Filter> check_price(const Instrument& instrument, Decimal price);
[[nodiscard]] std::optional<Filter> check_quantity(const Instrument& instrument, Decimal quantity);
[[nodiscard]] std::optional<Filter> check_market_quantity(const Instrument& instrument,
                                                          Decimal quantity);
[[nodiscard]] std::optional<Filter> check_notional(const Instrument& instrument, Decimal notional);

}  // namespace counterfoil::venue
