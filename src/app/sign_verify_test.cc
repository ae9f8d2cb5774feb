#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ios>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "app/command_context.h"
#include "app/key_directory.h"
#include "app/test_command.h"
#include "base/temporary_directory.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {
namespace {

const nlohmann::json& vectors() {
  static const nlohmann::json all = [] {
    std::ifstream stream(COUNTERFOIL_SOURCE_DIR "/testdata/vectors/binance-vectors.json");
    return nlohmann::json::parse(stream);
  }();
  return all;
}

// SignAndVerify works in a folder of its own, with the files that the commands read.
class SignAndVerify : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::current_path(folder_.path());
    ::unsetenv("COUNTERFOIL_SECRET_FILE");
    ::unsetenv("COUNTERFOIL_SECRET_FD");
  }
  void TearDown() override { std::filesystem::current_path(before_); }

  static std::string write(const std::string& name, std::string_view text, mode_t mode = 0600) {
    std::ofstream(name, std::ios::binary | std::ios::trunc) << text;
    EXPECT_EQ(::chmod(name.c_str(), mode), 0);
    return name;
  }

  std::filesystem::path before_ = std::filesystem::current_path();
  TemporaryDirectory folder_;
};

// http_text writes a vector's request as it went over the wire. The signature goes where the
// parameters are.
std::string http_text(const nlohmann::json& vector, const std::string& signature) {
  const std::string pair = "signature=" + signature;
  std::string query = vector.value(
      "query", vector.value("body", "").empty() ? vector.value("payload", "") : std::string());
  std::string body = vector.value("body", "");
  (body.empty() ? query : body) += "&" + pair;
  return "POST /api/v3/order?" + query + " HTTP/1.1\r\nHost: api.example\r\nx-mbx-apikey: " +
         vector.value("api_key", std::string(64, 'k')) + "\r\n\r\n" + body;
}

bool is_rest(const nlohmann::json& vector) {
  return vector["surface"] == "rest" && vector["verified"] == true;
}

TEST_F(SignAndVerify, VerifiesEveryPublishedHmacRequest) {
  int seen = 0;
  for (const auto& vector : vectors()["hmac"]) {
    // The 2017 vector's API key and timestamps are of another age: its form is not today's.
    if (!is_rest(vector) || vector["id"] == "hmac-wapi-2017") {
      continue;
    }
    write("secret", vector["secret"].get<std::string>());
    write("request", http_text(vector, vector["signature"]));

    const Ran right =
        run_command({"verify", "--secret-file", "secret", "--request-file", "request"});
    write("secret", "another secret than the one it was signed with");
    const Ran wrong =
        run_command({"verify", "--secret-file", "secret", "--request-file", "request"});

    EXPECT_EQ(right.code, ExitCode::kDone) << vector["id"] << right.err;
    EXPECT_TRUE(right.out.starts_with("yes  hmac-sha256")) << right.out;
    EXPECT_TRUE(right.out.contains(vector["payload"].get<std::string>())) << vector["id"];
    EXPECT_EQ(wrong.code, ExitCode::kNo) << vector["id"];
    EXPECT_TRUE(wrong.err.contains("signature_wrong")) << wrong.err;
    ++seen;
  }
  EXPECT_GE(seen, 4);
}

TEST_F(SignAndVerify, VerifiesEveryPublishedRequestOfPublicKeys) {
  int seen = 0;
  for (const auto& vector : vectors()["asymmetric"]) {
    if (!is_rest(vector)) {
      continue;
    }
    write("public.pem", vector["public_key_pem"].get<std::string>());
    write("request", http_text(vector, vector["signature_urlencoded"]));

    const Ran ran = run_command(
        {"verify", "--public-key-file", "public.pem", "--request-file", "request", "--json"});

    EXPECT_EQ(ran.code, ExitCode::kDone) << vector["id"] << ran.err << ran.out;
    const auto answer = nlohmann::json::parse(ran.out);
    EXPECT_EQ(answer["valid"], true);
    EXPECT_EQ(answer["payload"], vector["payload"]);
    ++seen;
  }
  EXPECT_GE(seen, 8);
}

