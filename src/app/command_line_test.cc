#include "app/command_line.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "app/command_context.h"
#include "base/random.h"
#include "base/temporary_directory.h"
#include "keys/key_format.h"

namespace counterfoil {
namespace {

// Ran is one run of the command line: what it wrote and how it ended.
struct Ran {
  ExitCode code;
  std::string out;
  std::string err;
};

Ran run(const std::vector<std::string>& arguments, Terminals terminals = {}) {
  std::ostringstream out;
  std::ostringstream err;
  CommandContext context(out, err, terminals);
  const ExitCode code = run_command_line(arguments, context);
  return {.code = code, .out = out.str(), .err = err.str()};
}

// CommandLine runs in an empty folder, so that no configuration of the machine gets in.
class CommandLine : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::current_path(folder_.path()); }
  void TearDown() override { std::filesystem::current_path(before_); }

  std::filesystem::path before_ = std::filesystem::current_path();
  TemporaryDirectory folder_;
};

TEST_F(CommandLine, WithoutACommandShowsTheHelpAndSaysThatItIsWrong) {
  const Ran ran = run({});

  EXPECT_EQ(ran.code, ExitCode::kUsage);
  EXPECT_EQ(ran.out, "");
  EXPECT_TRUE(ran.err.contains("counterfoil demo"));
}

TEST_F(CommandLine, HelpIsDataAndBeginsWithExamples) {
  for (const std::string command : {"", "init", "serve", "demo", "enroll", "sign", "verify",
                                    "venue", "config", "completion", "version"}) {
    const Ran ran = command.empty() ? run({"--help"}) : run({command, "--help"});
    EXPECT_EQ(ran.code, ExitCode::kDone) << command;
    EXPECT_EQ(ran.err, "") << command;
    EXPECT_LT(ran.out.find("Examples:"), ran.out.find("Usage:")) << command;
    EXPECT_TRUE(ran.out.contains("counterfoil " + command)) << command;
  }
}

struct Mistake {
  std::vector<std::string> arguments;
  std::string_view says;
};

TEST_F(CommandLine, SuggestsTheNearestWord) {
  const std::vector<Mistake> mistakes{
      {{"sevre"}, "unknown command sevre (did you mean serve?)"},
      {{"config", "chek"}, "unknown command chek (did you mean check?)"},
      {{"config", "show", "--orgin"}, "unknown option --orgin (did you mean --origin?)"},
      {{"sign", "--secert-file", "x", "GET", "/"}, "did you mean --secret-file?"},
      {{"version", "now"}, "too many arguments: now"},
      {{"sign"}, "required"},
      {{"config"}, "--help"},
      {{"--color", "green", "version"}, "--color"},
  };
  for (const Mistake& mistake : mistakes) {
    const Ran ran = run(mistake.arguments);
    EXPECT_EQ(ran.code, ExitCode::kUsage) << mistake.says;
    EXPECT_EQ(ran.out, "") << mistake.says;
    EXPECT_TRUE(ran.err.contains(mistake.says)) << ran.err;
  }
}

TEST_F(CommandLine, RefusesASecretInItsArgumentsAndDoesNotRepeatIt) {
  SystemRandom random;
  const std::string secret = KeyFormat().generate_secret(random);

  for (const std::string& argument :
       {secret, "--secret-file=" + secret, std::string("-----BEGIN PRIVATE KEY-----\nMC4")}) {
    const Ran ran = run({"sign", argument, "GET", "/api/v3/account"});
    EXPECT_EQ(ran.code, ExitCode::kUsage);
    EXPECT_TRUE(ran.err.contains("shell history"));
    EXPECT_FALSE((ran.out + ran.err).contains(secret));
  }
}

TEST_F(CommandLine, RefusesAnEnrolmentLinkInItsArgumentsAndDoesNotRepeatIt) {
  const std::string token(43, 'k');
  const std::string link = "https://console.example.com/enroll#e=" + token;

  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"enroll", link, "--out", "bot"},
        std::vector<std::string>{"enrol", "--link=" + link}}) {
    const Ran ran = run(arguments);
    EXPECT_EQ(ran.code, ExitCode::kUsage);
    EXPECT_TRUE(ran.err.contains("counterfoil enroll -"));
    EXPECT_FALSE((ran.out + ran.err).contains(token));
  }
}

TEST_F(CommandLine, GlobalFlagsStandBeforeOrAfterTheCommand) {
  const Ran before = run({"--json", "version"});
  const Ran after = run({"version", "--json"});
  const Ran flag = run({"--version", "--json"});

  EXPECT_EQ(before.out, after.out);
  EXPECT_EQ(before.out, flag.out);
  const auto version = nlohmann::json::parse(before.out);
  EXPECT_TRUE(version["version"].is_string());
  EXPECT_TRUE(version["libraries"]["openssl"].get<std::string>().starts_with("3."));
}

