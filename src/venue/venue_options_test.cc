// What the command line and the two files of a venue may say.
#include "venue/venue_options.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "crypto/hmac.h"
#include "crypto/signature_scheme.h"
#include "crypto/verification_key.h"
#include "venue/asset.h"
#include "venue/exchange.h"
#include "venue/market_maker.h"
#include "venue/test_market.h"
#include "venue/test_venue.h"

namespace counterfoil::venue {
namespace {

constexpr std::string_view kKey =
    "TESTONLYapikey00000000000000000000000000000000000000000000000000";
constexpr std::string_view kSecret =
    "TESTONLYsecret00000000000000000000000000000000000000000000000000";
// The public key of the vendor's FIX sample.
constexpr std::string_view kEd25519 =
    "MCowBQYDK2VwAyEAGUIKv9dSpWXBViXp2m6vAIb8QMFJYBgyFEQsFJlqgA0=";

std::string line(std::string_view account, std::string_view key, std::string_view scheme,
                 std::string_view material) {
  return std::string(account)
      .append(" ")
      .append(key)
      .append(" ")
      .append(scheme)
      .append("\t")
      .append(material)
      .append("\r\n");
}

TEST(KeyFile, HoldsKeysOfEverySchemeOneALine) {
  const std::string other(64, 'b');
  const auto keys =
      read_standalone_keys("# for tests alone\n\n" + line("demo", kKey, "hmac-sha256", kSecret) +
                           "  \n" + line("bot-2", other, "ed25519", kEd25519));

  ASSERT_TRUE(keys) << keys.error().sentence;
  ASSERT_EQ(keys->size(), 2U);
  EXPECT_EQ(keys->at(0).account, "demo");
  EXPECT_EQ(keys->at(0).api_key, kKey);
  EXPECT_EQ(keys->at(0).key.scheme(), Scheme::kHmacSha256);
  EXPECT_EQ(keys->at(1).key.scheme(), Scheme::kEd25519);
}

struct FileCase {
  std::string_view name;
  std::string text;
  std::size_t line;
  std::string_view sentence;
};
std::ostream& operator<<(std::ostream& out, const FileCase& row) { return out << row.name; }
// clang-format off
const FileCase kKeyFileCases[] = {
    {"empty", "", 0, "The file holds no entry; write one a line."},
    {"only_comments", "# nothing\n\n", 0, "The file holds no entry; write one a line."},
    {"three_words", "\ndemo key hmac-sha256\n", 2, "Write four words: account, API key, scheme, and the secret or public key."},
    {"account", line("Demo", kKey, "hmac-sha256", kSecret), 1, "The account's name must be 1 to 32 of a-z, 0-9 and '-', not '-' first."},
    {"api_key", line("demo", "short", "hmac-sha256", kSecret), 1, "The API key must be 64 letters and digits."},
    {"api_key_twice", line("demo", kKey, "hmac-sha256", kSecret) + line("demo", kKey, "hmac-sha256", kSecret), 2, "This API key stands in a line above already."},
    {"scheme", line("demo", kKey, "sha256", kSecret), 1, "The scheme must be hmac-sha256, rsa-sha256 or ed25519."},
    {"public_key_of_another_scheme", line("demo", kKey, "rsa-sha256", kEd25519), 1, "The public key is not of the scheme that stands before it."},
    {"larger_than_a_file_may_be", std::string(kOptionFileBytesMax + 1, '\n'), 0, "The file is larger than 1 MiB; it should hold one short line an entry."},
};
// clang-format on
class KeyFileFault : public testing::TestWithParam<FileCase> {};
TEST_P(KeyFileFault, SaysWhereAndWhat) {
  const auto keys = read_standalone_keys(GetParam().text);

  ASSERT_FALSE(keys);
  EXPECT_EQ(keys.error().line, GetParam().line);
  EXPECT_EQ(keys.error().sentence, GetParam().sentence);
}
INSTANTIATE_TEST_SUITE_P(Files, KeyFileFault, testing::ValuesIn(kKeyFileCases),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(KeyFile, ABrokenPublicKeyIsExplained) {
  const auto keys = read_standalone_keys(line("demo", kKey, "ed25519", "MCow"));

  ASSERT_FALSE(keys);
  EXPECT_EQ(keys.error().line, 1U);
  EXPECT_FALSE(keys.error().sentence.empty());
}

TEST(KeyFile, TakesAThousandKeysAndNotOneMore) {
  std::string text;
  for (int count = 0; count < 1'000; ++count) {
    std::string key = std::to_string(count);
    key.insert(0, 64 - key.size(), 'k');
    text += line("demo", key, "hmac-sha256", kSecret);
  }

  EXPECT_EQ(read_standalone_keys(text).value().size(), 1'000U);
  EXPECT_EQ(
      read_standalone_keys(text + line("demo", kKey, "hmac-sha256", kSecret)).error(),
      (OptionFault{.line = 1'001,
                   .sentence = "There are more entries than a venue takes; leave some out."}));
}

TEST(ProofSecretFile, OneWordIsTheGatewaysOwnKid) {
  const auto secrets = read_proof_secrets(std::string(kTestSecret) + "\n");

  ASSERT_TRUE(secrets) << secrets.error().sentence;
  ASSERT_EQ(secrets->size(), 1U);
  EXPECT_EQ(secrets->front().kid, "1");
  EXPECT_EQ(secrets->front().key.mac(as_bytes("x")),
            HmacKey::from_secret(as_bytes(kTestSecret)).value().mac(as_bytes("x")));
}

TEST(ProofSecretFile, TwoAreValidWhileOneIsRotated) {
  const auto secrets = read_proof_secrets("1 " + std::string(kTestSecret) + "\n2027-01 " +
                                          std::string(kOtherTestSecret));

  ASSERT_TRUE(secrets);
  EXPECT_EQ(secrets->at(1).kid, "2027-01");
}

const FileCase kProofFileCases[] = {
    {"empty", "", 0, "The file holds no entry; write one a line."},
    {"three_words", "1 secret more", 1, "Write the kid and the secret, with a blank between them."},
    {"kid", "a;b " + std::string(kTestSecret), 1,
     "The kid must be 1 to 64 of letters, digits, '.', '_' and '-'."},
    {"short", "1 " + std::string(31, 's'), 1, "The secret is shorter than 32 characters."},
    {"kid_twice", std::string(kTestSecret) + "\n" + std::string(kOtherTestSecret), 2,
     "Two secrets have one kid; name each differently."},
    {"three_secrets",
     "1 " + std::string(kTestSecret) + "\n2 " + std::string(kTestSecret) + "\n3 " +
         std::string(kTestSecret),
     3, "There are more entries than a venue takes; leave some out."},
};
class ProofFileFault : public testing::TestWithParam<FileCase> {};
TEST_P(ProofFileFault, SaysWhereAndWhat) {
  const auto secrets = read_proof_secrets(GetParam().text);

  ASSERT_FALSE(secrets);
  EXPECT_EQ(secrets.error().line, GetParam().line);
  EXPECT_EQ(secrets.error().sentence, GetParam().sentence);
}
INSTANTIATE_TEST_SUITE_P(Files, ProofFileFault, testing::ValuesIn(kProofFileCases),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(Balances, AreReadAsAssetAndAmount) {
  const auto grants = read_balances("USDT=100000,BTC=1.5");

  ASSERT_TRUE(grants);
  ASSERT_EQ(grants->size(), 2U);
  EXPECT_EQ(grants->at(0).asset, Asset::kUsdt);
  EXPECT_EQ(grants->at(1).amount, d("1.5"));
  EXPECT_TRUE(read_balances("none").value().empty());
  EXPECT_EQ(read_balances("USDT=10000000").value()[0].amount, VenueOptions::kGrantMax);
}

TEST(Balances, AreRefusedWithAReason) {
  EXPECT_EQ(read_balances("DOGE=1").error().sentence,
            "The assets of the venue are BTC, ETH, BNB, LTC, SOL and USDT.");
  EXPECT_EQ(read_balances("").error().sentence,
            "The assets of the venue are BTC, ETH, BNB, LTC, SOL and USDT.");
  EXPECT_EQ(read_balances("BTC=1,BTC=2").error().sentence, "An asset stands there twice.");
  for (const std::string_view text : {"BTC", "BTC=", "BTC=-1", "BTC=1e3", "BTC=0.000000001"}) {
    EXPECT_EQ(read_balances(text).error().sentence,
              "Write amounts as digits with up to eight decimals, like USDT=100000,BTC=1.5.")
        << text;
  }
  EXPECT_EQ(read_balances("USDT=10000000.00000001").error().sentence,
            "An account can be given at most 10000000 of one asset.");
}

TEST(ListenAddressText, IsAddressAndPort) {
  EXPECT_EQ(read_listen_address("127.0.0.1:9010").value(),
            (ListenAddress{.address = "127.0.0.1", .port = 9010}));
  EXPECT_EQ(read_listen_address("[::1]:0").value(), (ListenAddress{.address = "::1", .port = 0}));
  EXPECT_EQ(read_listen_address("10.0.0.1:65535").value().port, 65'535);
  for (const std::string_view text : {"", "9010", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                                      "127.0.0.1:9x", ":9010", "::1:90", "[]:90"}) {
    EXPECT_FALSE(read_listen_address(text)) << text;
  }
}

TEST(VenueOptionsCheck, TheDefaultsAreSound) { EXPECT_FALSE(check_options(VenueOptions{})); }

TEST(VenueOptionsCheck, AVenueIsBehindAGatewayOrByItself) {
  VenueOptions options;
  options.proof_secrets = test_secrets();
  options.standalone_keys =
      read_standalone_keys(line("demo", kKey, "hmac-sha256", kSecret)).value();

  EXPECT_EQ(check_options(options)->sentence,
            "A venue is either behind a gateway or by itself: give proof secrets or keys.");
}

// fault_of says whether options are faulty that `change` was made to.
bool fault_of(void (*change)(VenueOptions&)) {
  VenueOptions options;
  change(options);
  return check_options(options).has_value();
}

TEST(VenueOptionsCheck, FindsWhatIsOutOfBounds) {
  EXPECT_TRUE(fault_of([](VenueOptions& options) { options.accounts_max = 0; }));
  EXPECT_FALSE(fault_of([](VenueOptions& options) { options.accounts_max = 3'990; }));
  EXPECT_TRUE(fault_of([](VenueOptions& options) { options.accounts_max = 3'991; }));
  EXPECT_TRUE(fault_of([](VenueOptions& options) { options.market_maker.history_ticks = 10'081; }));
  EXPECT_TRUE(fault_of([](VenueOptions& options) {
    options.market_maker.interval = std::chrono::milliseconds(-1);
  }));
  EXPECT_TRUE(fault_of([](VenueOptions& options) {
    options.initial_balances = {{.asset = Asset::kBtc, .amount = d("10000000.00000001")}};
  }));
  EXPECT_TRUE(fault_of([](VenueOptions& options) {
    options.initial_balances = {{.asset = Asset::kBtc, .amount = d("1")},
                                {.asset = Asset::kBtc, .amount = d("1")}};
  }));
}

TEST(VenueOptionsCheck, FindsImpossibleSecrets) {
  EXPECT_TRUE(fault_of([](VenueOptions& options) {
    options.proof_secrets.push_back(proof_secret("a b", kTestSecret));
  }));
  EXPECT_TRUE(fault_of([](VenueOptions& options) {
    for (const std::string_view kid : {"1", "2", "3"}) {
      options.proof_secrets.push_back(proof_secret(kid, kTestSecret));
    }
  }));
}

TEST(VenueOptionsCheck, TheLargestGrantFitsEveryAccountBesideTheHouse) {
  Exchange exchange(
      {.initial_balances = {{.asset = Asset::kUsdt, .amount = VenueOptions::kGrantMax}},
       .accounts_max = 3'990});
  const MarketMaker maker(exchange, 1);

  for (int count = 0; count < 3'990; ++count) {
    ASSERT_TRUE(exchange.account("a" + std::to_string(count))) << count;
  }
  EXPECT_EQ(exchange.account("one more").error(), AccountError::kTooMany);
}

}  // namespace
}  // namespace counterfoil::venue
