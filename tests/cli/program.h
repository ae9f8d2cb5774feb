#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

// For tests alone: the built program, run as a person runs it.
namespace counterfoil::cli_test {

// Ran is what one run of the program left behind.
struct Ran {
  int code = -1;  // 128 + n when signal n ended it
  std::string out;
  std::string err;
};

// Folder is a new directory (0700) that is removed with everything in it.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  Folder(Folder&&) = delete;
  Folder& operator=(Folder&&) = delete;
  ~Folder();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const {
    return (path_ / name).string();
  }

 private:
  std::filesystem::path path_;
};

// run runs the program to its end with `input` as its standard input. No terminal: it is started in
// a session of its own, so that /dev/tty cannot be opened.
[[nodiscard]] Ran run(const std::vector<std::string>& arguments, const std::string& input = "");

[[nodiscard]] std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& text);

// Node is `counterfoil serve` in a data directory of its own, from the constructor to the
// destructor.
class Node {
 public:
  Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  Node(Node&&) = delete;
  Node& operator=(Node&&) = delete;
  ~Node();

  [[nodiscard]] const std::string& gateway() const { return gateway_; }
  [[nodiscard]] const std::string& admin_socket() const { return admin_socket_; }
  // run adds --admin-socket.
  [[nodiscard]] Ran run(std::vector<std::string> arguments, const std::string& input = "") const;
  // stop ends it with SIGTERM and gives its exit code.
  int stop();

 private:
  Folder folder_;
  pid_t process_ = -1;
  std::string gateway_;
  std::string admin_socket_;
};

}  // namespace counterfoil::cli_test
