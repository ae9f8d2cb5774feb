#include "doors/management/import_rows.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "authority/issuer.h"
#include "base/bytes.h"
#include "base/wiped_text.h"
#include "doors/management/api_fault.h"
#include "doors/management/json_value.h"
#include "doors/management/key_members.h"
#include "doors/management/member_reader.h"
#include "keys/api_key_id.h"
#include "keys/key_format.h"

namespace counterfoil {
namespace {

constexpr std::size_t kSecretBytesMax = 256;  // what is too long is then told in the issuer's words
constexpr std::size_t kApiKeyBytesMax = 128;

struct MemberRow {
  std::string_view reason;
  std::string_view member;
};

// clang-format off
constexpr auto kMembers = std::to_array<MemberRow>({
    {"account_id_invalid",      "account"},
    {"account_suspended",       "account"},
    {"no_such_account",         "account"},
    {"too_many_keys",           "account"},
    {"allow_list_invalid",      "allow_list"},
    {"allow_list_required",     "allow_list"},
    {"api_key_checksum",        "api_key"},
    {"api_key_exists",          "api_key"},
    {"api_key_malformed",       "api_key"},
    {"secret_given_as_api_key", "api_key"},
    {"expiry_in_the_past",      "expires_at"},
    {"label_invalid",           "label"},
    {"permission_unknown",      "permissions"},
    {"public_key_invalid",      "public_key"},
    {"api_key_given_as_secret", "secret"},
    {"secret_characters",       "secret"},
    {"secret_checksum",         "secret"},
    {"secret_length",           "secret"},
    {"secret_weak",             "secret"},
    {"symbols_invalid",         "symbols"},
});
// clang-format on

std::string shown(const JsonValue& body, const KeyFormat& format) {
  const auto* const members = body.as<JsonObject>();
  if (members == nullptr) {
    return {};
  }
  const auto found = std::ranges::find(*members, "api_key", &JsonMember::name);
  const auto* const text = found == members->end() ? nullptr : found->value.as<WipedText>();
  if (text == nullptr || !ApiKeyId::parse(*text) ||
      format.classify_secret(*text) != KeyFormat::Kind::kForeign) {
    return {};
  }
  return std::string(std::string_view(*text));
}

}  // namespace

std::string_view member_of(std::string_view reason) {
  const auto* const row = std::ranges::find(kMembers, reason, &MemberRow::reason);
  return row == kMembers.end() ? std::string_view{} : row->member;
}

std::expected<ImportedKey, ApiFault> read_imported_key(JsonValue& body) {
  MemberReader members(body);
  NewKey key = read_new_key(members);
  std::string api_key = members.required_text("api_key", kApiKeyBytesMax);
  const auto secret = members.secret("secret", kSecretBytesMax);
  key.material.public_key = members.text("public_key", kPublicKeyBytesMax).value_or("");
  if (!secret && key.material.public_key.empty()) {
    members.refuse("member_missing", "\"secret\" is missing (or \"public_key\", for such a pair)",
                   "secret");
  }
  if (const auto fine = members.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  auto kept = SecretBytes::copy_of(secret ? as_bytes(*secret) : ByteView());
  if (!kept) {
    return std::unexpected(ApiFault{.status = 503,
                                    .reason = "no_secret_memory",
                                    .detail = "the node has no locked memory left for one more "
                                              "secret; raise its RLIMIT_MEMLOCK",
                                    .member = {}});
  }
  return ImportedKey{
      .key = std::move(key), .api_key = std::move(api_key), .secret = std::move(*kept)};
}

ImportRow read_import_row(std::string_view line, const KeyFormat& format) {
  if (line.size() > kImportLineBytesMax) {
    return {.api_key = {},
            .key = std::unexpected(bad_input(kLineTooLong, std::string(kLineTooLongText)))};
  }
  auto body = parse_json(line);
  if (!body) {
    return {.api_key = {}, .key = std::unexpected(std::move(body.error()))};
  }
  std::string api_key = shown(*body, format);
  return {.api_key = std::move(api_key), .key = read_imported_key(*body)};
}

}  // namespace counterfoil
