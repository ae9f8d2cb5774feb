// Target: RestApi::answer(), a sequence of calls on one exchange. Input: one call a line; its first
// byte chooses the route, its second the account, the rest is the query, and behind a '\x01' the
// body. Property: whatever is called, every asset adds up to what was issued and no balance is
// below zero; every answer is JSON, and a refusal has the vendor's form.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/time.h"
#include "venue/asset.h"
#include "venue/decimal.h"
#include "venue/exchange.h"
#include "venue/ledger.h"
#include "venue/order_counts.h"
#include "venue/rest_api.h"

namespace venue = counterfoil::venue;

namespace {

constexpr std::size_t kCallsMax = 200;
constexpr auto kAccounts = std::to_array<std::string_view>({"ann", "ben", "cy"});

void check_money(const venue::Ledger& ledger) {
  for (std::size_t at = 0; at < venue::kAssetsCount; ++at) {
    const auto asset = static_cast<venue::Asset>(at);
    if (ledger.total(asset) != ledger.issued(asset)) {
      std::abort();
    }
    for (std::uint32_t number = 0; number < ledger.accounts_count(); ++number) {
      const venue::Balance balance = ledger.balance(venue::AccountNumber{number}, asset);
      if (balance.free < venue::Decimal() || balance.locked < venue::Decimal()) {
        std::abort();
      }
    }
  }
}

void check_answer(const venue::RestAnswer& answer) {
  const auto parsed = nlohmann::json::parse(answer.body, nullptr, false);
  const bool refusal = answer.status != 200;
  if (parsed.is_discarded() ||
      (refusal && (!parsed.is_object() || !parsed.contains("code") || !parsed.contains("msg")))) {
    std::abort();
  }
}

std::string_view take_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  venue::Exchange exchange(
      {.initial_balances = {
           {.asset = venue::Asset::kUsdt, .amount = venue::Decimal::of("10000000")},
           {.asset = venue::Asset::kBtc, .amount = venue::Decimal::of("1000")}}});
  venue::RestApi api(exchange, venue::RateLimits{});
  counterfoil::Timestamp now = counterfoil::from_unix_ms(1'790'000'000'000);
  for (std::size_t call = 0; call < kCallsMax && !rest.empty(); ++call) {
    const std::string_view line = take_line(rest);
    if (line.size() < 2) {
      continue;
    }
    const auto routes = venue::rest_routes();
    const auto& route = routes[static_cast<unsigned char>(line[0]) % routes.size()];
    const std::size_t mark = std::min(line.find('\x01'), line.size());
    now += std::chrono::milliseconds(500);
    check_answer(api.answer(
        route,
        {.query = line.substr(2, std::max<std::size_t>(mark, 2) - 2),
         .body = line.substr(std::min(mark + 1, line.size())),
         .caller =
             venue::Caller{.account = std::string(
                               kAccounts[static_cast<unsigned char>(line[1]) % kAccounts.size()]),
                           .api_key = "key"},
         .now = now}));
    check_money(exchange.ledger());
  }
  return 0;
}
