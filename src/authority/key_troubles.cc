#include "authority/key_troubles.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "authority/activity.h"
#include "authority/autopsy_reports.h"
#include "authority/issuer.h"
#include "authority/key_remedies.h"
#include "authority/key_trouble.h"
#include "authority/problem.h"
#include "authority/refusal_findings.h"
#include "autopsy/cause.h"
#include "autopsy/sort_stably.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "keys/allow_list.h"
#include "keys/api_key.h"
#include "keys/permission.h"
#include "policy/permission_rule.h"
#include "policy/profile.h"
#include "policy/route.h"
#include "verify/reason.h"

namespace counterfoil {
namespace {

constexpr auto kRanks = std::to_array<std::string_view>(
    {"possible_theft", "compromised", "dead", "refused", "warning"});

// Causes that say that the address was not listed.
constexpr auto kAddressCauses = std::to_array<std::string_view>(
    {"ip-not-allowed", "ip-family-mismatch", "client-behind-untrusted-proxy", "ip-list-has-typo"});
// Causes that the key's own record tells better than the requests that met them.
constexpr auto kToldByRecord =
    std::to_array<std::string_view>({"key-revoked", "key-disabled", "key-expired"});
constexpr std::string_view kUnlisted = "ip-not-allowed";
constexpr std::string_view kLacking = "permission-missing";
constexpr std::string_view kUnknownSignature = "unknown-signature";
constexpr std::string_view kNothing = "none";

bool is_one_of(const auto& list, std::string_view id) {
  return std::ranges::find(list, id) != list.end();
}

bool is_row_of(std::span<const autopsy::CauseRow> rows, std::string_view id) {
  return std::ranges::find(rows, id, &autopsy::CauseRow::id) != rows.end();
}

// proves_unlisted: the signature was right (else something in it, or "unknown-signature", stood
// beside), and the address was not listed. So it is, too, where an earlier check refused the
// request: a clock, a suspended key.
bool proves_unlisted(const CauseReport& report) {
  const auto is_address = [](const std::string& id) { return is_one_of(kAddressCauses, id); };
  return std::ranges::any_of(report.causes, is_address) &&
         std::ranges::all_of(report.causes, [](const std::string& id) {
           return is_row_of(autopsy::access_causes(), id) || is_row_of(autopsy::clock_causes(), id);
         });
}

std::string hits(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " request" : " requests");
}

// Gatherer makes the list, part by part.
class Gatherer {
 public:
  Gatherer(const KeyFacts& facts, const Profile& profile, Timestamp now)
      : facts_(facts),
        profile_(profile),
        now_(now),
        state_(effective_state(facts.key, now)),
        used_(last_use(facts.uses)) {}

  std::vector<KeyTrouble> list() {
    add_unlisted();
    add_state();
    add_unpermitted();
    add_causes();
    add_warnings();
    // What was followed by accepted requests may be mended already.
    autopsy::sort_stably(list_, [](const KeyTrouble& trouble) {
      return std::tuple(trouble.rank, trouble.accepted_since, ~trouble.count);
    });
    return std::move(list_);
  }

 private:
  static std::optional<Timestamp> last_use(const KeyActivity& uses) {
    std::optional<Timestamp> last;
    for (const ActivityPair& pair : uses.pairs) {
      last = last ? std::max(*last, pair.last) : pair.last;
    }
    return last;
  }

  KeyTrouble& add(TroubleRank rank, std::string_view id) {
    KeyTrouble& trouble = list_.emplace_back();
    trouble.rank = rank;
    trouble.id = id;
    if (const auto cause = shown_cause(id)) {
      trouble.title = cause->title;
      trouble.fix = cause->fix;
      trouble.snippets = cause->snippets;
    }
    return trouble;
  }
  KeyTrouble& add(TroubleRank rank, std::string_view id, std::string title, std::string fix) {
    KeyTrouble& trouble = add(rank, id);
    trouble.title = std::move(title);
    trouble.fix = std::move(fix);
    return trouble;
  }

  void count(KeyTrouble& trouble, std::uint64_t requests, Timestamp first, Timestamp last,
             const std::string& request_id) const {
    trouble.count += requests;
    trouble.first = trouble.first ? std::min(*trouble.first, first) : first;
    if (!trouble.last || *trouble.last < last) {
      trouble.last = last;
      trouble.last_request_id = request_id;
    }
    trouble.accepted_since = used_ && *used_ > *trouble.last;
  }
  [[nodiscard]] bool is_recent(Timestamp time) const { return now_ - time <= kStillWrong; }

