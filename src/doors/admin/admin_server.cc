#include "doors/admin/admin_server.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "authority/issuer.h"
#include "authority/request_ids.h"
#include "base/random.h"
#include "doors/admin/admin_socket.h"
#include "doors/admin/peer.h"
#include "doors/calls/call_connection.h"
#include "doors/calls/descriptor.h"
#include "doors/calls/timed_stream.h"
#include "doors/management/api_call.h"
#include "doors/management/management_api.h"
#include "wire/http/request_head.h"

namespace counterfoil {
namespace {

constexpr int kNoDescriptorPauseMs = 100;
constexpr std::chrono::seconds kRefusedPatience{1};

// PeerCalls hands the calls of one peer of the socket to the API.
class PeerCalls final : public CallHandler {
 public:
  PeerCalls(const ManagementApi& api, Actor actor) : api_(api), actor_(std::move(actor)) {}

  [[nodiscard]] std::size_t body_bytes_max(const http::RequestHead& head) const override {
    return ManagementApi::body_bytes_max(head.method(), head.path());
  }
  [[nodiscard]] ApiAnswer answer(const http::RequestHead& head, std::string_view body,
                                 std::string_view request_id) override {
    return api_.answer({.method = head.method(),
                        .path = head.path(),
                        .query = head.query(),
                        .content_type = single_content_type(head),
                        .if_match = head.find("if-match").value_or(""),
                        .body = body,
                        .request_id = request_id,
                        .actor = actor_});
  }

 private:
  const ManagementApi& api_;
  Actor actor_;
};

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
  for (std::size_t i = 0; i < options_.connections_max; ++i) {
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
  TimedStream stream(peer.number(), stop_.number());
  const auto uid = peer_uid(peer.number());
  PeerCalls calls(api_,
                  {.name = "socket:uid=" + (uid ? std::to_string(*uid) : "?"), .source = "local"});
  CallConnection connection(stream, calls, options_.limits, ids);
  if (uid && may_enter(*uid, options_.own_uid)) {
    connection.serve();
    return;
  }
  const auto id = ids.next();
  connection.say(
      problem_answer(403, "peer_refused",
                     "only root and the user that runs the node may use its admin socket",
                     id.text()),
      id.text(), kRefusedPatience);
}

}  // namespace counterfoil
