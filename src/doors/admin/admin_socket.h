#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "doors/calls/descriptor.h"

namespace counterfoil {

// AdminSocketError says why there is no admin socket, in one sentence with the next step.
struct AdminSocketError {
  enum class Kind : std::uint8_t {
    kInUse,            // another node listens there
    kDirectoryUnsafe,  // missing, or others may write to it
    kFileInTheWay,     // what stands there is no socket of ours
    kSystem,
  };
  Kind kind = Kind::kSystem;
  std::string sentence;
};

// AdminSocket is a listening UNIX socket with mode 0600 in a directory that only its owner may
// write to. While it lives it holds a lock on "<path>.lock", so that of two nodes with one path the
// second is refused; a socket file that a crashed node left behind is replaced. The destructor
// removes the socket, not the lock file.
class AdminSocket {
 public:
  [[nodiscard]] static std::expected<AdminSocket, AdminSocketError> listen(const std::string& path);

  AdminSocket(const AdminSocket&) = delete;
  AdminSocket& operator=(const AdminSocket&) = delete;
  AdminSocket(AdminSocket&&) noexcept = default;
  AdminSocket& operator=(AdminSocket&&) noexcept = delete;
  ~AdminSocket();

  [[nodiscard]] int descriptor() const { return socket_.number(); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  AdminSocket(std::string path, Descriptor lock, Descriptor socket)
      : path_(std::move(path)), lock_(std::move(lock)), socket_(std::move(socket)) {}

  std::string path_;
  Descriptor lock_;
  Descriptor socket_;
};

}  // namespace counterfoil