  // ---- a possible theft

  void add_unlisted() {
    struct Group {
      IpAddress address;
      std::string client;
      std::vector<const RefusedRequest*> requests;
    };
    std::vector<Group> groups;
    for (const RefusedRequest& refused : facts_.unlisted) {
      if (!is_recent(refused.time) || facts_.key.allow_list.contains(refused.address)) {
        continue;
      }
      const auto known = std::ranges::find(groups, refused.address, &Group::address);
      Group& group = known == groups.end()
                         ? groups.emplace_back(refused.address, refused.client,
                                               std::vector<const RefusedRequest*>())
                         : *known;
      group.requests.push_back(&refused);
    }
    for (std::size_t i = 0; i < std::min(groups.size(), kAddressesTold); ++i) {
      const Group& group = groups[i];
      KeyTrouble& trouble =
          add(TroubleRank::kPossibleTheft, kUnlisted,
              "A request from " + group.address.to_string() +
                  " was signed rightly, and the address is not on the IP allow-list.",
              "If it was not you, somebody else has the secret: suspend the key, then rotate it. "
              "If it was you, allow the address.");
      for (const RefusedRequest* const refused : group.requests) {
        count(trouble, refused->count, refused->time, refused->time, refused->request_id);
      }
      trouble.detail = hits(trouble.count) + (group.client.empty() ? "" : " by " + group.client);
      if (state_ == EffectiveState::kActive) {
        trouble.remedies.push_back(suspend_remedy());
      }
      if (state_ != EffectiveState::kRevoked) {
        trouble.remedies.push_back(allow_remedy(group.address));
        trouble.remedies.push_back(rotate_remedy(
            "Rotate the key with no overlap: whoever has the old secret can then do nothing."));
      }
    }
  }

  // ---- what the key's own record says

  void add_state() {
    const auto dead = [&](std::string_view id) -> KeyTrouble& {
      KeyTrouble& trouble = add(TroubleRank::kDead, id);
      trouble.detail = facts_.key.state_cause;
      return trouble;
    };
    switch (state_) {
      case EffectiveState::kRevoked: {
        KeyTrouble& trouble = dead("key-revoked");
        trouble.remedies.push_back(
            client_remedy("Create a new API key and give it to its client; this one does not "
                          "come back."));
        return;
      }
      case EffectiveState::kSuspended:
        dead("key-disabled").remedies.push_back(resume_remedy());
        break;
      case EffectiveState::kExpired: {
        KeyTrouble& trouble = add(TroubleRank::kDead, "key-expired");
        trouble.at = facts_.key.expires_at;
        trouble.remedies.push_back(renew_remedy(now_));
        break;
      }
      case EffectiveState::kActive:
        break;
    }
    if (facts_.account_suspended) {
      add(TroubleRank::kDead, "account-suspended",
          "The account that the key belongs to is suspended.", "Ask the operator.");
    }
  }

  // ---- permissions

  // asked is what a request needs one of, by its route.
  [[nodiscard]] const PermissionRule* asked(const RefusedRequest& refused) const {
    const auto routes = profile_.routes();
    const auto route = std::ranges::find(routes, refused.route, &Route::name);
    if (route == routes.end() || route->permissions.empty() ||
        route->permissions.intersects(facts_.key.permissions)) {
      return nullptr;
    }
    const std::string wanted = profile_.permissions().names(route->permissions).front();
    const auto rules = profile_.permission_rules();
    const auto rule = std::ranges::find(rules, wanted, &PermissionRule::name);
    return rule == rules.end() ? nullptr : &*rule;
  }

  void add_unpermitted() {
    std::vector<std::pair<const PermissionRule*, std::size_t>> told;  // where in the list
    for (const RefusedRequest& refused : facts_.unpermitted) {
      const PermissionRule* const rule = is_recent(refused.time) ? asked(refused) : nullptr;
      if (rule == nullptr) {
        continue;
      }
      const auto known = std::ranges::find(told, rule, [](const auto& one) { return one.first; });
      const std::size_t place = known == told.end() ? list_.size() : known->second;
      if (known == told.end()) {
        told.emplace_back(rule, place);
        KeyTrouble& made = add(TroubleRank::kRefused, kLacking);
        made.detail = rule->name + ", for " + refused.route;
        made.remedies.push_back(tick_remedy(*rule, facts_.key));
        made.remedies.push_back(
            client_remedy("Use a key that may do this, where this one should not."));
      }
      KeyTrouble& trouble = list_.at(place);
      count(trouble, refused.count, refused.time, refused.time, refused.request_id);
    }
  }

