#include <gtest/gtest.h>
#include <sys/stat.h>

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

namespace counterfoil {
namespace {

constexpr std::string_view kSecret = "a-secret-of-this-test";

// Doctor works in a folder of its own, with a secret in it.
class Doctor : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::current_path(folder_.path());
    write("secret", kSecret);
  }
  void TearDown() override { std::filesystem::current_path(before_); }

  static std::string write(const std::string& name, std::string_view text, mode_t mode = 0600) {
    std::ofstream(name, std::ios::binary | std::ios::trunc) << text;
    EXPECT_EQ(::chmod(name.c_str(), mode), 0);
    return name;
  }

  // A curl line, signed rightly.
  static std::string signed_curl(const std::string& api_key = std::string(64, 'k')) {
    return run_command({"sign", "--secret-file", "secret", "--api-key", api_key, "--url",
                        "https://h", "POST", "/api/v3/order", "symbol=BTCUSDT", "side=BUY",
                        "type=MARKET", "quantity=1"})
        .out;
  }

  std::filesystem::path before_ = std::filesystem::current_path();
  TemporaryDirectory folder_;
};

TEST_F(Doctor, FindsNothingWrongWithARightRequest) {
  write("curl", signed_curl());
  const Ran ran = run_command({"doctor", "curl", "--secret-file", "secret"});
  EXPECT_EQ(ran.code, ExitCode::kDone) << ran.out << ran.err;
  EXPECT_TRUE(ran.out.contains("curl command on line 1: POST /api/v3/order")) << ran.out;
  EXPECT_TRUE(ran.out.contains("✓ signed rightly, nothing is wrong with it")) << ran.out;
  EXPECT_TRUE(ran.out.contains("not checked here: time, address, permission")) << ran.out;
}

TEST_F(Doctor, ProvesWhatWasSigned) {
  std::string curl = signed_curl();
  curl.replace(curl.find("side=BUY"), 8, "side=buy");
  write("curl", curl);
  const Ran ran =
      run_command({"doctor", "curl", "--secret-file", "secret", "--language", "Python"});
  EXPECT_EQ(ran.code, ExitCode::kNo);
  EXPECT_TRUE(ran.out.contains("[letter-case-mismatch, proved]")) << ran.out;
  EXPECT_TRUE(ran.out.contains("you signed    symbol=BTCUSDT&side=[BUY]")) << ran.out;
  EXPECT_TRUE(ran.out.contains("we verify     symbol=BTCUSDT&side=[buy]")) << ran.out;
  EXPECT_TRUE(ran.out.contains("      > ")) << ran.out;  // the changed line of a snippet
  EXPECT_FALSE((ran.out + ran.err).contains(kSecret));
}

TEST_F(Doctor, TellsProgramsTheSame) {
  std::string curl = signed_curl();
  curl.replace(curl.find("side=BUY"), 8, "side=buy");
  write("curl", curl);
  const Ran ran = run_command({"doctor", "curl", "--secret-file", "secret", "--json"});
  EXPECT_EQ(ran.code, ExitCode::kNo);
  const auto json = nlohmann::json::parse(ran.out);
  const auto& request = json["requests"][0];
  EXPECT_EQ(request["form"], "curl command");
  EXPECT_EQ(request["verdict"], "explained");
  EXPECT_EQ(request["findings"][0]["id"], "letter-case-mismatch");
  EXPECT_EQ(request["findings"][0]["class"], "proved");
  EXPECT_TRUE(request["proof"]["signed"].get<std::string>().contains("side=BUY"));
  EXPECT_EQ(request["not_checked"], (std::vector<std::string>{"time", "address", "permission"}));
  EXPECT_EQ(json["key"]["usable"], true);
}

TEST_F(Doctor, JudgesTheFormAloneWithoutAKey) {
  std::string curl = signed_curl();
  curl.replace(curl.find("side=BUY"), 8, "side=buy");
  write("curl", curl);
  const Ran ran = run_command({"doctor", "curl"});
  EXPECT_EQ(ran.code, ExitCode::kDone) << ran.out;
  EXPECT_TRUE(ran.out.contains("✓ nothing is wrong with its form")) << ran.out;
  EXPECT_TRUE(ran.out.contains("not checked here: signature, time")) << ran.out;
  EXPECT_FALSE(ran.out.contains("✕"));

  write("seconds", "GET /api/v3/account?timestamp=1767319445&signature=" + std::string(64, 'a') +
                       " HTTP/1.1\nHost: h\nX-MBX-APIKEY: " + std::string(64, 'k') + "\n\n");
  const Ran seconds = run_command({"doctor", "seconds"});
  EXPECT_EQ(seconds.code, ExitCode::kNo);
  EXPECT_TRUE(seconds.out.contains("timestamp-in-seconds")) << seconds.out;
}

