#include "venue/order_counts.h"

#include <chrono>
#include <cstdint>
#include <ratio>

#include "base/time.h"
#include "venue/ledger.h"

namespace counterfoil::venue {
namespace {

using TenSeconds = std::chrono::duration<std::int64_t, std::ratio<10>>;

}  // namespace

OrderCounts::Entry OrderCounts::rolled(Entry entry, Timestamp now) {
  if (const Timestamp window = std::chrono::floor<TenSeconds>(now); entry.ten_seconds != window) {
    entry.ten_seconds = window;
    entry.counts.in_10_seconds = 0;
  }
  if (const Timestamp window = std::chrono::floor<std::chrono::days>(now); entry.day != window) {
    entry.day = window;
    entry.counts.in_day = 0;
  }
  return entry;
}

void OrderCounts::count(AccountNumber account, Timestamp now) {
  Entry& entry = entries_[account];
  entry = rolled(entry, now);
  ++entry.counts.in_10_seconds;
  ++entry.counts.in_day;
}

OrderCounts::Counts OrderCounts::counts(AccountNumber account, Timestamp now) const {
  const auto found = entries_.find(account);
  return found == entries_.end() ? Counts{} : rolled(found->second, now).counts;
}

}  // namespace counterfoil::venue
