#include "doors/admin/admin_server.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <utility>

#include "authority/issuer.h"
#include "authority/request_ids.h"
#include "base/random.h"
#include "doors/admin/admin_connection.h"
#include "doors/admin/admin_socket.h"
#include "doors/admin/descriptor.h"
#include "doors/admin/peer.h"
#include "doors/admin/timed_stream.h"
#include "doors/management/management_api.h"

namespace counterfoil {
namespace {

constexpr int kNoDescriptorPauseMs = 100;

}  // namespace

std::expected<std::unique_ptr<AdminServer>, AdminSocketError> AdminServer::start(
    const std::string& path, const ManagementApi& api, RandomSource& random, Options options) {
  auto socket = AdminSocket::listen(path);
  if (!socket) {
    return std::unexpected(std::move(socket.error()));
  }
  Descriptor stop(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stop.is_open()) {
    return std::unexpected(AdminSocketError{.kind = AdminSocketError::Kind::kSystem,
                                            .sentence = "no file descriptor is left; raise the "
                                                        "limit of open files (ulimit -n)"});
  }
  return std::unique_ptr<AdminServer>(
      new AdminServer(std::move(*socket), std::move(stop), api, random, options));
}

AdminServer::AdminServer(AdminSocket socket, Descriptor stop, const ManagementApi& api,
                         RandomSource& random, Options options)
    : socket_(std::move(socket)),
      stop_(std::move(stop)),
      api_(api),
      random_(random),
      options_(options) {
  for (std::size_t i = 0; i < options_.limits.connections_max; ++i) {
    threads_.emplace_back([this] { serve_connections(); });
  }
}

AdminServer::~AdminServer() {
  constexpr std::uint64_t kOne = 1;
  (void)!::write(stop_.number(), &kOne, sizeof(kOne));
  threads_.clear();  // joins
}

void AdminServer::serve_connections() {
  RequestIdSource ids(random_);
  std::array<pollfd, 2> watched{pollfd{.fd = socket_.descriptor(), .events = POLLIN, .revents = 0},
                                pollfd{.fd = stop_.number(), .events = POLLIN, .revents = 0}};
  while (true) {
    if (::poll(watched.data(), watched.size(), -1) < 0) {
      if (errno == EINTR) {
        continue;
      }
      return;
    }
    if (watched[1].revents != 0) {
      return;
    }
    // Of all waiting threads one gets the connection, the others find none and wait on.
    const Descriptor peer(
        ::accept4(socket_.descriptor(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (peer.is_open()) {
      serve(peer, ids);
    } else if (errno == EMFILE || errno == ENFILE) {
      ::poll(&watched[1], 1, kNoDescriptorPauseMs);  // the connection waits until one is free
    }
  }
}

void AdminServer::serve(const Descriptor& peer, RequestIdSource& ids) const {
  const TimedStream stream(peer.number(), stop_.number());
  const auto uid = peer_uid(peer.number());
  if (!uid || !may_enter(*uid, options_.own_uid)) {
    send_refused_peer(stream, ids.next().text());
    return;
  }
  AdminConnection(stream, api_, options_.limits, ids,
                  Actor{.name = "socket:uid=" + std::to_string(*uid), .source = "local"})
      .serve();
}

}  // namespace counterfoil
