// The verifiers that people copy, each over all published vectors. Where a language is not on this
// machine its test is skipped and says so.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/hex.h"
#include "vectors.h"

namespace counterfoil {
namespace {

using nlohmann::json;
using Words = std::vector<std::string>;

constexpr std::string_view kExamples = COUNTERFOIL_SOURCE_DIR "/examples/upstream/";

// Folder is a temporary folder that goes with the test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "counterfoil-upstream-XXXXXX");
    path_ = ::mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  Folder(Folder&&) = delete;
  Folder& operator=(Folder&&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string file(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// input writes the vectors as the verifiers read them (examples/upstream/README.md).
std::string input() {
  std::string lines;
  for (const json& row : upstream_vectors()["secrets"]) {
    lines +=
        "secret\t" + row["kid"].get<std::string>() + "\t" + row["secret"].get<std::string>() + "\n";
  }
  for (const json& row : upstream_vectors()["cases"]) {
    lines += "request\t" + row["now_ms"].dump() + "\t" + row["method"].get<std::string>() + "\t" +
             row["target"].get<std::string>() + "\t" +
             to_hex(as_bytes(row["body"].get_ref<const std::string&>()));
    for (const json& field : row["headers"]) {
      lines += "\t" + field[0].get<std::string>() + "\t" + field[1].get<std::string>();
    }
    lines += "\n";
  }
  return lines;
}

std::vector<char*> pointers(Words& words) {
  std::vector<char*> all;
  for (std::string& word : words) {
    all.push_back(word.data());
  }
  all.push_back(nullptr);
  return all;
}

Words environment_with(const Words& more) {
  Words all = more;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    all.emplace_back(*entry);
  }
  return all;
}

struct Run {
  int status = -1;
  std::string out;
  std::string err;
};

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// run starts a program of PATH with `in` as its input and waits for its end. ctest's time limit
// ends one that hangs.
Run run(Words command, const Words& environment, std::string_view in) {
  const Folder folder;
  std::ofstream(folder.file("in")) << in;
  constexpr int kNewFile = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, folder.file("in").c_str(), O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, 1, folder.file("out").c_str(), kNewFile, 0600);
  ::posix_spawn_file_actions_addopen(&actions, 2, folder.file("err").c_str(), kNewFile, 0600);
  Words variables = environment_with(environment);
  pid_t child = -1;
  const int fault = ::posix_spawnp(&child, command.front().c_str(), &actions, nullptr,
                                   pointers(command).data(), pointers(variables).data());
  ::posix_spawn_file_actions_destroy(&actions);
  Run result;
  if (fault == 0 && ::waitpid(child, &result.status, 0) == child) {
    result.out = read_file(folder.file("out"));
    result.err = read_file(folder.file("err"));
  }
  return result;
}

bool is_there(const Words& asking) { return run(asking, {}, "").status == 0; }

void expect_all_cases(const Words& command, const Words& environment = {}) {
  const Run result = run(command, environment, input());
  ASSERT_EQ(result.status, 0) << result.err;
  std::istringstream out(result.out);
  const Words verdicts(std::istream_iterator<std::string>(out), {});
  const json& cases = upstream_vectors()["cases"];
  ASSERT_EQ(verdicts.size(), cases.size()) << result.err;
  for (std::size_t at = 0; at < cases.size(); ++at) {
    EXPECT_EQ(verdicts[at], cases[at]["expect"].get<std::string>()) << cases[at]["name"];
  }
}

TEST(UpstreamVerifier, Cpp) { expect_all_cases({UPSTREAM_VERIFIER_CPP}); }

TEST(UpstreamVerifier, Node) {
  if (!is_there({"node", "--version"})) {
    GTEST_SKIP() << "no Node.js on this machine (package nodejs): examples/upstream/node is not "
                    "tested";
  }
  expect_all_cases({"node", std::string(kExamples) + "node/verify.mjs"});
}

TEST(UpstreamVerifier, Java) {
  // The compiler has to be there, too: the file is run from its source.
  if (!is_there({"javac", "-version"})) {
    GTEST_SKIP() << "no Java compiler on this machine (package default-jdk-headless): "
                    "examples/upstream/java is not tested";
  }
  expect_all_cases({"java", std::string(kExamples) + "java/Verify.java"});
}

TEST(UpstreamVerifier, Go) {
  if (!is_there({"go", "version"})) {
    GTEST_SKIP() << "no Go on this machine (package golang-go): examples/upstream/go is not tested";
  }
  expect_all_cases({"go", "run", std::string(kExamples) + "go/verify.go"},
                   {"GOCACHE=" UPSTREAM_GO_CACHE, "GO111MODULE=off", "GOPROXY=off", "GOFLAGS="});
}

}  // namespace
}  // namespace counterfoil
