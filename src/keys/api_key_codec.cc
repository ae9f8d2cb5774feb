#include "keys/api_key_codec.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/account_id.h"
#include "base/bytes.h"
#include "base/tagged_fields.h"
#include "base/time.h"
#include "crypto/signature_scheme.h"
#include "keys/allow_list.h"
#include "keys/api_key.h"
#include "keys/api_key_id.h"
#include "keys/life.h"
#include "keys/permission.h"

namespace counterfoil {
namespace {

// Tags are stored: append, never renumber. A record has every field, once, in the order of the
// tags; what is not set is an empty field. So none can be lost unnoticed: a key that lost its
// expiry or its symbols would be stronger than its owner made it. What came with a later version of
// the record stands at the end.
enum Tag : std::uint8_t {
  kId = 1,
  kAccount = 2,
  kLabel = 3,
  kPermissions = 4,  // names, comma list
  kAllowList = 5,    // text
  kSymbols = 6,      // comma list
  kCreated = 7,      // µs
  kExpiresAt = 8,    // µs, or empty
  kState = 9,
  kStateSince = 10,
  kStateCause = 11,
  kPairs = 12,  // holds a kPair for each, which holds fields
  kVendor = 13,
  kParent = 14,  // or empty
  kImported = 15,
  // Since version 2:
  kLastPair = 16,
  kNoticePolicy = 17,     // or empty: no notice
  kNoticeSince = 18,      // µs, or empty
  kRestrictedSince = 19,  // µs, or empty
};
constexpr std::uint8_t kPair = 1;
constexpr std::uint64_t kQuietMax = UINT32_MAX;
constexpr std::uint8_t kVersionOfNotices = 2;
enum PairTag : std::uint8_t {
  kPairNumber = 1,
  kPairScheme = 2,
  kPairPublicKey = 3,
  kPairSealedSecret = 4,
  kPairLookupHash = 5,
  kPairCreated = 6,
  kPairRetiresAt = 7,  // µs, or empty
  kPairQuietFor = 8,   // s, or empty; since version 2
};

std::uint64_t to_u64(Timestamp time) { return static_cast<std::uint64_t>(to_unix_us(time)); }

void put_time(FieldWriter& fields, std::uint8_t tag, std::optional<Timestamp> time) {
  if (time) {
    fields.put_u64(tag, to_u64(*time));
  } else {
    fields.put(tag, {});
  }
}

void put_number(FieldWriter& fields, std::uint8_t tag, std::optional<std::uint64_t> number) {
  if (number) {
    fields.put_u64(tag, *number);
  } else {
    fields.put(tag, {});
  }
}

std::string encode_pair(const KeyPair& pair) {
  FieldWriter fields;
  fields.put_u64(kPairNumber, pair.number);
  fields.put_u64(kPairScheme, static_cast<std::uint64_t>(pair.scheme));
  fields.put(kPairPublicKey, as_text(pair.public_key));
  fields.put(kPairSealedSecret, as_text(pair.sealed_secret));
  fields.put(kPairLookupHash, as_text(pair.lookup_hash));
  fields.put_u64(kPairCreated, to_u64(pair.created));
  put_time(fields, kPairRetiresAt, pair.retires_at);
  put_number(fields, kPairQuietFor,
             pair.quiet_for ? std::optional(static_cast<std::uint64_t>(pair.quiet_for->count()))
                            : std::nullopt);
  return fields.take();
}

std::string encode_pairs(const std::vector<KeyPair>& pairs) {
  FieldWriter fields;
  for (const KeyPair& pair : pairs) {
    fields.put(kPair, encode_pair(pair));
  }
  return fields.take();
}

std::string encode_symbols(const std::vector<std::string>& symbols) {
  std::string text;
  for (const std::string& symbol : symbols) {
    text += (text.empty() ? "" : ",") + symbol;
  }
  return text;
}

// FieldsInOrder takes one field after the other and remembers whether one was missing, out of order
// or malformed; it then goes on with empty values, so that its caller runs straight down.
class FieldsInOrder {
 public:
  explicit FieldsInOrder(std::string_view bytes) : fields_(bytes) {}

