#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string_view>

#include "base/account_id.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "policy/answers.h"
#include "policy/limit_rules.h"
#include "verify/reason.h"

namespace counterfoil {

// Usage is how much of each limit its owner has used in the window that runs: used[n] belongs to
// LimitRules::rules[n], and to the Route::usage_headers that name rule n. A keeper fills in the
// rules it counts and leaves the others alone, so one Usage serves a request from end to end.
struct Usage {
  std::array<std::uint32_t, LimitRules::kRulesMax> used{};
};

// LimitRefusal says that a limit holds a request back. `context` fills in the profile's answer; its
// views belong to the keeper.
struct LimitRefusal {
  Reason reason = Reason::kOverloaded;
  AnswerContext context;
};

// TableSeed keeps a stranger from choosing addresses that collide in a keeper's table: take it from
// a RandomSource at start; tests fix it.
struct TableSeed {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

// AddressLimits counts request weight and raw requests of each source address, and bans addresses
// that go on after they were told to wait. IPv6 is counted by /64, which one subscriber has to
// himself. A refused request adds nothing to the counters. Windows follow the calendar in UTC;
// instants before 1970 are a caller's bug.
//
// When LimitRules::table_max addresses are in use, new ones are refused with kOverloaded: a flood
// of addresses must not make the keeper forget the ones it counts. Entries whose windows are over
// are given up first.
//
// Safe to call from any thread: the table is divided into parts with a lock each.
class AddressLimits {
 public:
  AddressLimits(const LimitRules& rules, TableSeed seed);
  AddressLimits(const AddressLimits&) = delete;
  AddressLimits& operator=(const AddressLimits&) = delete;
  AddressLimits(AddressLimits&&) = delete;
  AddressLimits& operator=(AddressLimits&&) = delete;
  ~AddressLimits();

  // charge counts one request of `weight`, or refuses it: kAddressOverBudget, kAddressBanned,
  // kOverloaded. `usage` gets the numbers in each case but kOverloaded.
  [[nodiscard]] std::expected<void, LimitRefusal> charge(const IpAddress& address,
                                                         std::uint32_t weight, Timestamp now,
                                                         Usage& usage);
  // refund gives weight back, for a request that turned out cheaper (Route::on_success_weight).
  // Windows that ended since `charged_at` are left alone.
  void refund(const IpAddress& address, std::uint32_t weight, Timestamp charged_at, Usage& usage);
  // banned_until is the end of a ban in force. For the operator's page; not for the hot path.
  [[nodiscard]] std::optional<Timestamp> banned_until(const IpAddress& address,
                                                      Timestamp now) const;
  // lift ends a ban and forgets earlier ones.
  void lift(const IpAddress& address);
  // size is how many addresses the table holds.
  [[nodiscard]] std::size_t size() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// AccountLimits counts orders, and weight where a rule says so, of each account. Orders are
// unfilled orders: refund gives them back when they fill.
//
// Bounded and thread-safe like AddressLimits.
class AccountLimits {
 public:
  AccountLimits(const LimitRules& rules, TableSeed seed);
  AccountLimits(const AccountLimits&) = delete;
  AccountLimits& operator=(const AccountLimits&) = delete;
  AccountLimits(AccountLimits&&) = delete;
  AccountLimits& operator=(AccountLimits&&) = delete;
  ~AccountLimits();

  struct Cost {
    std::uint32_t weight = 0;
    std::uint32_t orders = 0;
    std::uint32_t account_weight = 0;
  };
  // charge counts one request, or refuses it and counts nothing: kAccountOverWeight,
  // kAccountOverOrders, kOverloaded.
  [[nodiscard]] std::expected<void, LimitRefusal> charge(const AccountId& account, Cost cost,
                                                         Timestamp now, Usage& usage);
  // refund gives back what a request charged at `charged_at` turned out not to cost, in the windows
  // that still run.
  void refund(const AccountId& account, Cost cost, Timestamp charged_at, Usage& usage);
  // usage reads the counters without counting: what GET /api/v3/rateLimit/order tells.
  [[nodiscard]] Usage usage(const AccountId& account, Timestamp now) const;
  [[nodiscard]] std::size_t size() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// BadSignatures holds back the pair of one address and one API key after too many wrong signatures
// in a minute, so that guessing costs nothing but the guesser's time and the key's owner, at
// another address, notices nothing (security requirements 5.3).
//
// When the table is full a new pair is not remembered: refusing unknown pairs would shut out honest
// callers, and the address's own budget still counts every wrong signature.
class BadSignatures {
 public:
  BadSignatures(const LimitRules& rules, TableSeed seed);
  BadSignatures(const BadSignatures&) = delete;
  BadSignatures& operator=(const BadSignatures&) = delete;
  BadSignatures(BadSignatures&&) = delete;
  BadSignatures& operator=(BadSignatures&&) = delete;
  ~BadSignatures();

  // check is asked before the signature is verified: kPairOverBudget when the pair already had
  // LimitRules::bad_signatures_per_minute wrong signatures in this minute. `api_key` is the text
  // sent; its first 64 characters count.
  [[nodiscard]] std::expected<void, LimitRefusal> check(const IpAddress& address,
                                                        std::string_view api_key,
                                                        Timestamp now) const;
  // record counts one wrong signature.
  void record(const IpAddress& address, std::string_view api_key, Timestamp now);
  [[nodiscard]] std::size_t size() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace counterfoil
