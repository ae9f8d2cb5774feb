#include "doors/net/poller.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <system_error>

namespace counterfoil::net {
namespace {

constexpr std::uint32_t kWatched = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

epoll_event event_for(Poller::Place place) {
  epoll_event event{};
  event.events = kWatched;
  event.data.u64 = std::uint64_t{place.generation} << 32U | place.slot;
  return event;
}

}  // namespace

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_create1");
  }
}

Poller::~Poller() { ::close(epoll_); }

Poller::Place Poller::watch(int fd, Pollable& pollable) {
  if (first_free_ == kNone) {
    first_free_ = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  }
  const std::uint32_t number = first_free_;
  Slot& slot = slots_[number];
  const Place place{.slot = number, .generation = slot.generation};
  epoll_event event = event_for(place);
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) {
    return {};
  }
  first_free_ = slot.next_free;
  slot.pollable = &pollable;
  return place;
}

void Poller::remind(int fd, Place place) {
  epoll_event event = event_for(place);
  (void)::epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event);
}

void Poller::forget(int fd, Place place) noexcept {
  (void)::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
  Slot& slot = slots_[place.slot];
  slot.pollable = nullptr;
  if (++slot.generation != 0) {  // a slot used four thousand million times is left empty
    slot.next_free = first_free_;
    first_free_ = place.slot;
  }
}

void Poller::dispatch() {
  std::array<epoll_event, kBatchMax> events;
  const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (i + 1 < count) {  // fetched while this one is served
      const epoll_event& next = events[static_cast<std::size_t>(i) + 1];
      __builtin_prefetch(slots_[static_cast<std::uint32_t>(next.data.u64)].pollable);
    }
    const Slot& slot = slots_[static_cast<std::uint32_t>(event.data.u64)];
    if (slot.generation != event.data.u64 >> 32U) {
      continue;  // forgotten since the batch was taken
    }
    const bool hung_up = (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    slot.pollable->on_ready({.read = hung_up || (event.events & EPOLLIN) != 0,
                             .write = hung_up || (event.events & EPOLLOUT) != 0,
                             .hung_up = hung_up});
  }
}

}  // namespace counterfoil::net
