#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authority/authority_fixture.h"
#include "authority/issuer.h"
#include "authority/problem.h"
#include "authority/secret_job.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/random.h"
#include "crypto/private_key.h"
#include "crypto/public_key.h"
#include "crypto/secret_bytes.h"
#include "crypto/signature_scheme.h"
#include "keys/api_key.h"
#include "keys/key_format.h"
#include "keys/life.h"
#include "registry/registry.h"
#include "replica/live_key_table.h"

namespace counterfoil {
namespace {

using Kind = Problem::Kind;

constexpr std::string_view kForeignId =
    "TESTkeyABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz01234";
constexpr std::string_view kForeignSecret =
    "TESTsecretABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz01";

class IssuerMaking : public testing::Test {
 protected:
  static NewKey wanted() { return {.account = "demo", .label = "bot"}; }
  static ImportedKey foreign(std::string_view id = kForeignId,
                             std::string_view secret = kForeignSecret) {
    return {.key = wanted(),
            .api_key = std::string(id),
            .secret = SecretBytes::copy_of(as_bytes(secret)).value()};
  }
  // reason_of gives why it was refused, or "".
  template <typename Result>
  static std::string reason_of(const Result& result) {
    return result ? "" : result.error().reason;
  }

  TestAuthority house_;
};

TEST_F(IssuerMaking, ANewHmacKeyHasASecretOfOurFormShownOnceAndWorksAtOnce) {
  const auto issued = house_.issuer->create_key(wanted(), house_.actor);

  ASSERT_TRUE(issued.has_value());
  const KeyFormat format;
  EXPECT_EQ(format.classify_api_key(issued->key.id.text()), KeyFormat::Kind::kOurs);
  ASSERT_TRUE(issued->secret.has_value());
  const std::string secret = SecretJob::to_shown_text(*issued->secret);
  EXPECT_EQ(format.classify_secret(secret), KeyFormat::Kind::kOurs);
  const LiveKeyRef live = house_.replica->find(issued->key.id);
  ASSERT_TRUE(live);
  EXPECT_TRUE(live->pairs[0].key.verify_text(as_bytes("x=1"), hmac_hex(secret, "x=1")));
  EXPECT_EQ(house_.loop.rounds, 1);
  const auto stored = house_.registry->find(RecordKind::kApiKey, issued->key.id.text());
  EXPECT_EQ((*stored)->bytes.find(secret), std::string::npos);
}

TEST_F(IssuerMaking, NewKeysStartWeakAndEndIn90Days) {
  const auto issued = house_.issuer->create_key(wanted(), house_.actor);

  ASSERT_TRUE(issued.has_value());
  EXPECT_EQ(house_.profile.permissions().to_text(issued->key.permissions), "USER_DATA");
  EXPECT_TRUE(issued->key.allow_list.is_any());
  EXPECT_EQ(issued->key.expires_at, kTestStart + std::chrono::hours(24 * 90));
  EXPECT_FALSE(issued->key.imported);
  EXPECT_EQ(issued->key.state, KeyState::kActive);
  EXPECT_EQ(issued->key.pairs[0].number, 1U);
}

TEST_F(IssuerMaking, TheAuditRecordNamesWhoWhatAndNothingSecret) {
  const auto issued = house_.issuer->create_key(wanted(), house_.actor);
  ASSERT_TRUE(issued.has_value());

  const std::string record = house_.last_audit();

  for (const std::string_view word :
       {"key.create", "socket:uid=1000", "hmac-sha256", "USER_DATA"}) {
    EXPECT_NE(record.find(word), std::string::npos) << word;
  }
  EXPECT_NE(record.find(issued->key.id.text()), std::string::npos);
  EXPECT_EQ(record.find(SecretJob::to_shown_text(*issued->secret)), std::string::npos);
}

// Each row is one thing wrong with a wish for a new key.
struct BadWish {
  const char* name;
  void (*spoil)(NewKey& key);
  const char* reason;
  Kind kind;
};
constexpr BadWish kBadWishes[] = {
    {"unknown_account", [](NewKey& k) { k.account = "nobody"; }, "no_such_account",
     Kind::kNotFound},
    {"malformed_account", [](NewKey& k) { k.account = "../x"; }, "no_such_account",
     Kind::kNotFound},
    {"unknown_permission", [](NewKey& k) { k.permissions = "USER_DATA,FLY"; }, "permission_unknown",
     Kind::kInvalid},
    {"trading_without_allow_list", [](NewKey& k) { k.permissions = "TRADE"; },
     "allow_list_required", Kind::kInvalid},
    {"trading_from_any", [](NewKey& k) { k.permissions = "TRADE", k.allow_list = "any"; },
     "allow_list_required", Kind::kInvalid},
    {"host_bits", [](NewKey& k) { k.allow_list = "10.0.0.1/8"; }, "allow_list_invalid",
     Kind::kInvalid},
    {"whole_internet", [](NewKey& k) { k.allow_list = "0.0.0.0/0"; }, "allow_list_invalid",
     Kind::kInvalid},
    {"control_in_label", [](NewKey& k) { k.label = "a\nb"; }, "label_invalid", Kind::kInvalid},
    {"long_label", [](NewKey& k) { k.label = std::string(65, 'a'); }, "label_invalid",
     Kind::kInvalid},
    {"long_vendor", [](NewKey& k) { k.vendor = std::string(65, 'a'); }, "label_invalid",
     Kind::kInvalid},
    {"bad_symbol", [](NewKey& k) { k.symbols = {"btc usdt"}; }, "symbols_invalid", Kind::kInvalid},
    {"many_symbols", [](NewKey& k) { k.symbols.assign(31, "BTCUSDT"); }, "symbols_invalid",
     Kind::kInvalid},
    {"past_expiry", [](NewKey& k) { k.expires_at = kTestStart; }, "expiry_in_the_past",
     Kind::kInvalid},
    {"no_expiry", [](NewKey& k) { k.never_expires = true; }, "expiry_required", Kind::kNotAllowed},
    {"public_key_for_hmac", [](NewKey& k) { k.material.public_key = "x"; }, "public_key_unexpected",
     Kind::kInvalid},
    {"no_public_key", [](NewKey& k) { k.material.scheme = Scheme::kEd25519; }, "public_key_invalid",
     Kind::kInvalid},
};

class BadWishTest : public IssuerMaking, public testing::WithParamInterface<BadWish> {};

TEST_P(BadWishTest, IsRefusedAndLeavesNothing) {
  NewKey key = wanted();
  GetParam().spoil(key);
  const std::uint64_t before = house_.registry->revision()->number;

  const auto issued = house_.issuer->create_key(key, house_.actor);

  ASSERT_FALSE(issued.has_value());
  EXPECT_EQ(issued.error().reason, GetParam().reason);
  EXPECT_EQ(issued.error().kind, GetParam().kind);
  EXPECT_FALSE(issued.error().detail.empty());
  EXPECT_EQ(house_.registry->revision()->number, before);
}
INSTANTIATE_TEST_SUITE_P(Rows, BadWishTest, testing::ValuesIn(kBadWishes),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(IssuerMaking, TradingWithAnAllowListIsGranted) {
  NewKey key = wanted();
  key.permissions = "TRADE";
  key.allow_list = "203.0.113.7,2001:db8::/32";

  const auto issued = house_.issuer->create_key(key, house_.actor);

  ASSERT_TRUE(issued.has_value());
  EXPECT_EQ(issued->key.allow_list.to_text(), "203.0.113.7,2001:db8::/32");
}

TEST(IssuerMakingRules, WhereTheOperatorSetNoEndAKeyMayHaveNone) {
  TestAuthority house({.default_life = std::nullopt});

  const auto silent = house.issuer->create_key({.account = "demo"}, house.actor);
  const auto asked =
      house.issuer->create_key({.account = "demo", .never_expires = true}, house.actor);

  ASSERT_TRUE(silent.has_value() && asked.has_value());
  EXPECT_EQ(silent->key.expires_at, std::nullopt);
  EXPECT_EQ(asked->key.expires_at, std::nullopt);
}

TEST_F(IssuerMaking, AnAccountHasThirtyKeysThatAreNotRevoked) {
  std::string first;
  for (std::size_t i = 0; i < kKeysPerAccountMax; ++i) {
    const auto issued = house_.issuer->create_key(wanted(), house_.actor);
    ASSERT_TRUE(issued.has_value()) << i;
    first = first.empty() ? std::string(issued->key.id.text()) : first;
  }

  EXPECT_EQ(reason_of(house_.issuer->create_key(wanted(), house_.actor)), "too_many_keys");
  EXPECT_EQ(reason_of(house_.issuer->import_key(foreign(), house_.actor)), "too_many_keys");
  ASSERT_TRUE(house_.issuer->create_account("other", "Other", house_.actor).has_value());
  EXPECT_TRUE(house_.issuer->create_key({.account = "other"}, house_.actor).has_value());
  ASSERT_TRUE(house_.issuer->revoke_key(first, "", house_.actor).has_value());
  EXPECT_TRUE(house_.issuer->create_key(wanted(), house_.actor).has_value());
}

TEST_F(IssuerMaking, ASuspendedAccountGetsNoNewKeys) {
  ASSERT_TRUE(house_.issuer->suspend_account("demo", "unpaid", house_.actor).has_value());

  EXPECT_EQ(reason_of(house_.issuer->create_key(wanted(), house_.actor)), "account_suspended");
  EXPECT_EQ(reason_of(house_.issuer->import_key(foreign(), house_.actor)), "account_suspended");
}

TEST_F(IssuerMaking, WithoutRandomnessNothingIsMade) {
  const std::uint64_t before = house_.registry->revision()->number;
  house_.random.fails = true;

  EXPECT_EQ(reason_of(house_.issuer->create_key(wanted(), house_.actor)), "no_randomness");
  EXPECT_EQ(house_.registry->revision()->number, before);
}

TEST_F(IssuerMaking, AKeyThatAGatewayHasNotConfirmedIsStillGivenWithItsSecret) {
  house_.loop.mode = InlineLoop::Mode::kKeep;

  const auto issued = house_.issuer->create_key(wanted(), house_.actor);

  ASSERT_TRUE(issued.has_value());
  EXPECT_TRUE(issued->secret.has_value());
}

// ---- public keys

TEST_F(IssuerMaking, APublicKeyIsRegisteredWithProofOfPossession) {
  for (const Scheme scheme : {Scheme::kEd25519, Scheme::kRsaPkcs1Sha256}) {
    const auto pair = PrivateKey::generate(scheme, house_.random, 2048);
    ASSERT_TRUE(pair.has_value());
    NewKey key = wanted();
    key.material = house_.prove(*pair);

    const auto issued = house_.issuer->create_key(key, house_.actor);

    ASSERT_TRUE(issued.has_value()) << issued.error().detail;
    EXPECT_FALSE(issued->secret.has_value());
    const KeyPair& stored = issued->key.pairs[0];
    EXPECT_EQ(stored.scheme, scheme);
    EXPECT_EQ(stored.public_key, pair->public_key().spki_der());
    EXPECT_EQ(stored.lookup_hash, pair->public_key().fingerprint());
    EXPECT_TRUE(stored.sealed_secret.empty());
    const std::string signature = to_base64(pair->sign(as_bytes("x=1")).value());
    EXPECT_TRUE(
        house_.replica->find(issued->key.id)->pairs[0].key.verify_text(as_bytes("x=1"), signature));
  }
}

TEST_F(IssuerMaking, TheChallengeHasAFormThatCanNeverBeAnOrder) {
  const auto pair = PrivateKey::generate(Scheme::kEd25519, house_.random);
  const auto challenge = house_.issuer->challenge("demo", pair->public_key().pem());

  ASSERT_TRUE(challenge.has_value());
  EXPECT_EQ(challenge->nonce.size(), 32U);
  EXPECT_EQ(challenge->text, "counterfoil-possession-v1\ncounterfoil\ndemo\n" +
                                 to_hex(pair->public_key().fingerprint()) + "\n" +
                                 challenge->nonce);
}

TEST_F(IssuerMaking, AChallengeServesOnce) {
  const auto pair = PrivateKey::generate(Scheme::kEd25519, house_.random);
  NewKey key = wanted();
  key.material = house_.prove(*pair);
  KeyMaterial wrong = key.material;
  wrong.possession_signature = to_base64(std::vector<std::uint8_t>(64, 1));
  NewKey spoiled = key;
  spoiled.material = wrong;

  EXPECT_EQ(reason_of(house_.issuer->create_key(spoiled, house_.actor)), "possession_not_proved");
  EXPECT_EQ(reason_of(house_.issuer->create_key(key, house_.actor)), "challenge_unknown");
}

TEST_F(IssuerMaking, AChallengeLivesFiveMinutes) {
  const auto pair = PrivateKey::generate(Scheme::kEd25519, house_.random);
  NewKey key = wanted();
  key.material = house_.prove(*pair);
  house_.clock.advance(std::chrono::minutes(5));
  ASSERT_TRUE(house_.issuer->create_key(key, house_.actor).has_value());
  const auto other = PrivateKey::generate(Scheme::kEd25519, house_.random);
  key.material = house_.prove(*other);

  house_.clock.advance(std::chrono::minutes(5) + std::chrono::microseconds(1));

  EXPECT_EQ(reason_of(house_.issuer->create_key(key, house_.actor)), "challenge_unknown");
}

TEST_F(IssuerMaking, AChallengeIsForOneAccountAndOnePublicKey) {
  ASSERT_TRUE(house_.issuer->create_account("other", "Other", house_.actor).has_value());
  const auto pair = PrivateKey::generate(Scheme::kEd25519, house_.random);
  NewKey key = wanted();
  key.material = house_.prove(*pair, "other");
  EXPECT_EQ(reason_of(house_.issuer->create_key(key, house_.actor)), "challenge_unknown");

  key.material = house_.prove(*pair);
  key.material.public_key =
      PrivateKey::generate(Scheme::kEd25519, house_.random)->public_key().pem();

  EXPECT_EQ(reason_of(house_.issuer->create_key(key, house_.actor)), "challenge_unknown");
}

TEST_F(IssuerMaking, APublicKeyOfAnotherTypeThanAskedForIsRefused) {
  const auto pair = PrivateKey::generate(Scheme::kEd25519, house_.random);
  NewKey key = wanted();
  key.material = house_.prove(*pair);
  key.material.scheme = Scheme::kRsaPkcs1Sha256;

  EXPECT_EQ(reason_of(house_.issuer->create_key(key, house_.actor)), "public_key_type");
}

TEST(IssuerMakingRules, AnOperatorMayWaiveTheProof) {
  TestAuthority house({.possession = Possession::kNotAsked});
  const auto pair = PrivateKey::generate(Scheme::kEd25519, house.random);
  NewKey key{.account = "demo"};
  key.material.scheme = Scheme::kEd25519;
  key.material.public_key = pair->public_key().pem();

  EXPECT_TRUE(house.issuer->create_key(key, house.actor).has_value());
}

// With one public key under two ids a request of one would pass as the other's, for the signature
// does not cover the id. The text is the same whoever holds it.
TEST_F(IssuerMaking, NoPublicKeyBelongsToTwoApiKeysNotEvenAfterRevocation) {
  ASSERT_TRUE(house_.issuer->create_account("other", "Other", house_.actor).has_value());
  const auto pair = PrivateKey::generate(Scheme::kEd25519, house_.random);
  NewKey key = wanted();
  key.material = house_.prove(*pair);
  const auto first = house_.issuer->create_key(key, house_.actor);
  ASSERT_TRUE(first.has_value());

  key.material = house_.prove(*pair);
  const auto same_account = house_.issuer->create_key(key, house_.actor);
  key.account = "other";
  key.material = house_.prove(*pair, "other");
  const auto other_account = house_.issuer->create_key(key, house_.actor);
  ASSERT_TRUE(
      house_.issuer->revoke_key(std::string(first->key.id.text()), "", house_.actor).has_value());
  key.account = "demo";
  key.material = house_.prove(*pair);
  const auto after_revocation = house_.issuer->create_key(key, house_.actor);

  EXPECT_EQ(reason_of(same_account), "pair_taken");
  EXPECT_EQ(reason_of(other_account), "pair_taken");
  EXPECT_EQ(reason_of(after_revocation), "pair_taken");
  EXPECT_EQ(same_account.error().detail, other_account.error().detail);
}

// text_of gives the public key of a vector as a person pastes it.
std::string text_of(const nlohmann::json& row) {
  if (row.contains("pem")) {
    return row.at("pem");
  }
  const std::string spki_of_ed25519 = "302a300506032b6570032100";
  return to_base64(*from_hex(spki_of_ed25519 + row.at("public_key_hex").get<std::string>()));
}

TEST_F(IssuerMaking, EveryBadPublicKeyIsRefusedBeforeAChallengeIsGiven) {
  for (const char* file : {"rsa_bad_keys.json", "ed25519_bad_keys.json"}) {
    std::ifstream in(std::string(COUNTERFOIL_SOURCE_DIR "/testdata/vectors/") + file);
    const nlohmann::json vectors = nlohmann::json::parse(in, nullptr, false);
    ASSERT_FALSE(vectors.is_discarded()) << file;
    std::size_t refused = 0;
    for (const auto& row : vectors.at("cases")) {
      const bool is_bad = row.at("expect") == "reject";
      refused += is_bad ? 1U : 0U;

      EXPECT_EQ(reason_of(house_.issuer->challenge("demo", text_of(row))),
                is_bad ? "public_key_invalid" : "")
          << file << ": " << row.at("why");
    }
    EXPECT_GT(refused, 20U) << file;
  }
}

// ---- import of foreign HMAC pairs

TEST_F(IssuerMaking, AForeignPairKeepsItsIdAndItsSecretAndHasNoEnd) {
  const auto key = house_.issuer->import_key(foreign(), house_.actor);

  ASSERT_TRUE(key.has_value()) << key.error().detail;
  EXPECT_EQ(key->id.text(), kForeignId);
  EXPECT_TRUE(key->imported);
  EXPECT_EQ(key->expires_at, std::nullopt);
  const LiveKeyRef live = house_.replica->find(key->id);
  ASSERT_TRUE(live);
  EXPECT_TRUE(live->pairs[0].key.verify_text(as_bytes("x=1"), hmac_hex(kForeignSecret, "x=1")));
  EXPECT_NE(house_.last_audit().find("key.import"), std::string::npos);
}

TEST_F(IssuerMaking, AnImportObeysTheAllowListRule) {
  ImportedKey wish = foreign();
  wish.key.permissions = "TRADE";
  EXPECT_EQ(reason_of(house_.issuer->import_key(wish, house_.actor)), "allow_list_required");

  wish.key.allow_list = "203.0.113.7";

  EXPECT_TRUE(house_.issuer->import_key(wish, house_.actor).has_value());
}

TEST_F(IssuerMaking, AnIdIsImportedOnce) {
  ASSERT_TRUE(house_.issuer->import_key(foreign(), house_.actor).has_value());
  const std::string other(kForeignSecret.rbegin(), kForeignSecret.rend());

  EXPECT_EQ(reason_of(house_.issuer->import_key(foreign(kForeignId, other), house_.actor)),
            "api_key_exists");
}

TEST_F(IssuerMaking, ASecretIsImportedUnderOneIdOnly) {
  ASSERT_TRUE(house_.issuer->import_key(foreign(), house_.actor).has_value());
  const std::string other(kForeignId.rbegin(), kForeignId.rend());

  EXPECT_EQ(reason_of(house_.issuer->import_key(foreign(other), house_.actor)), "pair_taken");
}

TEST_F(IssuerMaking, OurOwnMarkerNeedsARightChecksumOnImport) {
  const std::string ours(KeyFormat().generate_api_key(house_.random)->text());
  std::string mistyped = ours;
  mistyped[20] = mistyped[20] == 'a' ? 'b' : 'a';

  EXPECT_EQ(reason_of(house_.issuer->import_key(foreign(mistyped), house_.actor)),
            "api_key_checksum");
  EXPECT_TRUE(house_.issuer->import_key(foreign(ours), house_.actor).has_value());
}

struct BadImport {
  const char* name;
  std::string id;
  std::string secret;
  const char* reason;
};
class BadImportTest : public IssuerMaking, public testing::WithParamInterface<BadImport> {};

TEST_P(BadImportTest, IsRefused) {
  const auto key =
      house_.issuer->import_key(foreign(GetParam().id, GetParam().secret), house_.actor);

  EXPECT_EQ(reason_of(key), GetParam().reason);
}

std::vector<BadImport> bad_imports() {
  SystemRandom random;
  const KeyFormat format;
  const std::string id(kForeignId);
  const std::string secret(kForeignSecret);
  const std::string our_id(format.generate_api_key(random)->text());
  const std::string our_secret = format.generate_secret(random);
  std::string mistyped_secret = our_secret;
  mistyped_secret[20] = mistyped_secret[20] == 'a' ? 'b' : 'a';
  return {
      {"short_id", id.substr(1), secret, "api_key_malformed"},
      {"long_id", id + "x", secret, "api_key_malformed"},
      {"dash_in_id", "-" + id.substr(1), secret, "api_key_malformed"},
      {"secret_as_id", our_secret, secret, "secret_given_as_api_key"},
      {"mistyped_secret_as_id", mistyped_secret, secret, "secret_given_as_api_key"},
      {"empty_secret", id, "", "secret_length"},
      {"secret_of_31", id, secret.substr(0, 31), "secret_length"},
      {"secret_of_129", id, secret + secret + "x", "secret_length"},
      {"one_character", id, std::string(64, 'a'), "secret_weak"},
      {"seven_characters", id, std::string(58, 'a') + "bcdefg", "secret_weak"},
      {"line_end", id, secret + "\n", "secret_characters"},
      {"blank", id, " " + secret, "secret_characters"},
      {"not_ascii", id, secret + "\xc3\xa4", "secret_characters"},
      {"id_as_secret", id, id, "api_key_given_as_secret"},
      {"our_id_as_secret", id, our_id, "api_key_given_as_secret"},
      {"mistyped_secret", id, mistyped_secret, "secret_checksum"},
  };
}
INSTANTIATE_TEST_SUITE_P(Rows, BadImportTest, testing::ValuesIn(bad_imports()),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(IssuerMaking, APublicKeyIsImportedWithItsIdAndWithoutAProof) {
  const auto key = PrivateKey::generate(Scheme::kEd25519, house_.random).value();
  ImportedKey wish = foreign(kForeignId, "");
  wish.key.material.public_key = key.public_key().pem();

  const auto imported = house_.issuer->import_key(wish, house_.actor);

  ASSERT_TRUE(imported.has_value()) << imported.error().detail;
  EXPECT_EQ(imported->pairs[0].scheme, Scheme::kEd25519);
  const LiveKeyRef live = house_.replica->find(imported->id);
  ASSERT_TRUE(live);
  EXPECT_TRUE(live->pairs[0].key.verify_text(as_bytes("x=1"),
                                             to_base64(key.sign(as_bytes("x=1")).value())));
}

TEST_F(IssuerMaking, AnImportHasOnePair) {
  ImportedKey wish = foreign();
  wish.key.material.public_key =
      PrivateKey::generate(Scheme::kEd25519, house_.random)->public_key().pem();
  EXPECT_EQ(reason_of(house_.issuer->import_key(wish, house_.actor)), "import_needs_one");

  wish = foreign(kForeignId, "");
  wish.key.material.public_key = "no key";
  EXPECT_EQ(reason_of(house_.issuer->import_key(wish, house_.actor)), "public_key_invalid");
}

}  // namespace
}  // namespace counterfoil