TEST_F(CommandLine, ColoursOnlyWhereAPersonLooks) {
  ::unsetenv("NO_COLOR");
  ::setenv("TERM", "xterm", 1);
  const std::vector<std::string> wrong{"config", "check", "--config", "none.toml"};
  const auto with = [&](std::vector<std::string> flags) {
    flags.insert(flags.begin(), wrong.begin(), wrong.end());
    return flags;
  };

  EXPECT_FALSE(run(wrong).err.contains('\x1b'));
  EXPECT_TRUE(run(wrong, {.out = true, .err = true}).err.contains('\x1b'));
  EXPECT_TRUE(run(with({"--color", "always"})).err.contains('\x1b'));
  EXPECT_FALSE(run(with({"--color", "never"}), {.out = true, .err = true}).err.contains('\x1b'));
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(run(wrong, {.out = true, .err = true}).err.contains('\x1b'));
  ::unsetenv("NO_COLOR");
  ::setenv("TERM", "dumb", 1);
  EXPECT_FALSE(run(wrong, {.out = true, .err = true}).err.contains('\x1b'));
}

TEST_F(CommandLine, WritesDataIntoANewFileAndNeverOverOne) {
  const Ran first = run({"version", "-o", "version.txt"});
  const Ran second = run({"version", "-o", "version.txt"});

  EXPECT_EQ(first.code, ExitCode::kDone);
  EXPECT_EQ(first.out, "");
  EXPECT_EQ(second.code, ExitCode::kCannotTell);
  EXPECT_TRUE(second.err.contains("never overwrites"));
  struct stat facts{};
  ASSERT_EQ(::stat("version.txt", &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777U, 0600U);
}

TEST_F(CommandLine, ShowsWhereEachSettingComesFrom) {
  std::ofstream("own.toml") << "[rest]\nthreads = 7\n";
  ::chmod("own.toml", 0600);

  const Ran ran = run({"config", "show", "--json", "--config", "own.toml", "--data", "/somewhere"});

  ASSERT_EQ(ran.code, ExitCode::kDone) << ran.err;
  const auto shown = nlohmann::json::parse(ran.out);
  EXPECT_EQ(shown["rest.threads"]["value"], "7");
  EXPECT_EQ(shown["rest.threads"]["origin"], "file own.toml:2");
  EXPECT_EQ(shown["node.data"]["origin"], "flag --data");
  EXPECT_EQ(shown["log.level"]["origin"], "default");
}

TEST_F(CommandLine, ChecksAConfiguration) {
  std::ofstream("good.toml") << "[rest]\nthreads = 7\n";
  std::ofstream("bad.toml") << "[rest]\nthreads = 700\n";
  ::chmod("good.toml", 0600);
  ::chmod("bad.toml", 0600);

  EXPECT_EQ(run({"config", "check", "--config", "good.toml"}).code, ExitCode::kDone);
  const Ran bad = run({"config", "check", "--config", "bad.toml"});
  EXPECT_EQ(bad.code, ExitCode::kUsage);
  EXPECT_TRUE(bad.err.contains("bad.toml:2"));
}

TEST_F(CommandLine, ServeNeedsADataDirectory) {
  const Ran ran = run({"serve", "--data", "nowhere"});

  EXPECT_EQ(ran.code, ExitCode::kUsage);
  EXPECT_TRUE(ran.err.contains("counterfoil init --data 'nowhere'"));
}

TEST_F(CommandLine, CompletionKnowsEveryShellAndNoOther) {
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const Ran ran = run({"completion", shell});
    EXPECT_EQ(ran.code, ExitCode::kDone);
    EXPECT_TRUE(ran.out.contains("config check") || shell == "fish");
    EXPECT_TRUE(ran.out.contains("origin"));
  }
  EXPECT_EQ(run({"completion", "cmd"}).code, ExitCode::kUsage);
}

TEST(CommandContext, KeepsTheFirstFailuresCode) {
  std::ostringstream out;
  std::ostringstream err;
  CommandContext context(out, err, {});

  context.fail({ExitCode::kCannotTell, "the first"});
  context.fail({ExitCode::kUsage, "the second"});

  EXPECT_EQ(context.exit_code(), ExitCode::kCannotTell);
  EXPECT_EQ(err.str(), "counterfoil: the first\ncounterfoil: the second\n");
}

TEST(CommandContext, QuietLeavesDataAndProblems) {
  std::ostringstream out;
  std::ostringstream err;
  CommandContext context(out, err, {});
  context.flags.quiet = true;

  context.say("talk");
  context.note(Mark::kDone, "well");
  context.note(Mark::kProblem, "wrong");
  context.data("data");

  EXPECT_EQ(out.str(), "data\n");
  EXPECT_EQ(err.str(), "✕ wrong\n");
}

TEST(CommandContext, AsksNobodyWithoutInput) {
  std::ostringstream out;
  std::ostringstream err;
  CommandContext context(out, err, {});
  context.flags.no_input = true;
  const auto answer = context.confirm("Revoke it?");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ExitCode::kUsage);
  EXPECT_TRUE(answer.error().sentence.contains("--yes"));

  context.flags.yes = true;
  EXPECT_TRUE(context.confirm("Revoke it?").value_or(false));
}

}  // namespace
}  // namespace counterfoil
