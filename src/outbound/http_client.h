#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "outbound/address_rule.h"

namespace counterfoil {

// HttpPeer is whom an HttpClient calls.
struct HttpPeer {
  std::string host;  // name or address, without brackets
  std::uint16_t port = 80;
  std::string authority;  // as a Host header has it
  bool tls = false;
  std::string authorities;  // PEM file of the certificate authorities; empty: the system's
  // PEM file: with TLS, the peer is whoever holds the key of exactly the first certificate in it,
  // whatever names it has, and no authority counts. Empty: whoever an authority vouches for.
  std::string pinned_certificate = {};
  // addresses is set where the host is not the operator's own choice: every address it has must be
  // allowed, or nothing is called.
  std::optional<AddressRule> addresses = std::nullopt;
};

inline constexpr std::size_t kReplyHeadBytesMax = 16UL * 1024;
inline constexpr std::size_t kReplyBodyBytesMax = 64UL * 1024;

struct HttpCall {
  std::string method = "GET";
  std::string target;                                             // path and query, as it goes out
  std::vector<std::pair<std::string, std::string>> headers = {};  // no CR or LF in them
  std::string body = {};
  std::size_t reply_body_bytes_max = kReplyBodyBytesMax;
};

struct HttpReply {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // header gives the first value of a name in lower case; empty when there is none.
  [[nodiscard]] std::string_view header(std::string_view lower_name) const;
};

// HttpClient makes one call at a time, each on a connection of its own: for the few calls that are
// not on a request's way. Redirects are not followed. Safe to call from any thread.
class HttpClient {
 public:
  // make reads the authorities and the pinned certificate. The error is a sentence.
  [[nodiscard]] static std::expected<HttpClient, std::string> make(HttpPeer peer);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  // call blocks for at most `at_most`. The error is a sentence: no answer came, or one that is not
  // HTTP or larger than the limits. Whether the peer has done what was asked is then unknown.
  [[nodiscard]] std::expected<HttpReply, std::string> call(const HttpCall& call,
                                                           std::chrono::milliseconds at_most) const;

 private:
  struct Impl;
  explicit HttpClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace counterfoil
