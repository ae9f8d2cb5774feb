// Random traffic over the API, sound and unsound: no asset is made or lost, no balance falls below
// zero, every answer is JSON in the vendor's words, and what the API shows is what the ledger
// holds.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "venue/asset.h"
#include "venue/decimal.h"
#include "venue/ledger.h"
#include "venue/market_maker.h"
#include "venue/splitmix.h"
#include "venue/test_market.h"
#include "venue/test_venue.h"
#include "venue/venue_service.h"
#include "wire/http/request_head.h"

namespace counterfoil::venue {
namespace {

constexpr auto kTraders = std::to_array<Trader>(
    {kAnn,
     kBen,
     {.account = "ann",
      .api_key = "TESTONLYann1111111111111111111111111111111111111111111111111111"},
     {.account = "cy",
      .api_key = "TESTONLYcy00000000000000000000000000000000000000000000000000000"}});
constexpr auto kSymbols =
    std::to_array<std::string_view>({"BTCUSDT", "ETHUSDT", "ETHBTC", "NOSUCH"});
constexpr auto kTypes = std::to_array<std::string_view>(
    {"LIMIT&timeInForce=GTC", "LIMIT&timeInForce=IOC", "LIMIT&timeInForce=FOK", "LIMIT_MAKER",
     "MARKET", "STOP_LOSS", "TAKE_PROFIT", "STOP_LOSS_LIMIT&timeInForce=GTC",
     "STOP_LOSS_LIMIT&timeInForce=IOC", "TAKE_PROFIT_LIMIT&timeInForce=GTC"});
constexpr auto kAmounts =
    std::to_array<std::string_view>({"0.01", "0.5", "1", "3", "0.00001", "0.000000001", "0", "-1",
                                     "90000000000", "99999999999999", "1e9", "0.1234", "", "17.5"});
constexpr auto kPrices =
    std::to_array<std::string_view>({"63990", "64000", "64010", "3200", "3190.5", "0.05", "0.04999",
                                     "1000000", "0.01", "0.001", "x"});
constexpr auto kReads = std::to_array<std::string_view>({"/api/v3/account", "/api/v3/openOrders",
                                                         "/api/v3/rateLimit/order",
                                                         "/api/v3/account?omitZeroBalances=true"});

class Traffic {
 public:
  explicit Traffic(std::uint64_t seed)
      : random_(seed),
        venue_({.initial_balances = {{.asset = Asset::kUsdt, .amount = d("1000000")},
                                     {.asset = Asset::kBtc, .amount = d("100")},
                                     {.asset = Asset::kEth, .amount = d("1000")}}}),
        maker_(venue_.exchange, seed) {}

