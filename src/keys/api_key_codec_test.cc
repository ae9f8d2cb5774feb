#include "keys/api_key_codec.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/account_id.h"
#include "base/tagged_fields.h"
#include "base/time.h"
#include "crypto/signature_scheme.h"
#include "keys/api_key.h"
#include "keys/api_key_id.h"
#include "keys/permission.h"

namespace counterfoil {
namespace {

constexpr Timestamp kNow = from_unix_ms(1'700'000'000'000);

PermissionTable table() { return *PermissionTable::create({"USER_DATA", "TRADE"}); }

ApiKey full_key() {
  ApiKey key{.id = *ApiKeyId::parse(std::string(64, 'K')), .account = *AccountId::parse("demo")};
  key.label = "bot \xe2\x82\xac";
  key.permissions = PermissionSet::of_index(0).with(PermissionSet::of_index(1));
  key.allow_list = *AllowList::parse("203.0.113.7,10.0.0.0/8");
  key.symbols = {"BTCUSDT", "ETHUSDT"};
  key.created = kNow;
  key.expires_at = kNow + std::chrono::hours(24);
  key.state = KeyState::kSuspended;
  key.state_since = kNow;
  key.state_cause = "leak report";
  KeyPair rotating{.number = 3, .scheme = Scheme::kHmacSha256, .created = kNow};
  rotating.sealed_secret.assign(200, 7);
  rotating.lookup_hash.fill(9);
  rotating.retires_at = kNow;
  rotating.quiet_for = std::chrono::hours(2);
  KeyPair fresh{.number = 4, .scheme = Scheme::kEd25519, .created = kNow};
  fresh.public_key.assign(44, 1);
  key.pairs = {rotating, fresh};
  key.vendor = "some bot";
  key.parent = ApiKeyId::parse(std::string(64, 'P'));
  key.imported = true;
  key.last_pair = 5;
  key.notice = PolicyNotice{.policy = "unused", .since = kNow, .restricted_since = kNow};
  return key;
}

TEST(ApiKeyCodec, ReadsWhatItWrote) {
  const ApiKey key = full_key();

  EXPECT_EQ(*decode_api_key(encode_api_key(key, table()), table()), key);
}

TEST(ApiKeyCodec, StoresPermissionsByName) {
  const std::string bytes = encode_api_key(full_key(), table());
  const PermissionTable reordered = *PermissionTable::create({"TRADE", "WITHDRAW", "USER_DATA"});

  const auto key = decode_api_key(bytes, reordered);

  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(reordered.to_text(key->permissions), "TRADE,USER_DATA");
  EXPECT_EQ(decode_api_key(bytes, *PermissionTable::create({"TRADE"})).error(),
            CodecError::kUnknownPermission);
}

TEST(ApiKeyCodec, RefusesACutRecordOfAnyLength) {
  const std::string bytes = encode_api_key(full_key(), table());

  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_api_key(bytes.substr(0, size), table()).has_value()) << size;
  }
  EXPECT_EQ(decode_api_key("", table()).error(), CodecError::kUnknownVersion);
  EXPECT_EQ(decode_api_key("\x03" + bytes.substr(1), table()).error(), CodecError::kUnknownVersion);
}

// fields_of takes a record's fields apart, version byte left out.
std::vector<TaggedField> fields_of(std::string_view bytes) {
  std::vector<TaggedField> fields;
  FieldReader reader(bytes);
  while (const auto field = reader.next()) {
    fields.push_back(*field);
  }
  return fields;
}

std::string join(const std::vector<TaggedField>& fields) {
  FieldWriter writer;
  for (const TaggedField& field : fields) {
    writer.put(field.tag, field.bytes);
  }
  return writer.take();
}

TEST(ApiKeyCodec, ReadsAKeyOfWhichNothingOptionalIsSet) {
  ApiKey key{.id = *ApiKeyId::parse(std::string(64, 'K')), .account = *AccountId::parse("demo")};
  key.pairs.push_back({.number = 1, .created = kNow});

  EXPECT_EQ(*decode_api_key(encode_api_key(key, table()), table()), key);
}

// A key that loses its expiry, its symbols or its allow-list would be stronger than its owner made
// it, so nothing may be lost unnoticed, whether it was set or not.
TEST(ApiKeyCodec, RefusesARecordThatLacksAnyOneField) {
  const std::string bytes = encode_api_key(full_key(), table());
  const auto fields = fields_of(std::string_view(bytes).substr(1));
  ASSERT_EQ(fields.size(), 19U);

  for (std::size_t i = 0; i < fields.size(); ++i) {
    auto fewer = fields;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_EQ(decode_api_key("\x02" + join(fewer), table()).error(), CodecError::kMalformed) << i;
  }
}

