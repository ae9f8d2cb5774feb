#include "venue/market_maker.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/time.h"
#include "venue/asset.h"
#include "venue/decimal.h"
#include "venue/exchange.h"
#include "venue/instrument.h"
#include "venue/order.h"

namespace counterfoil::venue {
namespace {

constexpr std::int64_t kBasisPoints = 10'000;
constexpr std::int64_t kStepMax = 6;             // basis points a tick
constexpr std::int64_t kReversionDivisor = 400;  // share of the way home a tick
constexpr std::int64_t kLevelGap = 2;            // basis points between two quotes

// Enough that no trader runs them dry; together well below what a Decimal holds.
std::vector<Grant> house_grants() {
  std::vector<Grant> grants;
  for (std::size_t at = 0; at < kAssetsCount; ++at) {
    const auto asset = static_cast<Asset>(at);
    grants.push_back(
        {.asset = asset,
         .amount = asset == Asset::kUsdt ? Decimal::of("10000000000") : Decimal::of("10000000")});
  }
  return grants;
}

// shifted is `price` and so many basis points of it, which may be below zero.
Decimal shifted(Decimal price, std::int64_t basis_points) {
  const std::int64_t units = price.units();
  return Decimal::from_units(units + (units / kBasisPoints * basis_points) +
                             (units % kBasisPoints * basis_points / kBasisPoints));
}

Decimal round_up(Decimal price, Decimal tick) {
  const Decimal down = round_down(price, tick);
  return down == price ? price : down + tick;
}

}  // namespace

MarketMaker::MarketMaker(Exchange& exchange, std::uint64_t seed)
    : exchange_(exchange),
      random_(seed),
      quoter_(exchange.open_house_account(house_grants()).value()),
      taker_(exchange.open_house_account(house_grants()).value()) {
  references_[index_of(Asset::kUsdt)] = Decimal::of("1");
  for (const Instrument& instrument : kInstruments) {
    if (instrument.quote == Asset::kUsdt) {
      references_[index_of(instrument.base)] = instrument.reference_price;
    }
  }
  fair_ = references_;
}

void MarketMaker::tick(Timestamp now, Depth depth) {
  move_prices();
  for (std::size_t at = 0; at < kInstrumentsCount; ++at) {
    const auto id = static_cast<InstrumentId>(at);
    quote(id, depth, now);
    take(id, now);
  }
}

void MarketMaker::move_prices() {
  for (std::size_t at = 0; at < kAssetsCount; ++at) {
    if (static_cast<Asset>(at) == Asset::kUsdt) {
      continue;
    }
    const Decimal home = references_[at];
    const Decimal pull = Decimal::from_units((home - fair_[at]).units() / kReversionDivisor);
    const Decimal moved = shifted(fair_[at], random_.between(-kStepMax, kStepMax)) + pull;
    // A long run of steps one way must not leave the price filter.
    fair_[at] =
        std::clamp(moved, shifted(home, -kBasisPoints / 2), shifted(home, kBasisPoints / 2));
  }
}

void MarketMaker::quote(InstrumentId id, Depth depth, Timestamp now) {
  for (const Order& old : exchange_.open_orders(quoter_, id)) {
    (void)exchange_.cancel(quoter_, old.id, now);
  }
  const Instrument& instrument = describe(id);
  const Decimal middle = fair_price(id);
  const auto levels = static_cast<std::int64_t>(std::to_underlying(depth));
  for (std::int64_t level = 0; level < levels; ++level) {
    const std::int64_t away = 1 + (level * kLevelGap) + random_.between(0, 1);
    for (const Side side : {Side::kBuy, Side::kSell}) {
      const Decimal price = side == Side::kBuy ? round_down(shifted(middle, -away), instrument.tick)
                                               : round_up(shifted(middle, away), instrument.tick);
      // A rejection means that a trader has taken nearly all it had: then it quotes less.
      (void)exchange_.place(quoter_,
                            NewOrder{.instrument = id,
                                     .side = side,
                                     .price = price,
                                     .quantity = quantity_worth(
                                         id, random_.between(4'000, 20'000) * (4 + level) / 4)},
                            now);
    }
  }
}

void MarketMaker::take(InstrumentId id, Timestamp now) {
  const Side side = random_.below(2) == 0 ? Side::kBuy : Side::kSell;
  (void)exchange_.place(taker_,
                        NewOrder{.instrument = id,
                                 .side = side,
                                 .type = OrderType::kMarket,
                                 .quantity = quantity_worth(id, random_.between(50, 3'000))},
                        now);
}

Decimal MarketMaker::fair_price(InstrumentId id) const {
  const Instrument& instrument = describe(id);
  return divide_down(fair_[index_of(instrument.base)], fair_[index_of(instrument.quote)])
      .value_or(instrument.reference_price);
}

Decimal MarketMaker::quantity_worth(InstrumentId id, std::int64_t usdt) const {
  const Instrument& instrument = describe(id);
  const auto quantity = divide_down(Decimal::from_units(usdt * Decimal::kUnitsPerOne),
                                    fair_[index_of(instrument.base)]);
  const Decimal rounded = round_down(quantity.value_or(instrument.step), instrument.step);
  return std::max(rounded, instrument.step);
}

}  // namespace counterfoil::venue
