#include "keys/api_key_codec.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/account_id.h"
#include "base/bytes.h"
#include "base/tagged_fields.h"
#include "base/time.h"
#include "crypto/signature_scheme.h"
#include "keys/allow_list.h"
#include "keys/api_key.h"
#include "keys/api_key_id.h"
#include "keys/permission.h"

namespace counterfoil {
namespace {

// Tags are stored: append, never renumber.
enum Tag : std::uint8_t {
  kId = 1,
  kAccount = 2,
  kLabel = 3,
  kPermissions = 4,  // names, comma list
  kAllowList = 5,    // text
  kSymbol = 6,       // may repeat
  kCreated = 7,      // µs
  kExpiresAt = 8,
  kState = 9,
  kStateSince = 10,
  kStateCause = 11,
  kPair = 12,  // may repeat; holds fields
  kVendor = 13,
  kParent = 14,
  kImported = 15,
};
enum PairTag : std::uint8_t {
  kPairNumber = 1,
  kPairScheme = 2,
  kPairPublicKey = 3,
  kPairSealedSecret = 4,
  kPairLookupHash = 5,
  kPairCreated = 6,
  kPairRetiresAt = 7,
};

std::uint64_t to_u64(Timestamp time) { return static_cast<std::uint64_t>(to_unix_us(time)); }

std::optional<Timestamp> to_time(const TaggedField& field) {
  const auto value = field.as_u64();
  return value ? std::optional(from_unix_us(static_cast<std::int64_t>(*value))) : std::nullopt;
}

std::string encode_pair(const KeyPair& pair) {
  FieldWriter fields;
  fields.put_u64(kPairNumber, pair.number);
  fields.put_u64(kPairScheme, static_cast<std::uint64_t>(pair.scheme));
  fields.put(kPairPublicKey, as_text(pair.public_key));
  fields.put(kPairSealedSecret, as_text(pair.sealed_secret));
  fields.put(kPairLookupHash, as_text(pair.lookup_hash));
  fields.put_u64(kPairCreated, to_u64(pair.created));
  if (pair.retires_at) {
    fields.put_u64(kPairRetiresAt, to_u64(*pair.retires_at));
  }
  return fields.take();
}

bool read_pair_field(const TaggedField& field, KeyPair& pair) {
  const auto number = field.as_u64();
  const auto bytes = as_bytes(field.bytes);
  switch (field.tag) {
    case kPairNumber:
      pair.number = static_cast<std::uint32_t>(number.value_or(0));
      return number.has_value() && *number > 0 && *number <= UINT32_MAX;
    case kPairScheme:
      if (!number || *number < 1 || *number > kSchemes.size()) {
        return false;
      }
      pair.scheme = static_cast<Scheme>(*number);
      return true;
    case kPairPublicKey:
      pair.public_key.assign(bytes.begin(), bytes.end());
      return true;
    case kPairSealedSecret:
      pair.sealed_secret.assign(bytes.begin(), bytes.end());
      return true;
    case kPairLookupHash:
      if (bytes.size() != pair.lookup_hash.size()) {
        return false;
      }
      std::ranges::copy(bytes, pair.lookup_hash.begin());
      return true;
    case kPairCreated:
      pair.created = to_time(field).value_or(Timestamp{});
      return number.has_value();
    case kPairRetiresAt:
      pair.retires_at = to_time(field);
      return number.has_value();
    default:
      return false;
  }
}

// FieldSet remembers which tags were read: a tag that may not repeat is refused the second time.
class FieldSet {
 public:
  [[nodiscard]] bool add(std::uint8_t tag) {
    const std::uint32_t bit = std::uint32_t{1} << (tag & 31U);
    const bool first = tag < 32 && (seen_ & bit) == 0;
    seen_ |= bit;
    return first;
  }
  [[nodiscard]] bool has(std::uint8_t tag) const {
    return (seen_ & (std::uint32_t{1} << tag)) != 0;
  }

