#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_map>

#include "net/message_head.h"
#include "net/poll_set.h"

namespace counterfoil {

// kUpstreamBodyBytes is the size of the body of every answer: that of a small order status.
inline constexpr std::size_t kUpstreamBodyBytes = 118;

// Upstream answers every request on its port with the same 200 and the same body, over keep-alive
// connections, pipelined or not. It reads request bodies with a Content-Length and ignores them; a
// request it cannot measure (chunked, too long) ends the connection. One thread.
class Upstream {
 public:
  // listen binds 127.0.0.1; port 0 takes a free one.
  [[nodiscard]] static std::expected<Upstream, std::error_code> listen(std::uint16_t port);

  [[nodiscard]] std::uint16_t port() const { return port_; }

  // serve runs until `stop` is set, which a signal handler may do.
  void serve(const std::atomic<bool>& stop);

 private:
  struct Client {
    Descriptor socket;
    std::string received;  // the beginning of a request whose rest is to come
    std::string unsent;    // answers the kernel did not take yet
    bool waits_to_write = false;
  };
  Upstream(Descriptor listener, std::uint16_t port);
  void accept_clients();
  // receive and flush, false: the connection is to be closed.
  [[nodiscard]] bool receive(Client& client);
  // answer_all gives how many bytes the whole requests at the start of `bytes` took; nullopt: it
  // cannot be measured.
  [[nodiscard]] static std::optional<std::size_t> answer_all(std::string_view bytes,
                                                             Client& client);
  [[nodiscard]] bool flush(Client& client);

  Descriptor listener_;
  std::uint16_t port_;
  std::unique_ptr<PollSet> polls_;
  using Chunk = std::array<char, kMessageHeadBytesMax>;
  std::unique_ptr<Chunk> chunk_;                       // not on the stack: that is zeroed each time
  std::unordered_map<std::uint64_t, Client> clients_;  // by descriptor
};

}  // namespace counterfoil
