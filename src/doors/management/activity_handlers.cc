#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "authority/activity.h"
#include "authority/issuer.h"
#include "base/time.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/caller.h"
#include "doors/management/json.h"
#include "doors/management/last_used.h"
#include "doors/management/management_api.h"
#include "doors/management/query.h"
#include "doors/management/time_text.h"
#include "verify/reason.h"

namespace counterfoil {
namespace {

// spell writes what all sums of use have in common.
template <typename Use>
void spell(const Use& use, Json& json) {
  json["first_at"] = time_text(use.first);
  json["last_at"] = time_text(use.last);
  json["accepted"] = use.count;
}

Json activity_json(const KeyActivity& uses) {
  Json pairs = Json::array();
  for (const ActivityPair& use : uses.pairs) {
    Json json{{"number", use.pair}};
    spell(use, json);
    json["last_request_id"] = use.last_request_id;
    pairs.push_back(std::move(json));
  }
  Json clients = Json::array();
  for (const ActivityClient& use : uses.clients) {
    Json json{{"number", use.pair}, {"address", use.address.to_string()}, {"client", use.client}};
    spell(use, json);
    json["route"] = use.route;
    clients.push_back(std::move(json));
  }
  Json routes = Json::array();
  for (const ActivityRoute& use : uses.routes) {
    Json json{{"route", use.route}};
    spell(use, json);
    routes.push_back(std::move(json));
  }
  return {
      {"pairs", std::move(pairs)}, {"clients", std::move(clients)}, {"routes", std::move(routes)}};
}

Json refusal_json(const RefusedRequest& refused) {
  Json json{{"request_id", refused.request_id},
            {"time", time_text(refused.time)},
            {"api_key", refused.api_key},
            {"account", refused.account},
            {"reason", refused.reason_name},
            {"method", refused.method},
            {"path", refused.path},
            {"route", refused.route},
            {"address", refused.address.to_string()},
            {"client", refused.client},
            {"clock_offset_us", refused.clock_offset_us},
            {"count", refused.count},
            {"has_payload", refused.has_payload}};
  if (const auto reason = parse_reason(refused.reason_name)) {
    json["detail"] = describe(*reason).owner_text;
    json["fix"] = describe(*reason).fix;
  }
  return json;
}

Json accepted_json(const AcceptedRequest& use) {
  return {{"request_id", use.last_request_id},
          {"first_at", time_text(use.first)},
          {"last_at", time_text(use.last)},
          {"count", use.count},
          {"number", use.pair},
          {"route", use.route},
          {"address", use.address.to_string()},
          {"client", use.client}};
}

// A place is written as its microseconds since 1970 and its request id: "1772366400000000-5f0c".
std::string place_text(const ActivityPlace& place) {
  return std::to_string(to_unix_us(place.time)) + "-" + place.request_id;
}

std::optional<ActivityPlace> parse_place(std::string_view text) {
  constexpr std::size_t kRequestIdBytesMax = 256;
  const std::size_t dash = text.find('-');
  const std::string_view digits = text.substr(0, dash);
  std::int64_t micros = 0;
  const char* const end = digits.end();
  const auto [stop, fault] = std::from_chars(digits.begin(), end, micros);
  if (dash == std::string_view::npos || fault != std::errc() || stop != end || micros < 0 ||
      text.size() - dash - 1 > kRequestIdBytesMax) {
    return std::nullopt;
  }
  return ActivityPlace{.time = from_unix_us(micros),
                       .request_id = std::string(text.substr(dash + 1))};
}

// read_place reads "after", the `next` of the page before.
std::optional<ActivityPlace> read_place(Query& query) {
  const auto text = query.text("after");
  auto place = text ? parse_place(*text) : std::nullopt;
  if (text && !place) {
    query.refuse("parameter_type", "\"after\" is the \"next\" of the page before", "after");
  }
  return place;
}

// next_after is where the next page begins; nullopt: this one was not full, so it was the last.
template <typename Row, typename PlaceOf>
std::optional<std::string> next_after(const std::vector<Row>& rows, std::size_t limit,
                                      const PlaceOf& place_of) {
  return rows.size() < limit || rows.empty() ? std::nullopt
                                             : std::optional(place_text(place_of(rows.back())));
}

std::expected<std::uint64_t, ApiFault> accepted_since(const Call& call, Timestamp since) {
  const auto counts = call.parts.activity.usage(call.id, since, UsageStep::kMinute);
  if (!counts) {
    return std::unexpected(fault_of(counts.error()));
  }
  std::uint64_t sum = 0;
  for (const ActivityCount& count : *counts) {
    sum += count.accepted;
  }
  return sum;
}

UsageStep read_step(Query& query) {
  const std::string word = query.text("step").value_or("hour");
  if (word != "hour" && word != "minute") {
    query.refuse("parameter_type", "\"step\" is hour or minute", "step");
  }
  return word == "minute" ? UsageStep::kMinute : UsageStep::kHour;
}

RefusalQuery read_refusal_query(Query& query) {
  RefusalQuery wanted{.api_key = query.text("api_key").value_or(""),
                      .account = query.text("account").value_or(""),
                      .reason = std::nullopt,
                      .since = query.time("since").value_or(Timestamp{}),
                      .limit = page_size(query),
                      .before = read_place(query)};
  if (const auto name = query.text("reason")) {
    if (const auto reason = parse_reason(*name)) {
      wanted.reason = static_cast<std::uint16_t>(*reason);
    } else {
      query.refuse("parameter_type", "there is no such reason; docs/errors.md lists all", "reason");
    }
  }
  return wanted;
}

using Refusals = std::expected<std::vector<RefusedRequest>, ApiFault>;

Refusals refusals(const Call& call, const RefusalQuery& wanted) {
  auto refused = call.parts.activity.refusals(wanted);
  return refused ? Refusals(std::move(*refused)) : std::unexpected(fault_of(refused.error()));
}

// seen_refusals looks into each account that the asker sees, where they do not see all.
Refusals seen_refusals(const Call& call, const RefusalQuery& wanted) {
  const auto bound = bound_account(call.asker);
  if (!bound) {
    return refusals(call, wanted);
  }
  const auto accounts = accounts_within(call.parts, *bound);
  if (!accounts) {
    return std::unexpected(accounts.error());
  }
  std::vector<RefusedRequest> all;
  for (const Account& account : *accounts) {
    if (!wanted.account.empty() && wanted.account != account.id.text()) {
      continue;
    }
    RefusalQuery of_account = wanted;
    of_account.account = account.id.text();
    auto found = refusals(call, of_account);
    if (!found) {
      return found;
    }
    std::ranges::move(*found, std::back_inserter(all));
  }
  std::ranges::sort(all, std::ranges::greater(), [](const RefusedRequest& refused) {
    return std::tie(refused.time, refused.request_id);
  });
  all.resize(std::min(all.size(), wanted.limit));
  return all;
}

}  // namespace

ApiFault no_such_refusal() {
  return {.status = 404,
          .reason = "no_such_refusal",
          .detail =
              "no refused request has this id; refusals are kept seven days, the newest "
              "10,000 of each API key",
          .member = {}};
}

Outcome show_usage(const Call& call) {
  const Timestamp now = call.parts.clock.now();
  const Timestamp since = call.query.time("since").value_or(now - std::chrono::hours(24));
  const UsageStep step = read_step(call.query);
  if (const auto fine = call.query.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  if (const auto known = call.parts.issuer.stored_key(call.id); !known) {
    return std::unexpected(fault_of(known.error()));
  }
  const auto uses = call.parts.activity.of_key(call.id);
  const auto counts = call.parts.activity.usage(call.id, since, step);
  const auto last_hour = accepted_since(call, now - std::chrono::hours(1));
  if (!uses || !counts) {
    return std::unexpected(fault_of(uses ? counts.error() : uses.error()));
  }
  if (!last_hour) {
    return std::unexpected(last_hour.error());
  }
  Json json = activity_json(*uses);
  json["last_used_at"] = last_used_json(*uses);
  json["accepted_last_hour"] = *last_hour;
  json["steps"] = Json::array();
  for (const ActivityCount& count : *counts) {
    json["steps"].push_back(Json{{"start", time_text(count.start)},
                                 {"accepted", count.accepted},
                                 {"refused", count.refused}});
  }
  json["as_of"] = time_text(now);
  return reply(json);
}

Outcome list_refusals(const Call& call) {
  const RefusalQuery wanted = read_refusal_query(call.query);
  if (const auto fine = call.query.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  const auto refused = seen_refusals(call, wanted);
  if (!refused) {
    return std::unexpected(refused.error());
  }
  Json items = Json::array();
  for (const RefusedRequest& one : *refused) {
    items.push_back(refusal_json(one));
  }
  return reply_list(call, std::move(items),
                    next_after(*refused, wanted.limit, [](const RefusedRequest& one) {
                      return ActivityPlace{.time = one.time, .request_id = one.request_id};
                    }));
}

Outcome list_requests(const Call& call) {
  const std::size_t limit = page_size(call.query);
  const auto before = read_place(call.query);
  if (const auto fine = call.query.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  if (const auto known = call.parts.issuer.stored_key(call.id); !known) {
    return std::unexpected(fault_of(known.error()));
  }
  const auto uses = call.parts.activity.accepted(call.id, before, limit);
  if (!uses) {
    return std::unexpected(fault_of(uses.error()));
  }
  Json items = Json::array();
  for (const AcceptedRequest& use : *uses) {
    items.push_back(accepted_json(use));
  }
  return reply_list(call, std::move(items),
                    next_after(*uses, limit, [](const AcceptedRequest& use) {
                      return ActivityPlace{.time = use.last, .request_id = use.last_request_id};
                    }));
}

Outcome show_refusal(const Call& call) {
  if (const auto fine = no_parameters(call); !fine) {
    return std::unexpected(fine.error());
  }
  const auto refused = call.parts.activity.refusal(call.id);
  if (!refused) {
    return std::unexpected(fault_of(refused.error()));
  }
  if (!*refused) {
    return std::unexpected(no_such_refusal());
  }
  Json json = refusal_json(**refused);
  if (const auto added = add_findings(call, json); !added) {
    return std::unexpected(added.error());
  }
  return reply(json);
}

}  // namespace counterfoil
