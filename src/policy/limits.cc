#include "policy/limits.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/account_id.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "policy/limit_rules.h"
#include "policy/limit_table.h"
#include "policy/window_counters.h"
#include "verify/reason.h"

namespace counterfoil {
namespace {

constexpr std::size_t kAddressSize = 16;
constexpr std::size_t kSubscriberSize = 8;  // the /64 of an IPv6 address
constexpr std::size_t kApiKeySize = 64;
constexpr std::chrono::seconds kTableFullRetry{1};

using AddressKey = std::array<char, kAddressSize>;
using AccountKey = std::array<char, AccountId::kSizeMax>;
using PairKey = std::array<char, kAddressSize + kApiKeySize>;

AddressKey key_of(const IpAddress& address) {
  const std::size_t counted = address.is_v4() ? kAddressSize : kSubscriberSize;
  AddressKey key{};
  std::copy_n(address.bytes().begin(), counted, key.begin());
  return key;
}

AccountKey key_of(const AccountId& account) {
  AccountKey key{};  // An id holds no NUL, so padding makes no two alike.
  std::ranges::copy(account.text(), key.begin());
  return key;
}

PairKey key_of(const IpAddress& address, std::string_view api_key) {
  PairKey key{};
  std::ranges::copy(key_of(address), key.begin());
  std::ranges::copy(api_key.substr(0, kApiKeySize), key.begin() + kAddressSize);
  return key;
}

LimitRefusal over(Reason reason, const WindowRule& rule, std::int64_t now_us) {
  return {.reason = reason,
          .context = {.retry_after = until_window_end(rule, now_us),
                      .limit = rule.limit,
                      .interval = rule.interval_text,
                      .banned_until = {}}};
}

LimitRefusal table_full() {
  return {
      .reason = Reason::kOverloaded,
      .context = {.retry_after = kTableFullRetry, .limit = 0, .interval = {}, .banned_until = {}}};
}

// Ban is what an address has earned by going on after it was told to wait.
class Ban {
 public:
  // is_in_force at `now_us`.
  [[nodiscard]] bool is_in_force(std::int64_t now_us) const { return now_us < until_us_; }
  [[nodiscard]] std::int64_t until_us() const { return until_us_; }

  // count_refused counts one request refused in a window that ends at `window_end_us`, and begins a
  // ban when they were too many.
  void count_refused(const BanRule& rule, std::int64_t now_us, std::int64_t window_end_us) {
    if (now_us >= counted_until_us_) {
      counted_until_us_ = window_end_us;
      refused_ = 0;
    }
    ++refused_;
    if (rule.after_refused > 0 && refused_ > rule.after_refused) {
      begin(rule, now_us);
    }
  }

 private:
  void begin(const BanRule& rule, std::int64_t now_us) {
    const std::int64_t forgotten_us = std::chrono::microseconds(rule.forgotten_after).count();
    const bool is_first = length_s_ == 0 || now_us - until_us_ >= forgotten_us;
    const std::int64_t longest = rule.longest.count();
    length_s_ = is_first ? std::min(rule.first.count(), longest)
                         : std::min(length_s_ * rule.growth, longest);
    until_us_ = now_us + std::chrono::microseconds(std::chrono::seconds(length_s_)).count();
    refused_ = 0;
    counted_until_us_ = 0;
  }

  std::int64_t until_us_ = 0;
  std::int64_t length_s_ = 0;  // of the last ban
  std::int64_t counted_until_us_ = 0;
  std::uint32_t refused_ = 0;
};

LimitRefusal banned(const Ban& ban, std::int64_t now_us) {
  const std::chrono::microseconds left(ban.until_us() - now_us);
  return {.reason = Reason::kAddressBanned,
          .context = {.retry_after = std::chrono::ceil<std::chrono::seconds>(left),
                      .limit = 0,
                      .interval = {},
                      .banned_until = from_unix_us(ban.until_us())}};
}

struct AddressEntry {
  WindowCounters counters;
  Ban ban;
};

using Charged = std::expected<void, LimitRefusal>;

}  // namespace

struct AddressLimits::State {
  std::vector<WindowRule> rules;
  BanRule ban;
  LimitTable<kAddressSize, AddressEntry> table;

