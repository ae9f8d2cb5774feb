#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>

#include "venue/instrument.h"
#include "venue/order.h"

namespace counterfoil::venue {

// AccountKind: a trader pays commissions and is remembered; the house (the fee account, the market
// maker) does and is neither.
enum class AccountKind : std::uint8_t { kTrader, kHouse };

// ClientOrder names an order as its account does.
struct ClientOrder {
  InstrumentId instrument;
  std::string client_id;

  auto operator<=>(const ClientOrder&) const = default;
};

// Account is what the exchange keeps of one account beside its balances (ledger.h). Of orders that
// ended and of fills it keeps the last ones.
struct Account {
  static constexpr std::size_t kClosedOrdersKept = 1'000;
  static constexpr std::size_t kFillsKept = 1'000;

  std::string name;
  AccountKind kind = AccountKind::kTrader;
  std::set<OrderId> open;
  std::deque<OrderId> closed;                // in the order in which they ended
  std::deque<Fill> fills;                    // in the order in which they happened
  std::map<ClientOrder, OrderId> by_client;  // of those that share a name, the newest
};

}  // namespace counterfoil::venue
