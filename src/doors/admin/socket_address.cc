#include "doors/admin/socket_address.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <optional>
#include <string>

#include "doors/calls/descriptor.h"

namespace counterfoil {

std::optional<SocketAddress> SocketAddress::of(const std::string& path) {
  SocketAddress made;
  made.address_.sun_family = AF_UNIX;
  std::string written = path;
  if (path.empty() || path.contains('\0')) {
    return std::nullopt;
  }
  if (written.size() >= sizeof(made.address_.sun_path)) {
    const auto slash = path.rfind('/');
    const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    made.directory_ = Descriptor(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    written = "/proc/self/fd/" + std::to_string(made.directory_.number()) + "/" +
              path.substr(slash == std::string::npos ? 0 : slash + 1);
    if (!made.directory_.is_open() || written.size() >= sizeof(made.address_.sun_path)) {
      return std::nullopt;
    }
  }
  std::ranges::copy(written, made.address_.sun_path);
  return made;
}

}  // namespace counterfoil
