#include "journal/memory_journal.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <ranges>
#include <set>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/ip_address.h"
#include "base/time.h"
#include "journal/journal.h"
#include "journal/row_limits.h"

namespace counterfoil {
namespace {

using Done = std::expected<void, JournalError>;

// KeyUse is everything of one API key.
struct KeyUse {
  std::map<std::uint32_t, PairUse> pairs;
  std::map<std::tuple<std::uint32_t, IpAddress, std::string>, ClientUse> clients;
  std::map<std::string, RouteUse> routes;
  std::map<std::pair<UsageBucket, Timestamp>, UsageCount> buckets;
  // By minute, pair, address, client and route.
  std::map<std::tuple<Timestamp, std::uint32_t, IpAddress, std::string, std::string>, AcceptedRow>
      accepted;
};

// newest_first sorts and cuts a list of requests.
template <typename Row, typename PlaceOf>
void newest_first(std::vector<Row>& rows, const std::optional<JournalPlace>& before,
                  std::size_t limit, const PlaceOf& place_of) {
  std::erase_if(rows, [&](const Row& row) { return before && place_of(row) >= *before; });
  std::ranges::sort(rows, std::ranges::greater(), place_of);
  rows.resize(std::min({rows.size(), limit, kJournalListMax}));
}

// Adds one row to the sum that is there, or to a new one.
template <typename Use>
void add_to(Use& use, const UsageRow& row) {
  const bool is_new = use.count == 0;
  use.first = is_new ? row.first : std::min(use.first, row.first);
  use.last = is_new ? row.last : std::max(use.last, row.last);
  use.count += row.count;
}

template <typename Uses>
void keep_latest(Uses& uses, std::size_t count_max) {
  while (uses.size() > count_max) {
    uses.erase(
        std::ranges::min_element(uses, {}, [](const auto& entry) { return entry.second.last; }));
  }
}

// Sorted keeps rows by a time; of equal ones in the order they were added.
template <typename Order, typename Row>
using Sorted = std::multimap<Timestamp, Row, Order>;

template <typename Order, typename Row>
std::vector<Row> rows_of(const Sorted<Order, Row>& sorted, std::size_t count_max = SIZE_MAX) {
  std::vector<Row> rows;
  rows.reserve(std::min(sorted.size(), count_max));
  for (const auto& [time, row] : sorted) {
    if (rows.size() == count_max) {
      break;
    }
    rows.push_back(row);
  }
  return rows;
}

template <typename Use, typename Uses>
std::vector<Use> latest_first(const Uses& uses) {
  Sorted<std::greater<>, Use> sorted;
  for (const auto& [name, use] : uses) {
    sorted.emplace(use.last, use);
  }
  return rows_of(sorted);
}

// Rows are numbered from 1 as they stand in the vector.
template <typename Rows>
auto rows_after(const Rows& rows, std::uint64_t after, std::size_t limit) {
  const std::size_t begin = std::min<std::uint64_t>(after, rows.size());
  const std::size_t size = std::min({limit, kJournalListMax, rows.size() - begin});
  const auto first = rows.begin() + static_cast<std::ptrdiff_t>(begin);
  return std::vector(first, first + static_cast<std::ptrdiff_t>(size));
}

// The state is plain containers under one lock: this engine is for tests, where being obviously
// right counts.
class MemoryJournal final : public Journal {
 public:
  std::expected<void, JournalError> append_audit(std::span<const AuditRow> rows) override {
    const std::scoped_lock lock(mutex_);
    std::vector<AuditRow> added;
    for (const AuditRow& row : rows) {
      if (row.bytes.size() > kAuditRowBytesMax) {
        return std::unexpected(JournalError::kTooLarge);
      }
      if (row.seq == audit_.size() + added.size() + 1) {
        added.push_back(row);
        continue;
      }
      if (const auto held = check_held(row, added); !held) {
        return held;
      }
    }
    audit_.insert(audit_.end(), added.begin(), added.end());
    return {};
  }

