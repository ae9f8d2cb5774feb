#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/activity.h"
#include "authority/issuer.h"
#include "base/time.h"
#include "doors/management/api_call.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/caller.h"
#include "doors/management/json.h"
#include "doors/management/management_api.h"
#include "doors/management/query.h"
#include "doors/management/time_text.h"
#include "keys/api_key.h"
#include "keys/api_key_id.h"
#include "keys/permission.h"
#include "policy/did_you_mean.h"

namespace counterfoil {
namespace {

constexpr std::array kStates{EffectiveState::kActive, EffectiveState::kSuspended,
                             EffectiveState::kRevoked, EffectiveState::kExpired};

// A filtered page looks at no more than so many records; `next` then goes on, even if the page has
// fewer items than asked for, or none.
constexpr std::size_t kLookedAtMax = 5'000;
constexpr std::size_t kPrefixSizeMin = 8;

// Filter is what the caller wants to see of a list of API keys.
struct Filter {
  std::optional<EffectiveState> state;
  std::string account;
  std::string parent;  // whose descendants are looked at; takes() does not look at it
  std::string text;    // in the label, the vendor, the account or the id
  std::optional<PermissionSet> permissions;  // it holds one of these

  [[nodiscard]] bool takes(const ApiKey& key, Timestamp now) const {
    if (state && effective_state(key, now) != *state) {
      return false;
    }
    if (!account.empty() && key.account.text() != account) {
      return false;
    }
    if (permissions && !key.permissions.intersects(*permissions)) {
      return false;
    }
    return text.empty() || key.label.contains(text) || key.vendor.contains(text) ||
           key.account.text().contains(text) || key.id.text().contains(text);
  }
};

// read_permissions reads "permission": one name of the profile, or several with commas.
std::optional<PermissionSet> read_permissions(Query& query, const PermissionTable& table) {
  const auto words = query.text("permission");
  if (!words) {
    return std::nullopt;
  }
  const auto set = table.parse(*words);
  if (set && !set->empty()) {
    return *set;
  }
  // The name is not repeated: it may be anything, a secret in the wrong place even.
  const std::vector<std::string_view> known(table.all().begin(), table.all().end());
  query.refuse("permission_unknown",
               "\"permission\" is a permission of the profile, or several with commas." +
                   (set ? std::string() : did_you_mean(set.error(), known)),
               "permission");
  return std::nullopt;
}

Filter read_filter(Query& query, const PermissionTable& permissions) {
  Filter filter{.state = std::nullopt,
                .account = query.text("account").value_or(""),
                .parent = query.text("parent").value_or(""),
                .text = query.text("q").value_or(""),
                .permissions = read_permissions(query, permissions)};
  if (const auto word = query.text("state")) {
    const auto* const state =
        std::ranges::find(kStates, *word, [](EffectiveState one) { return to_string(one); });
    if (state == kStates.end()) {
      query.refuse("parameter_type", "\"state\" is active, suspended, revoked or expired", "state");
    } else {
      filter.state = *state;
    }
  }
  return filter;
}

using Listed = std::expected<KeyPage, ApiFault>;

Listed checked(Issuer::Result<KeyPage> page) {
  if (!page) {
    return std::unexpected(fault_of(page.error()));
  }
  return std::move(*page);
}

// search goes through all API keys in the order of their ids, from `after` on.
Listed search(const Call& call, const Filter& filter, const std::string& after, std::size_t limit) {
  const Timestamp now = call.parts.clock.now();
  KeyPage found;
  std::string at = after;
  for (std::size_t looked_at = 0; looked_at < kLookedAtMax; looked_at += limit) {
    auto page = call.parts.issuer.key_page(at, limit);
    if (!page) {
      return std::unexpected(fault_of(page.error()));
    }
    found.unreadable += page->unreadable;
    for (VersionedKey& stored : page->keys) {
      if (!filter.takes(stored.key, now)) {
        continue;
      }
      found.keys.push_back(std::move(stored));
      if (found.keys.size() == limit) {
        found.next = std::string(found.keys.back().key.id.text());
        return found;
      }
    }
    if (!page->next) {
      return found;
    }
    at = *page->next;
  }
  found.next = at;
  return found;
}

// taken leaves what the filter takes of a page that has all there is.
Listed taken(const Call& call, const Filter& filter, Issuer::Result<KeyPage> all) {
  auto page = checked(std::move(all));
  if (page) {
    const Timestamp now = call.parts.clock.now();
    std::erase_if(page->keys,
                  [&](const VersionedKey& stored) { return !filter.takes(stored.key, now); });
  }
  return page;
}

// filtered gives what a list of API keys was asked for: an account's keys and those that one key
// made at once, for there are few of them.
Listed filtered(const Call& call, const Filter& filter, const std::string& after,
                std::size_t limit) {
  if (!filter.parent.empty()) {
    return taken(call, filter, call.parts.issuer.descendants(filter.parent));
  }
  if (!filter.account.empty()) {
    return taken(call, filter, call.parts.issuer.key_page_of(filter.account));
  }
  return search(call, filter, after, limit);
}

// named gives every API key that a person may mean with one word: its id, the beginning of its id,
// or its label.
Listed named(const Call& call, const std::string& word) {
  if (ApiKeyId::parse(word)) {
    auto stored = call.parts.issuer.stored_key(word);
    KeyPage page;
    if (stored) {
      page.keys.push_back(std::move(*stored));
    } else if (stored.error().kind != Problem::Kind::kNotFound) {
      return std::unexpected(fault_of(stored.error()));
    }
    return page;
  }
  auto page = checked(call.parts.issuer.keys_labelled(word));
  if (!page || word.size() < kPrefixSizeMin) {
    return page;
  }
  auto alike = checked(call.parts.issuer.key_page(word, ManagementApi::kPageDefault));
  if (!alike) {
    return alike;
  }
  for (VersionedKey& stored : alike->keys) {
    if (stored.key.id.text().starts_with(word) && stored.key.label != word) {
      page->keys.push_back(std::move(stored));
    }
  }
  return page;
}

// is_meant: a person may mean this key with the word, see named().
bool is_meant(const ApiKey& key, const std::string& word) {
  return key.label == word || key.id.text() == word ||
         (word.size() >= kPrefixSizeMin && key.id.text().starts_with(word));
}

// unseen_left_out leaves of a page what the asker sees.
Listed unseen_left_out(const Call& call, Listed page) {
  const auto bound = bound_account(call.asker);
  if (!page || !bound) {
    return page;
  }
  const auto accounts = accounts_within(call.parts, *bound);
  if (!accounts) {
    return std::unexpected(accounts.error());
  }
  std::erase_if(page->keys, [&](const VersionedKey& stored) {
    return std::ranges::find(*accounts, stored.key.account, &Account::id) == accounts->end();
  });
  page->unreadable = 0;  // whose they are cannot be told
  return page;
}

// within gives a holder's list: of the accounts that they see, which are few, or of what one of
// their keys made.
Listed within(const Call& call, const std::string& bound, const Filter& filter,
              const std::optional<std::string>& word) {
  if (!word && !filter.parent.empty()) {
    const auto parent = call.parts.issuer.stored_key(filter.parent);
    const auto visible =
        parent ? sees(call.parts, bound, parent->key.account.text())
               : std::expected<bool, ApiFault>(std::unexpected(fault_of(parent.error())));
    if (!visible) {
      return std::unexpected(visible.error());
    }
    return unseen_left_out(
        call, taken(call, filter, call.parts.issuer.descendants(*visible ? filter.parent : "")));
  }
  const auto accounts = accounts_within(call.parts, bound);
  if (!accounts) {
    return std::unexpected(accounts.error());
  }
  const Timestamp now = call.parts.clock.now();
  KeyPage all;
  for (const Account& account : *accounts) {
    auto page = checked(call.parts.issuer.key_page_of(account.id.text()));
    if (!page) {
      return page;
    }
    all.unreadable += page->unreadable;
    for (VersionedKey& stored : page->keys) {
      if (word ? is_meant(stored.key, *word) : filter.takes(stored.key, now)) {
        all.keys.push_back(std::move(stored));
      }
    }
  }
  std::ranges::sort(all.keys, {}, [](const VersionedKey& stored) { return stored.key.id.text(); });
  return all;
}

// cut gives the part of a sorted list that begins after `after`.
KeyPage cut(KeyPage all, const std::string& after, std::size_t limit) {
  std::erase_if(all.keys,
                [&](const VersionedKey& stored) { return stored.key.id.text() <= after; });
  if (all.keys.size() > limit) {
    all.keys.erase(all.keys.begin() + static_cast<std::ptrdiff_t>(limit), all.keys.end());
    all.next = std::string(all.keys.back().key.id.text());
  }
  return all;
}

// listed gives what was asked for, as far as the asker sees it.
Listed listed(const Call& call, const Filter& filter, const std::optional<std::string>& word,
              const std::string& after, std::size_t limit) {
  if (const auto bound = bound_account(call.asker)) {
    auto all = within(call, *bound, filter, word);
    return all ? Listed(cut(std::move(*all), after, limit)) : all;
  }
  return word ? named(call, *word) : filtered(call, filter, after, limit);
}

// UseShown says whether a list shows how much its API keys were used of late.
enum class UseShown : std::uint8_t { kNone, kDay };

// day_of_use sums up the last 24 hours; nullopt: the journal does not answer.
std::optional<Json> day_of_use(const Call& call, const ApiKey& key) {
  const auto counts = call.parts.activity.usage(
      key.id.text(), call.parts.clock.now() - std::chrono::hours(24), UsageStep::kHour);
  if (!counts) {
    return std::nullopt;
  }
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  Json steps = Json::array();
  for (const ActivityCount& count : *counts) {
    accepted += count.accepted;
    refused += count.refused;
    steps.push_back({{"start", time_text(count.start)},
                     {"accepted", count.accepted},
                     {"refused", count.refused}});
  }
  return Json{{"accepted", accepted}, {"refused", refused}, {"steps", std::move(steps)}};
}

// reply_page writes a part of a list of API keys.
Outcome reply_page(const Call& call, const KeyPage& page, UseShown use = UseShown::kNone) {
  Json items = Json::array();
  for (const VersionedKey& stored : page.keys) {
    Json json = key_json(call, stored.key);
    if (auto day = use == UseShown::kDay ? day_of_use(call, stored.key) : std::nullopt) {
      json["usage"] = std::move(*day);
    }
    items.push_back(std::move(json));
  }
  ApiAnswer answer = reply_list(call, std::move(items), page.next);
  if (page.unreadable != 0) {
    answer.headers.emplace_back("Counterfoil-Unreadable-Records", std::to_string(page.unreadable));
  }
  return answer;
}

}  // namespace

Outcome list_keys(const Call& call) {
  const Filter filter = read_filter(call.query, call.parts.issuer.permissions());
  const auto word = call.query.text("name");
  const std::string after = call.query.text("after").value_or("");
  const std::size_t limit = page_size(call.query);
  const auto use = call.query.text("usage");
  if (use && *use != "day") {
    call.query.refuse("parameter_type", "\"usage\" is day", "usage");
  }
  if (const auto fine = call.query.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  const auto page = listed(call, filter, word, after, limit);
  if (!page) {
    return std::unexpected(page.error());
  }
  return reply_page(call, *page, use ? UseShown::kDay : UseShown::kNone);
}

Outcome list_descendants(const Call& call) {
  if (const auto fine = no_parameters(call); !fine) {
    return std::unexpected(fine.error());
  }
  const auto page = unseen_left_out(call, checked(call.parts.issuer.descendants(call.id)));
  if (!page) {
    return std::unexpected(page.error());
  }
  return reply_page(call, *page);
}

Outcome show_key(const Call& call) {
  if (const auto fine = no_parameters(call); !fine) {
    return std::unexpected(fine.error());
  }
  const auto stored = call.parts.issuer.stored_key(call.id);
  if (!stored) {
    return std::unexpected(fault_of(stored.error()));
  }
  return reply_key(call, *stored);
}

}  // namespace counterfoil
