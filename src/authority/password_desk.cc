#include "authority/password_desk.h"

#include <sys/resource.h>
#include <sys/types.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <expected>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>

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

// A hash keeps a core busy for some tenths of a second, and whoever verifies requests must not feel
// it: four of them at this niceness take less than a tenth of a core from a loop that is busy.
constexpr int kNiceness = 15;

// run_behind_all_else waits for `work`, which runs on a thread of its own: who has lowered their
// priority may not raise it again.
template <typename Work>
void run_behind_all_else(const Work& work) {
  try {
    const std::jthread thread([&] {
      // Where it is refused the hash is merely in the way.
      (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness);
      work();
    });
  } catch (const std::system_error&) {
    work();  // There is no other thread to be had.
  }
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
  std::expected<bool, CryptoError> right = std::unexpected(CryptoError::kLibraryFailure);
  run_behind_all_else([&] {
    right = stored == nullptr ? hasher_.verify_nobody(password) : hasher_.verify(password, *stored);
  });
  return right ? std::expected<bool, Problem>(*right) : hashing_failed(right.error());
}

std::expected<PasswordHash, Problem> PasswordDesk::hash(ByteView password) {
  const auto seat = take_seat();
  if (!seat) {
    return std::unexpected(seat.error());
  }
  std::expected<PasswordHash, CryptoError> made = std::unexpected(CryptoError::kLibraryFailure);
  run_behind_all_else([&] { made = hasher_.hash(password, random_); });
  return made ? std::expected<PasswordHash, Problem>(*made) : hashing_failed(made.error());
}

}  // namespace counterfoil
