#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "venue/asset.h"
#include "venue/decimal.h"
#include "venue/exchange.h"
#include "venue/instrument.h"
#include "venue/ledger.h"
#include "venue/splitmix.h"

namespace counterfoil::venue {

// MarketMaker keeps the sandbox alive: every tick it moves its prices a little, renews its quotes
// on both sides of every book, and sends market orders from a second account, so that books, trades
// and candles move and a trader's orders are filled when the price comes their way. Prices wander
// around the reference prices of kInstruments; BTC pairs follow from the USDT ones.
//
// The same seed and the same ticks give the same prices, as long as nobody else trades. It trades
// with its own money, through the same place() as everybody. One thread at a time, the exchange's.
class MarketMaker {
 public:
  // How many quotes a side a tick leaves behind. kThin is quick: for prices of the past.
  enum class Depth : std::uint8_t { kThin = 1, kFull = 20 };

  // `exchange` must outlive this object and have room for two house accounts.
  MarketMaker(Exchange& exchange, std::uint64_t seed);

  void tick(Timestamp now, Depth depth = Depth::kFull);

  [[nodiscard]] AccountNumber quoting_account() const { return quoter_; }
  [[nodiscard]] AccountNumber taking_account() const { return taker_; }

 private:
  void move_prices();
  void quote(InstrumentId id, Depth depth, Timestamp now);
  void take(InstrumentId id, Timestamp now);
  [[nodiscard]] Decimal fair_price(InstrumentId id) const;
  // quantity_worth gives how much of the base so many whole USDT buy, on the instrument's grid.
  [[nodiscard]] Decimal quantity_worth(InstrumentId id, std::int64_t usdt) const;

  Exchange& exchange_;
  SplitMix random_;
  AccountNumber quoter_;
  AccountNumber taker_;
  std::array<Decimal, kAssetsCount> references_{};  // in USDT
  std::array<Decimal, kAssetsCount> fair_{};        // in USDT
};

}  // namespace counterfoil::venue
