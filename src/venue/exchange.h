#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "venue/account.h"
#include "venue/asset.h"
#include "venue/decimal.h"
#include "venue/instrument.h"
#include "venue/ledger.h"
#include "venue/market.h"
#include "venue/match_plan.h"
#include "venue/order.h"

namespace counterfoil::venue {

// Grant is money that an account is given when it is opened.
struct Grant {
  Asset asset;
  Decimal amount;
};

struct ExchangeOptions {
  Decimal maker_rate = Decimal::of("0.001");  // commission, of what the order receives
  Decimal taker_rate = Decimal::of("0.001");
  std::vector<Grant> initial_balances;  // of every trader
  std::size_t accounts_max = 1'000;     // at most kAccountsMax - 10; the house not counted
  std::uint64_t seed = 1;               // of the client order ids that the exchange makes
};

// RejectReason says why an order was not placed, CancelReject why one was not cancelled.
enum class RejectReason : std::uint8_t {
  kFilter,
  kInsufficientBalance,
  kWouldTake,          // a LIMIT_MAKER order that would trade at once
  kWouldTrigger,       // the last price has come to the stop price already
  kDuplicateClientId,  // the account has an open order of that name on the symbol
};
struct Rejection {
  RejectReason reason;
  Filter filter{};  // kFilter only

  bool operator==(const Rejection&) const = default;
};
enum class CancelReject : std::uint8_t { kUnknownOrder };

enum class AccountError : std::uint8_t {
  kTooMany,        // accounts_max are open
  kNothingToGive,  // the initial balances would no longer fit a Decimal
};

// Placed is an order as it stands after it was matched, and what it traded, one fill a trade.
struct Placed {
  Order order;
  std::vector<Fill> fills;
};

// Exchange matches orders and settles trades: price-time priority, each trade at the resting
// order's price, commissions out of what each side receives. Before an order is taken everything it
// may cost is locked, so nothing it does later can fail. Pure but for its own state: the time comes
// in as a value. One thread at a time.
//
// Stop orders wait beside the book. Every trade is looked at; the orders whose stop price it has
// reached go to work in the order of StopOrders::take_reached(), each as a new order would, after
// the order that made the trade has come to its end or to rest. What they trade can set off more.
// Only the purchase without a price (STOP_LOSS, TAKE_PROFIT) cannot know what it will cost: it
// locks its quantity at the last price, takes what is missing from the free balance when it goes to
// work, and expires when that is not enough.
//
// What is kept for ever is bounded: kOrdersOpenMax open orders an account and symbol, and the
// bounds of Account, Tape and Candles.
class Exchange {
 public:
  explicit Exchange(ExchangeOptions options);

  // account gives the trader called `name`; the first time it is opened and funded.
  [[nodiscard]] std::expected<AccountNumber, AccountError> account(std::string_view name);
  // find_account gives it only if it was opened before.
  [[nodiscard]] std::optional<AccountNumber> find_account(std::string_view name) const;
  // open_house_account opens one that pays no commission and leaves no history.
  [[nodiscard]] std::expected<AccountNumber, AccountError> open_house_account(
      const std::vector<Grant>& grants);
  [[nodiscard]] AccountNumber fee_account() const { return fee_account_; }

  // check judges an order by the filters alone: what `order/test` wants to know.
  [[nodiscard]] std::expected<void, Rejection> check(AccountNumber account, const NewOrder& order,
                                                     Timestamp now) const;
  // place checks, locks, matches, and rests or ends what is left; a stop order then waits. What its
  // trades set off happens before it returns, and `Placed` tells of the time before that. After a
  // rejection nothing has changed.
  [[nodiscard]] std::expected<Placed, Rejection> place(AccountNumber account, NewOrder order,
                                                       Timestamp now);
  // cancel ends one open order of the account and gives it as it then stands.
  [[nodiscard]] std::expected<Order, CancelReject> cancel(AccountNumber account, OrderId id,
                                                          Timestamp now);
  // cancel_by_key ends every open order that the account placed with `api_key`; returns how many.
  std::size_t cancel_by_key(AccountNumber account, std::string_view api_key, Timestamp now);

