#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace counterfoil::net {

// Pollable is told what its descriptor can do now that it could not do before.
class Pollable {
 public:
  Pollable() = default;
  Pollable(const Pollable&) = delete;
  Pollable& operator=(const Pollable&) = delete;
  Pollable(Pollable&&) = delete;
  Pollable& operator=(Pollable&&) = delete;

  struct Ready {
    bool read = false;
    bool write = false;
    bool hung_up = false;  // the peer has ended its side, or the connection is broken
  };
  virtual void on_ready(const Ready& ready) = 0;

 protected:
  ~Pollable() = default;
};

// Poller watches descriptors with epoll(7), edge-triggered. Its own descriptor becomes readable
// when there is something to tell, so that it can stand among others. Belongs to one thread.
//
// Asio's reactor does the same but asks the kernel for bytes before it waits for them: a wasted
// system call for each read of a connection that answers a question.
class Poller {
 public:
  // Place is where one watched descriptor is kept. It is never given out twice.
  struct Place {
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;  // 0: nowhere
  };

  Poller();  // throws std::system_error
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;
  Poller(Poller&&) = delete;
  Poller& operator=(Poller&&) = delete;
  ~Poller();

  [[nodiscard]] int descriptor() const { return epoll_; }

  // watch begins to watch `fd`. What it can do already is told as well. `pollable` must stay until
  // forget(). Generation 0: the kernel has no room.
  [[nodiscard]] Place watch(int fd, Pollable& pollable);
  // remind has what the descriptor can do told again.
  void remind(int fd, Place place);
  // forget ends the watch: nothing is told any more, not even of the present batch.
  void forget(int fd, Place place) noexcept;

  // dispatch tells what there is to tell, kBatchMax descriptors at most; the rest is told by the
  // next call. Others' turns must not wait for long: some milliseconds at most. Fewer at once would
  // let peers on other cores fall asleep between, and to wake one costs a tenth of a request.
  static constexpr std::size_t kBatchMax = 256;
  void dispatch();

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  struct Slot {
    Pollable* pollable = nullptr;
    std::uint32_t generation = 1;
    std::uint32_t next_free = kNone;
  };

  int epoll_;
  std::vector<Slot> slots_;
  std::uint32_t first_free_ = kNone;
};

}  // namespace counterfoil::net
