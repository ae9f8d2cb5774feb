#pragma once

#include <sys/types.h>

#include <optional>

namespace counterfoil {

// peer_uid is who opened the other end of a connected UNIX socket, as the kernel noted it then.
// nullopt: the kernel does not say.
[[nodiscard]] std::optional<uid_t> peer_uid(int socket);

// may_enter: the node's own user and root, nobody else.
[[nodiscard]] constexpr bool may_enter(uid_t peer, uid_t own) { return peer == 0 || peer == own; }

}  // namespace counterfoil
