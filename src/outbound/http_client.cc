#include "outbound/http_client.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/verify_mode.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/error.hpp>
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
#include <cstdint>
#include <expected>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/ip_address.h"
#include "base/time.h"
#include "outbound/address_rule.h"
#include "outbound/head_call.h"
#include "outbound/timed_call.h"

namespace counterfoil {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr std::string_view kAddressRefused =
    ": its name leads to an address that must not be called from here";

// ReplyPart says how much of an answer is read.
enum class ReplyPart : std::uint8_t { kWhole, kHead };

constexpr std::string_view kHeadEnd = "\r\n\r\n";

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
  CallUnderWay(asio::io_context& io, Stream& stream, const HttpPeer& peer, const HttpCall& call,
               ReplyPart part)
      : peer_(peer), resolver_(io), stream_(stream), part_(part) {
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
    parser_.body_limit(part == ReplyPart::kHead ? std::numeric_limits<std::uint64_t>::max()
                                                : call.reply_body_bytes_max);
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

  [[nodiscard]] TimedReply reply() {
    HttpReply reply{
        .status = static_cast<int>(parser_.get().result_int()), .headers = {}, .body = {}};
    for (const auto& field : parser_.get()) {
      reply.headers.emplace_back(lower(field.name_string()), std::string(field.value()));
    }
    reply.body = std::move(parser_.get().body());
    return {.reply = std::move(reply), .sent_at = sent_at_, .answered_at = answered_at_};
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
    sent_at_ = BootClock::now();
    http::async_write(stream_, request_, [this](error_code fault, std::size_t /*size*/) {
      if (!ended(fault)) {
        read();
      }
    });
  }
  void read() {
    if (part_ == ReplyPart::kHead) {
      read_head();
      return;
    }
    http::async_read(stream_, buffer_, parser_, [this](error_code fault, std::size_t /*size*/) {
      answered_at_ = BootClock::now();
      outcome_ = fault;
    });
  }
  // Not by the library's own reading of a head: that takes line after line, and reads on behind
  // them.
  void read_head() {
    asio::async_read_until(stream_, asio::dynamic_buffer(head_, kReplyStartBytesMax), kHeadEnd,
                           [this](error_code fault, std::size_t /*size*/) {
                             answered_at_ = BootClock::now();
                             if (fault == asio::error::not_found) {
                               fault = http::error::header_limit;
                             }
                             if (!fault) {
                               (void)parser_.put(asio::buffer(head_), fault);
                             }
                             outcome_ = fault;
                           });
  }

  const HttpPeer& peer_;
  tcp::resolver resolver_;
  Stream& stream_;
  ReplyPart part_;
  beast::flat_buffer buffer_;
  std::string head_;  // of kHead
  http::request<http::string_body> request_;
  http::response_parser<http::string_body> parser_;
  std::optional<error_code> outcome_;
  BootTime sent_at_;
  BootTime answered_at_;
};

template <typename Stream>
std::expected<TimedReply, std::string> run(asio::io_context& io, Stream& stream,
                                           const HttpPeer& peer, const HttpCall& call,
                                           ReplyPart part, std::chrono::milliseconds at_most) {
  CallUnderWay<Stream> under_way(io, stream, peer, call, part);
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
    return std::unexpected(peer.authority + std::string(kAddressRefused));
  }
  if (*outcome) {
    return std::unexpected(peer.authority + ": " + outcome->message());
  }
  return under_way.reply();
}

struct X509Free {
  void operator()(X509* certificate) const { ::X509_free(certificate); }
};
using Certificate = std::unique_ptr<X509, X509Free>;

// first_certificate gives nullptr when there is none that can be read.
Certificate first_certificate(const std::string& file) {
  struct ContextFree {
    void operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }
  };
  const std::unique_ptr<SSL_CTX, ContextFree> reader(::SSL_CTX_new(::TLS_client_method()));
  if (!reader ||
      ::SSL_CTX_use_certificate_file(reader.get(), file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return nullptr;
  }
  X509* const first = ::SSL_CTX_get0_certificate(reader.get());
  return Certificate(first != nullptr && ::X509_up_ref(first) == 1 ? first : nullptr);
}

