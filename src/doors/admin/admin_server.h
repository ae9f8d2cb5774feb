#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "doors/admin/admin_socket.h"
#include "doors/calls/call_connection.h"
#include "doors/calls/descriptor.h"
#include "doors/management/management_api.h"

namespace counterfoil {

// AdminServer speaks the management API over a local UNIX socket: HTTP/1.1, root and the node's own
// user only (the socket's mode keeps others from connecting, the peer's credentials are checked as
// well). Threads of its own, because calls wait for the store and for event loops: as many as
// connections are served at once.
class AdminServer {
 public:
  struct Options {
    CallLimits limits = {};
    std::size_t connections_max = 8;  // more wait in the kernel's queue
    uid_t own_uid = ::geteuid();
  };

  // start listens at `path`; requests are served from the moment it returns. `api` and `random`
  // must outlive the server.
  [[nodiscard]] static std::expected<std::unique_ptr<AdminServer>, AdminSocketError> start(
      const std::string& path, const ManagementApi& api, RandomSource& random, Options options);
  [[nodiscard]] static std::expected<std::unique_ptr<AdminServer>, AdminSocketError> start(
      const std::string& path, const ManagementApi& api, RandomSource& random) {
    return start(path, api, random, Options{});
  }

  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;
  AdminServer(AdminServer&&) = delete;
  AdminServer& operator=(AdminServer&&) = delete;
  // The destructor lets calls that are being carried out answer, closes everything else, and
  // removes the socket.
  ~AdminServer();

  [[nodiscard]] const std::string& path() const { return socket_.path(); }

 private:
  AdminServer(AdminSocket socket, Descriptor stop, const ManagementApi& api, RandomSource& random,
              Options options);
  void serve_connections();
  void serve(const Descriptor& peer, RequestIdSource& ids) const;

  AdminSocket socket_;
  Descriptor stop_;  // an eventfd: readable once everything is to end
  const ManagementApi& api_;
  RandomSource& random_;
  Options options_;
  std::vector<std::jthread> threads_;
};

}  // namespace counterfoil
