#include "authority/sign_in_throttle.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "accounts/people_codec.h"
#include "accounts/throttle.h"
#include "authority/issuer_limits.h"
#include "authority/problem.h"
#include "authority/problems.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/time.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

struct Loaded {
  TryCounter counter;
  std::uint64_t modified = 0;
};

std::expected<Loaded, Problem> load(const Registry& registry, const std::string& id) {
  const auto record = registry.find(RecordKind::kThrottle, id);
  if (!record) {
    return problem_of(record.error());
  }
  if (!*record) {
    return Loaded{};
  }
  auto counter = decode_counter((*record)->bytes);
  if (!counter) {
    return problem(Problem::Kind::kUnavailable, "record_unreadable",
                   "a counter of sign-ins cannot be read by this version, so nobody signs in; use "
                   "the version that wrote it");
  }
  return Loaded{.counter = std::move(*counter), .modified = (*record)->modified};
}

Write counter_write(const std::string& id, const TryCounter& counter, std::uint64_t modified) {
  return {.kind = RecordKind::kThrottle,
          .id = id,
          .bytes = encode_counter(counter),
          .expected_modified = modified};
}

}  // namespace

std::vector<SignInThrottle::Row> SignInThrottle::rows_of(const Who& who) const {
  if (who.device) {
    return {{.id = "device:" + *who.device, .limit = kTriesOfDevice}};
  }
  const TrySource source = try_source(who.source);
  std::vector<Row> rows{{.id = "all", .limit = kTriesOfAll},
                        {.id = "network:" + source.network, .limit = kTriesOfNetwork},
                        {.id = "source:" + source.address, .limit = kTriesOfSource}};
  if (!who.name.empty()) {
    const std::string name = to_hex(names_.mac(as_bytes(who.name)));
    rows.push_back({.id = "name:" + name, .limit = kTriesOfName});
    rows.push_back({.id = "pair:" + name + ":" + source.address, .limit = kTriesOfPair});
  }
  return rows;
}

std::expected<std::expected<SignInThrottle::Counted, SignInThrottle::Held>, Problem>
SignInThrottle::count(const Who& who, Timestamp now) {
  const std::vector<Row> rows = rows_of(who);
  const std::scoped_lock lock(mutex_);
  for (int attempt = 1;; ++attempt) {
    Held held;
    Counted counted_now{.counters = {}, .at = now};
    Transaction transaction;
    for (const Row& row : rows) {
      const auto loaded = load(registry_, row.id);
      if (!loaded) {
        return std::unexpected(loaded.error());
      }
      held.wait = std::max(
          held.wait,
          wait_before_try(loaded->counter, row.limit, now).value_or(std::chrono::seconds(0)));
      const TryCounter next = counted(loaded->counter, now);
      counted_now.next_wait =
          std::max(counted_now.next_wait,
                   wait_before_try(next, row.limit, now).value_or(std::chrono::seconds(0)));
      counted_now.counters.push_back(row.id);
      transaction.writes.push_back(counter_write(row.id, next, loaded->modified));
    }
    if (held.wait > std::chrono::seconds(0)) {
      return std::expected<Counted, Held>(std::unexpected(held));
    }
    const auto stored = registry_.commit(transaction);
    if (stored) {
      return std::expected<Counted, Held>(std::move(counted_now));
    }
    if (stored.error() != RegistryError::kConflict || attempt == kAttemptsMax) {
      return problem_of(stored.error());
    }
  }
}

std::expected<void, Problem> SignInThrottle::take_back(const Counted& counted) {
  const std::scoped_lock lock(mutex_);
  for (int attempt = 1;; ++attempt) {
    Transaction transaction;
    for (const std::string& id : counted.counters) {
      const auto loaded = load(registry_, id);
      if (!loaded) {
        return std::unexpected(loaded.error());
      }
      if (loaded->modified != 0) {
        transaction.writes.push_back(
            counter_write(id, taken_back(loaded->counter, counted.at), loaded->modified));
      }
    }
    if (transaction.writes.empty()) {
      return {};
    }
    const auto stored = registry_.commit(transaction);
    if (stored) {
      return {};
    }
    if (stored.error() != RegistryError::kConflict || attempt == kAttemptsMax) {
      return problem_of(stored.error());
    }
  }
}

std::expected<std::size_t, Problem> SignInThrottle::sweep(Timestamp now) {
  std::size_t erased = 0;
  std::string after;
  for (;;) {
    constexpr std::size_t kAtOnce = 1'000;
    const auto records = registry_.list(RecordKind::kThrottle, after, kAtOnce);
    if (!records) {
      return problem_of(records.error());
    }
    if (records->empty()) {
      return erased;
    }
    after = records->back().id;
    Transaction transaction;
    for (const Record& record : *records) {
      const auto counter = decode_counter(record.bytes);
      if (counter && is_spent(*counter, now)) {
        transaction.writes.push_back(
            {.kind = RecordKind::kThrottle, .id = record.id, .expected_modified = record.modified});
      }
    }
    if (transaction.writes.empty()) {
      continue;
    }
    // Who tried at this moment is counted; the next sweep comes.
    const auto stored = registry_.commit(transaction);
    if (!stored && stored.error() != RegistryError::kConflict) {
      return problem_of(stored.error());
    }
    erased += stored ? transaction.writes.size() : 0;
  }
}

}  // namespace counterfoil
