// The commands that talk to a running node, run as a person or a script runs them.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "program.h"

namespace counterfoil {
namespace {

using cli_test::Folder;
using cli_test::Node;
using cli_test::Ran;
using cli_test::read_file;
using cli_test::write_file;
using Json = nlohmann::json;

// One node serves all tests of this file; each uses an account of its own.
class NodeCommands : public testing::Test {
 protected:
  static void SetUpTestSuite() { node_ = std::make_unique<Node>(); }
  static void TearDownTestSuite() { node_.reset(); }

  void SetUp() override {
    ASSERT_FALSE(node_->admin_socket().empty());
    ASSERT_EQ(node_->run({"accounts", "create", account()}).code, 0);
  }

  static std::string account() {
    std::string name;
    for (const char c :
         std::string_view(testing::UnitTest::GetInstance()->current_test_info()->name())) {
      if (name.size() < 32) {
        name += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
      }
    }
    return name;
  }
  static Json json(const Ran& ran) {
    EXPECT_EQ(ran.code, 0) << ran.err;
    Json parsed = Json::parse(ran.out, nullptr, false);
    EXPECT_TRUE(parsed.is_object()) << ran.out;
    return parsed;
  }
  static Json run_json(std::vector<std::string> arguments, const std::string& input = "") {
    arguments.emplace_back("--json");
    return json(node_->run(std::move(arguments), input));
  }
  // hmac_key makes an API key and gives what the command printed.
  static Json hmac_key(const std::string& label) {
    return run_json({"keys", "create", "--account", account(), "--label", label, "--type",
                     "hmac-sha256", "--permissions", "USER_DATA", "--ip", "any"});
  }
  static mode_t mode_of(const std::string& path) {
    struct stat facts{};
    return ::lstat(path.c_str(), &facts) == 0 ? facts.st_mode & 07777U : 0;
  }

