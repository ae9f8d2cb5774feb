#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/issuer.h"
#include "authority/key_selection.h"
#include "authority/mass_action.h"
#include "authority/mass_actions.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "doors/management/api_call.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/caller.h"
#include "doors/management/cause.h"
#include "doors/management/json.h"
#include "doors/management/json_value.h"
#include "doors/management/member_reader.h"
#include "doors/management/time_text.h"
#include "keys/api_key_id.h"
#include "keys/life.h"

namespace counterfoil {
namespace {

// A body of 64 KiB holds no more.
constexpr std::size_t kListedAtATimeMax = 900;
constexpr std::size_t kNameBytesMax = 4 * kLabelSizeMax;
constexpr std::size_t kNetworkBytesMax = 64;
constexpr int kCreated = 201;

constexpr std::array kVerbs{KeyVerb::kSuspend, KeyVerb::kResume, KeyVerb::kRevoke};

std::vector<std::string> read_list(MemberReader& members) {
  auto ids = members.texts("api_keys", ApiKeyId::kSize, kListedAtATimeMax);
  for (const std::string& id : ids.value_or(std::vector<std::string>())) {
    if (!ApiKeyId::parse(id)) {
      members.refuse("parameter_type",
                     "\"api_keys\" holds whole API keys, of 64 letters and digits each",
                     "api_keys");
      break;
    }
  }
  return ids.value_or(std::vector<std::string>());
}

// read_accounts takes one as "account", or several as "accounts". A list of none is refused:
// whoever wrote it does not mean all there are.
std::vector<std::string> read_accounts(MemberReader& members) {
  auto several = members.texts("accounts", kNameBytesMax, kSelectedAccountsMax);
  if (several && several->empty()) {
    members.refuse("parameter_type", "\"accounts\" names at least one account", "accounts");
  }
  std::vector<std::string> accounts = several.value_or(std::vector<std::string>());
  if (const std::string one = members.text("account", kNameBytesMax).value_or(""); !one.empty()) {
    accounts.push_back(one);
  }
  return accounts;
}

KeySelection read_selection(MemberReader& members) {
  KeySelection selection;
  selection.api_keys = read_list(members);
  selection.accounts = read_accounts(members);
  selection.label = members.text("label", kNameBytesMax).value_or("");
  selection.vendor = members.text("vendor", kNameBytesMax).value_or("");
  selection.created_from = members.time_or_null("created_from").value_or(std::nullopt);
  selection.created_until = members.time_or_null("created_until").value_or(std::nullopt);
  selection.used_since = members.time_or_null("used_since").value_or(std::nullopt);
  selection.everything = members.flag("everything").value_or(false);
  if (const auto text = members.text("used_from", kNetworkBytesMax)) {
    const auto network = Cidr::parse(*text);
    if (network) {
      selection.used_from = *network;
    } else {
      members.refuse("parameter_type", describe(network.error()), "used_from");
    }
  }
  return selection;
}

KeyVerb read_verb(MemberReader& members) {
  const std::string word = members.required_text("action", kNameBytesMax);
  const auto* const verb =
      std::ranges::find(kVerbs, word, [](KeyVerb one) { return name_of(one); });
  if (verb == kVerbs.end()) {
    members.refuse("parameter_type", "\"action\" is suspend, resume or revoke", "action");
    return KeyVerb::kSuspend;
  }
  return *verb;
}

Json to_json(const KeySelection& selection, std::uint64_t listed) {
  Json json = Json::object();
  const auto add = [&](const char* name, const std::string& text) {
    if (!text.empty()) {
      json[name] = text;
    }
  };
  const auto add_time = [&](const char* name, std::optional<Timestamp> time) {
    if (time) {
      json[name] = time_text(*time);
    }
  };
  if (selection.accounts.size() > 1) {
    json["accounts"] = selection.accounts;
  } else {
    add("account", selection.accounts.empty() ? "" : selection.accounts.front());
  }
  add("label", selection.label);
  add("vendor", selection.vendor);
  add_time("created_from", selection.created_from);
  add_time("created_until", selection.created_until);
  add("used_from", selection.used_from ? selection.used_from->to_string() : "");
  add_time("used_since", selection.used_since);
  if (selection.everything) {
    json["everything"] = true;
  }
  if (json.empty()) {
    json["listed"] = listed;
  }
  return json;
}

// to_change is how many keys of a selection the verb changes.
std::uint64_t to_change(KeyVerb verb, const SelectionCounts& counts) {
  switch (verb) {
    case KeyVerb::kSuspend:
      return counts.active + counts.expired;
    case KeyVerb::kResume:
      return counts.suspended;
    case KeyVerb::kRevoke:
      return counts.active + counts.expired + counts.suspended;
  }
  std::unreachable();
}

Json to_json(const MassAction& action) {
  const SelectionCounts& counts = action.at_start;
  Json json{{"id", action.id},
            {"action", name_of(action.verb)},
            {"cause", action.cause},
            {"state", name_of(action.state)},
            {"select", to_json(action.selection, counts.selected)},
            {"begun_at", time_text(action.begun)},
            {"ended_at", action.ended ? Json(time_text(*action.ended)) : Json()},
            {"by", action.by.name},
            {"selected",
             {{"keys", counts.selected},
              {"accounts", counts.accounts},
              {"active", counts.active},
              {"suspended", counts.suspended},
              {"revoked", counts.revoked},
              {"expired", counts.expired},
              {"unreadable", counts.unreadable}}},
            {"to_change", to_change(action.verb, counts)},
            {"changed", action.changed},
            {"already", action.already},
            {"refused", action.refused}};
  json["stop_reason"] = action.stop_reason.empty() ? Json() : Json(action.stop_reason);
  json["still_valid"] = action.still_valid ? Json(*action.still_valid) : Json();
  return json;
}

// check_own_keys: 404 no_such_key, unless the asker sees each of the API keys. Those that are not
// theirs and those that do not exist are the same.
std::expected<void, ApiFault> check_own_keys(const Call& call,
                                             const std::vector<std::string>& ids) {
  const auto bound = bound_account(call.asker);
  if (!bound) {
    return {};
  }
  const auto nobody = call.parts.issuer.stored_key({});
  for (const std::string& id : ids) {
    const auto stored = call.parts.issuer.stored_key(id);
    if (!stored) {
      return std::unexpected(fault_of(stored.error()));
    }
    const auto visible = sees(call.parts, bound, stored->key.account.text());
    if (!visible || !*visible) {
      return std::unexpected(visible ? fault_of(nobody.error()) : visible.error());
    }
  }
  return {};
}

// check_own_selection: a holder selects among the API keys of accounts that they see, or lists some
// of them.
std::expected<void, ApiFault> check_own_selection(const Call& call, const KeySelection& selection) {
  const auto bound = bound_account(call.asker);
  if (!bound) {
    return {};
  }
  if (selection.accounts.empty() && selection.api_keys.empty()) {
    return std::unexpected(bad_input(
        "account_wanted", "name one of your accounts as \"account\", or list API keys of yours",
        "select.account"));
  }
  if (!selection.accounts.empty()) {
    const auto visible = sees_all(call.parts, bound, selection.accounts);
    if (!visible || !*visible) {
      const auto nobody = call.parts.issuer.account({});
      return std::unexpected(visible ? fault_of(nobody.error()) : visible.error());
    }
  }
  return check_own_keys(call, selection.api_keys);
}

// is_seen: the asker made it, or it is about accounts that they see.
std::expected<bool, ApiFault> is_seen(const Call& call, const MassAction& action) {
  if (action.by.name == call.actor().name) {
    return true;
  }
  return sees_all(call.parts, bound_account(call.asker), action.selection.accounts);
}

Outcome reply_action(const MassActions::Result<MassAction>& action, int status = 200) {
  return action ? Outcome(reply(to_json(*action), status))
                : std::unexpected(fault_of(action.error()));
}

}  // namespace

Outcome list_mass_actions(const Call& call) {
  if (const auto fine = no_parameters(call); !fine) {
    return std::unexpected(fine.error());
  }
  const auto actions = call.parts.mass_actions.list();
  if (!actions) {
    return std::unexpected(fault_of(actions.error()));
  }
  Json items = Json::array();
  for (const MassAction& action : *actions) {
    const auto seen = is_seen(call, action);
    if (!seen) {
      return std::unexpected(seen.error());
    }
    if (*seen) {
      items.push_back(to_json(action));
    }
  }
  return reply_list(call, std::move(items), std::nullopt);
}

Outcome prepare_mass_action(const Call& call) {
  MemberReader members(call.body);
  const KeyVerb verb = read_verb(members);
  const std::string cause = members.text("cause", kCauseBytesMax).value_or("");
  JsonValue* const select = members.object("select");
  KeySelection selection;
  if (select != nullptr) {
    MemberReader selecting(*select, "select.");
    selection = read_selection(selecting);
    if (const auto fine = selecting.finish(); !fine) {
      return std::unexpected(fine.error());
    }
  }
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  if (const auto fine = check_own_selection(call, selection); !fine) {
    return std::unexpected(fine.error());
  }
  return reply_action(
      call.parts.mass_actions.prepare(verb, cause, std::move(selection), call.actor()), kCreated);
}

Outcome show_mass_action(const Call& call) {
  if (const auto fine = no_parameters(call); !fine) {
    return std::unexpected(fine.error());
  }
  return reply_action(call.parts.mass_actions.find(call.id));
}

Outcome add_to_mass_action(const Call& call) {
  MemberReader members(call.body);
  const std::vector<std::string> ids = read_list(members);
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  if (const auto fine = check_own_keys(call, ids); !fine) {
    return std::unexpected(fine.error());
  }
  return reply_action(call.parts.mass_actions.add_keys(call.id, ids));
}

Outcome start_mass_action(const Call& call) {
  if (const auto fine = no_members(call); !fine) {
    return std::unexpected(fine.error());
  }
  return reply_action(call.parts.mass_actions.start(call.id, call.actor()));
}

Outcome stop_mass_action(const Call& call) {
  if (const auto fine = no_members(call); !fine) {
    return std::unexpected(fine.error());
  }
  return reply_action(call.parts.mass_actions.stop(call.id, call.actor()));
}

Outcome export_mass_results(const Call& call) {
  if (const auto fine = no_parameters(call); !fine) {
    return std::unexpected(fine.error());
  }
  const MassActions& actions = call.parts.mass_actions;
  const auto action = actions.find(call.id);
  if (!action) {
    return std::unexpected(fault_of(action.error()));
  }
  ApiAnswer answer{.content_type = "application/x-ndjson", .body = {}};
  answer.stream = [&actions, id = call.id](const BodySink& sink) {
    bool wanted = true;
    const auto given =
        actions.results(id, [&](std::string_view lines) { return wanted = sink(lines); });
    return given.has_value() && wanted;
  };
  return answer;
}

}  // namespace counterfoil
