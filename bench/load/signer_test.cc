#include "load/signer.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace counterfoil {
namespace {

// The venue's published sample pair and its first HMAC vector.
constexpr std::string_view kSecret =
    "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";
constexpr std::string_view kPayload =
    "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&"
    "timestamp=1499827319559";
constexpr std::string_view kSignature =
    "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71";

// RFC 8410 section 10.3, the first example: an Ed25519 private key (published, so a test key).
constexpr std::string_view kEd25519Pem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
    "-----END PRIVATE KEY-----\n";

TEST(Signer, MakesTheVenuesPublishedSignatureAgainAndAgain) {
  const auto signer = Signer::from_secret(kSecret);
  ASSERT_TRUE(signer);

  for (int i = 0; i < 3; ++i) {
    std::string text = "signature=";
    ASSERT_TRUE(signer->append_signature(kPayload, text));
    EXPECT_EQ(text, "signature=" + std::string(kSignature));
  }
}

TEST(Signer, PercentEncodesBase64) {
  const auto signer = Signer::from_private_key(kEd25519Pem);
  ASSERT_TRUE(signer) << signer.error();

  std::string text;
  ASSERT_TRUE(signer->append_signature(kPayload, text));

  // 64 bytes are 88 characters of base64, the last two of them "=".
  EXPECT_TRUE(text.ends_with("%3D%3D")) << text;
  EXPECT_EQ(text.find_first_of("+/="), std::string::npos) << text;
  EXPECT_GE(text.size(), 92U);
}

TEST(Signer, RefusesWhatIsNoPrivateKey) {
  EXPECT_FALSE(Signer::from_private_key(""));
  EXPECT_FALSE(Signer::from_private_key("-----BEGIN PRIVATE KEY-----\nAAAA\n"));
}

class KeyFile : public testing::Test {
 protected:
  std::string write(std::string_view text) {
    std::ofstream(path_) << text;
    return path_;
  }
  ~KeyFile() override { std::filesystem::remove(path_); }

 private:
  std::string path_ = testing::TempDir() + "bench_keys_" +
                      testing::UnitTest::GetInstance()->current_test_info()->name() + ".json";
};

TEST_F(KeyFile, HoldsKeysOfBothKinds) {
  std::string pem(kEd25519Pem);
  for (auto at = pem.find('\n'); at != std::string::npos; at = pem.find('\n', at)) {
    pem.replace(at, 1, "\\n");
  }

  const auto keys =
      read_key_file(write(R"([{"api_key":"first","secret":")" + std::string(kSecret) +
                          R"("},{"api_key":"second","private_key":")" + pem + R"("}])"));

  ASSERT_TRUE(keys) << keys.error();
  ASSERT_EQ(keys->size(), 2U);
  std::string text;
  EXPECT_TRUE((*keys)[0].signer.append_signature(kPayload, text));
  EXPECT_EQ(text, kSignature);
  EXPECT_EQ((*keys)[1].api_key, "second");
}

TEST_F(KeyFile, IsRefusedWithoutQuotingIt) {
  for (const std::string_view text :
       {"", "{}", "[]", "[1]", "[{}]", R"([{"api_key":"a","private_key":"hunter2"}])"}) {
    const auto keys = read_key_file(write(text));
    ASSERT_FALSE(keys) << text;
    EXPECT_EQ(keys.error().find("hunter2"), std::string::npos);
  }
}

}  // namespace
}  // namespace counterfoil
