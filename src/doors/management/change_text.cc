#include "doors/management/change_text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/issuer.h"
#include "authority/key_selection.h"
#include "authority/mass_action.h"
#include "authority/people_desk.h"
#include "authority/webhooks.h"
#include "base/base64.h"
#include "base/time.h"
#include "base/wiped_text.h"
#include "doors/management/call.h"
#include "doors/management/caller.h"
#include "doors/management/json_value.h"
#include "doors/management/rights.h"
#include "doors/management/time_text.h"
#include "keys/life.h"

namespace counterfoil {
namespace {

constexpr std::size_t kShownCharactersMax = 80;
constexpr std::size_t kShownElementsMax = 12;

std::string shown(std::string_view text) {
  return is_plain_text(text, kShownCharactersMax) ? std::string(text) : "(not shown)";
}

// An empty list, and "any", mean the most there is: people are told so in words.
std::string shown_list(std::string_view name, const JsonArray& array) {
  const auto* const only = array.size() == 1 ? array[0].as<WipedText>() : nullptr;
  if (name == "allow_list" && (array.empty() || (only != nullptr && *only == "any"))) {
    return "anywhere";
  }
  if (array.empty()) {
    return name == "symbols" ? "every symbol" : "none";
  }
  std::string list;
  for (std::size_t i = 0; i < std::min(array.size(), kShownElementsMax); ++i) {
    const auto* const text = array[i].as<WipedText>();
    list += (i == 0 ? "" : ", ") + shown(text == nullptr ? "" : std::string_view(*text));
  }
  if (array.size() > kShownElementsMax) {
    list += " and " + std::to_string(array.size() - kShownElementsMax) + " more";
  }
  return list;
}

// What a member says; nullopt: it is absent.
std::optional<std::string> shown_member(const JsonValue& body, std::string_view name) {
  const JsonValue* const value = find_member(body, name);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (const auto* const text = value->as<WipedText>()) {
    return shown(*text);
  }
  if (const auto* const array = value->as<JsonArray>()) {
    return shown_list(name, *array);
  }
  if (const auto* const number = value->as<std::int64_t>()) {
    return std::to_string(*number);
  }
  return value->is_null() ? "never" : "(not shown)";
}

std::string key_name(const Call& call) {
  constexpr std::size_t kEnds = 8;
  std::string id = "(not shown)";
  if (call.id.size() > 2 * kEnds && is_plain_text(call.id, call.id.size())) {
    id = call.id.substr(0, kEnds) + "..." + call.id.substr(call.id.size() - kEnds);
  }
  const auto stored = call.parts.issuer.stored_key(call.id);
  return stored && !stored->key.label.empty() ? shown(stored->key.label) + " (" + id + ")" : id;
}

std::string person_name(const Call& call) {
  if (call.asker.caller) {
    const auto person = call.parts.people->people.person(*call.asker.caller, call.id);
    if (person) {
      return person->name + " (" + person->email + ")";
    }
  }
  return shown(call.id);
}

std::string passkey_name(const Call& call) {
  const auto id = from_base64url(call.id);
  if (id && call.asker.caller) {
    for (const Passkey& passkey : call.asker.caller->person.value.passkeys) {
      if (passkey.id == *id) {
        return passkey.name;
      }
    }
  }
  return "(unknown)";
}

std::string identity_name(const Call& call) {
  if (call.asker.caller) {
    for (const LinkedIdentity& identity : call.asker.caller->person.value.identities) {
      if (identity_id(identity.issuer, identity.subject) == call.id) {
        return identity.shown.empty() ? shown(identity.subject) : shown(identity.shown);
      }
    }
  }
  return "(unknown)";
}

// The host alone: the path of an URL may be as good as a secret.
std::string webhook_name(const Call& call) {
  if (call.parts.webhooks == nullptr) {
    return "(unknown)";
  }
  const auto webhook = call.parts.webhooks->find(call.id);
  if (!webhook) {
    return "(unknown)";
  }
  constexpr std::string_view kScheme = "://";
  const std::string_view url = webhook->url;
  const std::string_view rest = url.substr(url.find(kScheme) + kScheme.size());
  return "of account " + webhook->account.text() + " at " +
         shown(rest.substr(0, rest.find_first_of("/?")));
}

void add_condition(std::string& text, std::string_view name, std::string_view value) {
  if (!value.empty()) {
    text += (text.empty() ? "" : ", ") + std::string(name) + " " + shown(value);
  }
}

void add_accounts(std::string& text, const std::vector<std::string>& accounts) {
  for (std::size_t i = 0; i < std::min(accounts.size(), kShownElementsMax); ++i) {
    text +=
        (i == 0 ? (accounts.size() == 1 ? "account " : "accounts ") : ", ") + shown(accounts[i]);
  }
  if (accounts.size() > kShownElementsMax) {
    text += " and " + std::to_string(accounts.size() - kShownElementsMax) + " more";
  }
}

// What it selects, not how many that are now: others make API keys meanwhile, and the change stays
// the same.
std::string selection_text(const KeySelection& selection, std::uint64_t listed) {
  if (selection.everything) {
    return "every API key there is";
  }
  const auto time = [](const std::optional<Timestamp>& at) {
    return at ? time_text(*at) : std::string();
  };
  std::string text;
  add_accounts(text, selection.accounts);
  add_condition(text, "label", selection.label);
  add_condition(text, "vendor", selection.vendor);
  add_condition(text, "created from", time(selection.created_from));
  add_condition(text, "created until", time(selection.created_until));
  add_condition(text, "used from", selection.used_from ? selection.used_from->to_string() : "");
  add_condition(text, "used since", time(selection.used_since));
  return text.empty() ? std::to_string(listed) + " listed API keys" : "the API keys of " + text;
}

std::string mass_action_name(const Call& call) {
  const auto action = call.parts.mass_actions.find(call.id);
  if (!action) {
    return "(unknown)";
  }
  return std::string(name_of(action->verb)) + " " +
         selection_text(action->selection, action->at_start.selected);
}

std::string object_name(const Call& call, Object object) {
  switch (object) {
    case Object::kKey:
      return key_name(call);
    case Object::kPerson:
      return person_name(call);
    case Object::kPasskey:
      return passkey_name(call);
    case Object::kIdentity:
      return identity_name(call);
    case Object::kWebhook:
      return webhook_name(call);
    case Object::kMassAction:
    case Object::kOwnMassAction:
      return mass_action_name(call);
    case Object::kAccount:
    case Object::kNone:
    case Object::kList:
    case Object::kAccountInBody:
    case Object::kKeyInBody:
    case Object::kEnrolmentLink:
    case Object::kReceipt:
    case Object::kRefusal:
      return shown(call.id);
  }
  std::unreachable();
}

// filled writes a piece of a sentence; nullopt: a member is absent.
std::optional<std::string> filled(const Call& call, const Rights& rights, std::string_view piece) {
  std::string text;
  while (!piece.empty()) {
    const std::size_t open = std::min(piece.find('{'), piece.size());
    text += piece.substr(0, open);
    piece.remove_prefix(open);
    if (piece.empty()) {
      break;
    }
    const std::size_t close = piece.find('}');
    const std::string_view name = piece.substr(1, close - 1);
    const auto value = name == "object" ? std::optional(object_name(call, rights.object))
                                        : shown_member(call.body, name);
    if (!value) {
      return std::nullopt;
    }
    text += *value;
    piece.remove_prefix(close + 1);
  }
  return text;
}

}  // namespace

std::string change_text(const Call& call, const Rights& rights) {
  std::string text;
  std::string_view rest = rights.change;
  while (!rest.empty()) {
    const bool is_optional = rest.front() == '[';
    const std::size_t end = std::min(rest.find(is_optional ? ']' : '['), rest.size());
    const std::string_view piece = is_optional ? rest.substr(1, end - 1) : rest.substr(0, end);
    rest.remove_prefix(is_optional ? end + 1 : end);
    const auto written = filled(call, rights, piece);
    text += written.value_or(is_optional ? "" : "(nothing)");
  }
  return text;
}

}  // namespace counterfoil