TEST(ApiKeyCodec, ReadsARecordOfTheFirstVersion) {
  ApiKey key = full_key();
  key.pairs[0].quiet_for.reset();
  key.last_pair = 0;
  key.notice.reset();
  const std::string bytes = encode_api_key(key, table());
  auto fields = fields_of(std::string_view(bytes).substr(1));
  std::vector<std::string> pairs;
  std::vector<TaggedField> old_pairs;
  for (const TaggedField& pair : fields_of(fields.at(11).bytes)) {
    auto of_pair = fields_of(pair.bytes);
    of_pair.pop_back();
    pairs.push_back(join(of_pair));
  }
  for (const std::string& pair : pairs) {
    old_pairs.push_back({.tag = 1, .bytes = pair});
  }
  const std::string all_pairs = join(old_pairs);
  fields.at(11).bytes = all_pairs;
  fields.resize(15);

  EXPECT_EQ(*decode_api_key("\x01" + join(fields), table()), key);
}

TEST(ApiKeyCodec, RefusesHalfANotice) {
  ApiKey key = full_key();
  key.notice = PolicyNotice{.policy = "", .since = kNow};
  EXPECT_FALSE(decode_api_key(encode_api_key(key, table()), table()).has_value());
}

TEST(ApiKeyCodec, RefusesFieldsOutOfOrder) {
  const std::string bytes = encode_api_key(full_key(), table());
  const auto fields = fields_of(std::string_view(bytes).substr(1));
  ASSERT_EQ("\x02" + join(fields), bytes);

  for (std::size_t i = 1; i < fields.size(); ++i) {
    auto swapped = fields;
    std::swap(swapped[i - 1], swapped[i]);
    EXPECT_FALSE(decode_api_key("\x02" + join(swapped), table()).has_value()) << i;
  }
}

// with_pairs is the record of full_key with other bytes in its field of pairs.
std::string with_pairs(std::string_view pairs) {
  const std::string bytes = encode_api_key(full_key(), table());
  auto fields = fields_of(std::string_view(bytes).substr(1));
  fields.at(11).bytes = pairs;
  return "\x02" + join(fields);
}

TEST(ApiKeyCodec, RefusesAPairThatLacksAnyOneFieldAndAKeyWithoutPairs) {
  const std::string bytes = encode_api_key(full_key(), table());
  const auto pairs = fields_of(fields_of(std::string_view(bytes).substr(1)).at(11).bytes);
  ASSERT_EQ(pairs.size(), 2U);
  const auto fields = fields_of(pairs[0].bytes);
  ASSERT_EQ(fields.size(), 8U);

  for (std::size_t i = 0; i < fields.size(); ++i) {
    auto fewer = fields;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    const std::string pair = join(fewer);
    const std::string record = with_pairs(join({{.tag = 1, .bytes = pair}, pairs[1]}));
    EXPECT_EQ(decode_api_key(record, table()).error(), CodecError::kMalformed) << i;
  }
  EXPECT_FALSE(decode_api_key(with_pairs(""), table()).has_value());
  EXPECT_TRUE(decode_api_key(with_pairs(join({pairs[1]})), table()).has_value());
}

TEST(ApiKeyCodec, RefusesMorePairsThanAKeyCanHave) {
  ApiKey key = full_key();
  ASSERT_EQ(key.pairs.size(), kPairsMax);
  EXPECT_TRUE(decode_api_key(encode_api_key(key, table()), table()));

  key.pairs.push_back(key.pairs.back());
  EXPECT_FALSE(decode_api_key(encode_api_key(key, table()), table()));
}

TEST(ApiKeyCodec, RefusesSymbolsThatNoKeyCanHave) {
  const std::string bytes = encode_api_key(full_key(), table());
  auto fields = fields_of(std::string_view(bytes).substr(1));

  for (const std::string_view symbols : {",", "BTCUSDT,", ",BTCUSDT", "BTCUSDT,,ETHUSDT", "btc"}) {
    fields.at(5).bytes = symbols;
    EXPECT_FALSE(decode_api_key("\x02" + join(fields), table()).has_value()) << symbols;
  }
}

TEST(ApiKeyCodec, RefusesUnknownAndRepeatedFields) {
  const std::string bytes = encode_api_key(full_key(), table());

  EXPECT_EQ(decode_api_key(bytes + std::string("\x1e\x00", 2), table()).error(),
            CodecError::kMalformed);
  EXPECT_EQ(decode_api_key(bytes + std::string("\x0d\x00", 2), table()).error(),
            CodecError::kMalformed);
  EXPECT_EQ(decode_api_key(bytes + std::string("\xff\x00", 2), table()).error(),
            CodecError::kMalformed);
  EXPECT_EQ(decode_api_key(bytes + std::string("\x06\xff\xff\xff\xff\xff\x01", 7), table()).error(),
            CodecError::kMalformed);
}

}  // namespace
}  // namespace counterfoil
