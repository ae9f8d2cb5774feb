#include "program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace counterfoil::cli_test {
namespace {

// What the program sees of the environment: nothing of the machine's own settings.
constexpr std::array kEnvironment{"PATH=/usr/bin:/bin",
                                  "LANG=C.UTF-8",
                                  "TERM=dumb",
                                  "COUNTERFOIL_REST_LISTEN=127.0.0.1:0",
                                  "COUNTERFOIL_CONSOLE_LISTEN=",
                                  "COUNTERFOIL_NODE_ALLOW_UNLOCKED_MEMORY=true"};

pid_t spawn(const std::vector<std::string>& arguments, int in, int out, int err) {
  std::vector<char*> argv{const_cast<char*>("counterfoil")};  // posix_spawn does not write to them
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  std::vector<char*> environment;
  for (const char* const variable : kEnvironment) {
    environment.push_back(const_cast<char*>(variable));
  }
  environment.push_back(nullptr);

  posix_spawn_file_actions_t files{};
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&files, err, STDERR_FILENO);
  posix_spawnattr_t attributes{};
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  pid_t child = -1;
  const int failed = ::posix_spawn(&child, COUNTERFOIL_PROGRAM, &files, &attributes, argv.data(),
                                   environment.data());
  ::posix_spawn_file_actions_destroy(&files);
  ::posix_spawnattr_destroy(&attributes);
  EXPECT_EQ(failed, 0) << COUNTERFOIL_PROGRAM << " cannot be started";
  return failed == 0 ? child : -1;
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Folder::Folder() {
  std::string name = testing::TempDir() + "counterfoil-cli-XXXXXX";
  path_ = ::mkdtemp(name.data());
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string read_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write_file(const std::string& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  ASSERT_GE(file, 0);
  EXPECT_EQ(::write(file, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  ::close(file);
}

Ran run(const std::vector<std::string>& arguments, const std::string& input) {
  const Folder folder;
  write_file(folder / "in", input);
  const int in = ::open((folder / "in").c_str(), O_RDONLY | O_CLOEXEC);
  const int out = ::open((folder / "out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const int err = ::open((folder / "err").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const pid_t child = spawn(arguments, in, out, err);
  for (const int file : {in, out, err}) {
    ::close(file);
  }
  const int code = child < 0 ? -1 : wait_for(child);
  return {.code = code, .out = read_file(folder / "out"), .err = read_file(folder / "err")};
}

Node::Node() {
  const std::string data = folder_ / "data";
  const Ran made = cli_test::run({"init", "--data", data});
  EXPECT_EQ(made.code, 0) << made.err;
  std::array<int, 2> pipe{};
  EXPECT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  const int log = ::open((folder_ / "log").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  process_ = spawn({"serve", "--data", data, "--json"}, nothing, pipe[1], log);
  for (const int file : {nothing, log, pipe[1]}) {
    ::close(file);
  }
  std::string line;
  for (char byte = 0; ::read(pipe[0], &byte, 1) == 1 && byte != '\n';) {
    line += byte;
  }
  ::close(pipe[0]);
  const auto facts = nlohmann::json::parse(line, nullptr, false);
  if (!facts.is_object()) {
    ADD_FAILURE() << "the node did not start: " << read_file(folder_ / "log");
    return;
  }
  gateway_ = facts.value("gateway", "");
  admin_socket_ = facts.value("admin_socket", "");
}

Node::~Node() { stop(); }

int Node::stop() {
  const pid_t process = std::exchange(process_, -1);
  if (process < 0) {
    return -1;
  }
  ::kill(process, SIGTERM);
  return wait_for(process);
}

Ran Node::run(std::vector<std::string> arguments, const std::string& input) const {
  arguments.insert(arguments.end(), {"--admin-socket", admin_socket_});
  return cli_test::run(arguments, input);
}

}  // namespace counterfoil::cli_test
