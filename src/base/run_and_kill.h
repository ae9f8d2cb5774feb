#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill() is POSIX
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

// For tests alone: what kill -9 leaves behind of a program that writes to a store.
namespace counterfoil {

// Acknowledged reads numbers, one a line, and remembers the newest whole one.
class Acknowledged {
 public:
  // read gives false at the end of the output.
  bool read(int output) {
    std::array<char, 256> buffer{};
    const ssize_t got = ::read(output, buffer.data(), buffer.size());
    if (got <= 0) {
      return false;
    }
    for (const char c : std::string_view(buffer.data(), static_cast<std::size_t>(got))) {
      if (c != '\n') {
        line_ += c;
        continue;
      }
      newest_ = std::stoull(line_);
      line_.clear();
      ++count_;
    }
    return true;
  }
  [[nodiscard]] std::uint64_t newest() const { return newest_; }
  [[nodiscard]] int count() const { return count_; }

 private:
  std::string line_;
  std::uint64_t newest_ = 0;
  int count_ = 0;
};

// run_and_kill starts `program` on `store`, kills it (SIGKILL) once it has printed `after` numbers,
// each of them something that it was told is durable, and gives the newest it printed before it
// died.
inline std::uint64_t run_and_kill(const char* program, const std::filesystem::path& store,
                                  int after) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    ADD_FAILURE() << "no pipe";
    return 0;
  }
  const std::string path = store.string();
  const pid_t process = fork();
  if (process == 0) {
    dup2(ends[1], STDOUT_FILENO);
    execl(program, program, path.c_str(), nullptr);
    _exit(127);
  }
  close(ends[1]);
  Acknowledged acknowledged;
  while (acknowledged.count() < after && acknowledged.read(ends[0])) {
  }
  kill(process, SIGKILL);
  while (acknowledged.read(ends[0])) {  // What it had said before it died counts.
  }
  int status = 0;
  waitpid(process, &status, 0);
  close(ends[0]);
  EXPECT_TRUE(WIFSIGNALED(status)) << "it ended by itself, with " << WEXITSTATUS(status);
  return acknowledged.newest();
}

}  // namespace counterfoil
