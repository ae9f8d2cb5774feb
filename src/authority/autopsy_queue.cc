#include "authority/autopsy_queue.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <ratio>
#include <span>
#include <string_view>
#include <utility>

#include "base/ip_address.h"
#include "base/random.h"
#include "base/time.h"
#include "base/wiped_text.h"
#include "journal/journal.h"
#include "journal/text_hash.h"
#include "wire/http/message_head.h"

namespace counterfoil {
namespace {

// Where a stranger can choose neither, chance makes two share a place seldom enough.
TextHash::Key choose_hash_key(RandomSource& random) {
  std::array<std::uint8_t, sizeof(TextHash::Key)> bytes{};
  if (!random.fill(bytes)) {
    bytes.fill(0);  // the key guards only how fairly budgets are shared
  }
  return std::bit_cast<TextHash::Key>(bytes);
}

std::size_t size_of(const RefusedView& refused) {
  std::size_t size = refused.path.size() + refused.query.size() + refused.body.size();
  for (const http::Field& field : refused.headers) {
    size += field.name.size() + field.value.size();
  }
  return size;
}

RefusedCopy copy_of(const RefusedView& refused) {
  RefusedCopy copy;
  copy.request_id = refused.request_id;
  copy.time = refused.time;
  copy.reason = refused.reason;
  copy.api_key = refused.api_key;
  copy.permissions = refused.permissions;
  copy.signature_must_be_last = refused.signature_must_be_last;
  copy.request.method = refused.method;
  copy.request.path = refused.path;
  copy.request.query = refused.query;
  copy.request.body = refused.body;
  copy.request.names = refused.names;
  copy.request.source_ip = refused.source.to_string();
  copy.request.headers.reserve(refused.headers.size());
  for (const http::Field& field : refused.headers) {
    copy.request.headers.emplace_back(field.name, field.value);
  }
  return copy;
}

}  // namespace

RefusedCopy::~RefusedCopy() {
  wipe(request.query);
  wipe(request.body);
  wipe(request.message);
  for (auto& [name, value] : request.headers) {
    wipe(value);
  }
}

AutopsyQueue::AutopsyQueue(RandomSource& random, const AutopsyLimits& limits)
    : limits_(limits),
      hash_key_(choose_hash_key(random)),
      of_keys_(kBudgets),
      of_networks_(kBudgets),
      known_(std::make_unique<std::atomic<std::uint64_t>[]>(kKnown)) {}

void AutopsyQueue::offer(const RefusedView& refused) {
  if (size_of(refused) > limits_.request_bytes_max) {
    dropped_large_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  // Whoever holds it is through in less than a microsecond, unless the worker, which gives way to
  // the event loops, was sent to sleep just then: an event loop must not wait for that.
  constexpr int kTries = 200;
  std::unique_lock lock(mutex_, std::try_to_lock);
  for (int i = 0; i < kTries && !lock.owns_lock(); ++i) {
    (void)lock.try_lock();
  }
  if (!lock.owns_lock() || waiting_.size() >= limits_.waiting_max) {
    dropped_full_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  if (!charge(refused)) {
    dropped_over_budget_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  waiting_.push_back(copy_of(refused));
  taken_.fetch_add(1, std::memory_order_relaxed);
}

std::optional<RefusedCopy> AutopsyQueue::take() {
  const std::scoped_lock lock(mutex_);
  if (waiting_.empty()) {
    return std::nullopt;
  }
  std::optional<RefusedCopy> first(std::move(waiting_.front()));
  waiting_.pop_front();
  return first;
}

void AutopsyQueue::note_uses(std::span<const UsageRow> rows) {
  for (const UsageRow& row : rows) {
    const std::uint64_t mark = known_mark(row.api_key, network_of(row.address));
    known_[mark % kKnown].store(mark, std::memory_order_relaxed);
  }
}

AutopsyCounters AutopsyQueue::counters() const {
  return {.taken = taken_.load(std::memory_order_relaxed),
          .dropped_over_budget = dropped_over_budget_.load(std::memory_order_relaxed),
          .dropped_full = dropped_full_.load(std::memory_order_relaxed),
          .dropped_large = dropped_large_.load(std::memory_order_relaxed)};
}

std::uint64_t AutopsyQueue::network_of(const IpAddress& address) const {
  constexpr std::size_t kIpv4Bytes = 15;  // of the mapped form: a /24
  constexpr std::size_t kIpv6Bytes = 6;   // a /48
  const auto& bytes = address.bytes();
  std::array<char, sizeof(bytes)> text{};
  std::memcpy(text.data(), bytes.data(), bytes.size());
  const std::size_t size = address.is_v4() ? kIpv4Bytes : kIpv6Bytes;
  return TextHash(hash_key_).text({text.data(), size}).finish();
}

std::uint64_t AutopsyQueue::known_mark(std::string_view api_key, std::uint64_t network) const {
  return TextHash(hash_key_).text(api_key).number(network).finish();
}

bool AutopsyQueue::is_known(std::uint64_t mark) const {
  return known_[mark % kKnown].load(std::memory_order_relaxed) == mark;
}

void AutopsyQueue::refill(Budget& budget, double per_minute, Timestamp now) {
  using Minutes = std::chrono::duration<double, std::ratio<60>>;
  if (budget.at == Timestamp{}) {
    budget = {.open = per_minute, .kept = per_minute, .at = now};
    return;
  }
  // A clock that steps back gives nothing.
  const double gained = std::max(0.0, Minutes(now - budget.at).count()) * per_minute;
  budget = {.open = std::min(per_minute, budget.open + gained),
            .kept = std::min(per_minute, budget.kept + gained),
            .at = now};
}

bool AutopsyQueue::charge(const RefusedView& refused) {
  const std::uint64_t network = network_of(refused.source);
  Budget& of_network = of_networks_[network % kBudgets];
  Budget& of_key = of_keys_[TextHash(hash_key_).text(refused.api_key).finish() % kBudgets];
  refill(of_network, limits_.per_minute_of_network, refused.time);
  refill(of_key, limits_.per_half_minute_of_key, refused.time);
  if (of_network.open < 1) {
    return false;
  }
  const bool takes_open = of_key.open >= 1;
  if (!takes_open && (of_key.kept < 1 || refused.api_key.empty() ||
                      !is_known(known_mark(refused.api_key, network)))) {
    return false;
  }
  (takes_open ? of_key.open : of_key.kept) -= 1;
  of_network.open -= 1;
  return true;
}

}  // namespace counterfoil
