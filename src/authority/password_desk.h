#pragma once

#include <condition_variable>
#include <cstddef>
#include <expected>
#include <mutex>
#include <utility>

#include "authority/problem.h"
#include "base/bytes.h"
#include "base/random.h"
#include "crypto/password_hash.h"

namespace counterfoil {

// PasswordDesk is where passwords are hashed: at most kAtOnce at a time, with kWaitingMax more in
// the queue; whoever comes then is sent away (control S-52). So sign-ins never take more than
// 256 MiB and four threads, which give way to everything else on the machine. Safe to call from any
// thread; calls block, so no event loop makes them.
class PasswordDesk {
 public:
  static constexpr std::size_t kAtOnce = 4;
  static constexpr std::size_t kWaitingMax = 32;

  // `random` must outlive it.
  PasswordDesk(PasswordHasher hasher, RandomSource& random)
      : hasher_(std::move(hasher)), random_(random) {}

  // check says whether `password` is the one of `stored`; nullptr: of nobody, which takes as long
  // and is never right. Problem: too_many_sign_ins, hashing_failed.
  [[nodiscard]] std::expected<bool, Problem> check(ByteView password, const PasswordHash* stored);
  [[nodiscard]] std::expected<PasswordHash, Problem> hash(ByteView password);
  [[nodiscard]] bool needs_rehash(const PasswordHash& stored) const {
    return hasher_.needs_rehash(stored);
  }

  // Seat is one of the places at the desk; it is free again when this ends.
  class Seat {
   public:
    explicit Seat(PasswordDesk& desk) : desk_(&desk) {}
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;
    Seat(Seat&& other) noexcept : desk_(std::exchange(other.desk_, nullptr)) {}
    Seat& operator=(Seat&&) = delete;
    ~Seat();

   private:
    PasswordDesk* desk_;
  };
  // take_seat waits for one. Problem: too_many_sign_ins.
  [[nodiscard]] std::expected<Seat, Problem> take_seat();
  // waiting counts who waits for a seat now.
  [[nodiscard]] std::size_t waiting();

 private:
  PasswordHasher hasher_;
  RandomSource& random_;
  std::mutex mutex_;
  std::condition_variable free_;
  std::size_t taken_ = 0;
  std::size_t waiting_ = 0;
};

}  // namespace counterfoil
