#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace counterfoil {

// BodyBudget bounds the memory that request bodies take, of all connections of a door together.
// Safe to call from any thread.
class BodyBudget {
 public:
  explicit BodyBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  [[nodiscard]] bool take(std::size_t bytes) {
    if (held_.fetch_add(bytes, std::memory_order_relaxed) + bytes > bytes_max_) {
      give_back(bytes);
      return false;
    }
    return true;
  }
  void give_back(std::size_t bytes) { held_.fetch_sub(bytes, std::memory_order_relaxed); }
  [[nodiscard]] std::size_t held() const { return held_.load(std::memory_order_relaxed); }

 private:
  std::size_t bytes_max_;
  std::atomic<std::size_t> held_{0};
};

// BodyShare is what one request holds of the budget; given back when it ends.
class BodyShare {
 public:
  explicit BodyShare(BodyBudget& budget) : budget_(budget) {}
  BodyShare(const BodyShare&) = delete;
  BodyShare& operator=(const BodyShare&) = delete;
  BodyShare(BodyShare&&) = delete;
  BodyShare& operator=(BodyShare&&) = delete;
  ~BodyShare() { release(); }

  // cover sees to it that `bytes` are held, in steps so that a body read in small pieces does not
  // ask each time. false: the budget is used up.
  [[nodiscard]] bool cover(std::size_t bytes) {
    constexpr std::size_t kStep = std::size_t{16} * 1024;
    if (bytes <= held_) {
      return true;
    }
    const std::size_t more = bytes - held_ + kStep;
    if (!budget_.take(more)) {
      return false;
    }
    held_ += more;
    return true;
  }
  void release() {
    if (held_ > 0) {
      budget_.give_back(std::exchange(held_, 0));
    }
  }

 private:
  BodyBudget& budget_;
  std::size_t held_ = 0;
};

}  // namespace counterfoil