 private:
  std::uint32_t seen_ = 0;
};

std::optional<KeyPair> decode_pair(std::string_view bytes) {
  KeyPair pair;
  FieldReader fields(bytes);
  FieldSet seen;
  while (const auto field = fields.next()) {
    if (!seen.add(field->tag) || !read_pair_field(*field, pair)) {
      return std::nullopt;
    }
  }
  const bool whole = seen.has(kPairNumber) && seen.has(kPairScheme) && seen.has(kPairPublicKey) &&
                     seen.has(kPairSealedSecret) && seen.has(kPairLookupHash) &&
                     seen.has(kPairCreated);
  return fields.failed() || !whole ? std::nullopt : std::optional(std::move(pair));
}

bool read_number_field(const TaggedField& field, ApiKey& key) {
  const auto number = field.as_u64();
  if (!number) {
    return false;
  }
  switch (field.tag) {
    case kCreated:
      key.created = *to_time(field);
      return true;
    case kExpiresAt:
      key.expires_at = to_time(field);
      return true;
    case kState:
      key.state = static_cast<KeyState>(*number);
      return *number >= 1 && *number <= 3;
    case kStateSince:
      key.state_since = *to_time(field);
      return true;
    case kImported:
      key.imported = *number == 1;
      return *number <= 1;
    default:
      return false;
  }
}

bool read_field(const TaggedField& field, ApiKey& key) {
  switch (field.tag) {
    case kLabel:
      key.label = field.bytes;
      return true;
    case kAllowList: {
      // The empty text is the list of nobody.
      auto list = field.bytes.empty() ? AllowList() : AllowList::parse(field.bytes);
      if (list) {
        key.allow_list = std::move(*list);
      }
      return list.has_value();
    }
    case kSymbol:
      key.symbols.emplace_back(field.bytes);
      return true;
    case kStateCause:
      key.state_cause = field.bytes;
      return true;
    case kPair: {
      auto pair = decode_pair(field.bytes);
      if (pair) {
        key.pairs.push_back(std::move(*pair));
      }
      return pair.has_value();
    }
    case kVendor:
      key.vendor = field.bytes;
      return true;
    case kParent:
      key.parent = ApiKeyId::parse(field.bytes);
      return key.parent.has_value();
    default:
      return read_number_field(field, key);
  }
}

bool may_repeat(std::uint8_t tag) { return tag == kSymbol || tag == kPair; }

}  // namespace

std::string encode_api_key(const ApiKey& key, const PermissionTable& permissions) {
  FieldWriter fields;
  fields.put(kId, key.id.text());
  fields.put(kAccount, key.account.text());
  fields.put(kLabel, key.label);
  fields.put(kPermissions, permissions.to_text(key.permissions));
  fields.put(kAllowList, key.allow_list.to_text());
  for (const std::string& symbol : key.symbols) {
    fields.put(kSymbol, symbol);
  }
  fields.put_u64(kCreated, to_u64(key.created));
  if (key.expires_at) {
    fields.put_u64(kExpiresAt, to_u64(*key.expires_at));
  }
  fields.put_u64(kState, static_cast<std::uint64_t>(key.state));
  fields.put_u64(kStateSince, to_u64(key.state_since));
  fields.put(kStateCause, key.state_cause);
  for (const KeyPair& pair : key.pairs) {
    fields.put(kPair, encode_pair(pair));
  }
  fields.put(kVendor, key.vendor);
  if (key.parent) {
    fields.put(kParent, key.parent->text());
  }
  fields.put_u64(kImported, key.imported ? 1 : 0);
  return std::string(1, static_cast<char>(kApiKeyRecordVersion)) + fields.take();
}

std::expected<ApiKey, CodecError> decode_api_key(std::string_view bytes,
                                                 const PermissionTable& permissions) {
  if (bytes.empty() || static_cast<std::uint8_t>(bytes[0]) != kApiKeyRecordVersion) {
    return std::unexpected(CodecError::kUnknownVersion);
  }
  FieldReader fields(bytes.substr(1));
  // Id and account are written first, because an ApiKey does not exist without them.
  const auto id_field = fields.next();
  const auto account_field = fields.next();
  if (!id_field || !account_field || id_field->tag != kId || account_field->tag != kAccount) {
    return std::unexpected(CodecError::kMalformed);
  }
  const auto id = ApiKeyId::parse(id_field->bytes);
  const auto account = AccountId::parse(account_field->bytes);
  if (!id || !account) {
    return std::unexpected(CodecError::kMalformed);
  }
  ApiKey key{.id = *id, .account = *account};
  FieldSet seen;
  while (const auto field = fields.next()) {
    if (!seen.add(field->tag) && !may_repeat(field->tag)) {
      return std::unexpected(CodecError::kMalformed);
    }
    if (field->tag == kPermissions) {
      const auto set = permissions.parse(field->bytes);
      if (!set) {
        return std::unexpected(CodecError::kUnknownPermission);
      }
      key.permissions = *set;
    } else if (!read_field(*field, key)) {
      return std::unexpected(CodecError::kMalformed);
    }
  }
  const bool whole = seen.has(kLabel) && seen.has(kPermissions) && seen.has(kAllowList) &&
                     seen.has(kCreated) && seen.has(kState) && seen.has(kStateSince) &&
                     !key.pairs.empty();
  if (fields.failed() || !whole) {
    return std::unexpected(CodecError::kMalformed);
  }
  return key;
}

}  // namespace counterfoil