  // ---- what requests were refused for

  [[nodiscard]] bool is_told_elsewhere(const CauseReport& report, std::string_view id) const {
    if (id == kNothing || is_one_of(kToldByRecord, id)) {
      return true;
    }
    if (id == kLacking && !facts_.unpermitted.empty()) {
      return true;
    }
    // Of a request whose signature was not right nothing follows about its address.
    return is_one_of(kAddressCauses, id) && (id != "ip-list-has-typo" || !proves_unlisted(report));
  }

  void add_causes() {
    for (const CauseReport& report : facts_.causes) {
      if (!is_recent(report.last)) {
        continue;
      }
      for (const std::string& id : report.causes) {
        if (!is_told_elsewhere(report, id)) {
          count(trouble_of(id), report.count, report.first, report.last, report.last_request_id);
        }
      }
    }
  }

  KeyTrouble& trouble_of(const std::string& id) {
    const auto known = std::ranges::find(list_, id, &KeyTrouble::id);
    if (known != list_.end()) {
      return *known;
    }
    if (id == kUnknownSignature) {
      KeyTrouble& trouble =
          add(TroubleRank::kRefused, id, "The signature fits nothing that was tried.",
              "Open the request: it has the list of what cannot be proved from here. Most often "
              "the client has another secret than this key's.");
      trouble.remedies.push_back(client_remedy("Load this key's secret or private key anew."));
      trouble.remedies.push_back(rotate_remedy(
          "Rotate the key, where nobody has its secret any more: the new pair is shown once."));
      return trouble;
    }
    const autopsy::CauseRow* const row = autopsy::find_cause(id);
    const bool travelled = row != nullptr && row->remedy == autopsy::Remedy::kRotate;
    KeyTrouble& trouble = add(travelled ? TroubleRank::kCompromised : TroubleRank::kRefused, id);
    if (row == nullptr) {
      trouble.title = "Requests were refused for a cause that this version does not know.";
      trouble.fix = "Open the request.";
    }
    trouble.remedies = remedies_of_cause(id, trouble.fix, facts_.key, now_);
    return trouble;
  }

  // ---- what is no fault yet

  void add_warnings() {
    if (state_ != EffectiveState::kActive) {
      return;
    }
    add_retiring();
    const ApiKey& key = facts_.key;
    if (key.notice) {
      const bool restricted = key.notice->restricted_since.has_value();
      KeyTrouble& trouble = add(
          restricted ? TroubleRank::kRefused : TroubleRank::kWarning, "policy-notice",
          restricted ? "An automatic policy lets the key only read and cancel, and will suspend it."
                     : "An automatic policy will first restrict the key and then suspend it.",
          "Edit the key: any edit takes the notice away.");
      trouble.detail = "policy " + key.notice->policy;
      trouble.remedies.push_back(edit_remedy("Edit the key as the policy wants it."));
    }
    if (key.expires_at && *key.expires_at - now_ < kExpiresSoon) {
      KeyTrouble& trouble = add(TroubleRank::kWarning, "expires-soon", "The key expires soon.",
                                "Renew it, or make another in time.");
      trouble.at = key.expires_at;
      trouble.remedies.push_back(renew_remedy(now_));
    }
    if (!used_) {
      add(TroubleRank::kWarning, "never-used", "No request was ever accepted with the key.",
          "Send one. A private key that its client cannot load sends no request at all: look into "
          "the client's own errors.")
          .remedies.push_back(
              client_remedy("Try one by hand: counterfoil sign --key DIR GET /api/v3/account."));
    }
    if (key.allow_list.is_any()) {
      add(TroubleRank::kWarning, "used-from-anywhere", "The key may be used from everywhere.",
          "List the addresses it is used from.")
          .remedies.push_back(edit_remedy("Edit the key, and list its addresses."));
    }
  }

