#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "app/command_context.h"
#include "base/wiped_text.h"
#include "wire/http/request_head.h"

namespace counterfoil {

// AdminCall is one request to the node. The body may hold a secret: whoever made it owns it.
struct AdminCall {
  http::Method method = http::Method::kGet;
  std::string target;                 // "/api/v1/keys?limit=50"
  std::string_view body;              // empty: none
  std::string if_match;               // an ETag, or empty
  std::chrono::seconds patience{30};  // how long the node may be silent
  std::string_view content_type = "application/json";
};

// AdminReply is what the node answered, whatever its status.
struct AdminReply {
  int status = 0;
  std::string content_type;
  std::string etag;
  WipedText body;  // may hold a secret that is shown once
};

// AdminClient asks a node on this machine, over its admin socket. One connection a call.
class AdminClient {
 public:
  static constexpr std::size_t kReplyBytesMax = 16UL * 1024 * 1024;
  // A revocation may take Revoker::kWaitMax on a machine that is busy.
  static constexpr std::chrono::seconds kPatience{30};

  explicit AdminClient(std::string socket) : socket_(std::move(socket)) {}

  // call gives a Failure when there is no answer: kCannotTell, or kNotAllowed when the socket
  // belongs to another user. After a call that changes something it also says that the change may
  // have happened.
  [[nodiscard]] std::expected<AdminReply, Failure> call(const AdminCall& call) const;

  // stream hands the body of a long answer to `sink`, piece by piece as it comes; the reply's body
  // is then empty. An answer that is not long (a refusal) comes back as call() gives it. Failure:
  // also when the answer broke off, or `sink` gave false.
  using Sink = std::function<bool(std::string_view piece)>;
  [[nodiscard]] std::expected<AdminReply, Failure> stream(const std::string& target,
                                                          const Sink& sink) const;

  [[nodiscard]] const std::string& socket() const { return socket_; }

 private:
  [[nodiscard]] std::expected<AdminReply, Failure> exchange(const AdminCall& call,
                                                            const Sink* sink) const;

  std::string socket_;
};

}  // namespace counterfoil
