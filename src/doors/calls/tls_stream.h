#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include "base/wiped_text.h"
#include "doors/calls/byte_stream.h"
#include "doors/calls/timed_stream.h"

struct ssl_st;      // OpenSSL's
struct ssl_ctx_st;  // OpenSSL's

namespace counterfoil {

// TlsStream is TLS over a connected, non-blocking socket, on the server's side. The program must
// ignore SIGPIPE.
class TlsStream final : public ByteStream {
 public:
  // accept shakes hands. nullptr: that failed, or took too long. It owns nothing of `below`.
  [[nodiscard]] static std::unique_ptr<TlsStream> accept(ssl_ctx_st* context, TimedStream& below,
                                                         Instant until);
  ~TlsStream() override;  // says goodbye, without waiting for an answer
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  [[nodiscard]] Outcome read(WipedText& buffer, std::size_t bytes_max, Instant until) override;
  [[nodiscard]] Outcome write(std::string_view bytes, Instant until) override;
  [[nodiscard]] bool is_stopped() const override { return below_.is_stopped(); }

 private:
  struct Free {
    void operator()(ssl_st* tls) const;
  };
  TlsStream(std::unique_ptr<ssl_st, Free> tls, TimedStream& below)
      : tls_(std::move(tls)), below_(below) {}
  // settle waits for what OpenSSL wants after `result`. kMoved: try again.
  [[nodiscard]] Outcome settle(int result, Instant until);

  std::unique_ptr<ssl_st, Free> tls_;
  TimedStream& below_;
  bool is_broken_ = false;
};

}  // namespace counterfoil