  static inline std::unique_ptr<Node> node_;  // NOLINT: shared by the tests of this file
};

// ---- accounts

TEST_F(NodeCommands, ShowsSuspendsAndResumesAnAccount) {
  EXPECT_EQ(run_json({"accounts", "show", account()})["state"], "active");
  EXPECT_EQ(run_json({"accounts", "suspend", account(), "--yes", "--cause", "a test"})["state"],
            "suspended");
  EXPECT_EQ(node_->run({"accounts", "suspend", account(), "--yes"}).code, 1);
  EXPECT_EQ(run_json({"accounts", "resume", account()})["state"], "active");
  EXPECT_TRUE(node_->run({"accounts", "list"}).out.contains(account()));
}

TEST_F(NodeCommands, SaysNoToAnAccountThatExistsAndToOneThatDoesNot) {
  const Ran again = node_->run({"accounts", "create", account()});
  EXPECT_EQ(again.code, 1);
  EXPECT_TRUE(again.err.contains("exists already"));
  EXPECT_TRUE(again.out.empty());

  const Ran unknown = node_->run({"accounts", "show", "nobody"});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_TRUE(unknown.err.contains("counterfoil accounts"));
  EXPECT_EQ(node_->run({"accounts", "create", "Not An Id"}).code, 2);
}

// ---- keys create

TEST_F(NodeCommands, PrintsTheFieldsThatScriptsRelyOn) {
  const Json made = hmac_key("bot");

  EXPECT_EQ(made["api_key"].get<std::string>().size(), 64U);
  EXPECT_EQ(made["secret"].get<std::string>().size(), 64U);
  EXPECT_EQ(made["type"], "hmac-sha256");
  EXPECT_EQ(made["label"], "bot");
  EXPECT_EQ(made["permissions"], Json::array({"USER_DATA"}));
}

TEST_F(NodeCommands, WritesASecretIntoAFileOfItsOwnerAlone) {
  const Folder folder;
  const std::string out = folder / "bot";

  const Ran ran = node_->run(
      {"keys", "create", "--account", account(), "--type", "hmac-sha256", "--out", out, "--json"});
  const Json made = json(ran);

  const std::string secret = read_file(made["secret_file"]);
  EXPECT_TRUE(secret.starts_with("cfs1"));
  EXPECT_FALSE((ran.out + ran.err).contains(secret));
  EXPECT_EQ(mode_of(made["secret_file"]), 0600U);
  EXPECT_EQ(mode_of(out), 0700U);
  EXPECT_EQ(Json::parse(read_file(out + "/key.json"))["api_key"], made["api_key"]);

  const Ran again =
      node_->run({"keys", "create", "--account", account(), "--type", "hmac-sha256", "--out", out});
  EXPECT_EQ(again.code, 2);
  EXPECT_EQ(read_file(made["secret_file"]), secret);
}

TEST_F(NodeCommands, MakesAPrivateKeyThatNeverLeavesAndSignsWithIt) {
  const Folder folder;
  for (const std::string type : {"ed25519", "rsa-sha256"}) {
    const std::string out = folder / type;
    const Ran ran = node_->run({"keys", "create", "--account", account(), "--type", type,
                                "--rsa-bits", "2048", "--out", out, "--json"});
    const Json made = json(ran);

    const std::string pem = read_file(made["private_key_file"]);
    EXPECT_TRUE(pem.starts_with("-----BEGIN PRIVATE KEY-----"));
    EXPECT_EQ(mode_of(made["private_key_file"]), 0600U);
    EXPECT_EQ(made["type"], type);
    EXPECT_FALSE(made.contains("secret"));
    EXPECT_TRUE(made["pairs"][0]["public_key"].get<std::string>().contains("PUBLIC KEY"));
    EXPECT_EQ(cli_test::run({"sign", "--key", out, "GET", "/api/v3/account"}).code, 0);
  }
}

TEST_F(NodeCommands, LeavesNothingBehindWhenTheNodeRefuses) {
  const Folder folder;
  const Ran ran = node_->run(
      {"keys", "create", "--account", account(), "--permissions", "FLY", "--out", folder / "bot"});

  EXPECT_EQ(ran.code, 2);
  EXPECT_FALSE(std::filesystem::exists(folder / "bot"));
}

TEST_F(NodeCommands, AsksWhereAPrivateKeyGoesBeforeItMakesOne) {
  const Ran ran = node_->run({"keys", "create", "--account", account()});

  EXPECT_EQ(ran.code, 2);
  EXPECT_TRUE(ran.err.contains("--out"));
}

TEST_F(NodeCommands, RegistersAPrivateKeyThatExists) {
  const Folder folder;
  const Json first =
      run_json({"keys", "create", "--account", account(), "--out", folder / "first"});
  ASSERT_EQ(node_->run({"keys", "revoke", first["api_key"], "--yes"}).code, 0);

  // What was given up does not come back, not even in the same account.
  const Ran again = node_->run(
      {"keys", "create", "--account", account(), "--private-key-file", first["private_key_file"]});
  EXPECT_EQ(again.code, 1) << again.err;
}

TEST_F(NodeCommands, GivesAChallengeForAKeyKeptElsewhere) {
  const Folder folder;
  const Json made = run_json({"keys", "create", "--account", account(), "--out", folder / "bot"});
  write_file(folder / "public.pem", made["pairs"][0]["public_key"]);

  const Json challenge = run_json({"keys", "challenge", "--account", account(), "--public-key",
                                   folder / "public.pem", "--text-file", folder / "challenge"});

  const std::string text = challenge["text"];
  EXPECT_TRUE(text.starts_with("counterfoil-possession-v1\n"));
  EXPECT_EQ(read_file(folder / "challenge"), text);
  EXPECT_EQ(node_
                ->run({"keys", "create", "--account", account(), "--public-key",
                       folder / "public.pem", "--nonce", challenge["nonce"], "--signature", "AAAA"})
                .code,
            2);
}

TEST_F(NodeCommands, ImportsAPairWithItsSecretFromStandardInput) {
  const std::string id = account().substr(0, 20) + std::string(44, 'Z');
  const std::string secret = "TESTONLY\"quoted\\secret\"0123456789" + account();
  const Ran ran = node_->run(
      {"keys", "import", "--account", account(), "--api-key", id, "--secret-file", "-", "--json"},
      secret + "\n");

  EXPECT_EQ(json(ran)["imported"], true);
  EXPECT_FALSE(ran.out.contains("TESTONLY"));
}

// ---- finding, listing, editing

TEST_F(NodeCommands, FindsAKeyByIdBeginningAndLabel) {
  const Json made = hmac_key("find-me");
  const std::string id = made["api_key"];

  EXPECT_EQ(run_json({"keys", "show", id})["api_key"], id);
  EXPECT_EQ(run_json({"keys", "show", id.substr(0, 16)})["api_key"], id);
  EXPECT_EQ(run_json({"keys", "show", "find-me"})["api_key"], id);
  EXPECT_FALSE(run_json({"keys", "show", id}).contains("secret"));
  EXPECT_EQ(node_->run({"keys", "show", id.substr(0, 7)}).code, 1);
}

TEST_F(NodeCommands, NamesTheCandidatesOfAnAmbiguousLabel) {
  const std::string first = hmac_key("twin")["api_key"];
  const std::string second = hmac_key("twin")["api_key"];

  const Ran ran = node_->run({"keys", "revoke", "twin", "--yes"});

  EXPECT_EQ(ran.code, 2);
  EXPECT_TRUE(ran.err.contains(first) && ran.err.contains(second));
  EXPECT_EQ(run_json({"keys", "show", first})["state"], "active");
}

TEST_F(NodeCommands, ListsKeysForPeopleAndPrograms) {
  const std::string id = hmac_key("listed")["api_key"];

  const Ran people = node_->run({"keys", "list", "--account", account()});
  EXPECT_EQ(people.code, 0);
  EXPECT_TRUE(people.out.contains("LABEL") && people.out.contains("listed"));
  EXPECT_FALSE(people.out.contains('\x1b'));  // no terminal, no colours
  const Json programs = run_json({"keys", "list", "--account", account(), "--state", "active"});
  ASSERT_EQ(programs["items"].size(), 1U);
  EXPECT_EQ(programs["items"][0]["api_key"], id);
  EXPECT_EQ(programs["more"], false);
}

TEST_F(NodeCommands, EditsWhatIsNamedAndNothingInADryRun) {
  const std::string id = hmac_key("edited")["api_key"];

  EXPECT_EQ(node_->run({"keys", "edit", id, "--label", "other", "--dry-run"}).code, 0);
  EXPECT_EQ(run_json({"keys", "show", id})["label"], "edited");
  const Json edited =
      run_json({"keys", "edit", id, "--label", "other", "--ip", "203.0.113.7,10.0.0.0/8",
                "--permissions", "USER_DATA,TRADE", "--symbols", "BTCUSDT", "--expires", "30d"});
  EXPECT_EQ(edited["label"], "other");
  EXPECT_EQ(edited["allow_list"].size(), 2U);
  EXPECT_EQ(edited["symbols"], Json::array({"BTCUSDT"}));
  EXPECT_EQ(run_json({"keys", "edit", id, "--symbols", "all"})["symbols"], Json::array());
  EXPECT_EQ(node_->run({"keys", "edit", id}).code, 2);
  EXPECT_EQ(node_->run({"keys", "edit", id, "--expires", "soon"}).code, 2);
}

// ---- rotating, suspending, revoking

TEST_F(NodeCommands, RotatesToAnotherTypeWithOverlapAndEndsIt) {
  const Folder folder;
  const std::string id = hmac_key("rotated")["api_key"];

  const Json rotated = run_json(
      {"keys", "rotate", id, "--type", "ed25519", "--out", folder / "new", "--overlap", "6h"});
  EXPECT_EQ(rotated["api_key"], id);
  EXPECT_EQ(rotated["pairs"].size(), 2U);
  EXPECT_EQ(rotated["pairs"][0]["state"], "retiring");
  EXPECT_EQ(run_json({"keys", "end-retiring", id, "--yes"})["pairs"].size(), 1U);
}

TEST_F(NodeCommands, RevokesForGood) {
  const std::string id = hmac_key("revoked")["api_key"];

  const Json revoked = run_json({"keys", "revoke", id, "--yes", "--cause", "leaked"});
  EXPECT_EQ(revoked["state"], "revoked");
  EXPECT_EQ(revoked["state_cause"], "leaked");
  EXPECT_EQ(node_->run({"keys", "resume", id}).code, 1);
  EXPECT_EQ(run_json({"keys", "revoke", id, "--yes"})["state"], "revoked");
}

TEST_F(NodeCommands, ProvesARevocationWithAReceiptThatIsCheckedOffline) {
  const Folder folder;
  const Json made = hmac_key("receipted");
  const Json revoked = run_json({"keys", "revoke", "receipted", "--yes", "--cause", "leaked"});
  const std::string id = revoked["receipt"]["id"];
  EXPECT_EQ(revoked["receipt"]["gateways"][0]["outcome"], "applied");
  const Ran key = node_->run({"receipt", "key"});
  write_file(folder / "node.pem", key.out);
  write_file(folder / "answer.json", revoked.dump());
  write_file(folder / "receipt.json", node_->run({"receipt", "show", id}).out);

  for (const std::string name : {"answer.json", "receipt.json"}) {
    const Ran verified =
        cli_test::run({"receipt", "verify", folder / name, "--public-key", folder / "node.pem"});
    EXPECT_EQ(verified.code, 0) << verified.err;
    EXPECT_TRUE(verified.err.contains("key.revoke of " + std::string(made["api_key"])));
    EXPECT_TRUE(verified.out.contains("applied revision"));
  }
  EXPECT_TRUE(node_->run({"receipt", "list", "receipted"}).out.contains(id));

  std::string forged = read_file(folder / "receipt.json");
  forged.replace(forged.find("key.revoke"), 10, "key.resume");
  write_file(folder / "forged.json", forged);
  const Ran refused = cli_test::run(
      {"receipt", "verify", folder / "forged.json", "--public-key", folder / "node.pem"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_TRUE(refused.err.contains("changed after it was signed"));
  EXPECT_EQ(node_->run({"receipt", "show", "unknown"}).code, 1);
}

TEST_F(NodeCommands, DoesNotRevokeWithoutAYesOrInADryRun) {
  const std::string id = hmac_key("spared")["api_key"];

  const Ran asked = node_->run({"keys", "revoke", id, "--no-input"});
  EXPECT_EQ(asked.code, 2);
  EXPECT_TRUE(asked.err.contains("--yes"));
  const Ran dry = node_->run({"keys", "revoke", id, "--dry-run"});
  EXPECT_EQ(dry.code, 0);
  EXPECT_TRUE(dry.out.contains("Nothing changed"));
  EXPECT_EQ(run_json({"keys", "show", id})["state"], "active");
}

TEST_F(NodeCommands, SuspendsAndResumes) {
  const std::string id = hmac_key("paused")["api_key"];

  EXPECT_EQ(run_json({"keys", "suspend", id})["state"], "suspended");
  EXPECT_EQ(run_json({"keys", "resume", id})["state"], "active");
}

TEST_F(NodeCommands, TellsWhoeverPutsASecretIntoAnArgumentToRotateIt) {
  const std::string secret = hmac_key("careless")["secret"];

  const Ran ran = node_->run({"keys", "show", secret});

  EXPECT_EQ(ran.code, 2);
  EXPECT_TRUE(ran.err.contains("history"));
  EXPECT_FALSE(ran.err.contains(secret));
}

// ---- audit

TEST_F(NodeCommands, ExportsAnAuditLogThatVerifiesAndFindsEveryChange) {
  const Folder folder;
  const std::string id = hmac_key("audited")["api_key"];
  ASSERT_EQ(node_->run({"keys", "revoke", id, "--yes"}).code, 0);
  const std::string log = folder / "audit.ndjson";

  ASSERT_EQ(node_->run({"audit", "export", "-o", log}).code, 0);

  const Json whole = json(cli_test::run({"audit", "verify", log, "--json"}));
  EXPECT_EQ(whole["whole"], true);
  std::string text = read_file(log);
  EXPECT_TRUE(text.contains("\"key.revoke\""));
  text.replace(text.find("key.revoke"), 10, "key.resume");
  write_file(folder / "forged.ndjson", text);
  const Ran forged = cli_test::run({"audit", "verify", folder / "forged.ndjson", "--json"});
  EXPECT_EQ(forged.code, 1);
  EXPECT_EQ(Json::parse(forged.out)["whole"], false);
  EXPECT_EQ(cli_test::run({"audit", "verify", folder / "missing"}).code, 3);
}

// ---- no node

TEST(WithoutANode, CannotTellAndSaysHowToStartOne) {
  const Folder folder;
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"keys", "list"},
                                             {"accounts", "list"},
                                             {"audit", "export"},
                                             {"keys", "revoke", "abcdefgh", "--yes"}}) {
    std::vector<std::string> arguments = command;
    arguments.insert(arguments.end(), {"--admin-socket", folder / "none.sock"});
    const Ran ran = cli_test::run(arguments);

    EXPECT_EQ(ran.code, 3) << command[0];
    EXPECT_TRUE(ran.err.contains("counterfoil serve")) << ran.err;
    EXPECT_TRUE(ran.out.empty());
  }
}

TEST(OneNode, RemovesItsSocketAtTheEnd) {
  Node node;
  const std::string socket = node.admin_socket();
  ASSERT_TRUE(std::filesystem::exists(socket));

  EXPECT_EQ(node.stop(), 0);

  EXPECT_FALSE(std::filesystem::exists(socket));
}

}  // namespace
}  // namespace counterfoil
