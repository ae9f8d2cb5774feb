#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "accounts/account.h"
#include "accounts/account_codec.h"
#include "base/account_id.h"
#include "base/time.h"
#include "crypto/verification_key.h"
#include "keys/api_key.h"
#include "keys/api_key_codec.h"
#include "keys/api_key_id.h"
#include "keys/permission.h"
#include "registry/index_names.h"
#include "registry/memory_registry.h"
#include "registry/registry.h"
#include "replica/replica.h"

namespace counterfoil {

inline constexpr Timestamp kReplicaNow = from_unix_ms(1'700'000'000'000);

inline ApiKeyId key_id(char c) { return *ApiKeyId::parse(std::string(ApiKeyId::kSize, c)); }

// PlainMaterial takes what stands in the place of the sealed secret for the secret itself. Pairs
// named in `broken` do not open.
class PlainMaterial final : public MaterialSource {
 public:
  std::optional<VerificationKey> open(const ApiKey& key, const KeyPair& pair) override {
    if (broken.contains({key.id, pair.number})) {
      return std::nullopt;
    }
    auto made = VerificationKey::from_hmac_secret(pair.sealed_secret);
    return made ? std::optional(std::move(*made)) : std::nullopt;
  }
  std::set<std::pair<ApiKeyId, std::uint32_t>> broken;
};

// ReplicaFixture keeps a registry in memory with the account "demo".
class ReplicaFixture : public testing::Test {
 protected:
  ReplicaFixture() { put_account(demo_account()); }

  static Account demo_account() {
    Account account{.id = *AccountId::parse("demo")};
    account.created = kReplicaNow;
    return account;
  }
  static ApiKey demo_key(char c) {
    ApiKey key{.id = key_id(c), .account = *AccountId::parse("demo")};
    key.allow_list = AllowList::any();
    key.created = kReplicaNow;
    key.pairs.push_back(demo_pair(1));
    return key;
  }
  static KeyPair demo_pair(std::uint32_t number) {
    KeyPair pair;
    pair.number = number;
    pair.scheme = Scheme::kHmacSha256;
    pair.sealed_secret.assign(32, static_cast<std::uint8_t>(number));
    pair.created = kReplicaNow;
    return pair;
  }

  void put_account(const Account& account) {
    put(RecordKind::kAccount, account.id.text(), encode_account(account), {});
  }
  void put_key(const ApiKey& key) {
    std::vector<IndexEntry> indexes;
    if (key.state != KeyState::kRevoked) {
      indexes.push_back({.index = std::string(kLivingIndex), .value = key.account.text()});
    }
    put(RecordKind::kApiKey, std::string(key.id.text()), encode_api_key(key, permissions_),
        indexes);
  }
  void put(RecordKind kind, const std::string& id, std::optional<std::string> bytes,
           std::vector<IndexEntry> indexes) {
    const auto present = registry_->find(kind, id);
    ASSERT_TRUE(present.has_value());
    const auto stored =
        registry_->commit({.writes = {{.kind = kind,
                                       .id = id,
                                       .bytes = std::move(bytes),
                                       .expected_modified = *present ? (*present)->modified : 0,
                                       .indexes = std::move(indexes)}}});
    ASSERT_TRUE(stored.has_value());
  }

  PermissionTable permissions_ = *PermissionTable::create({"USER_DATA", "TRADE"});
  PlainMaterial material_;
  std::unique_ptr<Registry> registry_ = make_memory_registry();
  Replica replica_{permissions_, material_};
};

}  // namespace counterfoil
