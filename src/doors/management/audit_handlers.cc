#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/activity.h"
#include "base/time.h"
#include "doors/management/api_call.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/json.h"
#include "doors/management/query.h"
#include "doors/management/time_text.h"

namespace counterfoil {
namespace {

constexpr std::size_t kPageBytesMax = 1024UL * 1024;
constexpr std::size_t kExportPieceBytes = 32UL * 1024;
// A filtered page looks at no more than so many records, some hundred at a time; `next` then goes
// on, even if the page has fewer items than asked for, or none.
constexpr std::size_t kLookedAtMax = 5'000;
constexpr std::uint64_t kAtATime = 500;

// AuditWish is what the caller wants to see of the log. Empty: all.
struct AuditWish {
  std::string actor;
  std::string object;
  std::string action;  // whole, or up to a dot: "key."
  std::string since;   // as long as the milliseconds of a record's time: they compare as texts
  bool newest_first = false;
  std::uint64_t after = 0;   // oldest first: goes on behind this record
  std::uint64_t before = 0;  // newest first: goes on before it
  std::size_t limit = 0;

  [[nodiscard]] bool filters() const {
    return !actor.empty() || !object.empty() || !action.empty() || !since.empty();
  }
  [[nodiscard]] bool is_since(const Json& record) const {
    return since.empty() || record.value("time", std::string()).substr(0, since.size()) >= since;
  }
  [[nodiscard]] bool takes(const Json& record) const {
    const std::string done = record.value("action", std::string());
    const bool is_action = action.ends_with('.') ? done.starts_with(action) : done == action;
    return (actor.empty() || record.value("actor", std::string()) == actor) &&
           (object.empty() || record.value("object", std::string()) == object) &&
           (action.empty() || is_action) && is_since(record);
  }
};

std::string since_text(const std::optional<Timestamp>& since) {
  if (!since) {
    return {};
  }
  std::string text = time_text(*since);
  text.pop_back();  // the Z
  return text;
}

AuditWish read_wish(const Call& call) {
  Query& query = call.query;
  AuditWish wish{.actor = query.text("actor").value_or(""),
                 .object = query.text("object").value_or(""),
                 .action = query.text("action").value_or(""),
                 .since = since_text(query.time("since")),
                 .after = query.number("after", 0, UINT64_MAX).value_or(0),
                 .limit = page_size(query)};
  const std::string order = query.text("order").value_or("oldest");
  if (order != "oldest" && order != "newest") {
    query.refuse("parameter_type", "\"order\" is oldest or newest", "order");
  }
  wish.newest_first = order == "newest";
  const auto before = query.number("before", 1, UINT64_MAX);
  if (wish.newest_first) {
    wish.before = before ? *before : call.parts.status().audit_seq + 1;
  } else if (before) {
    query.refuse("parameter_type", "\"before\" goes with order=newest; \"after\" with oldest",
                 "before");
  }
  return wish;
}

Json record_of(const AuditLine& line) {
  Json record = Json::parse(line.line, nullptr, false);
  return record.is_object() ? std::move(record) : Json{{"seq", line.seq}};
}

// AuditPage is what was found, and the number of the record where it goes on; nullopt: nowhere.
struct AuditPage {
  Json items = Json::array();
  std::optional<std::uint64_t> next;
};
using Found = std::expected<AuditPage, ApiFault>;

// A page of everything is one look; whoever reads on asks again until it is empty.
Found all_after(const Call& call, const AuditWish& wish) {
  const auto lines = call.parts.activity.audit(wish.after, wish.limit, kPageBytesMax);
  if (!lines) {
    return std::unexpected(fault_of(lines.error()));
  }
  AuditPage page;
  for (const AuditLine& line : *lines) {
    page.items.push_back(record_of(line));
    page.next = line.seq;
  }
  return page;
}

Found filtered_after(const Call& call, const AuditWish& wish) {
  AuditPage page;
  std::uint64_t at = wish.after;
  for (std::size_t looked_at = 0; looked_at < kLookedAtMax; looked_at += kAtATime) {
    const auto lines = call.parts.activity.audit(at, kAtATime, kPageBytesMax);
    if (!lines) {
      return std::unexpected(fault_of(lines.error()));
    }
    if (lines->empty()) {
      return page;
    }
    for (const AuditLine& line : *lines) {
      at = line.seq;
      if (Json record = record_of(line); wish.takes(record)) {
        page.items.push_back(std::move(record));
      }
      if (page.items.size() == wish.limit) {
        page.next = at;
        return page;
      }
    }
  }
  page.next = at;
  return page;
}

// The log is numbered without gaps, so what is before a record is read by its number.
Found before(const Call& call, const AuditWish& wish) {
  AuditPage page;
  std::uint64_t at = wish.before;
  const std::uint64_t piece =
      wish.filters() ? kAtATime : std::min<std::uint64_t>(kAtATime, wish.limit);
  for (std::size_t looked_at = 0; looked_at < kLookedAtMax && at > 1; looked_at += piece) {
    const std::uint64_t first = at > piece ? at - piece : 1;
    std::vector<AuditLine> lines;
    while (first + lines.size() < at) {
      auto more = call.parts.activity.audit(first - 1 + lines.size(), at - first - lines.size(),
                                            kPageBytesMax);
      if (!more) {
        return std::unexpected(fault_of(more.error()));
      }
      if (more->empty()) {
        break;  // the journal does not have the newest yet
      }
      std::ranges::move(*more, std::back_inserter(lines));
    }
    bool is_since = lines.empty();
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
      Json record = record_of(*line);
      is_since = is_since || wish.is_since(record);
      if (wish.takes(record)) {
        page.items.push_back(std::move(record));
      }
      if (page.items.size() == wish.limit) {
        page.next = line->seq > 1 ? std::optional(line->seq) : std::nullopt;
        return page;
      }
    }
    at = first;
    if (!is_since) {
      return page;  // all that is older is older than was asked for
    }
  }
  page.next = at > 1 ? std::optional(at) : std::nullopt;
  return page;
}

}  // namespace

Outcome list_audit(const Call& call) {
  const AuditWish wish = read_wish(call);
  if (const auto fine = call.query.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  auto page = wish.newest_first ? before(call, wish)
              : wish.filters()  ? filtered_after(call, wish)
                                : all_after(call, wish);
  if (!page) {
    return std::unexpected(std::move(page.error()));
  }
  return reply_list(call, std::move(page->items),
                    page->next ? std::optional(std::to_string(*page->next)) : std::nullopt);
}

Outcome export_audit(const Call& call) {
  if (const auto fine = no_parameters(call); !fine) {
    return std::unexpected(fine.error());
  }
  ApiAnswer answer{.content_type = "application/x-ndjson", .body = {}};
  const auto& source = call.parts.export_audit;
  answer.stream = [source](const BodySink& sink) {
    std::string piece;
    bool wanted = true;
    const auto given = source([&](std::string_view line) {
      piece.append(line).push_back('\n');
      if (piece.size() >= kExportPieceBytes) {
        wanted = sink(piece);
        piece.clear();
      }
      return wanted;
    });
    return given.has_value() && wanted && (piece.empty() || sink(piece));
  };
  return answer;
}

}  // namespace counterfoil