  std::expected<std::vector<AuditRow>, JournalError> audit(std::uint64_t after_seq,
                                                           std::size_t limit) const override {
    const std::shared_lock lock(mutex_);
    return rows_after(audit_, after_seq, limit);
  }

  std::expected<std::optional<AuditRow>, JournalError> audit_head() const override {
    const std::shared_lock lock(mutex_);
    return audit_.empty() ? std::nullopt : std::optional(audit_.back());
  }

  std::expected<std::uint64_t, JournalError> add_checkpoint(std::string_view bytes) override {
    if (bytes.size() > kCheckpointBytesMax) {
      return std::unexpected(JournalError::kTooLarge);
    }
    const std::scoped_lock lock(mutex_);
    checkpoints_.push_back({.position = checkpoints_.size() + 1, .bytes = std::string(bytes)});
    return checkpoints_.size();
  }

  std::expected<std::vector<CheckpointRow>, JournalError> checkpoints(
      std::uint64_t after_position, std::size_t limit) const override {
    const std::shared_lock lock(mutex_);
    return rows_after(checkpoints_, after_position, limit);
  }

  std::expected<std::optional<CheckpointRow>, JournalError> checkpoint_head() const override {
    const std::shared_lock lock(mutex_);
    return checkpoints_.empty() ? std::nullopt : std::optional(checkpoints_.back());
  }

  std::expected<void, JournalError> keep_receipts(std::span<const ReceiptRow> rows) override {
    if (!std::ranges::all_of(rows, [](const ReceiptRow& row) { return is_within_limits(row); })) {
      return std::unexpected(JournalError::kTooLarge);
    }
    const std::scoped_lock lock(mutex_);
    for (const ReceiptRow& row : rows) {
      std::erase_if(receipts_, [&](const ReceiptRow& kept) { return kept.id == row.id; });
      receipts_.push_back(row);
    }
    return {};
  }

  std::expected<std::optional<ReceiptRow>, JournalError> receipt(
      std::string_view id) const override {
    const std::shared_lock lock(mutex_);
    const auto found = std::ranges::find(receipts_, id, &ReceiptRow::id);
    return found == receipts_.end() ? std::nullopt : std::optional(*found);
  }

  std::expected<std::vector<ReceiptRow>, JournalError> receipts(std::string_view object,
                                                                std::size_t limit) const override {
    const std::shared_lock lock(mutex_);
    // Newest first; of the same time, the one that was kept later, which stands further behind.
    std::vector<const ReceiptRow*> newest;
    for (const ReceiptRow& row : receipts_) {
      if (row.object == object) {
        newest.push_back(&row);
      }
    }
    std::ranges::sort(newest, [](const ReceiptRow* a, const ReceiptRow* b) {
      return std::tie(b->time, b) < std::tie(a->time, a);
    });
    std::vector<ReceiptRow> found;
    for (const ReceiptRow* const row :
         newest | std::views::take(std::min(limit, kJournalListMax))) {
      found.push_back(*row);
    }
    return found;
  }

  std::expected<void, JournalError> record_usage(std::span<const UsageRow> rows) override {
    const std::scoped_lock lock(mutex_);
    std::set<std::string> keys;
    for (const UsageRow& row : rows) {
      const UsageRow kept = within_limits(row);
      keys.insert(kept.api_key);
      add_usage(kept);
    }
    for (const std::string& key : keys) {
      keep_latest(uses_[key].clients, kClientUsesPerKeyMax);
      keep_latest(uses_[key].routes, kRouteUsesPerKeyMax);
      keep_latest(uses_[key].accepted, kAcceptedPerKeyMax);
    }
    return {};
  }

  std::expected<void, JournalError> record_refusals(std::span<const RefusalRow> rows) override {
    const std::scoped_lock lock(mutex_);
    std::set<std::string> groups;
    for (const RefusalRow& row : rows) {
      RefusalRow kept = within_limits(row);
      if (refusal_ids_.insert(kept.request_id).second) {
        groups.emplace(refusal_group(kept));
        count_refusal(kept);
        refusals_.push_back(std::move(kept));
      }
    }
    std::ranges::for_each(groups, [this](const std::string& group) { trim_refusals(group); });
    return {};
  }

