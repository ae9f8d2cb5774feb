#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "base/time.h"
#include "venue/ledger.h"

namespace counterfoil::venue {

// RateLimits are what exchangeInfo tells. The venue counts orders but refuses none for their
// number: that is the gateway's office.
struct RateLimits {
  std::uint32_t request_weight_per_minute = 6'000;
  std::uint32_t orders_per_10_seconds = 50;
  std::uint32_t orders_per_day = 160'000;
  std::uint32_t raw_requests_per_5_minutes = 300'000;
};

// OrderCounts counts the orders that accounts placed in the running windows, which follow the
// calendar in UTC. One entry an account; the exchange bounds those. One thread at a time.
class OrderCounts {
 public:
  struct Counts {
    std::uint32_t in_10_seconds = 0;
    std::uint32_t in_day = 0;
  };
  void count(AccountNumber account, Timestamp now);
  [[nodiscard]] Counts counts(AccountNumber account, Timestamp now) const;

 private:
  struct Entry {
    Timestamp ten_seconds;  // where the window begins
    Timestamp day;
    Counts counts;
  };
  [[nodiscard]] static Entry rolled(Entry entry, Timestamp now);

  std::unordered_map<AccountNumber, Entry> entries_;
};

}  // namespace counterfoil::venue
