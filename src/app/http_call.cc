#include "app/http_call.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/verb.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "doors/net/listener.h"

namespace counterfoil {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::chrono::seconds kPatience{15};

// Exchange is one call under way, on an io_context of its own: asynchronous only so that it has a
// time limit.
class Exchange {
 public:
  explicit Exchange(const HttpCall& call) {
    request_.method(http::string_to_verb(call.method));
    request_.target(call.target);
    request_.version(11);
    request_.keep_alive(false);
    request_.set(http::field::user_agent, "counterfoil-demo");
    for (const auto& [name, value] : call.headers) {
      request_.set(name, value);
    }
  }

  std::expected<HttpAnswer, std::string> run(const net::ListenAddress& peer) {
    request_.set(http::field::host, peer.to_string());
    stream_.expires_after(kPatience);
    stream_.async_connect(net::endpoint_of(peer), [this](error_code fault) {
      if (!failed(fault)) {
        write();
      }
    });
    io_.run();
    if (fault_) {
      return std::unexpected("the gateway at " + peer.to_string() +
                             " did not answer: " + fault_.message());
    }
    return HttpAnswer{.status = answer_.result_int(),
                      .request_id = std::string(answer_["X-Counterfoil-Request-Id"]),
                      .body = std::move(answer_.body())};
  }

 private:
  bool failed(error_code fault) {
    fault_ = fault;
    return static_cast<bool>(fault);
  }
  void write() {
    http::async_write(stream_, request_, [this](error_code fault, std::size_t /*size*/) {
      if (!failed(fault)) {
        read();
      }
    });
  }
  void read() {
    http::async_read(stream_, buffer_, answer_,
                     [this](error_code fault, std::size_t /*size*/) { failed(fault); });
  }

  asio::io_context io_;
  beast::tcp_stream stream_{io_};
  beast::flat_buffer buffer_;
  http::request<http::empty_body> request_;
  http::response<http::string_body> answer_;
  error_code fault_;
};

}  // namespace

std::expected<HttpAnswer, std::string> http_call(const HttpCall& call) {
  constexpr std::string_view kScheme = "http://";
  const auto peer = net::ListenAddress::parse(
      std::string_view(call.url).substr(call.url.starts_with(kScheme) ? kScheme.size() : 0));
  if (!peer) {
    return std::unexpected(peer.error());
  }
  return Exchange(call).run(*peer);
}

}  // namespace counterfoil
