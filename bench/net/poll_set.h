#pragma once

#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace counterfoil {

// Descriptor owns one file descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();

  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

// Interest is what a watched socket is waited for, level-triggered.
enum class Interest : std::uint8_t { kRead, kReadAndWrite };

// PollSet is an epoll instance whose events carry a number chosen by the caller. One thread.
class PollSet {
 public:
  static constexpr std::size_t kEventsMax = 256;

  PollSet();

  // watch begins to report `descriptor` under `number`; watch again changes the interest. Closing
  // the descriptor ends it. false: the kernel refused.
  [[nodiscard]] bool watch(int descriptor, std::uint64_t number, Interest interest);

  // wait gives the sockets that are ready, after `limit` none. The span is valid until the next
  // wait.
  [[nodiscard]] std::span<const epoll_event> wait(std::chrono::nanoseconds limit);

 private:
  Descriptor epoll_;
  std::array<epoll_event, kEventsMax> events_{};
};

}  // namespace counterfoil