  std::expected<LastUses, JournalError> last_uses(std::string_view api_key) const override {
    const std::shared_lock lock(mutex_);
    const auto found = uses_.find(api_key);
    if (found == uses_.end()) {
      return LastUses{};
    }
    return LastUses{.pairs = latest_first<PairUse>(found->second.pairs),
                    .clients = latest_first<ClientUse>(found->second.clients),
                    .routes = latest_first<RouteUse>(found->second.routes)};
  }

  std::expected<std::vector<std::string>, JournalError> users_of(const Cidr& network,
                                                                 Timestamp since,
                                                                 std::string_view after,
                                                                 std::size_t limit) const override {
    const std::shared_lock lock(mutex_);
    std::vector<std::string> users;
    for (auto at = uses_.upper_bound(after);
         at != uses_.end() && users.size() < std::min(limit, kJournalListMax); ++at) {
      const bool is_user =
          std::ranges::any_of(std::views::values(at->second.clients), [&](const ClientUse& client) {
            return network.contains(client.address) && client.last >= since;
          });
      if (is_user) {
        users.push_back(at->first);
      }
    }
    return users;
  }

  std::expected<std::vector<UsageCount>, JournalError> usage(std::string_view api_key,
                                                             Timestamp since,
                                                             UsageBucket bucket) const override {
    const std::shared_lock lock(mutex_);
    std::vector<UsageCount> counts;
    const auto found = uses_.find(api_key);
    if (found == uses_.end()) {
      return counts;
    }
    const auto& buckets = found->second.buckets;
    for (auto at = buckets.lower_bound({bucket, since});
         at != buckets.end() && at->first.first == bucket && counts.size() < kJournalListMax;
         ++at) {
      counts.push_back(at->second);
    }
    return counts;
  }

  std::expected<std::vector<RefusalRow>, JournalError> refusals(
      const RefusalFilter& filter) const override {
    const std::shared_lock lock(mutex_);
    std::vector<RefusalRow> found;
    for (const RefusalRow& row : refusals_) {
      if ((filter.api_key.empty() || row.api_key == filter.api_key) &&
          (filter.account.empty() || row.account == filter.account) && row.time >= filter.since &&
          (!filter.reason || row.reason == *filter.reason)) {
        found.push_back(row);
      }
    }
    newest_first(found, filter.before, filter.limit, [](const RefusalRow& row) {
      return JournalPlace{.time = row.time, .request_id = row.request_id};
    });
    return found;
  }

  std::expected<std::vector<AcceptedRow>, JournalError> accepted(
      std::string_view api_key, const std::optional<JournalPlace>& before,
      std::size_t limit) const override {
    const std::shared_lock lock(mutex_);
    std::vector<AcceptedRow> found;
    if (const auto uses = uses_.find(api_key); uses != uses_.end()) {
      std::ranges::copy(std::views::values(uses->second.accepted), std::back_inserter(found));
    }
    newest_first(found, before, limit, [](const AcceptedRow& row) {
      return JournalPlace{.time = row.last, .request_id = row.last_request_id};
    });
    return found;
  }

  std::expected<std::optional<RefusalRow>, JournalError> refusal(
      std::string_view request_id) const override {
    const std::shared_lock lock(mutex_);
    const auto found = std::ranges::find(refusals_, request_id, &RefusalRow::request_id);
    return found == refusals_.end() ? std::nullopt : std::optional(*found);
  }

  std::expected<void, JournalError> record_autopsies(std::span<const AutopsyRow> rows) override {
    const std::scoped_lock lock(mutex_);
    for (const AutopsyRow& given : rows) {
      const AutopsyRow row = within_limits(given);
      const auto is_same = [&](const AutopsyRow& kept) {
        return kept.request_id == row.request_id;
      };
      if (std::ranges::none_of(autopsies_, is_same)) {
        autopsies_.push_back(row);
        add_cause(row);
        trim_autopsies(row.api_key);
      }
    }
    return {};
  }

