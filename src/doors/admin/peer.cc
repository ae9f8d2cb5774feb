#include "doors/admin/peer.h"

#include <sys/socket.h>
#include <sys/types.h>

#include <optional>

namespace counterfoil {

std::optional<uid_t> peer_uid(int socket) {
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0 ||
      size != sizeof(credentials)) {
    return std::nullopt;
  }
  return credentials.uid;
}

}  // namespace counterfoil
