#pragma once

#include <algorithm>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/wiped_text.h"
#include "doors/net/stream.h"

namespace counterfoil::net {

// Sent is what became of one piece.
enum class Sent : std::uint8_t {
  kNow,     // the kernel has all of it
  kLater,   // the handler will be called
  kFailed,  // the connection is broken; the handler will not be called
};

// Outbox sends one piece after another over a stream. What the kernel does not take at once it
// copies, so the caller's bytes need not stay. The stream must live until the handler was called.
class Outbox {
 public:
  // send takes a piece in two parts. `sent(error_code)` is called for kLater only. Nothing may be
  // sent while is_busy().
  template <typename Handler>
  [[nodiscard]] Sent send(Stream& stream, std::string_view first, std::string_view second,
                          Handler sent);
  [[nodiscard]] bool is_busy() const { return is_busy_; }
  // forget wipes what was copied of a piece that held a secret. Not while is_busy().
  void forget() { wipe(unsent_); }

 private:
  std::string unsent_;
  bool is_busy_ = false;
};

template <typename Handler>
Sent Outbox::send(Stream& stream, std::string_view first, std::string_view second, Handler sent) {
  boost::system::error_code fault;
  const std::size_t written = stream.write_now(first, second, fault);
  if (fault) {
    return Sent::kFailed;
  }
  if (written == first.size() + second.size()) {
    return Sent::kNow;
  }
  unsent_.assign(first.substr(std::min(written, first.size())));
  unsent_.append(second.substr(written > first.size() ? written - first.size() : 0));
  is_busy_ = true;
  stream.async_write(unsent_,
                     [this, handler = std::move(sent)](const boost::system::error_code& failure,
                                                       std::size_t /*size*/) mutable {
                       is_busy_ = false;
                       constexpr std::size_t kKept = std::size_t{16} * 1024;
                       if (unsent_.capacity() > kKept) {
                         std::string().swap(unsent_);
                       }
                       handler(failure);
                     });
  return Sent::kLater;
}

}  // namespace counterfoil::net