TEST_F(Doctor, SaysThatASignatureFitsNothing) {
  write("query", "timestamp=1767319445678&signature=" + std::string(64, 'a'));
  const Ran ran = run_command({"doctor", "query", "--secret-file", "secret"});
  EXPECT_EQ(ran.code, ExitCode::kNo);
  EXPECT_TRUE(ran.out.contains("fits nothing that was tried")) << ran.out;
  EXPECT_EQ(
      nlohmann::json::parse(run_command({"doctor", "query", "--secret-file", "secret", "--json"})
                                .out)["requests"][0]["verdict"],
      "unknown_signature");
}

TEST_F(Doctor, JudgesTheTimeWhenItIsTold) {
  write("query", "timestamp=1767319445678&signature=" + std::string(64, 'a'));
  const Ran late = run_command({"doctor", "query", "--at", "2026-01-02T02:05:05Z"});
  EXPECT_EQ(late.code, ExitCode::kNo);
  EXPECT_TRUE(late.out.contains("[clock-behind")) << late.out;
  EXPECT_EQ(run_command({"doctor", "query", "--at", "2026-01-02T02:04:06Z"}).code, ExitCode::kDone);
  EXPECT_EQ(run_command({"doctor", "query", "--at", "tomorrow"}).code, ExitCode::kUsage);
}

TEST_F(Doctor, TellsWhenTheRequestNamesAnotherKey) {
  write("curl", signed_curl());
  const Ran ran =
      run_command({"doctor", "curl", "--secret-file", "secret", "--api-key", std::string(64, 'z')});
  EXPECT_TRUE(ran.out.contains("names another API key than the one given")) << ran.out;
  EXPECT_TRUE(ran.out.contains("✓ signed rightly")) << ran.out;
}

TEST_F(Doctor, ReadsEveryRequestOfALog) {
  const std::string curl = signed_curl();
  write("log", curl + curl + "curl -X POST https://h/api/v3/order -d a=1\n");
  const Ran ran = run_command({"doctor", "log", "--secret-file", "secret", "--json"});
  EXPECT_EQ(ran.code, ExitCode::kNo);
  const auto json = nlohmann::json::parse(ran.out);
  ASSERT_EQ(json["requests"].size(), 3);
  EXPECT_EQ(json["requests"][2]["line"], 3);
}

TEST_F(Doctor, LooksAtTheFilesOfAKeyAlone) {
  EXPECT_EQ(run_command({"doctor", "--secret-file", "secret"}).code, ExitCode::kDone);
  write("quoted", "\"" + std::string(kSecret) + "\"\n");
  const Ran quoted =
      run_command({"doctor", "--secret-file", "quoted", "--api-key", std::string(64, 'k')});
  EXPECT_EQ(quoted.code, ExitCode::kNo);
  EXPECT_TRUE(
      quoted.out.contains("✕ The secret stands in quotes in the file.  [secret-has-quotes]"))
      << quoted.out;
  EXPECT_TRUE(quoted.out.contains("! The file ends with a line end.")) << quoted.out;
  write("key.pem",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
  const Ran encrypted = run_command({"doctor", "--private-key-file", "key.pem", "--json"});
  EXPECT_EQ(encrypted.code, ExitCode::kNo);
  const auto json = nlohmann::json::parse(encrypted.out);
  EXPECT_EQ(json["key"]["problems"][0]["id"], "pem-encrypted");
  EXPECT_EQ(json["key"]["usable"], false);
  const Ran name = run_command({"doctor", "--api-key", "cfk1" + std::string(60, '0')});
  EXPECT_EQ(name.code, ExitCode::kNo);
  EXPECT_TRUE(name.out.contains("The checksum of the API key is wrong")) << name.out;
  EXPECT_FALSE((quoted.out + quoted.err).contains(kSecret));
}

TEST_F(Doctor, SaysWhatIsWrongWithItsInput) {
  write("open", kSecret, 0644);
  write("text", "why is it refused?");
  struct Wrong {
    std::vector<std::string> arguments;
    std::string_view says;
  };
  for (const Wrong& wrong : std::vector<Wrong>{
           {{"doctor"}, "what is to be examined?"},
           {{"doctor", "none"}, "none"},
           {{"doctor", "text"}, "text: no request was found in it"},
           {{"doctor", "--secret-file", "open"}, "chmod 600 open"},
           {{"doctor", "--public-key-file", "text"}, "text: "},
           {{"doctor", "text", "--cases", "text"}, "excludes"},
       }) {
    const Ran ran = run_command(wrong.arguments);
    EXPECT_EQ(ran.code, ExitCode::kUsage) << wrong.says;
    EXPECT_TRUE(ran.err.contains(wrong.says)) << ran.err;
  }
}

}  // namespace
}  // namespace counterfoil
