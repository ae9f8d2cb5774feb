#include "venue/stop_orders.h"

#include <cstdint>
#include <vector>

#include "venue/decimal.h"
#include "venue/order.h"

namespace counterfoil::venue {
namespace {

std::int64_t sort_key(Approach approach, Decimal price) {
  return approach == Approach::kRising ? price.units() : -price.units();
}

}  // namespace

void StopOrders::add(OrderId id, Approach approach, Decimal stop_price) {
  waiting(approach).emplace(sort_key(approach, stop_price), id);
}

void StopOrders::remove(OrderId id, Approach approach, Decimal stop_price) {
  waiting(approach).erase({sort_key(approach, stop_price), id});
}

std::vector<OrderId> StopOrders::take_reached(Decimal price) {
  std::vector<OrderId> reached;
  for (const Approach approach : kApproaches) {
    Waiting& orders = waiting(approach);
    while (!orders.empty() && orders.begin()->first <= sort_key(approach, price)) {
      reached.push_back(orders.begin()->second);
      orders.erase(orders.begin());
    }
  }
  return reached;
}

}  // namespace counterfoil::venue
