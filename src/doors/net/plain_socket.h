#pragma once

#include <boost/system/error_code.hpp>
#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

#include "doors/net/loop.h"
#include "doors/net/poller.h"

namespace counterfoil::net {

// PlainSocket is one connected TCP socket without TLS. It belongs to its loop's thread. One read
// and one write may be under way; their handlers are called from the loop, never from within a
// call of theirs, and keep what they hold until then: so they may hold what owns the socket.
class PlainSocket final : private Pollable {
 public:
  // Handler is told how many bytes were moved. Errors: those of the system; end of file is
  // boost::asio::error::eof, a closed socket boost::asio::error::operation_aborted.
  using Handler = std::move_only_function<void(const boost::system::error_code&, std::size_t)>;

  explicit PlainSocket(Loop& loop) : loop_(loop) {}
  PlainSocket(const PlainSocket&) = delete;
  PlainSocket& operator=(const PlainSocket&) = delete;
  PlainSocket(PlainSocket&&) = delete;
  PlainSocket& operator=(PlainSocket&&) = delete;
  ~PlainSocket() { end(); }

  // take owns `fd`, a non-blocking socket, from now on. false: the kernel cannot watch it; it is
  // closed.
  [[nodiscard]] bool take(int fd);
  [[nodiscard]] int descriptor() const { return fd_; }
  void close();

  // read_some reads what there is, one byte at least, into `space`.
  void read_some(std::span<char> space, Handler handler);
  // write_all writes all of `bytes`, which must stay.
  void write_all(std::string_view bytes, Handler handler);
  // write_now writes what the kernel takes at once: none of it, when its buffer is full.
  [[nodiscard]] std::size_t write_now(std::string_view first, std::string_view second,
                                      boost::system::error_code& fault) const;

 private:
  void on_ready(const Ready& ready) override;
  void go_on_reading();
  [[nodiscard]] Handler go_on_writing();
  void abort(Handler& handler);
  void end() noexcept;

  Loop& loop_;
  int fd_ = -1;
  Poller::Place place_;
  bool is_readable_ = false;  // as far as is known
  bool has_hung_up_ = false;  // then there is an end to read behind the bytes
  std::span<char> space_;
  Handler reading_;
  std::string_view unwritten_;
  std::size_t written_ = 0;
  Handler writing_;
};

}  // namespace counterfoil::net
