#include "doors/calls/tls_stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include "base/wiped_text.h"
#include "doors/calls/byte_stream.h"
#include "doors/calls/timed_stream.h"

namespace counterfoil {
namespace {

constexpr std::size_t kReadBytes = 16UL * 1024;

}  // namespace

void TlsStream::Free::operator()(ssl_st* tls) const { SSL_free(tls); }

std::unique_ptr<TlsStream> TlsStream::accept(ssl_ctx_st* context, TimedStream& below,
                                             Instant until) {
  std::unique_ptr<ssl_st, Free> tls(SSL_new(context));
  if (!tls || SSL_set_fd(tls.get(), below.socket()) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  std::unique_ptr<TlsStream> stream(new TlsStream(std::move(tls), below));
  while (true) {
    ERR_clear_error();
    const int result = SSL_accept(stream->tls_.get());
    if (result == 1) {
      return stream;
    }
    if (stream->settle(result, until) != Outcome::kMoved) {
      return nullptr;
    }
  }
}

TlsStream::~TlsStream() {
  if (!is_broken_) {
    (void)SSL_shutdown(tls_.get());
  }
  ERR_clear_error();
}

ByteStream::Outcome TlsStream::settle(int result, Instant until) {
  switch (SSL_get_error(tls_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return below_.wait_readable(until);
    case SSL_ERROR_WANT_WRITE:
      return below_.wait_writable(until);
    case SSL_ERROR_ZERO_RETURN:
      return Outcome::kEnded;
    default:
      is_broken_ = true;
      ERR_clear_error();
      return Outcome::kEnded;
  }
}

ByteStream::Outcome TlsStream::read(WipedText& buffer, std::size_t bytes_max, Instant until) {
  const std::size_t size = buffer.size();
  const std::size_t room = std::min(bytes_max, kReadBytes);
  while (true) {
    if (below_.is_stopped()) {
      return Outcome::kStopped;
    }
    ERR_clear_error();
    buffer.resize(size + room);
    std::size_t got = 0;
    const int result = SSL_read_ex(tls_.get(), buffer.data() + size, room, &got);
    buffer.resize(size + (result == 1 ? got : 0));
    if (result == 1) {
      return Outcome::kMoved;
    }
    if (const Outcome ready = settle(result, until); ready != Outcome::kMoved) {
      return ready;
    }
  }
}

ByteStream::Outcome TlsStream::write(std::string_view bytes, Instant until) {
  while (!bytes.empty()) {
    ERR_clear_error();
    std::size_t sent = 0;
    const int result = SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &sent);
    if (result == 1) {
      bytes.remove_prefix(sent);
      continue;
    }
    if (const Outcome ready = settle(result, until); ready != Outcome::kMoved) {
      return ready;
    }
  }
  return Outcome::kMoved;
}

}  // namespace counterfoil
