#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/time.h"
#include "doors/net/buffer_pool.h"
#include "doors/net/poller.h"
#include "doors/net/timer_wheel.h"

namespace counterfoil::net {

// Loop is one thread that owns sockets: an io_context of its own, a wheel of time-outs
// and a pool of buffers. Everything but post() and the ends of its life is for that thread.
//
// Not for rooms outside doors: this header shows Boost.
class Loop {
 public:
  // `clock` must outlive the loop; its boot-time side drives the time-outs.
  explicit Loop(const Clock& clock);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  Loop(Loop&&) = delete;
  Loop& operator=(Loop&&) = delete;
  ~Loop();  // stops and joins

  [[nodiscard]] boost::asio::io_context& io() { return io_; }
  // poller watches the plain sockets.
  [[nodiscard]] Poller& poller() { return poller_; }
  [[nodiscard]] TimerWheel& timers() { return timers_; }
  [[nodiscard]] BufferPool& buffers() { return buffers_; }

  // after_batch has `work` run when what the poller tells of at once has been looked at, or at once
  // outside of that. Who sends does it then: all that was received is read and judged in one go,
  // and all of it sent in one go. Between two sends there is little, so a peer on another core that
  // was woken by the first finds the others before it sleeps again, and the code of each part stays
  // in the nearest cache. Only on the loop's thread.
  void after_batch(std::move_only_function<void()> work);
  // Nothing that was put off waits for more than so many others to be looked at.
  static constexpr std::size_t kPutOffMax = 64;

  void start();
  // post has `work` run on the thread, after what was posted before. false: the loop has ended, and
  // `work` will not run. Any thread.
  bool post(std::move_only_function<void()> work);
  // stop lets what was posted before run, then ends the thread and joins it. Not from the loop's
  // own thread. Safe to call again.
  void stop();

 private:
  void run();
  void tick();
  void poll();
  void do_what_was_put_off();

  const Clock& clock_;
  // What io_ still holds when it ends gives its buffers back, so io_ ends first.
  BufferPool buffers_;
  TimerWheel timers_;
  Poller poller_;
  // One thread runs it and owns its sockets, so they need no locks; post() keeps its own.
  boost::asio::io_context io_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer ticker_;
  boost::asio::posix::stream_descriptor polled_;  // the poller
  bool is_in_batch_ = false;
  std::vector<std::move_only_function<void()>> put_off_;
  std::mutex mutex_;
  bool has_ended_ = false;  // under mutex_
  std::thread thread_;
};

}  // namespace counterfoil::net
