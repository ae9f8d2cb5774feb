#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <ios>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "app/command_context.h"
#include "app/test_command.h"
#include "base/temporary_directory.h"
#include "crypto/public_key.h"

namespace counterfoil {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kSecret = "a secret of this test";

// published is a published key pair of this algorithm.
Json published(std::string_view algorithm) {
  std::ifstream stream(COUNTERFOIL_SOURCE_DIR "/testdata/vectors/binance-vectors.json");
  const Json all = Json::parse(stream);
  for (const Json& vector : all["asymmetric"]) {
    if (vector["alg"].get<std::string>().starts_with(algorithm) &&
        vector.contains("private_key_pem") &&
        !vector["private_key_pem"].get<std::string>().contains("ENCRYPTED")) {
      return vector;
    }
  }
  return {};
}

// SignExplain works in a folder of its own, with the files that the command reads.
class SignExplain : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::current_path(folder_.path());
    write("secret", kSecret);
  }
  void TearDown() override { std::filesystem::current_path(before_); }

  static void write(const std::string& name, std::string_view text) {
    std::ofstream(name, std::ios::binary | std::ios::trunc) << text;
    ASSERT_EQ(::chmod(name.c_str(), 0600), 0);
  }
  static std::vector<std::string> with_secret(const std::vector<std::string>& rest) {
    std::vector<std::string> all{"sign",   "--explain", "--secret-file",
                                 "secret", "--api-key", "KEY"};
    all.insert(all.end(), rest.begin(), rest.end());
    return all;
  }

  std::filesystem::path before_ = std::filesystem::current_path();
  TemporaryDirectory folder_;
};

TEST_F(SignExplain, GoesThroughEachStep) {
  const Ran ran =
      run_command(with_secret({"POST", "/api/v3/order", "symbol=BTCUSDT", "note=café & co"}));

  ASSERT_EQ(ran.code, ExitCode::kDone) << ran.err;
  for (const std::string_view step :
       {"parameters          symbol=BTCUSDT  (needs no encoding)\n",
        "                    note=café & co  →  note=caf%C3%A9%20%26%20co  (percent-encoded)\n",
        "timestamp           timestamp=1", "  (added: this clock, milliseconds since 1970)\n",
        "payload (", " bytes)", "   ← encoded first, then signed\n",
        "signed with         HMAC-SHA-256, a shared secret (never shown)\n",
        "signature           32 bytes: ", "\n  as hex            ",
        "\n  percent-encoded   the same: it needs no encoding\n",
        "goes into           the query, behind the payload\n", "request             POST ",
        "/api/v3/order?symbol=BTCUSDT&note=caf%C3%A9%20%26%20co&timestamp=", " HTTP/1.1\n",
        "                    X-MBX-APIKEY: KEY\n"}) {
    EXPECT_TRUE(ran.err.contains(step)) << step << "\n\n" << ran.err;
  }
  EXPECT_TRUE(ran.out.starts_with("curl ")) << ran.out;
  EXPECT_FALSE((ran.out + ran.err).contains(kSecret));
}

TEST_F(SignExplain, CountsThePayloadsBytesAndNotItsCharacters) {
  const Ran ran = run_command(with_secret({"--payload", "note=é", "GET", "/x"}));

  EXPECT_TRUE(ran.err.contains("payload (7 bytes)   note=é")) << ran.err;
}

TEST_F(SignExplain, SaysOfABodyWhereTheSignatureGoes) {
  const Ran ran = run_command(with_secret({"--body", "POST", "/api/v3/order", "symbol=BTCUSDT"}));

  EXPECT_TRUE(ran.err.contains("goes into           the body, behind the payload\n")) << ran.err;
  EXPECT_TRUE(ran.err.contains("request             POST /api/v3/order HTTP/1.1\n")) << ran.err;
  EXPECT_TRUE(ran.err.contains("Content-Type: application/x-www-form-urlencoded\n")) << ran.err;
  EXPECT_TRUE(ran.err.contains("                    symbol=BTCUSDT&timestamp=")) << ran.err;
}

TEST_F(SignExplain, SaysOfAPayloadThatNothingIsDoneToItAndWhatIsWrongWithIt) {
  const Ran bare = run_command(with_secret({"--payload", "note=café", "GET", "/x"}));
  const Ran good =
      run_command(with_secret({"--payload", "a=1&timestamp=1700000000000", "GET", "/x"}));

  EXPECT_TRUE(bare.err.contains("parameters          none read: the payload was given whole\n"))
      << bare.err;
  EXPECT_TRUE(bare.err.contains("← signed as it is: nothing added, nothing encoded\n")) << bare.err;
  EXPECT_TRUE(bare.err.contains("outside of ASCII")) << bare.err;
  EXPECT_TRUE(bare.err.contains("has no timestamp")) << bare.err;
  EXPECT_FALSE(bare.err.contains("encoded first, then signed")) << bare.err;
  EXPECT_FALSE(good.err.contains("! ")) << good.err;
}

