#include "authority/sub_account_keys.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "accounts/account.h"
#include "authority/call_refusal.h"
#include "authority/gatekeeper.h"
#include "authority/issuer.h"
#include "authority/issuer_limits.h"
#include "authority/problem.h"
#include "authority/secret_job.h"
#include "authority/sub_account_parameters.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "base/wiped_text.h"
#include "crypto/public_key.h"
#include "crypto/signature_scheme.h"
#include "keys/allow_list.h"
#include "keys/api_key.h"
#include "keys/api_key_id.h"
#include "keys/life.h"
#include "keys/permission.h"
#include "policy/permission_rule.h"
#include "policy/profile.h"
#include "policy/route.h"
#include "verify/reason.h"

namespace counterfoil {
namespace {

using Json = nlohmann::ordered_json;
template <typename T>
using Asked = std::expected<T, CallRefusal>;

constexpr std::string_view kEmail = "email";
constexpr std::string_view kApiKey = "subAccountApiKey";
constexpr std::string_view kApiName = "apiName";
constexpr std::string_view kStatus = "status";
constexpr std::string_view kIpAddress = "ipAddress";
constexpr std::string_view kThirdPartyName = "thirdPartyName";
constexpr std::string_view kPublicKey = "publicKey";

constexpr std::size_t kIpAddressBytesMax = 500;
constexpr std::size_t kPublicKeyBytesMax = 4096;
constexpr std::size_t kLabelBytesMax = 4 * kLabelSizeMax;
constexpr std::uint32_t kPageSizeDefault = 30;
constexpr std::uint32_t kPageSizeMax = 100;
constexpr std::uint32_t kPagesMax = 1'000'000;
constexpr std::string_view kRevokedCause = "revoked by the master account";

// The `status` of the vendor's calls.
constexpr std::uint32_t kUnrestricted = 1;
constexpr std::uint32_t kTrustedAddresses = 2;
constexpr std::uint32_t kThirdParty = 3;

// Version is that of the call to create a key: the second one knows RSA keys, and the permissions
// of Ed25519 keys.
enum class Version : std::uint8_t { k1, k2 };

std::unexpected<CallRefusal> refused(Reason reason, std::string_view parameter = {}) {
  return std::unexpected(
      CallRefusal{.reason = reason, .parameter = parameter, .tried = CallRefusal::Tried::kYes});
}

struct ProblemRow {
  std::string_view problem;
  Reason reason;
  std::string_view parameter;
};
constexpr auto kProblems = std::to_array<ProblemRow>({
    {"no_such_sub_account", Reason::kSubAccountUnknown, {}},
    {"no_such_key", Reason::kSubAccountKeyUnknown, {}},
    {"api_key_revoked", Reason::kSubAccountKeyUnknown, {}},
    {"account_suspended", Reason::kSubAccountSuspended, {}},
    {"maker_not_allowed", Reason::kPermissionMissing, {}},
    {"permission_beyond_maker", Reason::kPermissionBeyondMaker, {}},
    {"allow_list_required", Reason::kAllowListRequired, {}},
    {"allow_list_invalid", Reason::kParameterInvalid, kIpAddress},
    {"public_key_invalid", Reason::kPublicKeyInvalid, {}},
    {"pair_taken", Reason::kPublicKeyInvalid, {}},
    {"public_keys_by_keys_refused", Reason::kOperationUnsupported, {}},
    {"too_many_keys", Reason::kTooManyApiKeys, {}},
});

// refused_for says in the words of the wire why a change was not made. Whatever is not the caller's
// doing is a fault of ours.
std::unexpected<CallRefusal> refused_for(const Problem& problem) {
  const auto* const row = std::ranges::find(kProblems, problem.reason, &ProblemRow::problem);
  return row == kProblems.end() ? refused(Reason::kNotInForce)
                                : refused(row->reason, row->parameter);
}

bool is_asked(const PermissionRule& rule) { return !rule.sub_account_field.empty(); }

PermissionSet gifts(const Profile& profile, SubAccountGift gift) {
  PermissionSet set;
  const auto rules = profile.permission_rules();
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].sub_account == gift) {
      set = set.with(PermissionSet::of_index(i));
    }
  }
  return set;
}

// Flags are the permissions that a call names, and what it says of each.
struct Flags {
  PermissionSet granted;
  PermissionSet denied;
};

