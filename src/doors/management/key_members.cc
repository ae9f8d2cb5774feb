#include "doors/management/key_members.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authority/issuer.h"
#include "base/account_id.h"
#include "doors/management/json_value.h"
#include "doors/management/member_reader.h"
#include "keys/life.h"
#include "keys/permission.h"

namespace counterfoil {
namespace {

constexpr std::size_t kLabelBytesMax = 4 * kLabelSizeMax;
constexpr std::size_t kTypeBytesMax = 32;
constexpr std::size_t kNonceBytesMax = 64;
constexpr std::size_t kSignatureBytesMax = 1024;
constexpr std::size_t kNetworkBytesMax = 64;

// joined makes the comma list that the authority parses. An element with a comma of its own would
// smuggle in more than it says.
std::optional<std::string> joined(MemberReader& members, std::string_view name,
                                  std::size_t bytes_max) {
  const auto elements = members.texts(name, bytes_max);
  if (!elements) {
    return std::nullopt;
  }
  if (elements->empty()) {
    members.refuse("list_empty",
                   "\"" + std::string(name) + "\" is empty; leave it out to get the default", name);
  }
  std::string list;
  for (const std::string& element : *elements) {
    if (element.contains(',')) {
      members.refuse("json_type", "one entry of \"" + std::string(name) + "\" holds a comma", name);
    }
    list += (list.empty() ? "" : ",") + element;
  }
  return list;
}

void read_possession(MemberReader& members, KeyMaterial& material) {
  JsonValue* const possession = members.object("possession");
  if (possession == nullptr) {
    return;
  }
  MemberReader proof(*possession, "possession.");
  material.possession_nonce = proof.required_text("nonce", kNonceBytesMax);
  material.possession_signature = proof.required_text("signature", kSignatureBytesMax);
  if (const auto fine = proof.finish(); !fine) {
    members.refuse(fine.error().reason, fine.error().detail, fine.error().member);
  }
}

}  // namespace

NewKey read_new_key(MemberReader& members) {
  NewKey wanted;
  wanted.account = members.required_text("account", AccountId::kSizeMax);
  wanted.label = members.text("label", kLabelBytesMax).value_or("");
  wanted.permissions = joined(members, "permissions", PermissionTable::kNameSizeMax).value_or("");
  wanted.allow_list = joined(members, "allow_list", kNetworkBytesMax).value_or("");
  wanted.symbols = members.texts("symbols", kSymbolSizeMax).value_or(std::vector<std::string>{});
  wanted.vendor = members.text("vendor", kLabelBytesMax).value_or("");
  if (const auto expires_at = members.time_or_null("expires_at")) {
    wanted.expires_at = *expires_at;
    wanted.never_expires = !*expires_at;
  }
  return wanted;
}

Scheme read_type(MemberReader& members) {
  const auto scheme = parse_scheme(members.required_text("type", kTypeBytesMax));
  if (!scheme) {
    members.refuse("type_unknown", "\"type\" is hmac-sha256, ed25519 or rsa-sha256", "type");
  }
  return scheme.value_or(Scheme::kHmacSha256);
}

KeyMaterial read_material(MemberReader& members) {
  KeyMaterial material;
  material.scheme = read_type(members);
  material.public_key = members.text("public_key", kPublicKeyBytesMax).value_or("");
  read_possession(members, material);
  return material;
}

KeyEdit read_key_edit(MemberReader& members) {
  KeyEdit edit;
  edit.label = members.text("label", kLabelBytesMax);
  edit.permissions = joined(members, "permissions", PermissionTable::kNameSizeMax);
  edit.allow_list = joined(members, "allow_list", kNetworkBytesMax);
  edit.symbols = members.texts("symbols", kSymbolSizeMax);
  edit.vendor = members.text("vendor", kLabelBytesMax);
  edit.expires_at = members.time_or_null("expires_at");
  if (!edit.label && !edit.permissions && !edit.allow_list && !edit.symbols && !edit.vendor &&
      !edit.expires_at) {
    members.refuse("nothing_to_change", "the body names nothing to change", "");
  }
  return edit;
}

}  // namespace counterfoil