  std::expected<std::optional<AutopsyRow>, JournalError> autopsy(
      std::string_view request_id) const override {
    const std::shared_lock lock(mutex_);
    const auto found = std::ranges::find(autopsies_, request_id, &AutopsyRow::request_id);
    return found == autopsies_.end() ? std::nullopt : std::optional(*found);
  }

  std::expected<std::vector<CauseSum>, JournalError> cause_sums(
      std::string_view api_key) const override {
    const std::shared_lock lock(mutex_);
    const auto found = causes_.find(api_key);
    return found == causes_.end() ? std::vector<CauseSum>() : latest_first<CauseSum>(found->second);
  }

  std::expected<std::optional<std::string>, JournalError> renew_sealed(
      Sealed which, std::string_view after, std::size_t limit,
      const SealedRenewal& renew) override {
    const std::scoped_lock lock(mutex_);
    std::map<std::string, std::vector<std::uint8_t>*> sealed;
    const auto add = [&](const std::string& id, std::vector<std::uint8_t>& bytes) {
      if (id > after && !bytes.empty()) {
        sealed.emplace(id, &bytes);
      }
    };
    if (which == Sealed::kRequests) {
      std::ranges::for_each(refusals_,
                            [&](RefusalRow& row) { add(row.request_id, row.sealed_request); });
    } else {
      std::ranges::for_each(autopsies_,
                            [&](AutopsyRow& row) { add(row.request_id, row.sealed_findings); });
    }
    std::optional<std::string> last;
    for (const auto& [id, bytes] : sealed | std::views::take(limit)) {
      if (auto renewed = renew(id, *bytes)) {
        *bytes = std::move(*renewed);
      }
      last = id;
    }
    return last;
  }

  std::expected<void, JournalError> prune(Timestamp now) override {
    const std::scoped_lock lock(mutex_);
    drop_refusals([&](const RefusalRow& row) { return row.time < now - kRefusalsKept; });
    std::erase_if(autopsies_,
                  [&](const AutopsyRow& row) { return row.time < now - kRefusalsKept; });
    for (auto& [api_key, sums] : causes_) {
      std::erase_if(sums,
                    [&](const auto& entry) { return entry.second.last < now - kRefusalsKept; });
    }
    for (auto& [api_key, use] : uses_) {
      std::erase_if(use.buckets, [&](const auto& entry) {
        const auto& [bucket, start] = entry.first;
        return start < now - (bucket == UsageBucket::kMinute ? kMinutesKept : kHoursKept);
      });
      std::erase_if(use.accepted, [&](const auto& entry) {
        return std::get<Timestamp>(entry.first) < now - kAcceptedKept;
      });
    }
    return {};
  }

 private:
  // A row that does not follow must be one that is there already.
  Done check_held(const AuditRow& row, const std::vector<AuditRow>& added) const {
    if (row.seq == 0 || row.seq > audit_.size() + added.size()) {
      return std::unexpected(JournalError::kGap);
    }
    const AuditRow& held =
        row.seq <= audit_.size() ? audit_[row.seq - 1] : added[row.seq - audit_.size() - 1];
    return held.bytes == row.bytes ? Done{} : std::unexpected(JournalError::kConflict);
  }

  void add_usage(const UsageRow& row) {
    KeyUse& key = uses_[row.api_key];
    PairUse& pair = key.pairs[row.pair];
    pair.pair = row.pair;
    if (row.last >= pair.last || pair.count == 0) {
      pair.last_request_id = row.last_request_id;
    }
    add_to(pair, row);

    ClientUse& client = key.clients[{row.pair, row.address, row.client}];
    client.pair = row.pair;
    client.address = row.address;
    client.client = row.client;
    if (row.last >= client.last || client.count == 0) {
      client.route = row.route;
    }
    add_to(client, row);

    RouteUse& route = key.routes[row.route];
    route.route = row.route;
    add_to(route, row);

    for (const UsageBucket bucket : {UsageBucket::kMinute, UsageBucket::kHour}) {
      bucket_of(key, bucket, row.last).accepted += row.count;
    }

    AcceptedRow& accepted = key.accepted[{bucket_start(row.last, UsageBucket::kMinute), row.pair,
                                          row.address, row.client, row.route}];
    accepted.pair = row.pair;
    accepted.address = row.address;
    accepted.client = row.client;
    accepted.route = row.route;
    if (row.last >= accepted.last || accepted.count == 0) {
      accepted.last_request_id = row.last_request_id;
    }
    add_to(accepted, row);
  }

