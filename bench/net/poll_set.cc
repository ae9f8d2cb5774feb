#include "net/poll_set.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <span>

namespace counterfoil {

Descriptor::~Descriptor() {
  if (is_open()) {
    ::close(number_);
  }
}

PollSet::PollSet() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

bool PollSet::watch(int descriptor, std::uint64_t number, Interest interest) {
  epoll_event event{};
  event.events = EPOLLIN;
  if (interest == Interest::kReadAndWrite) {
    event.events |= EPOLLOUT;
  }
  event.data.u64 = number;
  if (::epoll_ctl(epoll_.number(), EPOLL_CTL_MOD, descriptor, &event) == 0) {
    return true;
  }
  return errno == ENOENT && ::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, descriptor, &event) == 0;
}

std::span<const epoll_event> PollSet::wait(std::chrono::nanoseconds limit) {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(
      std::max(limit, std::chrono::nanoseconds::zero()));
  const timespec timeout{
      .tv_sec = whole.count(),
      .tv_nsec = (std::max(limit, std::chrono::nanoseconds::zero()) - whole).count()};
  const int ready = ::epoll_pwait2(epoll_.number(), events_.data(),
                                   static_cast<int>(events_.size()), &timeout, nullptr);
  return std::span(events_).first(static_cast<std::size_t>(std::max(ready, 0)));
}

}  // namespace counterfoil
