#include "doors/admin/admin_socket.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <expected>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "doors/admin/socket_address.h"
#include "doors/calls/descriptor.h"

namespace counterfoil {
namespace {

using Kind = AdminSocketError::Kind;

constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;
constexpr int kWaitingMax = 16;

std::unexpected<AdminSocketError> error(Kind kind, std::string sentence) {
  return std::unexpected(AdminSocketError{.kind = kind, .sentence = std::move(sentence)});
}

std::unexpected<AdminSocketError> system_error(const std::string& what) {
  return error(Kind::kSystem,
               what + ": " + std::error_code(errno, std::generic_category()).message());
}

std::unexpected<AdminSocketError> in_use(const std::string& path) {
  return error(Kind::kInUse, "a node is running already and has the admin socket " + path +
                                 "; stop it first, or give this one another --data directory");
}

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

// check_directory: whoever may write to the directory could put another socket in our place
// (control S-08).
std::expected<void, AdminSocketError> check_directory(const std::string& directory) {
  struct stat facts{};
  if (::stat(directory.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) {
    return error(Kind::kDirectoryUnsafe,
                 "the admin socket's directory " + directory +
                     " is not there; `counterfoil init` makes the data directory");
  }
  if (facts.st_uid != ::geteuid() && facts.st_uid != 0) {
    return error(Kind::kDirectoryUnsafe, "the admin socket's directory " + directory +
                                             " belongs to another user; choose one of your own");
  }
  if ((facts.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return error(Kind::kDirectoryUnsafe, "others may write to the admin socket's directory " +
                                             directory + "; run `chmod go-w " + directory +
                                             "` first");
  }
  return {};
}

std::expected<Descriptor, AdminSocketError> lock(const std::string& path) {
  const std::string file = path + ".lock";
  Descriptor held(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kOwnerOnly));
  if (!held.is_open()) {
    return system_error("cannot open " + file);
  }
  if (::flock(held.number(), LOCK_EX | LOCK_NB) != 0) {
    return errno == EWOULDBLOCK ? in_use(path) : system_error("cannot lock " + file);
  }
  return held;
}

// answers reports whether anybody listens at `address`: a node of an older version without the
// lock, or another program.
bool answers(const SocketAddress& address) {
  const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  return probe.is_open() &&
         (::connect(probe.number(), address.get(), address.size()) == 0 || errno == EAGAIN);
}

// clear_way removes what a crashed node left behind, and nothing else.
std::expected<void, AdminSocketError> clear_way(const std::string& path,
                                                const SocketAddress& address) {
  struct stat facts{};
  if (::lstat(path.c_str(), &facts) != 0) {
    return errno == ENOENT ? std::expected<void, AdminSocketError>{}
                           : system_error("cannot look at " + path);
  }
  if (!S_ISSOCK(facts.st_mode) || facts.st_uid != ::geteuid()) {
    return error(Kind::kFileInTheWay,
                 path +
                     " is in the way: it is no admin socket of this user; move it away, or set "
                     "admin.socket to another path");
  }
  if (answers(address)) {
    return in_use(path);
  }
  if (::unlink(path.c_str()) != 0) {
    return system_error("cannot remove the old socket " + path);
  }
  return {};
}

std::expected<Descriptor, AdminSocketError> bound(const std::string& path,
                                                  const SocketAddress& address) {
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  // Linux gives the file the mode of the unbound socket, so it is never open to others, not even
  // for a moment and whatever the umask.
  if (!socket.is_open() || ::fchmod(socket.number(), kOwnerOnly) != 0 ||
      ::bind(socket.number(), address.get(), address.size()) != 0) {
    return system_error("cannot make the admin socket " + path);
  }
  struct stat facts{};
  if (::lstat(path.c_str(), &facts) != 0 || (facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    ::unlink(path.c_str());
    return error(Kind::kSystem, "the admin socket " + path +
                                    " came out open to other users; nothing listens there");
  }
  if (::listen(socket.number(), kWaitingMax) != 0) {
    ::unlink(path.c_str());
    return system_error("cannot listen at " + path);
  }
  return socket;
}

}  // namespace

std::expected<AdminSocket, AdminSocketError> AdminSocket::listen(const std::string& path) {
  if (const auto fine = check_directory(directory_of(path)); !fine) {
    return std::unexpected(fine.error());
  }
  const auto address = SocketAddress::of(path);
  if (!address) {
    return error(Kind::kSystem, "\"" + path + "\" cannot be the path of a socket");
  }
  auto held = lock(path);
  if (!held) {
    return std::unexpected(held.error());
  }
  if (const auto fine = clear_way(path, *address); !fine) {
    return std::unexpected(fine.error());
  }
  auto socket = bound(path, *address);
  if (!socket) {
    return std::unexpected(socket.error());
  }
  return AdminSocket(path, std::move(*held), std::move(*socket));
}

AdminSocket::~AdminSocket() {
  if (socket_.is_open()) {
    ::unlink(path_.c_str());
  }
}

}  // namespace counterfoil