TEST_F(SignAndVerify, SignsAsThePublishedRequestsAreSigned) {
  int seen = 0;
  for (const char* const kind : {"hmac", "asymmetric"}) {
    for (const auto& vector : vectors()[kind]) {
      const bool is_secret = vector.contains("secret");
      if (!is_rest(vector) || (!is_secret && !vector.contains("private_key_pem"))) {
        continue;
      }
      if (!is_secret && vector["private_key_pem"].get<std::string>().contains("ENCRYPTED")) {
        continue;  // `sign` asks for the plain key
      }
      const std::string file =
          write("key", is_secret ? vector["secret"].get<std::string>()
                                 : vector["private_key_pem"].get<std::string>());

      const Ran ran = run_command({"sign", is_secret ? "--secret-file" : "--private-key-file", file,
                                   "--json", "--api-key", std::string(64, 'k'), "--payload",
                                   vector["payload"].get<std::string>(), "POST", "/api/v3/order"});

      ASSERT_EQ(ran.code, ExitCode::kDone) << vector["id"] << ran.err;
      EXPECT_EQ(nlohmann::json::parse(ran.out)["signature"], vector["signature"]) << vector["id"];
      ++seen;
    }
  }
  EXPECT_GE(seen, 12);
}

TEST_F(SignAndVerify, EncodesFirstAndThenSigns) {
  write("secret", "a secret of this test\n");

  const Ran ran =
      run_command({"sign", "--secret-file", "secret", "--api-key", "k", "--query-only", "--explain",
                   "POST", "/api/v3/order", "note=café & co", "symbol=BTCUSDT"});

  ASSERT_EQ(ran.code, ExitCode::kDone) << ran.err;
  EXPECT_TRUE(ran.out.starts_with("note=caf%C3%A9%20%26%20co&symbol=BTCUSDT&timestamp="))
      << ran.out;
  EXPECT_TRUE(ran.err.contains("payload ("));
  const std::string query = ran.out.substr(0, ran.out.size() - 1);
  EXPECT_EQ(run_command({"verify", "--secret-file", "secret", "--now", query}).code,
            ExitCode::kDone);
  std::string changed = query;
  changed.replace(changed.find("BTC"), 3, "ETH");
  EXPECT_EQ(run_command({"verify", "--secret-file", "secret", "--now", changed}).code,
            ExitCode::kNo);
}

TEST_F(SignAndVerify, PrintsALineForTheShell) {
  write("secret", "a secret of this test");

  const Ran get = run_command({"sign", "--secret-file", "secret", "--api-key", "KEY", "--url",
                               "http://127.0.0.1:1", "GET", "/api/v3/account"});
  const Ran post = run_command({"sign", "--secret-file", "secret", "--api-key", "KEY", "--body",
                                "POST", "/api/v3/order", "note=it's"});

  EXPECT_TRUE(
      get.out.starts_with("curl -sS -H 'X-MBX-APIKEY: KEY' "
                          "'http://127.0.0.1:1/api/v3/account?timestamp="))
      << get.out;
  EXPECT_TRUE(
      post.out.starts_with("curl -sS -X POST -H 'X-MBX-APIKEY: KEY' --data-raw "
                           "'note=it%27s&timestamp="))
      << post.out;
  EXPECT_TRUE(post.out.contains(" 'http://127.0.0.1:8080/api/v3/order'")) << post.out;
  EXPECT_FALSE((get.out + get.err + post.out).contains("a secret of this test"));
}

TEST_F(SignAndVerify, UsesAKeyDirectory) {
  ASSERT_TRUE(make_private_directory("mine"));
  const KeyDirectory key{.path = "mine",
                         .api_key = std::string(64, 'a'),
                         .label = "mine",
                         .scheme = Scheme::kHmacSha256};
  ASSERT_TRUE(key.write_facts());
  write("mine/secret", "a secret of this test");

  const Ran signed_text =
      run_command({"sign", "--key", "mine", "--query-only", "GET", "/api/v3/account"});
  const Ran verified = run_command({"verify", "--key", "mine", signed_text.out});

  EXPECT_EQ(signed_text.code, ExitCode::kDone) << signed_text.err;
  EXPECT_EQ(verified.code, ExitCode::kDone) << verified.err;
  EXPECT_FALSE(key.write_facts());  // nothing is ever overwritten
}

TEST_F(SignAndVerify, TakesTheSecretFromANamedFileOrDescriptor) {
  write("secret", "a secret of this test");
  const auto sign = [] {
    return run_command({"sign", "--api-key", "k", "--query-only", "GET", "/x"});
  };

  const Ran none = sign();
  ::setenv("COUNTERFOIL_SECRET_FILE", "secret", 1);
  const Ran file = sign();
  ::unsetenv("COUNTERFOIL_SECRET_FILE");
  ::setenv("COUNTERFOIL_SECRET_FD", "many", 1);
  const Ran wrong = sign();
  ::unsetenv("COUNTERFOIL_SECRET_FD");

  EXPECT_EQ(none.code, ExitCode::kUsage);
  EXPECT_TRUE(none.err.contains("--secret-file"));
  EXPECT_EQ(file.code, ExitCode::kDone) << file.err;
  EXPECT_EQ(wrong.code, ExitCode::kUsage);
}