Flags read_flags(CallParameters& parameters, const Profile& profile) {
  Flags flags;
  const auto rules = profile.permission_rules();
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const auto flag =
        is_asked(rules[i]) ? parameters.flag(rules[i].sub_account_field) : std::nullopt;
    if (flag) {
      PermissionSet& set = *flag ? flags.granted : flags.denied;
      set = set.with(PermissionSet::of_index(i));
    }
  }
  return flags;
}

// write_flags writes the five flags that every one of the calls knows; those of Ed25519 keys are
// asked for, but never told.
void write_flags(const ApiKey& key, const Profile& profile, Json& json) {
  const auto rules = profile.permission_rules();
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].sub_account == SubAccountGift::kAsked) {
      json[rules[i].sub_account_field] = key.permissions.contains_all(PermissionSet::of_index(i));
    }
  }
}

Json address_list(const AllowList& list) {
  Json addresses = Json::array();
  for (const Cidr& network : list.networks()) {
    addresses.push_back(network.to_string());
  }
  return addresses;
}

// with_plus: CCXT sends the parameters of these calls without any escape, so that a '+' arrives as
// a blank, which neither an e-mail nor base64 can hold.
std::string with_plus(std::string text) {
  std::ranges::replace(text, ' ', '+');
  return text;
}

WipedText body_of(const Json& json) { return WipedText(std::string_view(json.dump())); }

// with_secret puts the secret behind the API key's id, behind the library's back, so that no buffer
// of it ever holds one. Our secrets are letters and digits: nothing to escape.
WipedText with_secret(const Json& names, const SecretBytes& secret, const Json& facts) {
  const std::string head = names.dump();
  const std::string tail = facts.dump();
  WipedText body;
  body.reserve(head.size() + tail.size() + secret.size() + 32);
  body.append(std::string_view(head).substr(0, head.size() - 1));
  body.append(",\"secretKey\":\"");
  SecretJob::append_shown_text(secret, body);
  body.append("\",");
  body.append(std::string_view(tail).substr(1));
  return body;
}

// Desk answers the calls of one request.
class Desk {
 public:
  Desk(Issuer& issuer, const Profile& profile, const SubAccountCall& call)
      : issuer_(issuer),
        profile_(profile),
        call_(call),
        parameters_(call.parameters),
        email_(with_plus(parameters_.required_text(kEmail, kEmailSizeMax))),
        actor_{.name = "key:" + std::string(caller().prefix()),
               .source = call.source.to_string(),
               .key = caller()} {}

  OwnAnswer create_key(Version version);
  OwnAnswer list_keys();
  OwnAnswer revoke_key();
  OwnAnswer set_permissions();
  OwnAnswer add_addresses();
  OwnAnswer show_addresses();
  OwnAnswer remove_addresses();

 private:
  [[nodiscard]] const ApiKeyId& caller() const { return call_.admission.claims.api_key; }
  // account is the sub-account named, once all parameters were read.
  [[nodiscard]] Asked<Account> account() const;
  [[nodiscard]] Asked<NewKey> read_new_key(Version version);
  [[nodiscard]] Asked<KeyMaterial> read_material(Version version);
  [[nodiscard]] Asked<PermissionSet> gift(Version version, PermissionSet asked,
                                          Scheme scheme) const;
  // named_key is the API key of the sub-account that the call names, whatever its state.
  [[nodiscard]] Asked<VersionedKey> named_key(const std::string& api_key) const;
  // change_key lets `edit` decide what becomes of the key named, on it as it is.
  template <typename Edit>
  [[nodiscard]] Asked<ApiKey> change_key(const std::string& api_key, Edit edit);
  [[nodiscard]] std::string names_of(PermissionSet set) const {
    return profile_.permissions().to_text(set);
  }
  [[nodiscard]] OwnAnswer restriction_of(const ApiKey& key, Timestamp updated) const;

  Issuer& issuer_;
  const Profile& profile_;
  const SubAccountCall& call_;
  CallParameters parameters_;
  std::string email_;
  Actor actor_;
};

Asked<Account> Desk::account() const {
  if (parameters_.fault()) {
    return std::unexpected(*parameters_.fault());
  }
  auto found = issuer_.sub_account(call_.admission.key->account, email_);
  if (!found) {
    return refused_for(found.error());
  }
  return std::move(*found);
}

