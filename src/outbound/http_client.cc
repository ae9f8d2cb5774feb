#include "outbound/http_client.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/verify_mode.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/verb.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/system/error_code.hpp>
#include <cctype>
#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/ip_address.h"
#include "outbound/address_rule.h"

namespace counterfoil {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lowered;
}

IpAddress our_address(const asio::ip::address& address) {
  return address.is_v4() ? IpAddress::v4(address.to_v4().to_bytes())
                         : IpAddress::v6(address.to_v6().to_bytes());
}

// CallUnderWay is one call on an io_context of its own: asynchronous only so that all of it has one
// time limit.
template <typename Stream>
class CallUnderWay {
 public:
  CallUnderWay(asio::io_context& io, Stream& stream, const HttpPeer& peer, const HttpCall& call)
      : peer_(peer), resolver_(io), stream_(stream) {
    request_.method(http::string_to_verb(call.method));
    request_.target(call.target);
    request_.version(11);
    request_.keep_alive(false);
    request_.set(http::field::host, peer.authority);
    request_.set(http::field::user_agent, "counterfoil");
    for (const auto& [name, value] : call.headers) {
      request_.insert(name, value);
    }
    request_.body() = call.body;
    request_.prepare_payload();
    parser_.header_limit(kReplyHeadBytesMax);
    parser_.body_limit(kReplyBodyBytesMax);
  }

  void start() {
    resolver_.async_resolve(peer_.host, std::to_string(peer_.port),
                            [this](error_code fault, const tcp::resolver::results_type& found) {
                              if (!ended(fault) && is_allowed(found)) {
                                connect(found);
                              }
                            });
  }

  // fault is nullopt while the call is under way.
  [[nodiscard]] const std::optional<error_code>& outcome() const { return outcome_; }

  [[nodiscard]] HttpReply reply() {
    HttpReply reply{
        .status = static_cast<int>(parser_.get().result_int()), .headers = {}, .body = {}};
    for (const auto& field : parser_.get()) {
      reply.headers.emplace_back(lower(field.name_string()), std::string(field.value()));
    }
    reply.body = std::move(parser_.get().body());
    return reply;
  }

 private:
  bool ended(error_code fault) {
    if (fault) {
      outcome_ = fault;
    }
    return outcome_.has_value();
  }
  bool is_allowed(const tcp::resolver::results_type& found) {
    if (peer_.addresses && std::ranges::any_of(found, [this](const auto& entry) {
          return !peer_.addresses->allows(our_address(entry.endpoint().address()));
        })) {
      outcome_ = asio::error::no_permission;
    }
    return !outcome_;
  }
  void connect(const tcp::resolver::results_type& found) {
    beast::get_lowest_layer(stream_).async_connect(
        found, [this](error_code fault, const tcp::endpoint& /*peer*/) {
          if (!ended(fault)) {
            secure();
          }
        });
  }
  void secure() {
    if constexpr (std::is_same_v<Stream, beast::tcp_stream>) {
      write();
    } else {
      stream_.async_handshake(asio::ssl::stream_base::client, [this](error_code fault) {
        if (!ended(fault)) {
          write();
        }
      });
    }
  }
  void write() {
    http::async_write(stream_, request_, [this](error_code fault, std::size_t /*size*/) {
      if (!ended(fault)) {
        read();
      }
    });
  }
  void read() {
    http::async_read(stream_, buffer_, parser_,
                     [this](error_code fault, std::size_t /*size*/) { outcome_ = fault; });
  }

  const HttpPeer& peer_;
  tcp::resolver resolver_;
  Stream& stream_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response_parser<http::string_body> parser_;
  std::optional<error_code> outcome_;
};

template <typename Stream>
std::expected<HttpReply, std::string> run(asio::io_context& io, Stream& stream,
                                          const HttpPeer& peer, const HttpCall& call,
                                          std::chrono::milliseconds at_most) {
  CallUnderWay<Stream> under_way(io, stream, peer, call);
  under_way.start();
  io.run_for(at_most);
  const auto& outcome = under_way.outcome();
  if (!outcome) {
    beast::get_lowest_layer(stream).close();
    io.run_for(std::chrono::seconds(1));  // what was under way ends, cancelled
    return std::unexpected(peer.authority + " did not answer within " +
                           std::to_string(at_most.count()) + " ms");
  }
  if (*outcome == asio::error::no_permission) {
    return std::unexpected(peer.authority +
                           ": its name leads to an address that must not be called from here");
  }
  if (*outcome) {
    return std::unexpected(peer.authority + ": " + outcome->message());
  }
  return under_way.reply();
}

}  // namespace

std::string_view HttpReply::header(std::string_view lower_name) const {
  const auto found = std::ranges::find(
      headers, lower_name, [](const auto& header) { return std::string_view(header.first); });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

struct HttpClient::Impl {
  HttpPeer peer;
  std::optional<asio::ssl::context> tls;
};

HttpClient::HttpClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

std::expected<HttpClient, std::string> HttpClient::make(HttpPeer peer) {
  auto impl = std::make_unique<Impl>();
  impl->peer = std::move(peer);
  if (impl->peer.tls) {
    asio::ssl::context& context = impl->tls.emplace(asio::ssl::context::tls_client);
    ::SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    error_code fault;
    if (impl->peer.authorities.empty()) {
      (void)context.set_default_verify_paths(fault);
    } else {
      (void)context.load_verify_file(impl->peer.authorities, fault);
    }
    if (fault) {
      return std::unexpected(impl->peer.authorities +
                             ": the certificate authorities cannot be read: " + fault.message());
    }
  }
  return HttpClient(std::move(impl));
}

std::expected<HttpReply, std::string> HttpClient::call(const HttpCall& call,
                                                       std::chrono::milliseconds at_most) const {
  asio::io_context io;
  const HttpPeer& peer = impl_->peer;
  if (!impl_->tls) {
    beast::tcp_stream stream(io);
    return run(io, stream, peer, call, at_most);
  }
  beast::ssl_stream<beast::tcp_stream> stream(io, *impl_->tls);
  stream.set_verify_mode(asio::ssl::verify_peer);
  stream.set_verify_callback(asio::ssl::host_name_verification(peer.host));
  // The macro for this casts in the old style.
  std::string name = peer.host;
  if (::SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 name.data()) != 1) {
    return std::unexpected(peer.authority + ": the name cannot be asked for in TLS");
  }
  return run(io, stream, peer, call, at_most);
}

}  // namespace counterfoil