  static UsageCount& bucket_of(KeyUse& key, UsageBucket bucket, Timestamp time) {
    const Timestamp start = bucket_start(time, bucket);
    UsageCount& count = key.buckets[{bucket, start}];
    count.start = start;
    return count;
  }

  void count_refusal(const RefusalRow& row) {
    if (row.account.empty()) {
      return;
    }
    KeyUse& key = uses_[row.api_key];
    for (const UsageBucket bucket : {UsageBucket::kMinute, UsageBucket::kHour}) {
      bucket_of(key, bucket, row.time).refused += row.count;
    }
  }

  void add_cause(const AutopsyRow& row) {
    CauseSum& sum = causes_[row.api_key][row.causes];
    if (sum.count == 0 || row.time - sum.last > kCauseQuiet) {
      sum = {.causes = row.causes, .first = row.time, .last = row.time, .last_request_id = {}};
    }
    if (row.time >= sum.last) {
      sum.last_request_id = row.request_id;
    }
    sum.first = std::min(sum.first, row.time);
    sum.last = std::max(sum.last, row.time);
    ++sum.count;
    keep_latest(causes_[row.api_key], kCauseSumsPerKeyMax);
  }

  void trim_autopsies(const std::string& api_key) {
    const auto is_of_key = [&](const AutopsyRow& row) { return row.api_key == api_key; };
    if (std::cmp_greater(std::ranges::count_if(autopsies_, is_of_key), kAutopsiesPerKeyMax)) {
      autopsies_.erase(std::ranges::min_element(autopsies_, {}, [&](const AutopsyRow& row) {
        return is_of_key(row) ? row.time : Timestamp::max();
      }));
    }
  }

  // Drops the oldest rows of a group past its limit; of equally old ones those that came first.
  void trim_refusals(const std::string& group) {
    const std::size_t count_max = group.empty() ? kRefusalsUnknownMax : kRefusalsPerKeyMax;
    Sorted<std::less<>, std::string> ids;
    for (const RefusalRow& row : refusals_) {
      if (refusal_group(row) == group) {
        ids.emplace(row.time, row.request_id);
      }
    }
    if (ids.size() <= count_max) {
      return;
    }
    const std::vector<std::string> oldest = rows_of(ids, ids.size() - count_max);
    const std::set<std::string> dropped(oldest.begin(), oldest.end());
    drop_refusals([&](const RefusalRow& row) { return dropped.contains(row.request_id); });
  }

  template <typename Which>
  void drop_refusals(const Which& which) {
    std::erase_if(refusals_, [&](const RefusalRow& row) {
      const bool is_dropped = which(row);
      if (is_dropped) {
        refusal_ids_.erase(row.request_id);
      }
      return is_dropped;
    });
  }

  mutable std::shared_mutex mutex_;
  std::vector<AuditRow> audit_;
  std::vector<CheckpointRow> checkpoints_;
  std::vector<ReceiptRow> receipts_;
  std::map<std::string, KeyUse, std::less<>> uses_;
  std::vector<RefusalRow> refusals_;  // in the order they came
  std::set<std::string> refusal_ids_;
  std::vector<AutopsyRow> autopsies_;  // in the order they came
  std::map<std::string, std::map<std::string, CauseSum>, std::less<>> causes_;  // of API keys
};

}  // namespace

std::unique_ptr<Journal> make_memory_journal() { return std::make_unique<MemoryJournal>(); }

}  // namespace counterfoil
