#include <CLI/App.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "app/command_context.h"
#include "app/remote/key_lookup.h"
#include "app/remote/key_view.h"
#include "app/remote/keys_group.h"
#include "app/remote/node_api.h"
#include "app/remote/on_node.h"
#include "app/remote/wording.h"
#include "autopsy/cause.h"
#include "autopsy/sort_stably.h"
#include "base/time.h"

namespace counterfoil {
namespace {

using Done = std::expected<void, Failure>;

constexpr std::chrono::hours kStillWrong{24};  // a cause not seen for longer is no longer told
constexpr std::chrono::hours kExpiresSoon{24 * 14};

// Trouble is one line of the list. What comes first: what is compromised, then what refuses every
// request, then causes by how often they were seen, then what is no fault yet.
struct Trouble {
  enum class Rank : std::uint8_t { kCompromised, kDead, kRefused, kWarning };
  Rank rank = Rank::kRefused;
  std::string id;  // of docs/causes.md; empty for a warning
  std::string title;
  std::string fix;
  std::uint64_t count = 0;
  std::optional<Timestamp> first;
  std::optional<Timestamp> last;
  std::string last_request_id;
  bool accepted_since = false;
};

Trouble cause_trouble(std::string_view id, Trouble::Rank rank) {
  const autopsy::CauseRow* const row = autopsy::find_cause(id);
  if (row == nullptr) {
    return {.rank = rank,
            .id = std::string(id),
            .title = "The signature fits nothing that was tried.",
            .fix = "Look at the check list: counterfoil refusals show, with the request id."};
  }
  return {.rank = row->remedy == autopsy::Remedy::kRotate ? Trouble::Rank::kCompromised : rank,
          .id = std::string(id),
          .title = std::string(row->mistake),
          .fix = std::string(row->fix)};
}

Trouble warning(std::string title, std::string fix) {
  return {
      .rank = Trouble::Rank::kWarning, .id = {}, .title = std::move(title), .fix = std::move(fix)};
}

// add_state tells what the key's own record says.
void add_state(const NodeJson& key, Timestamp now, std::vector<Trouble>& troubles) {
  const std::string state = member(key, "state");
  const std::string name = member(key, "api_key").substr(0, 8);
  for (const auto& [word, cause] : {std::pair{"revoked", "key-revoked"},
                                    {"suspended", "key-disabled"},
                                    {"expired", "key-expired"}}) {
    if (state == word) {
      Trouble dead = cause_trouble(cause, Trouble::Rank::kDead);
      if (const std::string why = member(key, "state_cause"); !why.empty()) {
        dead.title += " (" + why + ")";
      }
      troubles.push_back(std::move(dead));
    }
  }
  if (state != "active") {
    return;
  }
  const auto expires = time_member(key, "expires_at");
  if (expires && *expires - now < kExpiresSoon) {
    troubles.push_back(warning("It expires " + relative(*expires, now) + ".",
                               "Renew it: counterfoil keys edit " + name + " --expires 90d"));
  }
  if (!time_member(key, "last_used_at")) {
    troubles.push_back(warning(
        "No request was ever accepted with it.",
        "Try one: counterfoil sign --key DIR GET /api/v3/account. A private key that its client "
        "cannot load sends no request at all: look into the client's own errors."));
  }
  if (list_member(key, "allow_list", ",") == "any") {
    troubles.push_back(warning(
        "It may be used from everywhere.",
        "List the addresses it is used from: counterfoil keys edit " + name + " --ip 203.0.113.7"));
  }
}

// add_causes tells what its requests were refused for.
void add_causes(const NodeJson& sums, const NodeJson& key, Timestamp now,
                std::vector<Trouble>& troubles) {
  const auto used = time_member(key, "last_used_at");
  for (const NodeJson& sum : sums) {
    const auto last = time_member(sum, "last_at");
    if (!last || now - *last > kStillWrong) {
      continue;
    }
    for (const NodeJson& cause : sum.value("causes", NodeJson::array())) {
      const std::string id = member(cause, "id");
      const auto known = std::ranges::find(troubles, id, &Trouble::id);
      if (id == "none") {
        continue;
      }
      Trouble& trouble = known == troubles.end()
                             ? troubles.emplace_back(cause_trouble(id, Trouble::Rank::kRefused))
                             : *known;
      trouble.count += sum.value("count", std::uint64_t{0});
      const auto first = time_member(sum, "first_at");
      trouble.first = trouble.first && first ? std::min(trouble.first, first) : first;
      if (!trouble.last || *trouble.last < *last) {
        trouble.last = last;
        trouble.last_request_id = member(sum, "last_request_id");
      }
      trouble.accepted_since = used && *used > *trouble.last;
    }
  }
}

NodeJson trouble_json(const Trouble& trouble, Timestamp now) {
  constexpr auto kRanks =
      std::to_array<std::string_view>({"compromised", "dead", "refused", "warning"});
  NodeJson json{{"rank", kRanks.at(std::to_underlying(trouble.rank))},
                {"id", trouble.id},
                {"title", trouble.title},
                {"fix", trouble.fix}};
  if (trouble.last) {
    json["count"] = trouble.count;
    json["last_s_ago"] = std::chrono::floor<std::chrono::seconds>(now - *trouble.last).count();
    json["last_request_id"] = trouble.last_request_id;
    json["accepted_since"] = trouble.accepted_since;
  }
  return json;
}

void say_trouble(CommandContext& context, std::size_t number, const Trouble& trouble,
                 Timestamp now) {
  const bool is_warning = trouble.rank == Trouble::Rank::kWarning;
  context.data(std::to_string(number) + ". " + (is_warning ? "! " : "✕ ") + trouble.title +
               (trouble.id.empty() ? "" : "  [" + trouble.id + "]"));
  if (trouble.last) {
    context.data("   seen " + std::to_string(trouble.count) +
                 (trouble.count == 1 ? " time" : " times") + " since " +
                 relative(trouble.first.value_or(*trouble.last), now) + ", last " +
                 relative(*trouble.last, now) +
                 (trouble.accepted_since ? "; requests were accepted since then" : "") +
                 "  (counterfoil refusals show " + trouble.last_request_id + ")");
  }
  context.data("   fix  " + trouble.fix);
}

Done run_fix(const NodeApi& api, CommandContext& context, const std::string& word) {
  const auto key = find_key(api, word);
  if (!key) {
    return std::unexpected(key.error());
  }
  const auto sums = api.get(key_target(*key, "findings"));
  if (!sums) {
    return std::unexpected(sums.error());
  }
  const Timestamp now = SystemClock().now();
  std::vector<Trouble> troubles;
  add_state(*key, now, troubles);
  add_causes(sums->value("items", NodeJson::array()), *key, now, troubles);
  // What was followed by accepted requests may be mended already.
  autopsy::sort_stably(troubles, [](const Trouble& trouble) {
    return std::tuple(trouble.rank, trouble.accepted_since, ~trouble.count);
  });
  const bool is_wrong = std::ranges::any_of(
      troubles, [](const Trouble& trouble) { return trouble.rank != Trouble::Rank::kWarning; });
  if (context.flags.json) {
    NodeJson list = NodeJson::array();
    for (const Trouble& trouble : troubles) {
      list.push_back(trouble_json(trouble, now));
    }
    context.data(NodeJson{{"api_key", member(*key, "api_key")}, {"troubles", list}}.dump());
  } else if (troubles.empty()) {
    context.note(Mark::kDone, key_name(*key) + ": nothing is wrong");
  } else {
    for (std::size_t i = 0; i < troubles.size(); ++i) {
      say_trouble(context, i + 1, troubles[i], now);
    }
  }
  if (is_wrong) {
    context.end(ExitCode::kNo);
  }
  return {};
}

}  // namespace

void add_key_fixing(CLI::App& keys, CommandContext& context) {
  CLI::App* const fixing = keys.add_subcommand(
      "fix", "Say what is wrong with an API key and its requests now, and what to do, worst first");
  fixing->footer(
      "  counterfoil keys fix mm-bot-3\n"
      "Ends with 1 when something is wrong, 0 when not (warnings do not count).");
  const auto word = std::make_shared<std::string>();
  fixing->add_option("key", *word, kKeyArgumentHelp)->required();
  fixing->callback([&context, word] {
    on_node(context, [&](const NodeApi& api) { return run_fix(api, context, *word); });
  });
}

}  // namespace counterfoil
