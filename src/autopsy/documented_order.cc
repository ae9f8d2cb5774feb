#include "autopsy/documented_order.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "autopsy/form.h"
#include "autopsy/sort_stably.h"

namespace counterfoil::autopsy {
namespace {

constexpr auto kNames = std::to_array<std::string_view>({"apiKey",
                                                         "email",
                                                         "symbol",
                                                         "symbols",
                                                         "asset",
                                                         "coin",
                                                         "address",
                                                         "network",
                                                         "side",
                                                         "positionSide",
                                                         "type",
                                                         "reduceOnly",
                                                         "timeInForce",
                                                         "quantity",
                                                         "quoteOrderQty",
                                                         "price",
                                                         "newClientOrderId",
                                                         "orderId",
                                                         "orderIdList",
                                                         "origClientOrderId",
                                                         "origClientOrderIdList",
                                                         "batchOrders",
                                                         "stopPrice",
                                                         "closePosition",
                                                         "activationPrice",
                                                         "callbackRate",
                                                         "workingType",
                                                         "priceProtect",
                                                         "trailingDelta",
                                                         "icebergQty",
                                                         "strategyId",
                                                         "strategyType",
                                                         "newOrderRespType",
                                                         "selfTradePreventionMode",
                                                         "cancelRestrictions",
                                                         "leverage",
                                                         "marginType",
                                                         "amount",
                                                         "startTime",
                                                         "endTime",
                                                         "fromId",
                                                         "limit",
                                                         "omitZeroBalances",
                                                         "status",
                                                         "page",
                                                         "size",
                                                         "recvWindow"});
constexpr auto kTimes = std::to_array<Role>({Role::kRecvWindow, Role::kTimestamp});

std::size_t rank_of(const Field& field) {
  if (const auto* const time = std::ranges::find(kTimes, field.role); time != kTimes.end()) {
    return kNames.size() + 1 + static_cast<std::size_t>(time - kTimes.begin());
  }
  return static_cast<std::size_t>(std::ranges::find(kNames, field.name) - kNames.begin());
}

}  // namespace

std::span<const std::string_view> documented_names() { return std::span(kNames).subspan(1); }

std::vector<Field> documented_order(std::vector<Field> fields) {
  sort_stably(fields, rank_of);
  return fields;
}

}  // namespace counterfoil::autopsy
