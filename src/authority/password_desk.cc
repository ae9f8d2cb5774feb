#include "authority/password_desk.h"

#include <chrono>
#include <expected>
#include <mutex>
#include <string>

#include "authority/problem.h"
#include "authority/problems.h"
#include "base/bytes.h"
#include "crypto/crypto_error.h"
#include "crypto/password_hash.h"

namespace counterfoil {
namespace {

std::unexpected<Problem> hashing_failed(CryptoError error) {
  return problem(Problem::Kind::kUnavailable, "hashing_failed",
                 "the password could not be checked: " + std::string(describe(error)));
}

}  // namespace

PasswordDesk::Seat::~Seat() {
  if (desk_ != nullptr) {
    {
      const std::scoped_lock lock(desk_->mutex_);
      --desk_->taken_;
    }
    desk_->free_.notify_one();
  }
}

std::expected<PasswordDesk::Seat, Problem> PasswordDesk::take_seat() {
  std::unique_lock lock(mutex_);
  if (taken_ >= kAtOnce) {
    if (waiting_ >= kWaitingMax) {
      return std::unexpected(Problem{.kind = Problem::Kind::kBusy,
                                     .reason = "too_many_sign_ins",
                                     .detail = "too many people sign in at this moment; try again "
                                               "in a few seconds",
                                     .retry_after = std::chrono::seconds(5)});
    }
    ++waiting_;
    free_.wait(lock, [this] { return taken_ < kAtOnce; });
    --waiting_;
  }
  ++taken_;
  return Seat(*this);
}

std::size_t PasswordDesk::waiting() {
  const std::scoped_lock lock(mutex_);
  return waiting_;
}

std::expected<bool, Problem> PasswordDesk::check(ByteView password, const PasswordHash* stored) {
  const auto seat = take_seat();
  if (!seat) {
    return std::unexpected(seat.error());
  }
  const auto right =
      stored == nullptr ? hasher_.verify_nobody(password) : hasher_.verify(password, *stored);
  return right ? std::expected<bool, Problem>(*right) : hashing_failed(right.error());
}

std::expected<PasswordHash, Problem> PasswordDesk::hash(ByteView password) {
  const auto seat = take_seat();
  if (!seat) {
    return std::unexpected(seat.error());
  }
  const auto made = hasher_.hash(password, random_);
  return made ? std::expected<PasswordHash, Problem>(*made) : hashing_failed(made.error());
}

}  // namespace counterfoil
