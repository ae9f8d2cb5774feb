#include "authority/password_desk.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <future>
#include <thread>
#include <vector>

#include "authority/problem.h"
#include "base/bytes.h"
#include "base/random.h"
#include "crypto/hmac.h"
#include "crypto/password_hash.h"

namespace counterfoil {
namespace {

class PasswordDeskTest : public testing::Test {
 protected:
  SystemRandom random_;
  PasswordDesk desk_{PasswordHasher(HmacKey::from_secret(as_bytes("pepper")).value(),
                                    {.memory_kib = 8, .passes = 1}),
                     random_};
};

TEST_F(PasswordDeskTest, ChecksWhatItHashed) {
  const auto hash = desk_.hash(as_bytes("tangerine kettle fox"));
  ASSERT_TRUE(hash.has_value());

  EXPECT_EQ(desk_.check(as_bytes("tangerine kettle fox"), &*hash), true);
  EXPECT_EQ(desk_.check(as_bytes("tangerine kettle foy"), &*hash), false);
  EXPECT_EQ(desk_.check(as_bytes("tangerine kettle fox"), nullptr), false);
}

// Control S-52: at most 4 at a time and 32 waiting.
TEST_F(PasswordDeskTest, SendsAwayWhoeverComesWhenAllIsTaken) {
  std::vector<PasswordDesk::Seat> seats;
  for (std::size_t i = 0; i < PasswordDesk::kAtOnce; ++i) {
    seats.push_back(desk_.take_seat().value());
  }
  std::vector<std::future<bool>> waiting;
  for (std::size_t i = 0; i < PasswordDesk::kWaitingMax; ++i) {
    waiting.push_back(
        std::async(std::launch::async, [this] { return desk_.take_seat().has_value(); }));
  }
  while (desk_.waiting() < PasswordDesk::kWaitingMax) {
    std::this_thread::yield();
  }

  const Problem refused = desk_.take_seat().error();

  EXPECT_EQ(refused.kind, Problem::Kind::kBusy);
  EXPECT_EQ(refused.reason, "too_many_sign_ins");
  seats.clear();
  for (auto& one : waiting) {
    EXPECT_TRUE(one.get());
  }
}

}  // namespace
}  // namespace counterfoil