  std::string_view take(std::uint8_t tag) {
    const auto field = fields_.next();
    require(field.has_value() && field->tag == tag);
    return failed_ ? std::string_view() : field->bytes;
  }
  std::uint64_t take_number(std::uint8_t tag, std::uint64_t least, std::uint64_t greatest) {
    const auto number = TaggedField{.tag = tag, .bytes = take(tag)}.as_u64();
    require(number.has_value() && *number >= least && *number <= greatest);
    return failed_ ? least : *number;
  }
  Timestamp take_time(std::uint8_t tag) {
    return from_unix_us(static_cast<std::int64_t>(take_number(tag, 0, UINT64_MAX)));
  }
  std::optional<Timestamp> take_time_or_none(std::uint8_t tag) {
    const TaggedField field{.tag = tag, .bytes = take(tag)};
    const auto number = field.as_u64();
    require(number.has_value() || field.bytes.empty());
    return number ? std::optional(from_unix_us(static_cast<std::int64_t>(*number))) : std::nullopt;
  }
  std::optional<std::uint64_t> take_number_or_none(std::uint8_t tag, std::uint64_t least,
                                                   std::uint64_t greatest) {
    const TaggedField field{.tag = tag, .bytes = take(tag)};
    const auto number = field.as_u64();
    require(field.bytes.empty() || (number && *number >= least && *number <= greatest));
    return failed_ ? std::nullopt : number;
  }
  void require(bool holds) { failed_ = failed_ || !holds; }
  // is_whole: no field was missing or malformed, and nothing follows the last.
  [[nodiscard]] bool is_whole() { return !failed_ && !fields_.next() && !fields_.failed(); }

