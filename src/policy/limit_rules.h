#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace counterfoil {

// LimitType says what is counted. The first three names are those of the vendor's rateLimits;
// account weight is what he calls UID weight.
enum class LimitType : std::uint8_t { kRequestWeight, kOrders, kRawRequests, kAccountWeight };
enum class LimitOwner : std::uint8_t { kAddress, kAccount };
enum class LimitInterval : std::uint8_t { kSecond, kMinute, kHour, kDay };

// LimitHeader names a response header for routes whose path begins with `path_prefix`.
struct LimitHeader {
  std::string path_prefix;
  std::string name;
  bool operator==(const LimitHeader&) const = default;
};

// LimitRule is one limit: at most `limit` in each window of `count` intervals. Windows are aligned
// to the calendar in UTC: a minute begins at second 0, a day at midnight.
struct LimitRule {
  LimitType type = LimitType::kRequestWeight;
  LimitOwner owner = LimitOwner::kAddress;
  LimitInterval interval = LimitInterval::kMinute;
  std::uint32_t count = 1;  // a window divides a day, or is one day
  std::uint32_t limit = 0;
  std::vector<LimitHeader> headers;

  [[nodiscard]] std::chrono::seconds window() const;
  // interval_text is "10 SECOND" or "1 MINUTE": what error texts call the window.
  [[nodiscard]] std::string interval_text() const;
  bool operator==(const LimitRule&) const = default;
};

// BanRule says when an address that goes on after "too many requests" is shut out, and how long.
// The first ban lasts `first`; each later one `growth` times the one before, at most `longest`.
// After `forgotten_after` without a ban the next one is a first one again.
struct BanRule {
  std::uint32_t after_refused = 100;  // refused requests within one window; 0: nobody is banned
  std::chrono::seconds first{120};
  std::chrono::seconds longest{3 * 24 * 3600};
  std::uint32_t growth = 4;
  std::chrono::seconds forgotten_after{24 * 3600};
  bool operator==(const BanRule&) const = default;
};

// LimitRules is everything the limit keepers need to know.
struct LimitRules {
  static constexpr std::size_t kRulesMax = 8;
  static constexpr std::size_t kHeadersPerRuleMax = 16;

  std::vector<LimitRule> rules;
  BanRule ban;
  std::uint32_t bad_signatures_per_minute = 20;  // of one address for one API key
  std::uint32_t table_max = 1'000'000;           // addresses, accounts and pairs remembered, each
  bool operator==(const LimitRules&) const = default;
};

[[nodiscard]] std::string_view to_string(LimitType type);  // "request_weight"
[[nodiscard]] std::string_view to_string(LimitOwner owner);
[[nodiscard]] std::string_view to_string(LimitInterval interval);  // "minute"

}  // namespace counterfoil