  // add_retiring names the hosts that would be cut off when the old pair ends.
  void add_retiring() {
    for (const KeyPair& pair : facts_.key.pairs) {
      if (!pair.retires_at || !pair.verifies_at(now_)) {
        continue;
      }
      std::string hosts;
      std::size_t count = 0;
      for (const ActivityClient& use : facts_.uses.clients) {
        if (use.pair == pair.number && use.last > newest_pair_made() && is_recent(use.last)) {
          if (count < kHostsTold) {
            hosts += (hosts.empty() ? "" : ", ") + use.address.to_string() +
                     (use.client.empty() ? "" : " (" + use.client + ")");
          }
          ++count;
        }
      }
      if (count == 0) {
        continue;
      }
      KeyTrouble& trouble =
          add(TroubleRank::kWarning, "retiring-pair-in-use",
              "Requests are still signed with the old pair, which is about to end.",
              "Give these hosts the new pair before it ends.");
      trouble.detail =
          hosts +
          (count > kHostsTold ? " and " + std::to_string(count - kHostsTold) + " more" : "");
      trouble.at = pair.retires_at;
      trouble.remedies.push_back(
          client_remedy("Load the new secret or private key there, and start the client anew."));
    }
  }
  [[nodiscard]] Timestamp newest_pair_made() const {
    return std::ranges::max(facts_.key.pairs, {}, &KeyPair::number).created;
  }

  const KeyFacts& facts_;
  const Profile& profile_;
  const Timestamp now_;
  const EffectiveState state_;
  const std::optional<Timestamp> used_;
  std::vector<KeyTrouble> list_;
};

std::expected<std::vector<RefusedRequest>, Problem> refused_for(Reason reason, const ApiKey& key,
                                                                const Activity& activity,
                                                                Timestamp now) {
  return activity.refusals({.api_key = std::string(key.id.text()),
                            .account = std::string(key.account.text()),
                            .reason = static_cast<std::uint16_t>(reason),
                            .since = now - kStillWrong,
                            .limit = Activity::kListMax});
}

// add_proved_by_autopsy adds requests that another check refused before their address was looked
// at, and of which the autopsy found that the signature was right.
std::expected<void, Problem> add_proved_by_autopsy(KeyFacts& facts, const Activity& activity,
                                                   Timestamp now) {
  for (const CauseReport& report : facts.causes) {
    if (now - report.last > kStillWrong || !proves_unlisted(report)) {
      continue;
    }
    auto refused = activity.refusal(report.last_request_id);
    if (!refused) {
      return std::unexpected(refused.error());
    }
    if (*refused && parse_reason((*refused)->reason_name) != Reason::kAddressNotAllowed) {
      (*refused)->count = report.count;
      facts.unlisted.push_back(std::move(**refused));
    }
  }
  std::ranges::sort(facts.unlisted, std::ranges::greater(), &RefusedRequest::time);
  return {};
}

}  // namespace

std::string_view name_of(TroubleRank rank) { return kRanks.at(std::to_underlying(rank)); }

std::vector<KeyTrouble> troubles_of(const KeyFacts& facts, const Profile& profile, Timestamp now) {
  return Gatherer(facts, profile, now).list();
}

std::expected<KeyFacts, Problem> key_facts(const ApiKey& key, const Issuer& issuer,
                                           const Activity& activity, const AutopsyReports& reports,
                                           Timestamp now) {
  const auto account = issuer.account(std::string(key.account.text()));
  if (!account) {
    return std::unexpected(account.error());
  }
  auto uses = activity.of_key(key.id.text());
  auto causes = reports.of_key(key.id.text());
  auto unlisted = refused_for(Reason::kAddressNotAllowed, key, activity, now);
  auto unpermitted = refused_for(Reason::kPermissionMissing, key, activity, now);
  if (!uses || !causes) {
    return std::unexpected(uses ? causes.error() : uses.error());
  }
  if (!unlisted || !unpermitted) {
    return std::unexpected(unlisted ? unpermitted.error() : unlisted.error());
  }
  KeyFacts facts{.key = key,
                 .account_suspended = account->state == AccountState::kSuspended,
                 .uses = std::move(*uses),
                 .causes = std::move(*causes),
                 .unlisted = std::move(*unlisted),
                 .unpermitted = std::move(*unpermitted)};
  if (const auto added = add_proved_by_autopsy(facts, activity, now); !added) {
    return std::unexpected(added.error());
  }
  return facts;
}

}  // namespace counterfoil
