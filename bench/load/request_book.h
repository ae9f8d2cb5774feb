#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "load/signer.h"

namespace counterfoil {

// Reuse says what happens when every request of the book was sent once.
enum class Reuse : std::uint8_t {
  kSignAnew,     // it gets the time of now and a new signature: no two requests are the same bytes
  kRepeatFresh,  // the same bytes again until they are kFreshFor old: only as fast as a replay is
};

struct RequestForm {
  std::string method =
      "GET";  // for GET and DELETE the parameters travel in the query, else in the body
  std::string path = "/api/v3/order";
  std::string host = "127.0.0.1";
  std::size_t requests = 2000;
  Reuse reuse = Reuse::kSignAnew;
};

// RequestBook holds requests signed before they are needed, so that signing costs the measurement
// nothing: HTTP/1.1, keep-alive, API key in X-MBX-APIKEY, parameters
// orderId=1000001&recvWindow=60000&timestamp=<ms>&signature=<...>, the payload about 60 bytes, a
// different orderId for each request of the book, keys in turn.
class RequestBook {
 public:
  // kFreshFor: a gateway accepts a request for 60 s after its timestamp (recvWindow=60000).
  static constexpr std::chrono::milliseconds kFreshFor{20'000};

  using Milliseconds = std::chrono::sys_time<std::chrono::milliseconds>;

  // Signs everything at `now`. `keys` (not empty) must outlive the book; form.requests is at least
  // 1.
  RequestBook(const std::vector<SigningKey>& keys, RequestForm form, Milliseconds now);

  // take gives the next request, signed at `now` if it was used or is too old. Valid until the book
  // comes around to the same request; a caller who could not send all of it copies the rest.
  [[nodiscard]] std::string_view take(Milliseconds now);

  // signed_while_running counts the requests that take() had to sign: they cost time that a fair
  // run spends before it starts.
  [[nodiscard]] std::uint64_t signed_while_running() const { return signed_while_running_; }
  [[nodiscard]] bool signing_failed() const { return signing_failed_; }

 private:
  struct Request {
    std::string bytes;
    Milliseconds signed_at{};
    bool used = false;
  };
  void sign(std::size_t index, Milliseconds now);

  const std::vector<SigningKey>& keys_;
  RequestForm form_;
  std::vector<Request> requests_;
  std::size_t next_ = 0;
  std::string payload_;  // room to write in
  std::uint64_t signed_while_running_ = 0;
  bool signing_failed_ = false;
};

}  // namespace counterfoil