// is_pinned stands in for OpenSSL's whole verification of a chain: the peer's own certificate is
// the pinned one, byte for byte, or there is no connection. That the peer holds its key, the
// handshake shows.
int is_pinned(X509_STORE_CTX* chain, void* pinned) {
  const X509* const shown = ::X509_STORE_CTX_get0_cert(chain);
  const bool is_it = shown != nullptr && ::X509_cmp(shown, static_cast<X509*>(pinned)) == 0;
  ::X509_STORE_CTX_set_error(chain, is_it ? X509_V_OK : X509_V_ERR_APPLICATION_VERIFICATION);
  return is_it ? 1 : 0;
}

// Tls is how a peer is spoken to; without a context: plainly.
struct Tls {
  Certificate pinned;  // outlives `context`, which looks at it
  std::optional<asio::ssl::context> context;
};

std::expected<Tls, std::string> tls_of(const HttpPeer& peer) {
  Tls tls;
  if (!peer.tls) {
    return tls;
  }
  asio::ssl::context& context = tls.context.emplace(asio::ssl::context::tls_client);
  ::SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  error_code fault;
  if (const std::string& file = peer.pinned_certificate; !file.empty()) {
    tls.pinned = first_certificate(file);
    if (!tls.pinned) {
      return std::unexpected(file + ": the certificate cannot be read");
    }
    ::SSL_CTX_set_cert_verify_callback(context.native_handle(), is_pinned, tls.pinned.get());
  } else if (peer.authorities.empty()) {
    (void)context.set_default_verify_paths(fault);
  } else {
    (void)context.load_verify_file(peer.authorities, fault);
  }
  if (fault) {
    return std::unexpected(peer.authorities +
                           ": the certificate authorities cannot be read: " + fault.message());
  }
  return tls;
}

std::expected<TimedReply, std::string> call_once(const HttpPeer& peer, Tls& tls,
                                                 const HttpCall& call, ReplyPart part,
                                                 std::chrono::milliseconds at_most) {
  asio::io_context io;
  if (!tls.context) {
    beast::tcp_stream stream(io);
    return run(io, stream, peer, call, part, at_most);
  }
  beast::ssl_stream<beast::tcp_stream> stream(io, *tls.context);
  stream.set_verify_mode(asio::ssl::verify_peer);
  if (!tls.pinned) {
    stream.set_verify_callback(asio::ssl::host_name_verification(peer.host));
  }
  // The macro for this casts in the old style.
  std::string name = peer.host;
  if (::SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 name.data()) != 1) {
    return std::unexpected(peer.authority + ": the name cannot be asked for in TLS");
  }
  return run(io, stream, peer, call, part, at_most);
}

}  // namespace

std::string_view HttpReply::header(std::string_view lower_name) const {
  const auto found = std::ranges::find(
      headers, lower_name, [](const auto& header) { return std::string_view(header.first); });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

struct HttpClient::Impl {
  HttpPeer peer;
  Tls tls;
};

HttpClient::HttpClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

std::expected<HttpClient, std::string> HttpClient::make(HttpPeer peer) {
  auto tls = tls_of(peer);
  if (!tls) {
    return std::unexpected(std::move(tls.error()));
  }
  return HttpClient(std::make_unique<Impl>(Impl{.peer = std::move(peer), .tls = std::move(*tls)}));
}

std::expected<HttpReply, std::string> HttpClient::call(const HttpCall& call,
                                                       std::chrono::milliseconds at_most) const {
  auto timed = call_once(impl_->peer, impl_->tls, call, ReplyPart::kWhole, at_most);
  if (!timed) {
    return std::unexpected(std::move(timed.error()));
  }
  return std::move(timed->reply);
}

std::expected<TimedReply, std::string> timed_call(const HttpPeer& peer, const HttpCall& call,
                                                  std::chrono::milliseconds at_most) {
  auto tls = tls_of(peer);
  return tls ? call_once(peer, *tls, call, ReplyPart::kWhole, at_most)
             : std::unexpected(std::move(tls.error()));
}

std::expected<HttpReply, std::string> head_call(const HttpPeer& peer, const HttpCall& call,
                                                std::chrono::milliseconds at_most) {
  auto tls = tls_of(peer);
  if (!tls) {
    return std::unexpected(std::move(tls.error()));
  }
  auto timed = call_once(peer, *tls, call, ReplyPart::kHead, at_most);
  if (!timed) {
    return std::unexpected(std::move(timed.error()));
  }
  return std::move(timed->reply);
}

bool is_address_refused(std::string_view sentence) { return sentence.ends_with(kAddressRefused); }

}  // namespace counterfoil
