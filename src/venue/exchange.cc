#include "venue/exchange.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <expected>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "venue/account.h"
#include "venue/asset.h"
#include "venue/candles.h"
#include "venue/decimal.h"
#include "venue/instrument.h"
#include "venue/ledger.h"
#include "venue/market.h"
#include "venue/match_plan.h"
#include "venue/order.h"
#include "venue/splitmix.h"
#include "venue/tape.h"

namespace counterfoil::venue {
namespace {

constexpr std::chrono::minutes kAverageWindow{5};
// The accounts of the house do not count against accounts_max.
constexpr std::size_t kHouseAccountsMax = 10;

std::unexpected<Rejection> reject(RejectReason reason) {
  return std::unexpected(Rejection{.reason = reason});
}

// needed is the most that an order can give away.
Decimal needed(const NewOrder& order, const MatchPlan& plan) {
  const bool by_quote = order.quote_quantity.is_positive();
  if (order.side == Side::kSell) {
    return by_quote ? plan.quantity : order.quantity;
  }
  if (!has_price(order.type)) {
    return by_quote ? order.quote_quantity : plan.quote;
  }
  return cost(order.price, order.quantity);
}

// needed_to_wait is what a stop order locks; `last` is what it counts with when it has no price.
Decimal needed_to_wait(const NewOrder& order, Decimal last) {
  if (order.side == Side::kSell) {
    return order.quantity;
  }
  return cost(has_price(order.type) ? order.price : last, order.quantity);
}

bool may_rest(const NewOrder& order) {
  return order.type == OrderType::kLimitMaker ||
         (has_time_in_force(order.type) && order.time_in_force == TimeInForce::kGtc);
}

bool is_fill_or_kill(const NewOrder& order) {
  return has_time_in_force(order.type) && order.time_in_force == TimeInForce::kFok;
}

bool is_reached(const NewOrder& order, Decimal last) {
  return approach_of(order) == Approach::kRising ? last >= order.stop_price
                                                 : last <= order.stop_price;
}

std::optional<Filter> broken_limit_filter(const NewOrder& order) {
  const Instrument& instrument = describe(order.instrument);
  if (const auto broken = check_price(instrument, order.price)) {
    return broken;
  }
  if (const auto broken = check_quantity(instrument, order.quantity)) {
    return broken;
  }
  return check_notional(instrument, cost(order.price, order.quantity));
}

// check_planned judges an order by quote quantity, whose quantity only the plan knows.
std::optional<Filter> check_planned(const Instrument& instrument, const NewOrder& order,
                                    const MatchPlan& plan) {
  if (order.quote_quantity.is_zero()) {
    return std::nullopt;
  }
  if (plan.complete && plan.quantity.is_zero()) {
    return Filter::kLotSize;
  }
  return check_market_quantity(instrument, plan.quantity);
}

}  // namespace

Exchange::Exchange(ExchangeOptions options) : options_(std::move(options)) {
  options_.accounts_max = std::min(options_.accounts_max, kAccountsMax - kHouseAccountsMax);
  fee_account_ = open("", AccountKind::kHouse, {}).value();
}

std::expected<AccountNumber, AccountError> Exchange::account(std::string_view name) {
  if (const auto found = traders_.find(name); found != traders_.end()) {
    return found->second;
  }
  if (traders_.size() >= options_.accounts_max) {
    return std::unexpected(AccountError::kTooMany);
  }
  const auto opened = open(name, AccountKind::kTrader, options_.initial_balances);
  if (opened) {
    traders_.emplace(name, *opened);
  }
  return opened;
}

std::optional<AccountNumber> Exchange::find_account(std::string_view name) const {
  const auto found = traders_.find(name);
  return found == traders_.end() ? std::nullopt : std::optional(found->second);
}

std::expected<AccountNumber, AccountError> Exchange::open_house_account(
    const std::vector<Grant>& grants) {
  if (accounts_.size() - traders_.size() >= kHouseAccountsMax) {
    return std::unexpected(AccountError::kTooMany);
  }
  return open("", AccountKind::kHouse, grants);
}

std::expected<AccountNumber, AccountError> Exchange::open(std::string_view name, AccountKind kind,
                                                          const std::vector<Grant>& grants) {
  // Looked at before anything is opened, so that a failure leaves nothing half funded.
  std::array<Decimal, kAssetsCount> sums{};
  for (const Grant& grant : grants) {
    Decimal& sum = sums[index_of(grant.asset)];
    const auto wanted = checked_add(sum, grant.amount);
    if (grant.amount < Decimal() || !wanted || !checked_add(ledger_.issued(grant.asset), *wanted)) {
      return std::unexpected(AccountError::kNothingToGive);
    }
    sum = *wanted;
  }
  const AccountNumber number = ledger_.open_account();
  accounts_.push_back(Account{.name = std::string(name), .kind = kind});
  for (const Grant& grant : grants) {
    if (!ledger_.issue(number, grant.asset, grant.amount)) {
      std::abort();  // The loop above has just found room.
    }
  }
  return number;
}

std::optional<Filter> Exchange::broken_market_filter(const NewOrder& order, Timestamp now) const {
  const Instrument& instrument = describe(order.instrument);
  if (order.quote_quantity.is_positive()) {
    return check_notional(instrument, order.quote_quantity);
  }
  if (const auto broken = check_quantity(instrument, order.quantity)) {
    return broken;
  }
  if (const auto broken = check_market_quantity(instrument, order.quantity)) {
    return broken;
  }
  const auto average = average_price(order.instrument, now);
  if (!average) {
    return std::nullopt;  // Nothing says what the order is worth.
  }
  const auto notional = multiply_down(*average, order.quantity);
  return check_notional(instrument, notional.value_or(Decimal::max()));
}

std::optional<Filter> Exchange::broken_filter(AccountNumber account, const NewOrder& order,
                                              Timestamp now) const {
  if (has_stop(order.type)) {
    if (const auto broken = check_price(describe(order.instrument), order.stop_price)) {
      return broken;
    }
  }
  const auto broken =
      has_price(order.type) ? broken_limit_filter(order) : broken_market_filter(order, now);
  return broken ? broken : broken_count_filter(account, order);
}

std::optional<Filter> Exchange::broken_count_filter(AccountNumber account,
                                                    const NewOrder& order) const {
  const bool waits = has_stop(order.type);
  if (!waits && !may_rest(order)) {
    return std::nullopt;
  }
  std::size_t open = 0;
  std::size_t stops = 0;
  for (const OrderId id : at(account).open) {
    const NewOrder& other = orders_.at(id).wish;
    if (other.instrument == order.instrument) {
      ++open;
      stops += has_stop(other.type) ? 1U : 0U;
    }
  }
  if (open >= kOrdersOpenMax) {
    return Filter::kMaxNumOrders;
  }
  return waits && stops >= kStopOrdersOpenMax ? std::optional(Filter::kMaxNumAlgoOrders)
                                              : std::nullopt;
}

std::expected<void, Rejection> Exchange::check(AccountNumber account, const NewOrder& order,
                                               Timestamp now) const {
  if (const auto broken = broken_filter(account, order, now)) {
    return std::unexpected(Rejection{.reason = RejectReason::kFilter, .filter = *broken});
  }
  return {};
}

bool Exchange::has_open_order(AccountNumber account, const NewOrder& order) const {
  if (order.client_id.empty()) {
    return false;
  }
  const auto found = find_by_client(account, order.instrument, order.client_id);
  return found && found->is_open();
}

std::expected<Placed, Rejection> Exchange::place(AccountNumber account, NewOrder order,
                                                 Timestamp now) {
  if (const auto passes = check(account, order, now); !passes) {
    return std::unexpected(passes.error());
  }
  if (has_open_order(account, order)) {
    return reject(RejectReason::kDuplicateClientId);
  }
  auto placed = has_stop(order.type) ? place_stop(account, std::move(order), now)
                                     : place_now(account, std::move(order), now);
  forget_closed(account);
  work_triggered(now);
  return placed;
}

std::expected<Placed, Rejection> Exchange::place_stop(AccountNumber account, NewOrder order,
                                                      Timestamp now) {
  Market& market = markets_[index_of(order.instrument)];
  const auto last = market.tape.last();
  if (last && is_reached(order, last->price)) {
    return reject(RejectReason::kWouldTrigger);
  }
  const Decimal amount = needed_to_wait(order, last ? last->price : order.stop_price);
  const auto accepted = accept(account, std::move(order), amount, now);
  if (!accepted) {
    return std::unexpected(accepted.error());
  }
  const Order& waiting = **accepted;
  market.stops.add(waiting.id, approach_of(waiting.wish), waiting.wish.stop_price);
  return Placed{.order = waiting};
}

std::expected<Placed, Rejection> Exchange::place_now(AccountNumber account, NewOrder order,
                                                     Timestamp now) {
  const Instrument& instrument = describe(order.instrument);
  MatchPlan plan = plan_match(market(order.instrument).book, instrument, order);
  if (order.type == OrderType::kLimitMaker && !plan.parts.empty()) {
    return reject(RejectReason::kWouldTake);
  }
  if (const auto broken = check_planned(instrument, order, plan)) {
    return std::unexpected(Rejection{.reason = RejectReason::kFilter, .filter = *broken});
  }
  const Decimal amount = needed(order, plan);
  const auto accepted = accept(account, std::move(order), amount, now);
  if (!accepted) {
    return std::unexpected(accepted.error());
  }
  Order& taker = **accepted;
  taker.working_since = now;
  Placed placed;
  placed.fills = work(taker, std::move(plan), now);
  placed.order = taker;
  return placed;
}

std::vector<Fill> Exchange::work(Order& taker, MatchPlan plan, Timestamp now) {
  if (is_fill_or_kill(taker.wish) && !plan.complete) {
    plan = MatchPlan{};
  }
  std::vector<Fill> fills = execute(taker, plan, now);
  rest_or_end(taker, plan, now);
  return fills;
}

void Exchange::work_triggered(Timestamp now) {
  while (!triggered_.empty()) {
    Order& order = orders_.at(triggered_.front());
    triggered_.pop_front();
    const AccountNumber owner = order.account;
    trigger(order, now);
    forget_closed(owner);  // `order` may be gone now.
  }
}

void Exchange::trigger(Order& order, Timestamp now) {
  MatchPlan plan =
      plan_match(market(order.wish.instrument).book, describe(order.wish.instrument), order.wish);
  if (!lock_at_least(order, needed(order.wish, plan))) {
    end(order, OrderStatus::kExpired, now);
    return;
  }
  order.working_since = now;
  order.updated_at = now;
  (void)work(order, std::move(plan), now);
}

bool Exchange::lock_at_least(Order& order, Decimal amount) {
  if (amount <= order.locked) {
    return true;
  }
  const Asset paid = pays_with(describe(order.wish.instrument), order.wish.side);
  if (!ledger_.lock(order.account, paid, amount - order.locked)) {
    return false;
  }
  order.locked = amount;
  return true;
}

std::expected<Order*, Rejection> Exchange::accept(AccountNumber account, NewOrder order,
                                                  Decimal amount, Timestamp now) {
  const Asset paid = pays_with(describe(order.instrument), order.side);
  if (!ledger_.lock(account, paid, amount)) {
    return reject(RejectReason::kInsufficientBalance);
  }
  const OrderId id = next_order_id_++;
  if (order.client_id.empty()) {
    order.client_id = make_client_id(id);
  }
  Account& owner = at(account);
  if (owner.kind == AccountKind::kTrader) {
    owner.by_client[{order.instrument, order.client_id}] = id;
  }
  owner.open.insert(id);
  Order& taken = orders_[id];
  taken = Order{.id = id,
                .account = account,
                .wish = std::move(order),
                .locked = amount,
                .placed_at = now,
                .updated_at = now};
  return &taken;
}

std::vector<Fill> Exchange::execute(Order& taker, const MatchPlan& plan, Timestamp now) {
  std::vector<Fill> fills;
  fills.reserve(plan.parts.size());
  for (const MatchPlan::Part& part : plan.parts) {
    fills.push_back(trade(taker, orders_.at(part.maker), part, now));
  }
  return fills;
}

Fill Exchange::trade(Order& taker, Order& maker, const MatchPlan::Part& part, Timestamp now) {
  const InstrumentId id = taker.wish.instrument;
  const Instrument& instrument = describe(id);
  Market& market = markets_[index_of(id)];
  const Trade trade{.id = market.tape.next_id(),
                    .price = part.price,
                    .quantity = part.quantity,
                    .quote_quantity = cost(part.price, part.quantity),
                    .at = now,
                    .buyer_is_maker = maker.wish.side == Side::kBuy};
  Order& buy = trade.buyer_is_maker ? maker : taker;
  Order& sell = trade.buyer_is_maker ? taker : maker;
  ledger_.pay(buy.account, sell.account, instrument.quote, trade.quote_quantity);
  ledger_.pay(sell.account, buy.account, instrument.base, trade.quantity);
  buy.locked -= trade.quote_quantity;
  sell.locked -= trade.quantity;
  market.book.fill(maker.id, part.quantity);
  market.tape.record(trade, taker.id);
  market.candles.record(trade);
  std::ranges::copy(market.stops.take_reached(trade.price), std::back_inserter(triggered_));
  const Fill fill = settle(taker, trade, options_.taker_rate);
  (void)settle(maker, trade, options_.maker_rate);
  if (maker.remaining().is_zero()) {
    const AccountNumber owner = maker.account;
    end(maker, OrderStatus::kFilled, now);
    forget_closed(owner);  // `maker` may be gone now.
  } else {
    maker.status = OrderStatus::kPartiallyFilled;
  }
  return fill;
}

Fill Exchange::settle(Order& order, const Trade& trade, Decimal rate) {
  const Instrument& instrument = describe(order.wish.instrument);
  const bool is_buyer = order.wish.side == Side::kBuy;
  order.executed += trade.quantity;
  order.executed_quote += trade.quote_quantity;
  order.updated_at = trade.at;
  if (is_buyer && has_price(order.wish.type)) {
    // Locked at the limit, paid at the trade's price: the difference is free again.
    const Decimal excess = cost(order.wish.price, trade.quantity) - trade.quote_quantity;
    ledger_.release(order.account, instrument.quote, excess);
    order.locked -= excess;
  }
  Account& owner = at(order.account);
  Fill fill{.trade_id = trade.id,
            .order_id = order.id,
            .instrument = order.wish.instrument,
            .price = trade.price,
            .quantity = trade.quantity,
            .quote_quantity = trade.quote_quantity,
            .commission_asset = receives(instrument, order.wish.side),
            .at = trade.at,
            .is_buyer = is_buyer,
            .is_maker = is_buyer == trade.buyer_is_maker};
  if (owner.kind == AccountKind::kTrader) {
    const Decimal received = is_buyer ? trade.quantity : trade.quote_quantity;
    // The rate is below one, so it always fits.
    fill.commission = multiply_down(received, rate).value_or(received);
    ledger_.charge(order.account, fee_account_, fill.commission_asset, fill.commission);
    owner.fills.push_back(fill);
    if (owner.fills.size() > Account::kFillsKept) {
      owner.fills.pop_front();
    }
  }
  return fill;
}

void Exchange::rest_or_end(Order& order, const MatchPlan& plan, Timestamp now) {
  const bool by_quote = order.wish.quote_quantity.is_positive();
  if (by_quote) {
    order.wish.quantity = order.executed;
  }
  const bool filled = by_quote ? plan.complete : order.remaining().is_zero();
  if (filled) {
    end(order, OrderStatus::kFilled, now);
    return;
  }
  if (!may_rest(order.wish)) {
    end(order, OrderStatus::kExpired, now);
    return;
  }
  order.status = order.executed.is_zero() ? OrderStatus::kNew : OrderStatus::kPartiallyFilled;
  markets_[index_of(order.wish.instrument)].book.add(order.id, order.wish.side, order.wish.price,
                                                     order.remaining());
}

void Exchange::end(Order& order, OrderStatus status, Timestamp now) {
  const Asset paid = pays_with(describe(order.wish.instrument), order.wish.side);
  ledger_.release(order.account, paid, order.locked);
  order.locked = Decimal();
  order.status = status;
  order.updated_at = now;
  Market& market = markets_[index_of(order.wish.instrument)];
  market.book.remove(order.id);
  if (has_stop(order.wish.type)) {
    market.stops.remove(order.id, approach_of(order.wish), order.wish.stop_price);
  }
  Account& owner = at(order.account);
  owner.open.erase(order.id);
  owner.closed.push_back(order.id);
}

void Exchange::forget_closed(AccountNumber number) {
  Account& account = at(number);
  const std::size_t kept = account.kind == AccountKind::kHouse ? 0 : Account::kClosedOrdersKept;
  while (account.closed.size() > kept) {
    forget(account, account.closed.front());
    account.closed.pop_front();
  }
}

void Exchange::forget(Account& account, OrderId id) {
  const auto order = orders_.find(id);
  const auto named =
      account.by_client.find({order->second.wish.instrument, order->second.wish.client_id});
  if (named != account.by_client.end() && named->second == id) {
    account.by_client.erase(named);
  }
  orders_.erase(order);
}

std::expected<Order, CancelReject> Exchange::cancel(AccountNumber account, OrderId id,
                                                    Timestamp now) {
  const auto found = orders_.find(id);
  if (found == orders_.end() || found->second.account != account || !found->second.is_open()) {
    return std::unexpected(CancelReject::kUnknownOrder);
  }
  end(found->second, OrderStatus::kCanceled, now);
  Order canceled = found->second;
  forget_closed(account);
  return canceled;
}

std::size_t Exchange::cancel_by_key(AccountNumber account, std::string_view api_key,
                                    Timestamp now) {
  std::size_t canceled = 0;
  for (const Order& order : open_orders(account, std::nullopt)) {
    if (order.wish.api_key == api_key && cancel(account, order.id, now)) {
      ++canceled;
    }
  }
  return canceled;
}

std::optional<Order> Exchange::find(AccountNumber account, OrderId id) const {
  const auto found = orders_.find(id);
  if (found == orders_.end() || found->second.account != account) {
    return std::nullopt;
  }
  return found->second;
}

std::optional<Order> Exchange::find_by_client(AccountNumber account, InstrumentId instrument,
                                              std::string_view client_id) const {
  const auto& by_client = at(account).by_client;
  const auto found = by_client.find({instrument, std::string(client_id)});
  return found == by_client.end() ? std::nullopt : find(account, found->second);
}

std::vector<Order> Exchange::open_orders(AccountNumber account,
                                         std::optional<InstrumentId> instrument) const {
  std::vector<Order> found;
  for (const OrderId id : at(account).open) {
    const Order& order = orders_.at(id);
    if (!instrument || order.wish.instrument == *instrument) {
      found.push_back(order);
    }
  }
  return found;
}

std::vector<Order> Exchange::all_orders(AccountNumber account, InstrumentId instrument) const {
  std::vector<Order> found = open_orders(account, instrument);
  for (const OrderId id : at(account).closed) {
    const Order& order = orders_.at(id);
    if (order.wish.instrument == instrument) {
      found.push_back(order);
    }
  }
  std::ranges::sort(found, {}, &Order::id);
  return found;
}

const std::deque<Fill>& Exchange::fills(AccountNumber account) const { return at(account).fills; }

std::optional<Decimal> Exchange::average_price(InstrumentId id, Timestamp now) const {
  const Candles& candles = market(id).candles;
  const Candle all = candles.since(now - kAverageWindow).all;
  if (const auto average = divide_down(all.quote_volume, all.volume)) {
    return average;
  }
  const auto last = market(id).tape.last();
  return last ? std::optional(last->price) : std::nullopt;
}

Account& Exchange::at(AccountNumber number) { return accounts_.at(std::to_underlying(number)); }
const Account& Exchange::at(AccountNumber number) const {
  return accounts_.at(std::to_underlying(number));
}

std::string Exchange::make_client_id(OrderId id) const {
  constexpr std::string_view kLetters =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  // One to one, so two orders never share a name: 62^11 is above 2^64.
  std::uint64_t rest = splitmix(id + options_.seed);
  std::string text = "cf";
  for (int digit = 0; digit < 11; ++digit) {
    text.push_back(kLetters[rest % kLetters.size()]);
    rest /= kLetters.size();
  }
  return text;
}

}  // namespace counterfoil::venue
