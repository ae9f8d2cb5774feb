#include "autopsy/key_file.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace counterfoil::autopsy {
namespace {

// RFC 8410, section 10.3: the example's private key.
constexpr std::string_view kBody =
    "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";
// Texts of our form, whose checksums are right. Test keys, of no server.
constexpr std::string_view kApiKey = "cfk1000000000000000000000000000000000000000000000000000000";
constexpr std::string_view kForeignSecret =
    "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0k";

std::string pem(std::string_view label, std::string_view line_end = "\n") {
  std::string text = "-----BEGIN " + std::string(label) + "-----";
  text += std::string(line_end) + std::string(kBody) + std::string(line_end);
  return text + "-----END " + std::string(label) + "-----" + std::string(line_end);
}

// The causes of a file's problems, by comma; those that are not certain with a '?'.
std::string causes(std::string_view text, std::string_view api_key = "") {
  std::string all;
  for (const KeyFileProblem& problem : examine_key_file(text, api_key)) {
    EXPECT_FALSE(problem.what.empty() || problem.fix.empty());
    all += (all.empty() ? "" : ",") + std::string(problem.cause) + (problem.certain ? "" : "?");
  }
  return all;
}

TEST(KeyFile, OfAPrivateKeyInOrderHasNoProblem) { EXPECT_EQ(causes(pem("PRIVATE KEY")), ""); }

TEST(KeyFile, OfAPrivateKeyInAnotherForm) {
  EXPECT_EQ(causes(pem("PRIVATE KEY", "\\n")), "pem-newlines-lost");
  EXPECT_EQ(causes(pem("PRIVATE KEY", " ")), "pem-newlines-lost");
  EXPECT_EQ(causes(pem("ENCRYPTED PRIVATE KEY")), "pem-encrypted");
  EXPECT_EQ(causes("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n"),
            "pem-encrypted");
  for (const std::string_view label :
       {"RSA PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "PUBLIC KEY", "CERTIFICATE"}) {
    EXPECT_EQ(causes(pem(label)), "pem-wrong-container") << label;
  }
  EXPECT_EQ(causes(kBody), "pem-wrong-container");  // without BEGIN and END
  EXPECT_EQ(causes("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
            "pem-wrong-container");
}

TEST(KeyFile, OfAnEcKeySaysThatItIsOne) {
  const auto problems = examine_key_file(pem("EC PRIVATE KEY"), "");
  ASSERT_EQ(problems.size(), 1);
  EXPECT_TRUE(problems.front().what.contains("EC key"));
  EXPECT_TRUE(problems.front().fix.contains("ed25519"));
}

TEST(KeyFile, OfASecretInOrderHasNoProblem) { EXPECT_EQ(causes(kForeignSecret), ""); }

TEST(KeyFile, OfASecretWithSomethingAroundIt) {
  const std::string secret(kForeignSecret);
  EXPECT_EQ(causes(secret + "\n"), "secret-has-surrounding-whitespace?");
  EXPECT_EQ(causes(secret + "\r\n"), "secret-has-surrounding-whitespace?");
  EXPECT_EQ(causes(" " + secret), "secret-has-surrounding-whitespace");
  EXPECT_EQ(causes(secret + "\n\n"), "secret-has-surrounding-whitespace");
  EXPECT_EQ(causes("\"" + secret + "\""), "secret-has-quotes");
  EXPECT_EQ(causes("'" + secret + "'\n"), "secret-has-quotes,secret-has-surrounding-whitespace?");
}

TEST(KeyFile, OfASecretThatIsNone) {
  EXPECT_EQ(causes(""), "secret-placeholder");
  EXPECT_EQ(causes("YOUR_API_SECRET"), "secret-placeholder");
  EXPECT_EQ(causes("\"changeme\""), "secret-has-quotes,secret-placeholder");
  EXPECT_EQ(causes(kForeignSecret, kForeignSecret), "api-key-used-as-secret");
  // Our marker with a wrong checksum: still an API key.
  EXPECT_EQ(causes(std::string(kApiKey) + "000000"), "api-key-used-as-secret");
}

TEST(KeyFile, OfASecretOfOursThatWasMistyped) {
  EXPECT_EQ(causes("cfs1" + std::string(60, '0')), "secret-one-char-missing");
}

TEST(KeyFile, TellsOfTheApiKeyBesideIt) {
  EXPECT_EQ(causes(kForeignSecret, std::string(64, 'a')), "");
  EXPECT_EQ(causes(kForeignSecret, "cfs1" + std::string(60, '0')), "key-and-secret-swapped");
  EXPECT_EQ(causes(kForeignSecret, "cfk1" + std::string(60, '0')), "api-key-unknown");
  EXPECT_EQ(causes(kForeignSecret, " " + std::string(64, 'a')), "api-key-has-extra-characters");
  EXPECT_EQ(causes(kForeignSecret, pem("PRIVATE KEY")), "private-key-pasted-as-api-key");
  EXPECT_EQ(causes(kForeignSecret, kBody), "private-key-pasted-as-api-key");
  EXPECT_EQ(examine_api_key("cfk1" + std::string(60, '0')).size(), 1);
  EXPECT_TRUE(examine_api_key("").empty());
}

TEST(KeyFile, IsNeverRepeatedInWhatIsSaidOfIt) {
  for (const std::string& text : {pem("PRIVATE KEY", "\\n"), pem("EC PRIVATE KEY"),
                                  " " + std::string(kForeignSecret), std::string("cfs1zzzz")}) {
    for (const KeyFileProblem& problem : examine_key_file(text, kForeignSecret)) {
      EXPECT_FALSE(problem.what.contains(kBody) || problem.what.contains(kForeignSecret));
      EXPECT_FALSE(problem.fix.contains(kBody) || problem.fix.contains(kForeignSecret));
    }
  }
}

}  // namespace
}  // namespace counterfoil::autopsy