  void act() {
    venue_.now += std::chrono::milliseconds(random_.between(1, 3'000));
    const Trader& trader = one_of(kTraders);
    switch (random_.below(16)) {
      case 0:
        maker_.tick(venue_.now, MarketMaker::Depth::kThin);
        return;
      case 1:
        tell_death(trader);
        return;
      case 2:
      case 3:
        note(venue_.remove(cancel_target(), trader));
        return;
      case 4:
        note(venue_.remove("/api/v3/openOrders?symbol=" + std::string(one_of(kSymbols)), trader));
        return;
      case 5:
        note(venue_.post(
            "/api/v3/order/cancelReplace?cancelReplaceMode=" +
                std::string(random_.below(2) == 0 ? "ALLOW_FAILURE" : "STOP_ON_FAILURE") +
                "&cancelOrderId=" + std::to_string(random_.below(400)) + order(),
            trader));
        return;
      case 6:
        note(venue_.get_as(one_of(kReads), trader));
        return;
      default:
        note(venue_.post("/api/v3/order?" + order().substr(1), trader));
    }
  }

  void check_money() {
    for (std::size_t at = 0; at < kAssetsCount; ++at) {
      const auto asset = static_cast<Asset>(at);
      const Ledger& ledger = venue_.exchange.ledger();
      ASSERT_EQ(ledger.total(asset), ledger.issued(asset));
      for (std::uint32_t number = 0; number < ledger.accounts_count(); ++number) {
        ASSERT_GE(ledger.balance(AccountNumber{number}, asset).free, Decimal());
        ASSERT_GE(ledger.balance(AccountNumber{number}, asset).locked, Decimal());
      }
    }
  }
  // check_accounts compares what the API shows with the ledger, to the last unit.
  void check_accounts() {
    venue_.now += std::chrono::seconds(11);  // So that no key is remembered as dead.
    for (const Trader& trader : kTraders) {
      const Reply reply = venue_.get_as("/api/v3/account", trader);
      ASSERT_EQ(reply.status, 200) << reply.body;
      const AccountNumber account = venue_.exchange.find_account(trader.account).value();
      for (std::size_t at = 0; at < kAssetsCount; ++at) {
        const Balance balance = venue_.exchange.ledger().balance(account, static_cast<Asset>(at));
        ASSERT_EQ(reply.json["balances"][at]["free"], balance.free.text());
        ASSERT_EQ(reply.json["balances"][at]["locked"], balance.locked.text());
      }
    }
  }
  [[nodiscard]] std::size_t accepted() const { return accepted_; }
  [[nodiscard]] std::size_t refused() const { return refused_; }

 private:
  template <typename Item, std::size_t kCount>
  const Item& one_of(const std::array<Item, kCount>& items) {
    return items[random_.below(kCount)];
  }
  std::string order() {
    std::string text = "&symbol=" + std::string(one_of(kSymbols));
    text += random_.below(2) == 0 ? "&side=BUY" : "&side=SELL";
    const std::string type(one_of(kTypes));
    text += "&type=" + type;
    const bool has_price = type.contains("LIMIT");
    if (has_price || random_.below(8) == 0) {
      text += "&price=" + std::string(one_of(kPrices));
    }
    if (type.starts_with("STOP") || type.starts_with("TAKE") || random_.below(20) == 0) {
      text += "&stopPrice=" + std::string(one_of(kPrices));
    }
    text += random_.below(5) == 0 && type == "MARKET" ? "&quoteOrderQty=" : "&quantity=";
    return text + std::string(one_of(kAmounts));
  }
  std::string cancel_target() {
    return "/api/v3/order?symbol=" + std::string(one_of(kSymbols)) +
           "&orderId=" + std::to_string(random_.below(400));
  }
  void tell_death(const Trader& trader) {
    VenueRequest request = TestVenue::request_of(
        http::Method::kPost, "/counterfoil/events",
        R"({"id":"e)" + std::to_string(random_.below(100)) +
            R"(","type":"key.suspended","api_key":")" + std::string(trader.api_key) +
            R"(","account":")" + std::string(trader.account) + R"(","cancel_open_orders":true})");
    venue_.prove(request, trader, "");
    note(venue_.send(request));
  }
  void note(const Reply& reply) {
    if (reply.status == 200) {
      ++accepted_;
      return;
    }
    ++refused_;
    ASSERT_TRUE(reply.json.is_object()) << reply.body;
    ASSERT_LT(reply.code(), 0) << reply.body;
    ASSERT_GE(reply.status, 400);
    ASSERT_LT(reply.status, 500) << reply.body;
  }

  SplitMix random_;
  TestVenue venue_;
  MarketMaker maker_;
  std::size_t accepted_ = 0;
  std::size_t refused_ = 0;
};

class ApiTraffic : public testing::TestWithParam<std::uint64_t> {};
TEST_P(ApiTraffic, ConservesEveryAsset) {
  Traffic traffic(GetParam());

  for (int step = 0; step < 1'500; ++step) {
    traffic.act();
    traffic.check_money();
    if (HasFatalFailure()) {
      FAIL() << "at step " << step;
    }
  }

  traffic.check_accounts();
  EXPECT_GT(traffic.accepted(), 100U);
  EXPECT_GT(traffic.refused(), 100U);
}
INSTANTIATE_TEST_SUITE_P(Seeds, ApiTraffic, testing::Values(1, 2, 3, 4, 5));

}  // namespace
}  // namespace counterfoil::venue
