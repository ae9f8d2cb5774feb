#include "venue/instrument.h"

#include <cstdlib>
#include <optional>

#include "venue/decimal.h"

namespace counterfoil::venue {

Decimal cost(Decimal price, Decimal quantity) {
  const auto product = multiply(price, quantity);
  if (!product) {
    std::abort();
  }
  return *product;
}

std::optional<Filter> check_price(const Instrument& instrument, Decimal price) {
  const bool passes = price >= instrument.tick && price <= instrument.price_max &&
                      is_multiple(price, instrument.tick);
  return passes ? std::nullopt : std::optional(Filter::kPrice);
}

std::optional<Filter> check_quantity(const Instrument& instrument, Decimal quantity) {
  const bool passes = quantity >= instrument.step && quantity <= instrument.quantity_max &&
                      is_multiple(quantity, instrument.step);
  return passes ? std::nullopt : std::optional(Filter::kLotSize);
}

std::optional<Filter> check_market_quantity(const Instrument& instrument, Decimal quantity) {
  return quantity <= instrument.market_quantity_max ? std::nullopt
                                                    : std::optional(Filter::kMarketLotSize);
}

std::optional<Filter> check_notional(const Instrument& instrument, Decimal notional) {
  const bool passes = notional >= instrument.notional_min && notional <= instrument.notional_max;
  return passes ? std::nullopt : std::optional(Filter::kNotional);
}

}  // namespace counterfoil::venue