Asked<KeyMaterial> Desk::read_material(Version version) {
  auto text = parameters_.text(kPublicKey, kPublicKeyBytesMax);
  if (!text) {
    return KeyMaterial{};
  }
  if (!text->contains("BEGIN")) {
    text = with_plus(*std::move(text));
  }
  if (version == Version::k2 && parameters_.stands_in_query(kPublicKey)) {
    return refused(Reason::kParameterNotExpected, kPublicKey);
  }
  const auto key = PublicKey::import_text(*text);
  if (!key || (version == Version::k1 && key->scheme() != Scheme::kEd25519)) {
    return refused(Reason::kPublicKeyInvalid);
  }
  KeyMaterial material;
  material.scheme = key->scheme();
  material.public_key = *std::move(text);
  return material;
}

// gift is what a new key may do.
Asked<PermissionSet> Desk::gift(Version version, PermissionSet asked, Scheme scheme) const {
  const PermissionSet for_ed25519 = gifts(profile_, SubAccountGift::kEd25519);
  if (version == Version::k1) {
    asked = asked.without(for_ed25519);
  } else if (asked.intersects(for_ed25519) && scheme != Scheme::kEd25519) {
    return refused(Reason::kOperationUnsupported);
  }
  const PermissionSet held = call_.admission.key->permissions;
  const PermissionSet always = gifts(profile_, SubAccountGift::kAlways);
  const PermissionSet given = asked.with(PermissionSet::of_bits(always.bits() & held.bits()));
  // Empty: the caller has nothing to give, and a key without permissions is none.
  return given.empty() ? refused(Reason::kPermissionBeyondMaker) : Asked<PermissionSet>(given);
}

// read_new_key reads all but the account.
Asked<NewKey> Desk::read_new_key(Version version) {
  NewKey wanted;
  wanted.label = parameters_.required_text(kApiName, kLabelBytesMax);
  const std::uint32_t status = parameters_.required_number(kStatus, kUnrestricted, kThirdParty);
  const auto addresses = parameters_.text(kIpAddress, kIpAddressBytesMax);
  const auto third_party = parameters_.text(kThirdPartyName, kLabelBytesMax);
  if (status == kTrustedAddresses && !addresses) {
    parameters_.refuse(Reason::kParameterMissing, kIpAddress);
  }
  if (status == kThirdParty && !third_party) {
    parameters_.refuse(Reason::kParameterMissing, kThirdPartyName);
  }
  wanted.allow_list = status == kUnrestricted ? "any" : addresses.value_or("any");
  wanted.vendor = status == kThirdParty ? third_party.value_or("") : "";
  if (!is_label(wanted.label)) {
    parameters_.refuse(Reason::kParameterInvalid, kApiName);
  }
  if (!is_label(wanted.vendor)) {
    parameters_.refuse(Reason::kParameterInvalid, kThirdPartyName);
  }
  if (wanted.allow_list == "any" && addresses == "any") {
    parameters_.refuse(Reason::kParameterInvalid, kIpAddress);  // our word, not the vendor's
  }
  const Flags flags = read_flags(parameters_, profile_);
  auto material = read_material(version);
  if (parameters_.fault()) {
    return std::unexpected(*parameters_.fault());
  }
  if (!material) {
    return std::unexpected(material.error());
  }
  wanted.material = std::move(*material);
  wanted.symbols = call_.admission.key->symbols;  // the maker's: no more than it may trade itself
  const auto given = gift(version, flags.granted, wanted.material.scheme);
  if (!given) {
    return std::unexpected(given.error());
  }
  wanted.permissions = names_of(*given);
  return wanted;
}

OwnAnswer Desk::create_key(Version version) {
  auto wanted = read_new_key(version);
  if (!wanted) {
    return std::unexpected(wanted.error());
  }
  const auto owner = account();
  if (!owner) {
    return std::unexpected(owner.error());
  }
  wanted->account = owner->id.text();
  const auto issued = issuer_.create_key(*wanted, actor_);
  if (!issued) {
    return refused_for(issued.error());
  }
  const ApiKey& key = issued->key;
  Json names{{"apiName", key.label}, {"apiKey", key.id.text()}};
  Json facts = Json::object();
  write_flags(key, profile_, facts);
  const std::uint32_t restricted = key.allow_list.is_any() ? kUnrestricted : kTrustedAddresses;
  facts["status"] = key.vendor.empty() ? restricted : kThirdParty;
  facts["ipList"] = address_list(key.allow_list);
  if (issued->secret) {
    return with_secret(names, *issued->secret, facts);
  }
  names["secretKey"] = nullptr;
  names.update(facts);
  return body_of(names);
}