  // find gives an order of the account that is open or still remembered, find_by_client the newest
  // of that name.
  [[nodiscard]] std::optional<Order> find(AccountNumber account, OrderId id) const;
  [[nodiscard]] std::optional<Order> find_by_client(AccountNumber account, InstrumentId instrument,
                                                    std::string_view client_id) const;
  // open_orders and all_orders give the account's orders by id; no instrument means all of them.
  [[nodiscard]] std::vector<Order> open_orders(AccountNumber account,
                                               std::optional<InstrumentId> instrument) const;
  [[nodiscard]] std::vector<Order> all_orders(AccountNumber account, InstrumentId instrument) const;
  [[nodiscard]] const std::deque<Fill>& fills(AccountNumber account) const;

  [[nodiscard]] const Market& market(InstrumentId id) const { return markets_[index_of(id)]; }
  [[nodiscard]] const Ledger& ledger() const { return ledger_; }
  [[nodiscard]] const ExchangeOptions& options() const { return options_; }

  // average_price is what was paid on average during the last five minutes, else the last price;
  // nullopt: nothing was ever traded.
  [[nodiscard]] std::optional<Decimal> average_price(InstrumentId id, Timestamp now) const;

 private:
  [[nodiscard]] Account& at(AccountNumber number);
  [[nodiscard]] const Account& at(AccountNumber number) const;
  [[nodiscard]] std::expected<AccountNumber, AccountError> open(std::string_view name,
                                                                AccountKind kind,
                                                                const std::vector<Grant>& grants);

  [[nodiscard]] std::optional<Filter> broken_filter(AccountNumber account, const NewOrder& order,
                                                    Timestamp now) const;
  [[nodiscard]] std::optional<Filter> broken_market_filter(const NewOrder& order,
                                                           Timestamp now) const;
  [[nodiscard]] std::optional<Filter> broken_count_filter(AccountNumber account,
                                                          const NewOrder& order) const;
  [[nodiscard]] bool has_open_order(AccountNumber account, const NewOrder& order) const;
  [[nodiscard]] std::expected<Placed, Rejection> place_now(AccountNumber account, NewOrder order,
                                                           Timestamp now);
  [[nodiscard]] std::expected<Placed, Rejection> place_stop(AccountNumber account, NewOrder order,
                                                            Timestamp now);
  [[nodiscard]] std::expected<Order*, Rejection> accept(AccountNumber account, NewOrder order,
                                                        Decimal amount, Timestamp now);
  // work trades what `plan` says, and rests or ends what is left.
  [[nodiscard]] std::vector<Fill> work(Order& taker, MatchPlan plan, Timestamp now);
  void work_triggered(Timestamp now);
  void trigger(Order& order, Timestamp now);
  // lock_at_least sees to it that so much is locked for the order; false: not so much is free.
  [[nodiscard]] bool lock_at_least(Order& order, Decimal amount);
  [[nodiscard]] std::vector<Fill> execute(Order& taker, const MatchPlan& plan, Timestamp now);
  [[nodiscard]] Fill trade(Order& taker, Order& maker, const MatchPlan::Part& part, Timestamp now);
  // settle books one side of a trade that was paid for; gives the side's fill.
  [[nodiscard]] Fill settle(Order& order, const Trade& trade, Decimal rate);
  void rest_or_end(Order& order, const MatchPlan& plan, Timestamp now);
  void end(Order& order, OrderStatus status, Timestamp now);
  // forget_closed drops what ended too long ago; of the house, at once.
  void forget_closed(AccountNumber number);
  void forget(Account& account, OrderId id);
  [[nodiscard]] std::string make_client_id(OrderId id) const;

  ExchangeOptions options_;
  Ledger ledger_;
  std::array<Market, kInstrumentsCount> markets_;
  std::deque<Account> accounts_;  // by AccountNumber
  std::map<std::string, AccountNumber, std::less<>> traders_;
  std::unordered_map<OrderId, Order> orders_;  // open, or in some account's `closed`
  std::deque<OrderId> triggered_;              // empty between two calls
  OrderId next_order_id_ = 1;
  AccountNumber fee_account_{};
};

}  // namespace counterfoil::venue