TEST_F(SignExplain, NamesAPublicKeyByItsFingerprintAndEncodesItsSignature) {
  const Json ed25519 = published("ed25519");
  write("key.pem", ed25519["private_key_pem"].get<std::string>());
  const auto fingerprint =
      PublicKey::import_text(ed25519["public_key_pem"].get<std::string>())->fingerprint_text();

  const Ran ran = run_command({"sign", "--explain", "--private-key-file", "key.pem", "--api-key",
                               "KEY", "GET", "/api/v3/account"});

  ASSERT_EQ(ran.code, ExitCode::kDone) << ran.err;
  EXPECT_TRUE(ran.err.contains("signed with         Ed25519, public key " + fingerprint + "\n"))
      << ran.err;
  EXPECT_TRUE(ran.err.contains("signature           64 bytes: ")) << ran.err;
  EXPECT_TRUE(ran.err.contains("\n  as base64         ")) << ran.err;
  EXPECT_TRUE(ran.err.contains("%3D%3D\n")) << ran.err;
  EXPECT_FALSE(ran.err.contains("PRIVATE"));
}

TEST_F(SignExplain, HasTheSameStepsAsMembers) {
  const Json rsa = published("rsa");
  write("key.pem", rsa["private_key_pem"].get<std::string>());

  const Ran ran = run_command({"sign", "--explain", "--json", "--private-key-file", "key.pem",
                               "--api-key", "KEY", "POST", "/api/v3/order", "side=BUY", "note=é"});

  ASSERT_EQ(ran.code, ExitCode::kDone) << ran.err;
  EXPECT_TRUE(ran.err.empty()) << ran.err;
  const Json answer = Json::parse(ran.out);
  const Json& steps = answer["explanation"];
  EXPECT_EQ(steps["parameters"].size(), 3U);
  EXPECT_EQ(steps["parameters"][0], Json::parse(R"({"given":"side=BUY","encoded":"side=BUY",
                                                    "changed":false,"added":false})"));
  EXPECT_EQ(steps["parameters"][1], Json::parse(R"({"given":"note=é","encoded":"note=%C3%A9",
                                                    "changed":true,"added":false})"));
  EXPECT_EQ(steps["parameters"][2]["added"], true);
  EXPECT_EQ(steps["order"], "encoded first, then signed");
  EXPECT_EQ(steps["payload"], answer["payload"]);
  EXPECT_EQ(steps["payload_bytes"], answer["payload"].get<std::string>().size());
  EXPECT_EQ(steps["algorithm"], "rsa-sha256");
  EXPECT_TRUE(steps["key_fingerprint"].get<std::string>().starts_with("SHA256:"));
  EXPECT_EQ(steps["signature_bytes"].get<std::size_t>() * 2,
            steps["signature_raw_hex"].get<std::string>().size());
  EXPECT_EQ(steps["signature_encoding"], "base64");
  EXPECT_EQ(steps["signature_text"], answer["signature"]);
  EXPECT_TRUE(answer["query"].get<std::string>().ends_with(
      "&signature=" + steps["signature_percent_encoded"].get<std::string>()));
  EXPECT_EQ(steps["goes_into"], "query");
  EXPECT_EQ(steps["request_line"], "POST " + answer["target"].get<std::string>() + " HTTP/1.1");
}

TEST_F(SignExplain, ExplainsOnlyWhenAsked) {
  const Ran ran =
      run_command({"sign", "--json", "--secret-file", "secret", "--api-key", "KEY", "GET", "/x"});

  EXPECT_FALSE(Json::parse(ran.out).contains("explanation"));
  EXPECT_TRUE(ran.err.empty()) << ran.err;
}

TEST_F(SignExplain, WritesControlCharactersAsEscapes) {
  const Ran ran = run_command(with_secret({"GET", "/x", "note=a\x1b[31mb"}));
  const Ran json = run_command(with_secret({"--json", "--payload", "a=\xff", "GET", "/x"}));

  EXPECT_EQ(ran.code, ExitCode::kDone);
  EXPECT_FALSE(ran.err.contains('\x1b')) << ran.err;
  EXPECT_EQ(json.code, ExitCode::kDone) << json.err;
  EXPECT_TRUE(Json::parse(json.out).is_object());
}

}  // namespace
}  // namespace counterfoil
