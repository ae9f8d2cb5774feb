#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "doors/net/input_buffer.h"
#include "doors/net/loop.h"
#include "doors/net/outbox.h"
#include "doors/net/stream.h"
#include "doors/net/timer_wheel.h"
#include "doors/net/tls.h"
#include "verify/reason.h"

namespace counterfoil {

class UpstreamConnection;

// UpstreamUser is a request that needs, or has, a connection to the upstream.
class UpstreamUser {
 public:
  // Loss says how a connection ended.
  enum class Loss : std::uint8_t {
    kClosed,  // by the upstream, in good order
    kBroken,
  };

  UpstreamUser() = default;
  UpstreamUser(const UpstreamUser&) = delete;
  UpstreamUser& operator=(const UpstreamUser&) = delete;
  UpstreamUser(UpstreamUser&&) = delete;
  UpstreamUser& operator=(UpstreamUser&&) = delete;

  // on_upstream_ready: the connection waited for is there. It belongs to the user from now on.
  virtual void on_upstream_ready(UpstreamConnection& connection) = 0;
  // on_upstream_refused: there is none to be had.
  virtual void on_upstream_refused(Reason reason) = 0;
  // on_upstream_bytes: more was received. Nothing further is read before read_more().
  virtual void on_upstream_bytes() = 0;
  // on_upstream_lost: the connection is of no use any more; discard it.
  virtual void on_upstream_lost(Loss loss) = 0;

 protected:
  ~UpstreamUser() = default;
};

// UpstreamKeeper is told what happens to connections that no request has: the pool.
class UpstreamKeeper {
 public:
  UpstreamKeeper() = default;
  UpstreamKeeper(const UpstreamKeeper&) = delete;
  UpstreamKeeper& operator=(const UpstreamKeeper&) = delete;
  UpstreamKeeper(UpstreamKeeper&&) = delete;
  UpstreamKeeper& operator=(UpstreamKeeper&&) = delete;

  virtual void on_connected(UpstreamConnection& connection) = 0;
  virtual void on_connect_failed(UpstreamConnection& connection) = 0;
  // on_idle_lost: the upstream closed a kept connection, or sent bytes nobody had asked for.
  virtual void on_idle_lost(UpstreamConnection& connection) = 0;

 protected:
  ~UpstreamKeeper() = default;
};

// UpstreamConnection is one connection to the upstream. It serves one request at a time, and reads
// all the time, so that it notices when the upstream closes it. Belongs to its loop's thread.
class UpstreamConnection final
    : public boost::intrusive_ref_counter<UpstreamConnection, boost::thread_unsafe_counter> {
 public:
  using Pointer = boost::intrusive_ptr<UpstreamConnection>;
  using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

  // A null `tls` means plain. `target` is the place of its target in the upstream's list. loop and
  // keeper must outlive it.
  UpstreamConnection(net::Loop& loop, UpstreamKeeper& keeper, const net::TlsContext& tls,
                     std::size_t target);
  UpstreamConnection(const UpstreamConnection&) = delete;
  UpstreamConnection& operator=(const UpstreamConnection&) = delete;
  UpstreamConnection(UpstreamConnection&&) = delete;
  UpstreamConnection& operator=(UpstreamConnection&&) = delete;
  ~UpstreamConnection() = default;

  // connect tries the endpoints in turn, beginning with `first`, and tells the keeper. `host` is
  // who the certificate must be of.
  void connect(Endpoints endpoints, std::size_t first, std::string host,
               std::chrono::milliseconds time_max);
  void close();

  // attach hands the connection to a request.
  void attach(UpstreamUser& user) { user_ = &user; }
  // detach takes it away again, after a whole answer or before anything was sent, and waits for
  // what the upstream does.
  void detach();
  // may_carry_more reports whether another request may follow: nothing is unread or unsent.
  [[nodiscard]] bool may_carry_more() const {
    return is_open_ && input_.empty() && !outbox_.is_busy();
  }
  // looks_alive asks the kernel whether the upstream has closed already. TLS: whether it has sent
  // anything.
  [[nodiscard]] bool looks_alive() const;

  // send sends a request. Before it returns, the kernel has the first byte, or the connection is
  // lost (false).
  [[nodiscard]] bool send(std::string_view head, std::string_view body);
  [[nodiscard]] std::string_view received() const { return input_.received(); }
  void consume(std::size_t size) { input_.consume(size); }
  // read_more: on_upstream_bytes() will be called when more was received. Views of received() end.
  // false: the buffer is full.
  [[nodiscard]] bool read_more();

  [[nodiscard]] std::size_t target() const { return target_; }
  [[nodiscard]] bool is_reused() const { return requests_ > 1; }
  // sent_at is when the last request was sent.
  [[nodiscard]] BootTime sent_at() const { return sent_at_; }
  [[nodiscard]] BootTime idle_since() const { return idle_since_; }
  [[nodiscard]] bool is_open() const { return is_open_; }

 private:
  void try_endpoint();
  void on_connect(const boost::system::error_code& fault);
  void shake_hands();
  void connected();
  void connect_failed();
  void arm_read();
  void on_read(const boost::system::error_code& fault, std::size_t size);
  void lost(UpstreamUser::Loss loss);

  net::Loop& loop_;
  UpstreamKeeper& keeper_;
  net::TlsContext tls_;
  std::size_t target_;
  net::Stream stream_;
  net::InputBuffer input_;
  net::Outbox outbox_;
  net::WheelTimer connect_timer_;
  UpstreamUser* user_ = nullptr;

  Endpoints endpoints_;
  std::size_t first_endpoint_ = 0;
  std::size_t tried_ = 0;
  std::string host_;

  bool is_open_ = false;
  bool is_connecting_ = false;
  bool is_reading_ = false;
  bool was_full_ = false;  // the last read filled the buffer
  std::uint64_t requests_ = 0;
  BootTime idle_since_{};
  BootTime sent_at_{};
};

}  // namespace counterfoil
