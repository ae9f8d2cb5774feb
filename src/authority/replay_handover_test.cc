#include "authority/replay_handover.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/replay_memory.h"
#include "base/bytes.h"
#include "base/time.h"
#include "crypto/hmac.h"
#include "crypto/secret_arena.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;
using Batch = ReplayMemory::Batch;

constexpr Timestamp kNow = from_unix_ms(1'750'000'000'000);
constexpr BootTime kBoot{std::chrono::hours(100)};

HandoverOrigin origin() {
  return {.registry = {.incarnation = 0xfedcba9876543210U, .number = 4711},
          .ticket = 42,
          .wall = kNow,
          .boot = kBoot,
          .boot_id = "0f3d9f4e-1b7a-4a6f-9d8e-0123456789ab",
          .changes_from = kNow - 1h};
}

Handover small() {
  return {.origin = origin(),
          .batches = {{.slot = 0, .forget_at = kNow + 5s, .prints = {{.value = 1}}},
                      {.slot = ReplayMemory::kSlots - 1,
                       .forget_at = kNow + 61s,
                       .prints = {{.value = ~0ULL}, {.value = 3}}}}};
}

class ReplayHandover : public testing::Test {
 protected:
  ReplayHandover() { configure_secret_memory(UnlockedMemory::kAllow); }
  HmacKey key_ = HmacKey::from_secret(as_bytes("a key of this installation")).value();
};

TEST_F(ReplayHandover, IsReadAsItWasWritten) {
  const auto bytes = encode_handover(small(), key_);
  ASSERT_TRUE(bytes);

  const auto read = decode_handover(*bytes, key_);

  ASSERT_TRUE(read) << describe(read.error());
  EXPECT_EQ(*read, small());
  const Handover empty{.origin = origin(), .batches = {}};
  EXPECT_EQ(decode_handover(encode_handover(empty, key_).value(), key_), empty);
}

TEST_F(ReplayHandover, EveryByteCountsAndEveryTornEndIsSeen) {
  const std::string bytes = encode_handover(small(), key_).value();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string altered = bytes;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    EXPECT_EQ(decode_handover(altered, key_), std::unexpected(HandoverFault::kNotAuthentic)) << i;
    EXPECT_EQ(decode_handover(bytes.substr(0, i), key_),
              std::unexpected(HandoverFault::kNotAuthentic))
        << i;
  }
  EXPECT_EQ(decode_handover(bytes + '\0', key_), std::unexpected(HandoverFault::kNotAuthentic));
  const HmacKey other = HmacKey::from_secret(as_bytes("another installation's")).value();
  EXPECT_EQ(decode_handover(bytes, other), std::unexpected(HandoverFault::kNotAuthentic));
}

// body is what stands before the authentication.
std::string body_of(const Handover& handover, const HmacKey& key) {
  std::string bytes = encode_handover(handover, key).value();
  bytes.resize(bytes.size() - 32);
  return bytes;
}

TEST_F(ReplayHandover, TheParserTakesWhatIsWrittenAndNothingElse) {
  const std::string body = body_of(small(), key_);
  EXPECT_EQ(parse_handover(body), small());
  for (std::size_t i = 0; i < body.size(); ++i) {
    EXPECT_FALSE(parse_handover(body.substr(0, i))) << i;
  }
  EXPECT_FALSE(parse_handover(body + '\0'));
  std::string other_version = body;
  other_version[8] = 1;
  EXPECT_FALSE(parse_handover(other_version));
}

TEST_F(ReplayHandover, TheParserKeepsItsLimits) {
  Handover handover = small();
  handover.origin.boot_id.assign(kHandoverBootIdBytesMax, 'x');
  EXPECT_EQ(parse_handover(body_of(handover, key_)), handover);
  handover.origin.boot_id += 'x';
  EXPECT_FALSE(encode_handover(handover, key_));

  handover = small();
  handover.batches.assign(kHandoverBatchesMax, handover.batches.front());
  EXPECT_EQ(parse_handover(body_of(handover, key_)), handover);
  handover.batches.push_back(handover.batches.front());
  EXPECT_FALSE(encode_handover(handover, key_));

  handover = small();
  handover.batches.front().slot = ReplayMemory::kSlots;
  EXPECT_FALSE(parse_handover(body_of(handover, key_)));
  handover = small();
  handover.batches.front().prints.clear();
  EXPECT_FALSE(parse_handover(body_of(handover, key_)));

  // A count far beyond the bytes that follow takes no memory.
  std::string body = body_of({.origin = origin(), .batches = {}}, key_);
  body[body.size() - 4] = 1;  // one batch
  body += std::string(12, '\0') + "\xff\xff\xff\xff";
  EXPECT_FALSE(parse_handover(body));
}

struct Moment {
  std::string_view name;
  HandoverOrigin here;
  std::expected<void, HandoverFault> verdict;
};

// here is the next start, `later` by both clocks; then `wall` more by the wall clock alone.
HandoverOrigin here(std::chrono::microseconds later, std::chrono::microseconds wall = 0us) {
  HandoverOrigin now = origin();
  now.wall += later + wall;
  now.boot += later;
  return now;
}
HandoverOrigin with_registry(Revision revision) {
  HandoverOrigin now = here(1s);
  now.registry = revision;
  return now;
}
HandoverOrigin with_ticket(std::uint64_t ticket) {
  HandoverOrigin now = here(1s);
  now.ticket = ticket;
  return now;
}
HandoverOrigin with_boot_id(std::string id) {
  HandoverOrigin now = here(1s);
  now.boot_id = std::move(id);
  return now;
}

TEST(HandoverCheck, TakesTheMomentBeforeAndNoOther) {
  const auto no = [](HandoverFault fault) { return std::unexpected(fault); };
  const std::vector<Moment> moments{
      {"at once", here(0s), {}},
      {"after ten minutes", here(10min), {}},
      {"later", here(10min + 1us), no(HandoverFault::kTooOld)},
      {"clock a second ahead", here(5s, 1s), {}},
      {"clock further ahead", here(5s, 1s + 1us), no(HandoverFault::kClockInDoubt)},
      {"clock a second back", here(5s, -1s), {}},
      {"clock further back", here(5s, -1s - 1us), no(HandoverFault::kClockInDoubt)},
      {"boot clock went back", here(-1us), no(HandoverFault::kOtherBoot)},
      {"another boot", with_boot_id("another"), no(HandoverFault::kOtherBoot)},
      {"unknown boot", with_boot_id(""), no(HandoverFault::kOtherBoot)},
      {"served before", with_ticket(0), no(HandoverFault::kServedBefore)},
      {"another one is due", with_ticket(43), no(HandoverFault::kServedBefore)},
      {"registry went on", with_registry({.incarnation = 0xfedcba9876543210U, .number = 4712}), {}},
      {"registry went back", with_registry({.incarnation = 0xfedcba9876543210U, .number = 4710}),
       no(HandoverFault::kOtherRegistry)},
      {"another registry", with_registry({.incarnation = 1, .number = 4711}),
       no(HandoverFault::kOtherRegistry)},
  };
  for (const Moment& moment : moments) {
    EXPECT_EQ(check_handover(origin(), moment.here), moment.verdict) << moment.name;
  }
  HandoverOrigin nowhere = origin();
  nowhere.boot_id.clear();
  EXPECT_EQ(check_handover(nowhere, nowhere), no(HandoverFault::kOtherBoot));
  HandoverOrigin without_ticket = origin();
  without_ticket.ticket = 0;
  EXPECT_EQ(check_handover(without_ticket, without_ticket), no(HandoverFault::kServedBefore));
}

}  // namespace
}  // namespace counterfoil
