#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/key_import.h"
#include "authority/problem.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/import_rows.h"
#include "doors/management/json.h"
#include "doors/management/json_value.h"
#include "doors/management/member_reader.h"

namespace counterfoil {
namespace {

// Lines takes one line after the other off a body; a CR before the line end goes with it.
class Lines {
 public:
  explicit Lines(std::string_view body) : rest_(body) {}
  std::optional<std::string_view> next() {
    if (rest_.empty()) {
      return std::nullopt;
    }
    const std::size_t end = rest_.find('\n');
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    return line;
  }

 private:
  std::string_view rest_;
};

struct Wish {
  ImportRules rules;
  std::int64_t first_line = 1;
};

std::expected<Wish, ApiFault> read_wish(std::optional<std::string_view> line) {
  auto body = parse_json(line.value_or(""));
  if (!body) {
    return std::unexpected(std::move(body.error()));
  }
  MemberReader members(*body);
  Wish wish;
  wish.rules.missing_accounts = members.flag("create_accounts").value_or(false)
                                    ? MissingAccounts::kCreate
                                    : MissingAccounts::kRefuse;
  wish.rules.run =
      members.flag("dry_run").value_or(false) ? ImportRun::kRehearsal : ImportRun::kStore;
  wish.first_line =
      members.number("first_line", 1, std::numeric_limits<std::int64_t>::max() / 2).value_or(1);
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  return wish;
}

// BatchCall is the rows of one call, and where they stood.
class BatchCall {
 public:
  BatchCall(const Call& call, const Wish& wish)
      : call_(call), line_(wish.first_line), import_(call.parts.issuer, wish.rules) {}

  std::expected<void, ApiFault> add(std::string_view line) {
    const std::int64_t number = line_++;
    if (line.find_first_not_of(" \t") == std::string_view::npos) {
      return {};
    }
    if (places_.size() == KeyImport::kRowsMax) {
      return std::unexpected(ApiFault{.status = 413,
                                      .reason = "too_many_rows",
                                      .detail = "one call takes at most 1,000 rows; nothing of it "
                                                "was imported",
                                      .member = {}});
    }
    ImportRow row = read_import_row(line, call_.parts.issuer.format());
    if (row.key) {
      import_.add(*row.key);
    } else if (row.key.error().status >= 500) {
      return std::unexpected(std::move(row.key.error()));  // the node's fault, not the row's
    } else {
      import_.add_refused({.kind = Problem::Kind::kInvalid,
                           .reason = row.key.error().reason,
                           .detail = row.key.error().detail});
    }
    places_.push_back({.line = number,
                       .api_key = std::move(row.api_key),
                       .member = row.key ? std::string() : std::move(row.key.error().member)});
    return {};
  }

  Outcome store() {
    const auto stored = import_.store(call_.actor());
    if (!stored) {
      return std::unexpected(fault_of(stored.error()));
    }
    std::size_t imported = 0;
    std::size_t already_there = 0;
    Json refused = Json::array();
    for (std::size_t i = 0; i < places_.size(); ++i) {
      switch (stored->rows[i].kind) {
        case ImportedRow::Kind::kImported:
          ++imported;
          break;
        case ImportedRow::Kind::kAlreadyThere:
          ++already_there;
          break;
        case ImportedRow::Kind::kRefused:
          refused.push_back(refusal(places_[i], *stored->rows[i].problem));
          break;
      }
    }
    return reply({{"rows", places_.size()},
                  {"imported", imported},
                  {"already_there", already_there},
                  {"accounts_created", stored->accounts_created},
                  {"refused", std::move(refused)}});
  }

 private:
  struct Place {
    std::int64_t line;
    std::string api_key;
    std::string member;
  };

  static Json refusal(const Place& place, const Problem& problem) {
    Json json{{"line", place.line}};
    // With the two swapped, what stands under "api_key" is the secret.
    if (!place.api_key.empty() && problem.reason != "api_key_given_as_secret") {
      json["api_key"] = place.api_key;
    }
    const std::string_view member = place.member.empty() ? member_of(problem.reason) : place.member;
    if (!member.empty()) {
      json["member"] = member;
    }
    json["reason"] = problem.reason;
    json["detail"] = problem.detail;
    if (const std::string_view action = action_for(problem.reason); !action.empty()) {
      json["action"] = action;
    }
    return json;
  }

  const Call& call_;
  std::int64_t line_;
  KeyImport import_;
  std::vector<Place> places_;
};

}  // namespace

Outcome import_keys(const Call& call) {
  Lines lines(call.request.body);
  const auto wish = read_wish(lines.next());
  if (!wish) {
    return std::unexpected(wish.error());
  }
  BatchCall batch(call, *wish);
  while (const auto line = lines.next()) {
    if (const auto added = batch.add(*line); !added) {
      return std::unexpected(added.error());
    }
  }
  return batch.store();
}

}  // namespace counterfoil