struct WrongInput {
  std::vector<std::string> arguments;
  std::string_view says;
};

TEST_F(SignAndVerify, SaysWhatIsWrongWithItsInput) {
  write("secret", "a secret of this test");
  write("open", "a secret of this test", 0644);
  write("empty", "\n");
  write("large", std::string(20'000, 'x'));
  write("text", "this is no key");
  const std::vector<WrongInput> inputs{
      {{"sign", "--secret-file", "none", "GET", "/x"}, "none: "},
      {{"sign", "--secret-file", "open", "GET", "/x"}, "chmod 600 open"},
      {{"sign", "--secret-file", "empty", "GET", "/x"}, "is empty"},
      {{"sign", "--secret-file", "large", "GET", "/x"}, "larger than"},
      {{"sign", "--private-key-file", "text", "GET", "/x"}, "text: "},
      {{"sign", "--key", "nowhere", "GET", "/x"}, "is not a key directory"},
      {{"sign", "--secret-file", "secret", "FETCH", "/x"}, "is not a method and a path"},
      {{"sign", "--secret-file", "secret", "GET", "x"}, "is not a method and a path"},
      {{"sign", "--secret-file", "secret", "GET", "/x", "symbol"}, "write name=value"},
      {{"verify", "--public-key-file", "text", "a=b"}, "text: "},
      {{"verify", "--secret-file", "secret", "--request-file", "none"}, "cannot be read"},
      {{"verify", "--secret-file", "secret", "two\nlines"}, "is not a request"},
  };
  for (const WrongInput& input : inputs) {
    const Ran ran = run_command(input.arguments);
    EXPECT_EQ(ran.code, ExitCode::kUsage) << input.says;
    EXPECT_TRUE(ran.err.contains(input.says)) << ran.err;
    EXPECT_FALSE(ran.err.contains("a secret of this test"));
  }
}

TEST_F(SignAndVerify, TellsTheReasonAndTheFix) {
  write("secret", "a secret of this test");
  const std::string old =
      run_command({"sign", "--secret-file", "secret", "--api-key", "k", "--query-only", "--payload",
                   "timestamp=1700000000000", "GET", "/x"})
          .out;
  const std::vector<WrongInput> requests{
      {{"timestamp=1700000000000"}, "signature_missing"},
      {{"symbol=A&signature=00"}, "timestamp_missing"},
      {{"timestamp=1700000000000&signature=00"}, "signature_malformed"},
      {{"timestamp=1700000000000&timestamp=1700000000000&signature=00"}, "repeated"},
      {{old, "--now"}, "timestamp_late"},
  };
  for (const WrongInput& request : requests) {
    std::vector<std::string> arguments{"verify", "--secret-file", "secret"};
    arguments.insert(arguments.end(), request.arguments.begin(), request.arguments.end());
    const Ran ran = run_command(arguments);
    EXPECT_EQ(ran.code, ExitCode::kNo) << request.says;
    EXPECT_TRUE(ran.out.starts_with("no ")) << ran.out;
    EXPECT_TRUE(ran.err.contains(request.says)) << ran.err;
    EXPECT_TRUE(ran.err.contains("→")) << ran.err;
  }
  const Ran without_clock = run_command({"verify", "--secret-file", "secret", old});
  EXPECT_EQ(without_clock.code, ExitCode::kDone);
  EXPECT_TRUE(without_clock.err.contains("a gateway would refuse the timestamp now"));
}

TEST_F(SignAndVerify, TakesARequestInEveryForm) {
  write("secret", "a secret of this test");
  const auto sign = [](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"sign", "--secret-file", "secret", "--api-key",
                                       std::string(64, 'k')};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_command(arguments).out;
  };
  const std::string query = sign({"--query-only", "GET", "/api/x"});
  const std::string curl = sign({"--url", "https://host:1", "GET", "/api/x"});
  for (const std::string& text :
       {query, "/api/x?" + query, "https://host:1/api/x?" + query, curl,
        "GET /api/x?" + query.substr(0, query.size() - 1) + " HTTP/1.1\nX-Mbx-Apikey:  K \n\n"}) {
    const Ran ran = run_command({"verify", "--secret-file", "secret", text});
    EXPECT_TRUE(ran.out.contains(text.contains(" K ") ? "no " : "yes ")) << text << ran.err;
  }
  const Ran several = run_command({"verify", "--secret-file", "secret", curl + curl});
  EXPECT_EQ(several.code, ExitCode::kUsage);
  EXPECT_TRUE(several.err.contains("judges one REST request")) << several.err;
}

}  // namespace
}  // namespace counterfoil
