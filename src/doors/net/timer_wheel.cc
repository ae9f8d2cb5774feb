#include "doors/net/timer_wheel.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/time.h"

namespace counterfoil::net {
namespace {

void make_empty_ring(TimerLink& head) {
  head.previous = &head;
  head.next = &head;
}

void insert_before(TimerLink& place, TimerLink& link) {
  link.previous = place.previous;
  link.next = &place;
  place.previous->next = &link;
  place.previous = &link;
}

void take_out(TimerLink& link) {
  if (link.previous == nullptr) {
    return;
  }
  link.previous->next = link.next;
  link.next->previous = link.previous;
  link.previous = nullptr;
  link.next = nullptr;
}

// move_all leaves `from` empty and makes `to` the head of what it held.
void move_all(TimerLink& from, TimerLink& to) {
  make_empty_ring(to);
  if (from.next == &from) {
    return;
  }
  to.next = from.next;
  to.previous = from.previous;
  to.next->previous = &to;
  to.previous->next = &to;
  make_empty_ring(from);
}

}  // namespace

void WheelTimer::set(TimerWheel& wheel, std::chrono::nanoseconds after) {
  const auto ticks = std::max<std::int64_t>(after / TimerWheel::kTick, 0);
  // One more, for the present tick is partly over.
  due_ = wheel.tick_ + static_cast<std::uint64_t>(ticks) + 1;
  is_set_ = true;
  if (previous == nullptr || looked_at_ > due_) {
    unlink();
    wheel.link(*this);
  }
}

void WheelTimer::unlink() { take_out(*this); }

TimerWheel::TimerWheel(BootTime now) : epoch_(now) {
  std::ranges::for_each(slots_, make_empty_ring);
}

TimerWheel::~TimerWheel() {
  // Timers may outlive the wheel; they must not reach back into it.
  for (TimerLink& slot : slots_) {
    while (slot.next != &slot) {
      take_out(*slot.next);
    }
  }
}

void TimerWheel::link(WheelTimer& timer) {
  const std::uint64_t ahead =
      std::clamp<std::uint64_t>(timer.due_ > tick_ ? timer.due_ - tick_ : 1, 1, kSlots - 1);
  timer.looked_at_ = tick_ + ahead;
  insert_before(slots_[timer.looked_at_ % kSlots], timer);
}

void TimerWheel::advance(BootTime now) {
  const std::int64_t ticks = std::max<std::int64_t>((now - epoch_) / kTick, 0);
  const auto target = static_cast<std::uint64_t>(ticks);
  while (tick_ < target) {
    // After a pause longer than the wheel, once round it is enough.
    tick_ = std::max(tick_ + 1, target > kSlots ? target - kSlots + 1 : 0);
    visit(slots_[tick_ % kSlots]);
  }
}

void TimerWheel::visit(TimerLink& slot) {
  TimerLink visited;
  move_all(slot, visited);
  while (visited.next != &visited) {
    auto& timer = static_cast<WheelTimer&>(*visited.next);
    timer.unlink();
    if (timer.is_set_ && timer.due_ > tick_) {
      link(timer);
    } else if (timer.is_set_) {
      timer.is_set_ = false;
      timer.expired_();  // may destroy the timer
    }
  }
}

}  // namespace counterfoil::net
