#include "policy/limit_rules.h"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace counterfoil {
namespace {

std::chrono::seconds length_of(LimitInterval interval) {
  switch (interval) {
    case LimitInterval::kSecond:
      return std::chrono::seconds(1);
    case LimitInterval::kMinute:
      return std::chrono::minutes(1);
    case LimitInterval::kHour:
      return std::chrono::hours(1);
    case LimitInterval::kDay:
      return std::chrono::hours(24);
  }
  std::unreachable();
}

std::string_view text_of(LimitInterval interval) {
  switch (interval) {
    case LimitInterval::kSecond:
      return "SECOND";
    case LimitInterval::kMinute:
      return "MINUTE";
    case LimitInterval::kHour:
      return "HOUR";
    case LimitInterval::kDay:
      return "DAY";
  }
  std::unreachable();
}

}  // namespace

std::chrono::seconds LimitRule::window() const { return length_of(interval) * count; }

std::string LimitRule::interval_text() const {
  return std::to_string(count) + " " + std::string(text_of(interval));
}

std::string_view to_string(LimitType type) {
  switch (type) {
    case LimitType::kRequestWeight:
      return "request_weight";
    case LimitType::kOrders:
      return "orders";
    case LimitType::kRawRequests:
      return "raw_requests";
    case LimitType::kAccountWeight:
      return "account_weight";
  }
  std::unreachable();
}

std::string_view to_string(LimitOwner owner) {
  switch (owner) {
    case LimitOwner::kAddress:
      return "address";
    case LimitOwner::kAccount:
      return "account";
  }
  std::unreachable();
}

std::string_view to_string(LimitInterval interval) {
  switch (interval) {
    case LimitInterval::kSecond:
      return "second";
    case LimitInterval::kMinute:
      return "minute";
    case LimitInterval::kHour:
      return "hour";
    case LimitInterval::kDay:
      return "day";
  }
  std::unreachable();
}

}  // namespace counterfoil
