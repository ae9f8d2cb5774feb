#include "doors/net/loop.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/posix/descriptor_base.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "base/time.h"
#include "doors/net/timer_wheel.h"

namespace counterfoil::net {

Loop::Loop(const Clock& clock)
    : clock_(clock),
      timers_(clock.boot_now()),
      work_(boost::asio::make_work_guard(io_)),
      ticker_(io_),
      polled_(io_, ::dup(poller_.descriptor())) {}

Loop::~Loop() {  // NOLINT(bugprone-exception-escape): being out of memory ends the process
  stop();
}

void Loop::start() {
  thread_ = std::thread([this] { run(); });
}

void Loop::run() {
  // Signals are the program's, not a loop's.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  // No thread of ours is ever cancelled. Said so, glibc does without the two atomic writes by which
  // it makes each send and recv a cancellation point.
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, nullptr);
  pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS,
                        nullptr);  // NOLINT(concurrency-*,cert-pos47-c)
  tick();
  poll();
  io_.run();
}

void Loop::poll() {
  polled_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                     [this](const boost::system::error_code& fault) {
                       if (!fault) {
                         is_in_batch_ = true;
                         poller_.dispatch();
                         do_what_was_put_off();
                         poll();
                       }
                     });
}

void Loop::after_batch(std::move_only_function<void()> work) {
  if (!is_in_batch_) {
    work();
    return;
  }
  put_off_.push_back(std::move(work));
  if (put_off_.size() >= kPutOffMax) {
    do_what_was_put_off();
    is_in_batch_ = true;
  }
}

void Loop::do_what_was_put_off() {
  is_in_batch_ = false;  // what follows from it is done at once
  for (std::move_only_function<void()>& work : put_off_) {
    work();
  }
  put_off_.clear();
}

void Loop::tick() {
  timers_.advance(clock_.boot_now());
  ticker_.expires_after(TimerWheel::kTick);
  ticker_.async_wait([this](const boost::system::error_code& fault) {
    if (!fault) {
      tick();
    }
  });
}

bool Loop::post(std::move_only_function<void()> work) {
  const std::scoped_lock lock(mutex_);
  if (has_ended_) {
    return false;
  }
  boost::asio::post(io_, std::move(work));
  return true;
}

void Loop::stop() {
  {
    const std::scoped_lock lock(mutex_);
    if (!std::exchange(has_ended_, true)) {
      // Behind everything that was posted.
      boost::asio::post(io_, [this] { io_.stop(); });
    }
  }
  if (thread_.joinable()) {
    thread_.join();
  }
}

}  // namespace counterfoil::net
