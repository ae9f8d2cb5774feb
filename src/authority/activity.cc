#include "authority/activity.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/audit_export.h"
#include "authority/problem.h"
#include "base/time.h"
#include "journal/journal.h"

namespace counterfoil {
namespace {

ActivityPair shown(PairUse&& use) {
  return {.pair = use.pair,
          .first = use.first,
          .last = use.last,
          .count = use.count,
          .last_request_id = std::move(use.last_request_id)};
}

ActivityClient shown(ClientUse&& use) {
  return {.pair = use.pair,
          .address = use.address,
          .client = std::move(use.client),
          .first = use.first,
          .last = use.last,
          .count = use.count,
          .route = std::move(use.route)};
}

ActivityRoute shown(RouteUse&& use) {
  return {.route = std::move(use.route), .first = use.first, .last = use.last, .count = use.count};
}

ActivityCount shown(UsageCount&& count) {
  return {.start = count.start, .accepted = count.accepted, .refused = count.refused};
}

AcceptedRequest shown(AcceptedRow&& row) {
  return {.pair = row.pair,
          .address = row.address,
          .client = std::move(row.client),
          .route = std::move(row.route),
          .first = row.first,
          .last = row.last,
          .count = row.count,
          .last_request_id = std::move(row.last_request_id)};
}

std::optional<JournalPlace> place_of(const std::optional<ActivityPlace>& place) {
  return place ? std::optional(JournalPlace{.time = place->time, .request_id = place->request_id})
               : std::nullopt;
}

RefusedRequest shown(RefusalRow&& row) {
  return {.request_id = std::move(row.request_id),
          .time = row.time,
          .api_key = std::move(row.api_key),
          .account = std::move(row.account),
          .reason = row.reason,
          .reason_name = std::move(row.reason_name),
          .method = std::move(row.method),
          .route = std::move(row.route),
          .path = std::move(row.path),
          .address = row.address,
          .client = std::move(row.client),
          .clock_offset_us = row.clock_offset_us,
          .count = row.count,
          .has_payload = !row.sealed_request.empty()};
}

template <typename Shown, typename Row>
std::vector<Shown> shown_all(std::vector<Row>&& rows) {
  std::vector<Shown> all;
  all.reserve(rows.size());
  for (Row& row : rows) {
    all.push_back(shown(std::move(row)));
  }
  return all;
}

UsageBucket bucket_of(UsageStep step) {
  switch (step) {
    case UsageStep::kMinute:
      return UsageBucket::kMinute;
    case UsageStep::kHour:
      return UsageBucket::kHour;
  }
  std::unreachable();
}

}  // namespace

std::expected<KeyActivity, Problem> Activity::of_key(std::string_view api_key) const {
  auto uses = journal_.last_uses(api_key);
  if (!uses) {
    return problem_of(uses.error());
  }
  return KeyActivity{.pairs = shown_all<ActivityPair>(std::move(uses->pairs)),
                     .clients = shown_all<ActivityClient>(std::move(uses->clients)),
                     .routes = shown_all<ActivityRoute>(std::move(uses->routes))};
}

std::expected<std::vector<ActivityCount>, Problem> Activity::usage(std::string_view api_key,
                                                                   Timestamp since,
                                                                   UsageStep step) const {
  auto counts = journal_.usage(api_key, since, bucket_of(step));
  if (!counts) {
    return problem_of(counts.error());
  }
  return shown_all<ActivityCount>(std::move(*counts));
}

std::expected<std::vector<AcceptedRequest>, Problem> Activity::accepted(
    std::string_view api_key, const std::optional<ActivityPlace>& before, std::size_t limit) const {
  auto rows = journal_.accepted(api_key, place_of(before), std::min(limit, kListMax));
  if (!rows) {
    return problem_of(rows.error());
  }
  return shown_all<AcceptedRequest>(std::move(*rows));
}

std::expected<std::vector<RefusedRequest>, Problem> Activity::refusals(
    const RefusalQuery& query) const {
  auto rows = journal_.refusals({.api_key = query.api_key,
                                 .account = query.account,
                                 .since = query.since,
                                 .reason = query.reason,
                                 .limit = std::min(query.limit, kListMax),
                                 .before = place_of(query.before)});
  if (!rows) {
    return problem_of(rows.error());
  }
  return shown_all<RefusedRequest>(std::move(*rows));
}

std::expected<std::optional<RefusedRequest>, Problem> Activity::refusal(
    std::string_view request_id) const {
  auto found = journal_.refusal(request_id);
  if (!found) {
    return problem_of(found.error());
  }
  std::optional<RefusalRow>& row = *found;
  return row ? std::optional(shown(std::move(*row))) : std::nullopt;
}

std::expected<std::vector<AuditLine>, Problem> Activity::audit(std::uint64_t after_seq,
                                                               std::size_t limit,
                                                               std::size_t bytes_max) const {
  auto rows = journal_.audit(after_seq, std::min(limit, kListMax));
  if (!rows) {
    return problem_of(rows.error());
  }
  std::vector<AuditLine> lines;
  std::size_t bytes = 0;
  for (AuditRow& row : *rows) {
    bytes += row.bytes.size();
    if (bytes > bytes_max && !lines.empty()) {
      break;
    }
    lines.push_back({.seq = row.seq, .line = std::move(row.bytes)});
  }
  return lines;
}

}  // namespace counterfoil
