#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "venue/venue_service.h"
#include "wire/http/body.h"
#include "wire/http/limits.h"
#include "wire/http/refusal.h"
#include "wire/http/request_head.h"

namespace counterfoil::venue {

// session_limits is what a connection of the venue may send.
[[nodiscard]] http::Limits session_limits();

// HttpSession serves one connection: reads requests, has the service answer them, writes the
// answers in order. Requests that come in one piece are all answered, one after another. Lives in
// one io_context thread; keeps itself alive while something is pending.
//
// Not for other rooms: this header shows Boost.
class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  using Closed = std::function<void(const std::shared_ptr<HttpSession>&)>;

  // service and clock must outlive the session; `closed` is called once, when it ends by itself.
  HttpSession(boost::asio::ip::tcp::socket socket, VenueService& service, const Clock& clock,
              Closed closed);

  void start();
  void close();

 private:
  enum class Reading : std::uint8_t { kHead, kBody };

  void read();
  void on_read(const boost::system::error_code& fault, std::size_t size);
  void process();
  // process_head and process_body take one step; false: nothing more can be done with what is here.
  [[nodiscard]] bool process_head();
  [[nodiscard]] bool process_body();
  void answer();
  void refuse(const http::Refusal& refusal);
  void write();
  void on_written(const boost::system::error_code& fault);
  void discard();
  void expect_within(std::chrono::milliseconds time);

  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer deadline_;
  VenueService& service_;
  const Clock& clock_;
  Closed closed_;

  Reading reading_ = Reading::kHead;
  std::string in_;  // received; the first at_ bytes are done with
  std::size_t at_ = 0;
  std::string out_;      // not yet handed to the socket
  std::string writing_;  // handed to the socket
  std::vector<char> chunk_;
  http::RequestHead head_;
  http::BodyReader body_;
  VenueRequest request_;
  std::uint32_t requests_ = 0;
  bool head_begun_ = false;  // its time is running
  bool closing_ = false;     // after what is written now
  bool is_closed_ = false;
};

}  // namespace counterfoil::venue
