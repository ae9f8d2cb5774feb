#include "keys/api_key_codec.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <string>

#include "base/account_id.h"
#include "base/time.h"
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
  KeyPair fresh{.number = 4, .scheme = Scheme::kEd25519, .created = kNow};
  fresh.public_key.assign(44, 1);
  key.pairs = {rotating, fresh};
  key.vendor = "some bot";
  key.parent = ApiKeyId::parse(std::string(64, 'P'));
  key.imported = true;
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
  EXPECT_EQ(decode_api_key("\x02" + bytes.substr(1), table()).error(), CodecError::kUnknownVersion);
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
