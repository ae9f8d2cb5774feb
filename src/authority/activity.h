#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authority/problem.h"
#include "base/ip_address.h"
#include "base/time.h"

namespace counterfoil {

class Journal;  // journal/journal.h, which no door may include

// What the journal knows, as plain values for doors, which may not see the journal itself. Texts
// that came from strangers (client, path, method, an unknown API key) are as they came, cut to
// their limits: they may hold any byte, and whoever shows them escapes them.

struct ActivityPair {
  std::uint32_t pair = 0;
  Timestamp first;
  Timestamp last;
  std::uint64_t count = 0;
  std::string last_request_id;
};
struct ActivityClient {
  std::uint32_t pair = 0;
  IpAddress address;
  std::string client;  // User-Agent
  Timestamp first;
  Timestamp last;
  std::uint64_t count = 0;
  std::string route;  // of the last request
};
struct ActivityRoute {
  std::string route;
  Timestamp first;
  Timestamp last;
  std::uint64_t count = 0;
};
// KeyActivity is the accepted use of one API key over its whole life; each list latest first. Of
// clients and routes the journal keeps the latest 1,000.
struct KeyActivity {
  std::vector<ActivityPair> pairs;
  std::vector<ActivityClient> clients;
  std::vector<ActivityRoute> routes;
};

// UsageStep: minutes are kept 7 days, hours 90 days.
enum class UsageStep : std::uint8_t { kMinute, kHour };
struct ActivityCount {
  Timestamp start;
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
};

// ActivityPlace is where a list of requests, newest first, is read on: behind the one with this
// time and request id.
struct ActivityPlace {
  Timestamp time;
  std::string request_id;
  auto operator<=>(const ActivityPlace&) const = default;
};

// AcceptedRequest is one accepted request, or all of one minute that have pair, address, client and
// route in common. Kept seven days, the newest 1,000 of an API key.
struct AcceptedRequest {
  std::uint32_t pair = 0;
  IpAddress address;
  std::string client;  // User-Agent
  std::string route;
  Timestamp first;
  Timestamp last;
  std::uint64_t count = 0;
  std::string last_request_id;
};

struct RefusalQuery {
  std::string api_key;  // empty: any
  std::string account;  // empty: any; both given: both must match
  std::optional<std::uint16_t> reason;
  Timestamp since;  // at or after
  std::size_t limit = 100;
  std::optional<ActivityPlace> before = std::nullopt;  // nullopt: from the newest
};
// RefusedRequest is one refused request without its payload, or `count` alike ones that came faster
// than they could be kept one by one.
struct RefusedRequest {
  std::string request_id;
  Timestamp time;
  std::string api_key;  // as sent
  std::string account;  // empty: the API key was not one of ours
  std::uint16_t reason = 0;
  std::string reason_name;
  std::string method;
  std::string route;  // empty: none matched
  std::string path;   // without the query
  IpAddress address;
  std::string client;
  std::int64_t clock_offset_us = 0;  // our time minus its timestamp; 0: it had none
  std::uint64_t count = 1;
  bool has_payload = false;  // sealed, for its owner's autopsy
};

// AuditLine is one record of the audit log, exactly as its hash covers it.
struct AuditLine {
  std::uint64_t seq = 0;
  std::string line;
};

// Activity reads what happened. It checks no right: the caller asks only for what the one it
// answers may see. Safe to call from any thread; it waits for the store. Problem: the journal does
// not answer.
class Activity {
 public:
  static constexpr std::size_t kListMax = 1'000;     // refusals of one answer
  static constexpr std::size_t kCountsMax = 10'000;  // steps of one answer

  // `journal` must outlive it.
  explicit Activity(const Journal& journal) : journal_(journal) {}

  // of_key gives empty lists for an API key that was never used, or is not ours.
  [[nodiscard]] std::expected<KeyActivity, Problem> of_key(std::string_view api_key) const;
  // usage gives the steps that start at or after `since` and hold at least one request, oldest
  // first.
  [[nodiscard]] std::expected<std::vector<ActivityCount>, Problem> usage(std::string_view api_key,
                                                                         Timestamp since,
                                                                         UsageStep step) const;
  // accepted gives what is kept of the accepted requests of an API key, newest first, behind
  // `before`, at most kListMax.
  [[nodiscard]] std::expected<std::vector<AcceptedRequest>, Problem> accepted(
      std::string_view api_key, const std::optional<ActivityPlace>& before,
      std::size_t limit) const;
  // refusals gives what matches, newest first.
  [[nodiscard]] std::expected<std::vector<RefusedRequest>, Problem> refusals(
      const RefusalQuery& query) const;
  // refusal gives nullopt when this request was not refused, or too long ago.
  [[nodiscard]] std::expected<std::optional<RefusedRequest>, Problem> refusal(
      std::string_view request_id) const;
  // audit gives records after `after_seq`, in order, at most kListMax and until `bytes_max` are
  // reached, but at least one if there is one.
  [[nodiscard]] std::expected<std::vector<AuditLine>, Problem> audit(std::uint64_t after_seq,
                                                                     std::size_t limit,
                                                                     std::size_t bytes_max) const;

 private:
  const Journal& journal_;
};

}  // namespace counterfoil