OwnAnswer Desk::list_keys() {
  const auto only = parameters_.text(kApiKey, ApiKeyId::kSize);
  const std::uint32_t page = parameters_.number("page", 1, kPagesMax).value_or(1);
  const std::uint32_t size = parameters_.number("size", 1, kPageSizeMax).value_or(kPageSizeDefault);
  const auto owner = account();
  if (!owner) {
    return std::unexpected(owner.error());
  }
  auto keys = issuer_.keys_of(owner->id.text());
  if (!keys) {
    return refused_for(keys.error());
  }
  std::erase_if(*keys, [&](const ApiKey& key) {
    return key.state == KeyState::kRevoked || (only && key.id.text() != *only);
  });
  std::ranges::sort(*keys, {}, [](const ApiKey& key) { return std::tuple(key.created, key.id); });
  Json rows = Json::array();
  const std::size_t first = std::size_t{page - 1} * size;
  for (std::size_t i = first; i < std::min(keys->size(), first + size); ++i) {
    const ApiKey& key = (*keys)[i];
    Json row{{"email", owner->email}, {"apiName", key.label}, {"apikey", key.id.text()}};
    write_flags(key, profile_, row);
    row["timestamp"] = to_unix_ms(key.created);
    rows.push_back(std::move(row));
  }
  return body_of(Json{{"total", keys->size()}, {"rows", std::move(rows)}});
}

Asked<VersionedKey> Desk::named_key(const std::string& api_key) const {
  const auto owner = account();
  if (!owner) {
    return std::unexpected(owner.error());
  }
  auto stored = issuer_.stored_key(api_key);
  if (!stored) {
    return refused_for(stored.error());
  }
  if (stored->key.account != owner->id) {
    return refused(Reason::kSubAccountKeyUnknown);
  }
  return std::move(*stored);
}

template <typename Edit>
Asked<ApiKey> Desk::change_key(const std::string& api_key, Edit edit) {
  for (int attempt = 1;; ++attempt) {
    const auto stored = named_key(api_key);
    if (!stored) {
      return std::unexpected(stored.error());
    }
    if (stored->key.state == KeyState::kRevoked) {
      return refused(Reason::kSubAccountKeyUnknown);
    }
    const Asked<KeyEdit> wanted = edit(stored->key);
    if (!wanted) {
      return std::unexpected(wanted.error());
    }
    auto changed = issuer_.edit_key(api_key, *wanted, actor_, stored->version);
    if (changed) {
      return std::move(changed->key);
    }
    const bool lost_a_race = changed.error().kind == Problem::Kind::kChanged;
    if (!lost_a_race || attempt == kAttemptsMax) {
      return refused_for(changed.error());
    }
  }
}

OwnAnswer Desk::revoke_key() {
  const std::string api_key = parameters_.required_text(kApiKey, ApiKeyId::kSize);
  if (const auto stored = named_key(api_key); !stored) {
    return std::unexpected(stored.error());
  }
  // A key that is revoked already is waited for again: then this answer means what the first did.
  const auto revoked = issuer_.revoke_key(api_key, std::string(kRevokedCause), actor_);
  if (!revoked) {
    return refused_for(revoked.error());
  }
  return body_of(Json::object());
}

OwnAnswer Desk::set_permissions() {
  const std::string api_key = parameters_.required_text(kApiKey, ApiKeyId::kSize);
  const Flags flags = read_flags(parameters_, profile_);
  if (flags.granted.empty() && flags.denied.empty()) {
    parameters_.refuse(Reason::kParameterMissing, "canTrade");
  }
  const PermissionSet for_ed25519 = gifts(profile_, SubAccountGift::kEd25519);
  const auto changed = change_key(api_key, [&](const ApiKey& key) -> Asked<KeyEdit> {
    const auto is_ed25519 = [](const KeyPair& pair) { return pair.scheme == Scheme::kEd25519; };
    if (flags.granted.intersects(for_ed25519) && !std::ranges::all_of(key.pairs, is_ed25519)) {
      return refused(Reason::kOperationUnsupported);
    }
    return KeyEdit{.permissions =
                       names_of(key.permissions.without(flags.denied).with(flags.granted))};
  });
  if (!changed) {
    return std::unexpected(changed.error());
  }
  Json answer{{"apiName", changed->label}, {"apikey", changed->id.text()}};
  write_flags(*changed, profile_, answer);
  answer["timestamp"] = to_unix_ms(call_.admission.admitted_at);
  return body_of(answer);
}