 private:
  FieldReader fields_;
  bool failed_ = false;
};

std::vector<std::uint8_t> copy_of(std::string_view text) {
  const auto bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

std::optional<KeyPair> decode_pair(std::string_view bytes, std::uint8_t version) {
  FieldsInOrder fields(bytes);
  KeyPair pair;
  pair.number = static_cast<std::uint32_t>(fields.take_number(kPairNumber, 1, UINT32_MAX));
  pair.scheme = static_cast<Scheme>(fields.take_number(kPairScheme, 1, kSchemes.size()));
  pair.public_key = copy_of(fields.take(kPairPublicKey));
  pair.sealed_secret = copy_of(fields.take(kPairSealedSecret));
  const std::string_view hash = fields.take(kPairLookupHash);
  fields.require(hash.size() == pair.lookup_hash.size());
  std::ranges::copy_n(as_bytes(hash).begin(),
                      static_cast<std::ptrdiff_t>(std::min(hash.size(), pair.lookup_hash.size())),
                      pair.lookup_hash.begin());
  pair.created = fields.take_time(kPairCreated);
  pair.retires_at = fields.take_time_or_none(kPairRetiresAt);
  if (version >= kVersionOfNotices) {
    const auto quiet_for = fields.take_number_or_none(kPairQuietFor, 1, kQuietMax);
    if (quiet_for) {
      pair.quiet_for = std::chrono::seconds(*quiet_for);
    }
  }
  return fields.is_whole() ? std::optional(std::move(pair)) : std::nullopt;
}

// decode_pairs gives no pair at all when one of them is malformed: a key has at least one.
std::vector<KeyPair> decode_pairs(std::string_view bytes, std::uint8_t version) {
  std::vector<KeyPair> pairs;
  FieldReader fields(bytes);
  while (const auto field = fields.next()) {
    auto pair = field->tag == kPair ? decode_pair(field->bytes, version) : std::nullopt;
    if (!pair) {
      return {};
    }
    pairs.push_back(*std::move(pair));
  }
  return fields.failed() ? std::vector<KeyPair>() : pairs;
}

std::vector<std::string> decode_symbols(std::string_view text) {
  std::vector<std::string> symbols;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    symbols.emplace_back(text.substr(0, comma));
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return symbols;
}

// read_notice reads what version 2 added to the end.
void read_notice(FieldsInOrder& fields, ApiKey& key) {
  key.last_pair = static_cast<std::uint32_t>(fields.take_number(kLastPair, 0, UINT32_MAX));
  PolicyNotice notice{.policy = std::string(fields.take(kNoticePolicy))};
  const auto since = fields.take_time_or_none(kNoticeSince);
  notice.restricted_since = fields.take_time_or_none(kRestrictedSince);
  fields.require(since.has_value() == !notice.policy.empty());
  fields.require(since.has_value() || !notice.restricted_since);
  if (since) {
    notice.since = *since;
    key.notice = std::move(notice);
  }
}

// read_fields reads what stands between account and end, but for the permissions, whose names it
// gives back.
std::string_view read_fields(FieldsInOrder& fields, std::uint8_t version, ApiKey& key) {
  key.label = fields.take(kLabel);
  const std::string_view permissions = fields.take(kPermissions);
  const std::string_view networks = fields.take(kAllowList);
  // The empty text is the list of nobody.
  const auto list = networks.empty() ? AllowList() : AllowList::parse(networks);
  fields.require(list.has_value());
  key.allow_list = list.value_or(AllowList());
  const std::string_view symbols = fields.take(kSymbols);
  key.symbols = decode_symbols(symbols);
  fields.require(std::ranges::all_of(key.symbols, is_symbol) &&
                 encode_symbols(key.symbols) == symbols);
  key.created = fields.take_time(kCreated);
  key.expires_at = fields.take_time_or_none(kExpiresAt);
  key.state = static_cast<KeyState>(fields.take_number(kState, 1, 3));
  key.state_since = fields.take_time(kStateSince);
  key.state_cause = fields.take(kStateCause);
  key.pairs = decode_pairs(fields.take(kPairs), version);
  fields.require(!key.pairs.empty() && key.pairs.size() <= kPairsMax);
  key.vendor = fields.take(kVendor);
  const std::string_view parent = fields.take(kParent);
  key.parent = ApiKeyId::parse(parent);
  fields.require(key.parent.has_value() || parent.empty());
  key.imported = fields.take_number(kImported, 0, 1) == 1;
  if (version >= kVersionOfNotices) {
    read_notice(fields, key);
  }
  return permissions;
}

}  // namespace

std::string encode_api_key(const ApiKey& key, const PermissionTable& permissions) {
  FieldWriter fields;
  fields.put(kId, key.id.text());
  fields.put(kAccount, key.account.text());
  fields.put(kLabel, key.label);
  fields.put(kPermissions, permissions.to_text(key.permissions));
  fields.put(kAllowList, key.allow_list.to_text());
  fields.put(kSymbols, encode_symbols(key.symbols));
  fields.put_u64(kCreated, to_u64(key.created));
  put_time(fields, kExpiresAt, key.expires_at);
  fields.put_u64(kState, static_cast<std::uint64_t>(key.state));
  fields.put_u64(kStateSince, to_u64(key.state_since));
  fields.put(kStateCause, key.state_cause);
  fields.put(kPairs, encode_pairs(key.pairs));
  fields.put(kVendor, key.vendor);
  fields.put(kParent, key.parent ? key.parent->text() : std::string_view());
  fields.put_u64(kImported, key.imported ? 1 : 0);
  fields.put_u64(kLastPair, key.last_pair);
  const PolicyNotice notice = key.notice.value_or(PolicyNotice{});
  fields.put(kNoticePolicy, notice.policy);
  put_time(fields, kNoticeSince, key.notice ? std::optional(notice.since) : std::nullopt);
  put_time(fields, kRestrictedSince, notice.restricted_since);
  return std::string(1, static_cast<char>(kApiKeyRecordVersion)) + fields.take();
}

std::expected<ApiKey, CodecError> decode_api_key(std::string_view bytes,
                                                 const PermissionTable& permissions) {
  const std::uint8_t version = bytes.empty() ? 0 : static_cast<std::uint8_t>(bytes[0]);
  if (version < 1 || version > kApiKeyRecordVersion) {
    return std::unexpected(CodecError::kUnknownVersion);
  }
  FieldsInOrder fields(bytes.substr(1));
  const auto id = ApiKeyId::parse(fields.take(kId));
  const auto account = AccountId::parse(fields.take(kAccount));
  if (!id || !account) {
    return std::unexpected(CodecError::kMalformed);
  }
  ApiKey key{.id = *id, .account = *account};
  const std::string_view permission_names = read_fields(fields, version, key);
  if (!fields.is_whole()) {
    return std::unexpected(CodecError::kMalformed);
  }
  const auto set = permissions.parse(permission_names);
  if (!set) {
    return std::unexpected(CodecError::kUnknownPermission);
  }
  key.permissions = *set;
  return key;
}

}  // namespace counterfoil
