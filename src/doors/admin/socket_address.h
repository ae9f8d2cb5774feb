#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <optional>
#include <string>

#include "doors/calls/descriptor.h"

namespace counterfoil {

// SocketAddress is the path of a UNIX socket in the kernel's form, which has room for 107 bytes. A
// longer path is reached through its directory, opened, under /proc/self/fd, so that it does not
// matter how deep a data directory lies.
class SocketAddress {
 public:
  // of gives nullopt when the path is empty or holds a NUL, or is long and its directory cannot be
  // opened (errno says why).
  [[nodiscard]] static std::optional<SocketAddress> of(const std::string& path);

  [[nodiscard]] const sockaddr* get() const {
    return reinterpret_cast<const sockaddr*>(&address_);  // as the sockets API wants it
  }
  [[nodiscard]] socklen_t size() const { return sizeof(address_); }

 private:
  SocketAddress() = default;
  sockaddr_un address_{};
  Descriptor directory_;  // while the address is in use
};

}  // namespace counterfoil