OwnAnswer Desk::add_addresses() {
  const std::string api_key = parameters_.required_text(kApiKey, ApiKeyId::kSize);
  const std::uint32_t status =
      parameters_.required_number(kStatus, kUnrestricted, kTrustedAddresses);
  const auto addresses = parameters_.text(kIpAddress, kIpAddressBytesMax);
  if (addresses == "any") {
    parameters_.refuse(Reason::kParameterInvalid, kIpAddress);  // that is status=1
  }
  const auto changed = change_key(api_key, [&](const ApiKey& key) -> Asked<KeyEdit> {
    if (status == kUnrestricted) {
      return KeyEdit{.allow_list = "any"};
    }
    if (key.allow_list.is_any() && !addresses) {
      return refused(Reason::kParameterMissing, kIpAddress);
    }
    const std::string listed = key.allow_list.is_any() ? "" : key.allow_list.to_text();
    const bool is_both = !listed.empty() && addresses;
    return KeyEdit{.allow_list = listed + (is_both ? "," : "") + addresses.value_or("")};
  });
  if (!changed) {
    return std::unexpected(changed.error());
  }
  const bool is_any = changed->allow_list.is_any();
  Json answer{{"status", std::to_string(is_any ? kUnrestricted : kTrustedAddresses)}};
  if (!is_any) {
    answer["ipList"] = address_list(changed->allow_list);
  }
  answer["updateTime"] = to_unix_ms(call_.admission.admitted_at);
  answer["apiKey"] = changed->id.text();
  return body_of(answer);
}

OwnAnswer Desk::restriction_of(const ApiKey& key, Timestamp updated) const {
  return body_of(Json{{"ipRestrict", key.allow_list.is_any() ? "false" : "true"},
                      {"ipList", address_list(key.allow_list)},
                      {"updateTime", to_unix_ms(updated)},
                      {"apiKey", key.id.text()}});
}

OwnAnswer Desk::show_addresses() {
  const std::string api_key = parameters_.required_text(kApiKey, ApiKeyId::kSize);
  const auto stored = named_key(api_key);
  if (!stored) {
    return std::unexpected(stored.error());
  }
  if (stored->key.state == KeyState::kRevoked) {
    return refused(Reason::kSubAccountKeyUnknown);
  }
  // When the list was changed is not kept; this is the last time that is.
  return restriction_of(stored->key, stored->key.state_since);
}

OwnAnswer Desk::remove_addresses() {
  const std::string api_key = parameters_.required_text(kApiKey, ApiKeyId::kSize);
  const std::string addresses = parameters_.required_text(kIpAddress, kIpAddressBytesMax);
  const auto unwanted = AllowList::parse(addresses);
  if (!parameters_.fault() && (!unwanted || unwanted->is_any())) {
    parameters_.refuse(Reason::kParameterInvalid, kIpAddress);
  }
  const auto changed = change_key(api_key, [&](const ApiKey& key) -> Asked<KeyEdit> {
    std::vector<Cidr> left = key.allow_list.networks();
    for (const Cidr& network : unwanted->networks()) {
      if (std::erase(left, network) == 0) {
        return refused(Reason::kAddressNotListed);
      }
    }
    std::string text;
    for (const Cidr& network : left) {
      text += (text.empty() ? "" : ",") + network.to_string();
    }
    if (text.empty()) {
      return refused(Reason::kAllowListRequired);
    }
    return KeyEdit{.allow_list = std::move(text)};
  });
  if (!changed) {
    return std::unexpected(changed.error());
  }
  return restriction_of(*changed, call_.admission.admitted_at);
}

}  // namespace

OwnAnswer answer_sub_account_call(Issuer& issuer, const Profile& profile,
                                  const SubAccountCall& call) {
  Desk desk(issuer, profile, call);
  switch (call.admission.route->handler) {
    case Handler::kSubAccountCreateKey:
      return desk.create_key(Version::k1);
    case Handler::kSubAccountCreateKeyV2:
      return desk.create_key(Version::k2);
    case Handler::kSubAccountListKeys:
      return desk.list_keys();
    case Handler::kSubAccountRevokeKey:
      return desk.revoke_key();
    case Handler::kSubAccountSetPermissions:
      return desk.set_permissions();
    case Handler::kSubAccountAddAddresses:
      return desk.add_addresses();
    case Handler::kSubAccountShowAddresses:
      return desk.show_addresses();
    case Handler::kSubAccountRemoveAddresses:
      return desk.remove_addresses();
    case Handler::kUpstream:
    case Handler::kApiRestrictions:
    case Handler::kSelfRevoke:
      break;
  }
  return std::unexpected(CallRefusal{});  // no such call: a caller's bug
}

}  // namespace counterfoil