  [[nodiscard]] Charged charge(AddressEntry& entry, std::uint32_t weight, std::int64_t now_us,
                               Usage& usage) const {
    if (entry.ban.is_in_force(now_us)) {
      entry.counters.report(rules, now_us, usage);
      return std::unexpected(banned(entry.ban, now_us));
    }
    const Amounts amounts{.weight = weight, .orders = 0, .requests = 1};
    const WindowRule* broken = entry.counters.add(rules, amounts, now_us);
    entry.counters.report(rules, now_us, usage);
    if (broken == nullptr) {
      return {};
    }
    const std::int64_t window_end_us = now_us - now_us % broken->window_us + broken->window_us;
    entry.ban.count_refused(ban, now_us, window_end_us);
    return std::unexpected(entry.ban.is_in_force(now_us)
                               ? banned(entry.ban, now_us)
                               : over(Reason::kAddressOverBudget, *broken, now_us));
  }
};

AddressLimits::AddressLimits(const LimitRules& rules, TableSeed seed)
    : state_(new State{.rules = window_rules(rules, LimitOwner::kAddress),
                       .ban = rules.ban,
                       .table = {rules.table_max, seed}}) {}

AddressLimits::~AddressLimits() = default;

std::expected<void, LimitRefusal> AddressLimits::charge(const IpAddress& address,
                                                        std::uint32_t weight, Timestamp now,
                                                        Usage& usage) {
  const std::int64_t now_us = to_unix_us(now);
  Charged charged;
  const bool visited = state_->table.visit(
      key_of(address), now_us,
      [&](const AddressEntry& entry) {
        return !entry.ban.is_in_force(now_us) && entry.counters.is_over(state_->rules, now_us);
      },
      [&](AddressEntry& entry) { charged = state_->charge(entry, weight, now_us, usage); });
  return visited ? charged : std::unexpected(table_full());
}

void AddressLimits::refund(const IpAddress& address, std::uint32_t weight, Timestamp charged_at,
                           Usage& usage) {
  const Amounts amounts{.weight = weight, .orders = 0, .requests = 0};
  state_->table.change(key_of(address), [&](AddressEntry& entry) {
    entry.counters.take_back(state_->rules, amounts, to_unix_us(charged_at));
    entry.counters.report(state_->rules, to_unix_us(charged_at), usage);
  });
}

std::optional<Timestamp> AddressLimits::banned_until(const IpAddress& address,
                                                     Timestamp now) const {
  std::optional<Timestamp> until;
  state_->table.look(key_of(address), [&](const AddressEntry& entry) {
    if (entry.ban.is_in_force(to_unix_us(now))) {
      until = from_unix_us(entry.ban.until_us());
    }
  });
  return until;
}

void AddressLimits::lift(const IpAddress& address) {
  state_->table.change(key_of(address), [](AddressEntry& entry) { entry.ban = Ban(); });
}

std::size_t AddressLimits::size() const { return state_->table.size(); }

struct AccountLimits::State {
  std::vector<WindowRule> rules;
  LimitTable<AccountId::kSizeMax, WindowCounters> table;
};

AccountLimits::AccountLimits(const LimitRules& rules, TableSeed seed)
    : state_(new State{.rules = window_rules(rules, LimitOwner::kAccount),
                       .table = {rules.table_max, seed}}) {}

AccountLimits::~AccountLimits() = default;

std::expected<void, LimitRefusal> AccountLimits::charge(const AccountId& account, Cost cost,
                                                        Timestamp now, Usage& usage) {
  if (state_->rules.empty()) {
    return {};
  }
  const std::int64_t now_us = to_unix_us(now);
  const Amounts amounts{.weight = cost.weight,
                        .orders = cost.orders,
                        .requests = 1,
                        .account_weight = cost.account_weight};
  const WindowRule* broken = nullptr;
  const bool visited = state_->table.visit(
      key_of(account), now_us,
      [&](const WindowCounters& counters) { return counters.is_over(state_->rules, now_us); },
      [&](WindowCounters& counters) {
        broken = counters.add(state_->rules, amounts, now_us);
        counters.report(state_->rules, now_us, usage);
      });
  if (!visited) {
    return std::unexpected(table_full());
  }
  if (broken == nullptr) {
    return {};
  }
  const Reason reason =
      broken->type == LimitType::kOrders ? Reason::kAccountOverOrders : Reason::kAccountOverWeight;
  return std::unexpected(over(reason, *broken, now_us));
}

void AccountLimits::refund(const AccountId& account, Cost cost, Timestamp charged_at,
                           Usage& usage) {
  const Amounts amounts{.weight = cost.weight,
                        .orders = cost.orders,
                        .requests = 0,
                        .account_weight = cost.account_weight};
  state_->table.change(key_of(account), [&](WindowCounters& counters) {
    counters.take_back(state_->rules, amounts, to_unix_us(charged_at));
    counters.report(state_->rules, to_unix_us(charged_at), usage);
  });
}

Usage AccountLimits::usage(const AccountId& account, Timestamp now) const {
  Usage usage;
  state_->table.look(key_of(account), [&](const WindowCounters& counters) {
    counters.report(state_->rules, to_unix_us(now), usage);
  });
  return usage;
}

std::size_t AccountLimits::size() const { return state_->table.size(); }

struct BadSignatures::State {
  std::vector<WindowRule> rules;  // one: so many a minute
  LimitTable<kAddressSize + kApiKeySize, WindowCounters> table;
};

namespace {

std::vector<WindowRule> bad_signature_rule(const LimitRules& rules) {
  LimitRules one;
  one.rules.push_back(LimitRule{.type = LimitType::kRawRequests,
                                .owner = LimitOwner::kAddress,
                                .interval = LimitInterval::kMinute,
                                .count = 1,
                                .limit = rules.bad_signatures_per_minute,
                                .headers = {}});
  return window_rules(one, LimitOwner::kAddress);
}

}  // namespace

BadSignatures::BadSignatures(const LimitRules& rules, TableSeed seed)
    : state_(new State{.rules = bad_signature_rule(rules), .table = {rules.table_max, seed}}) {}

BadSignatures::~BadSignatures() = default;

std::expected<void, LimitRefusal> BadSignatures::check(const IpAddress& address,
                                                       std::string_view api_key,
                                                       Timestamp now) const {
  Usage usage;
  state_->table.look(key_of(address, api_key), [&](const WindowCounters& counters) {
    counters.report(state_->rules, to_unix_us(now), usage);
  });
  const WindowRule& rule = state_->rules.front();
  if (usage.used[rule.rule] < rule.limit) {
    return {};
  }
  return std::unexpected(over(Reason::kPairOverBudget, rule, to_unix_us(now)));
}

void BadSignatures::record(const IpAddress& address, std::string_view api_key, Timestamp now) {
  const std::int64_t now_us = to_unix_us(now);
  const Amounts one{.weight = 0, .orders = 0, .requests = 1};
  // A full table and a full counter are both fine: the one is explained in the header, the other is
  // what check() looks for.
  (void)state_->table.visit(
      key_of(address, api_key), now_us,
      [&](const WindowCounters& counters) { return counters.is_over(state_->rules, now_us); },
      [&](WindowCounters& counters) { (void)counters.add(state_->rules, one, now_us); });
}

std::size_t BadSignatures::size() const { return state_->table.size(); }

}  // namespace counterfoil
