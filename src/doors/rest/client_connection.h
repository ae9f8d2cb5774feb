#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "authority/call_refusal.h"
#include "base/ip_address.h"
#include "base/time.h"
#include "doors/net/connection_counts.h"
#include "doors/net/input_buffer.h"
#include "doors/net/outbox.h"
#include "doors/net/socket.h"
#include "doors/net/stream.h"
#include "doors/net/timer_wheel.h"
#include "doors/net/tls.h"
#include "doors/rest/exchange.h"
#include "doors/rest/forwarding.h"
#include "doors/rest/request_judge.h"
#include "wire/http/limits.h"
#include "wire/http/refusal.h"
#include "wire/http/write.h"

namespace counterfoil {

class RestLoop;

// ClientConnection is one client: it reads request after request, has each judged and forwarded or
// answered, and writes the answers in order. While a request is under way nothing more is read, so
// a client that pipelines waits in the kernel's buffers. Belongs to its loop's thread. It lives
// from start() to close(), and until the operations under way have ended.
class ClientConnection final
    : public boost::intrusive_ref_counter<ClientConnection, boost::thread_unsafe_counter>,
      private AnswerSink {
 public:
  using Pointer = boost::intrusive_ptr<ClientConnection>;

  // client: its address, as far as the connection tells.
  ClientConnection(RestLoop& loop, net::Socket socket, const IpAddress& client,
                   net::ConnectionPlace place, const net::TlsContext& tls);
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;
  ClientConnection(ClientConnection&&) = delete;
  ClientConnection& operator=(ClientConnection&&) = delete;
  ~ClientConnection();

  void start();
  // drain ends it if it is between two requests; else its next answer is the last.
  void drain();
  // close ends it at once.
  void close();

 private:
  enum class Phase : std::uint8_t {
    kHandshake,
    kHead,     // of a request, or idle before one
    kBody,     // of a request
    kBusy,     // the upstream or the authority is at work
    kSending,  // an answer of ours, or a piece of the upstream's, that the kernel did not take
    kGoodbye,  // the last answer was sent; waits for the client to close
    kClosed,
  };

  Taken take_piece(std::string_view head, std::string_view body) override;
  void answer_complete(http::KeepAlive keep_alive) override;
  void answer_refused(const ProfileRefusal& refusal) override;
  void answer_broken() override;
  [[nodiscard]] bool may_keep_alive() const override;

  void read(std::size_t room_min);
  void on_read(const boost::system::error_code& fault, std::size_t size);
  void on_time_over();

  // advance takes one step after another until it has to wait.
  void advance();
  template <typename Work>
  void guarded(Work work);
  void on_exception();
  [[nodiscard]] bool step();
  [[nodiscard]] bool step_head();
  [[nodiscard]] bool on_head(std::size_t head_size);
  // find_client says whose the request is. Before it nobody asks.
  [[nodiscard]] std::expected<void, http::Refusal> find_client();
  [[nodiscard]] bool begin_body();
  void say_continue();
  [[nodiscard]] bool step_body();
  [[nodiscard]] bool on_request();
  void make_room_for_body();
  void set_body_timer();
  void wait_for_request();

  void forward();
  void answer_own();
  // ask_authority has a worker do what may wait; on_authority is called with what came of it.
  void ask_authority();
  void on_authority(const OwnAnswer& answer);
  void send_own(std::string_view json);
  // forget_own wipes an own answer, which may have held a secret, once it is on its way.
  void forget_own();

  // refuse and refuse_http answer; after a body that was not read the connection closes.
  void refuse(const Refused& refused);
  void refuse(const ProfileRefusal& refusal, http::KeepAlive keep_alive);
  void refuse_http(const http::Refusal& refusal);
  void give_id();
  void send_whole(http::KeepAlive keep_alive);
  void on_answered(http::KeepAlive keep_alive);
  void end_exchange();
  void say_goodbye();
  void abort();

  RestLoop& loop_;
  const http::Limits& limits_;
  net::Stream stream_;
  net::InputBuffer input_;
  net::Outbox outbox_;
  net::WheelTimer timer_;
  net::ConnectionPlace place_;
  const IpAddress peer_;  // the connection's client, or the proxy whose headers name it
  IpAddress client_;      // of the last request
  std::string client_text_;

  Pointer self_;  // from start() to close()
  Phase phase_ = Phase::kHead;
  bool is_reading_ = false;
  bool is_advancing_ = false;
  bool is_with_authority_ = false;  // another thread looks at the exchange
  bool holds_own_answer_ = false;   // out_ does
  std::uint32_t requests_ = 0;
  std::unique_ptr<Exchange> exchange_;
  Forwarding forwarding_;
  std::size_t head_size_ = 0;     // of the request under way
  std::size_t message_size_ = 0;  // how much of input_ it takes
  BootTime body_since_{};
  std::uint64_t body_received_ = 0;
  std::size_t thrown_away_ = 0;
  std::string out_;
};

}  // namespace counterfoil
