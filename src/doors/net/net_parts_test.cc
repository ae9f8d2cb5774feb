#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

#include "base/ip_address.h"
#include "base/time.h"
#include "doors/net/buffer_pool.h"
#include "doors/net/connection_counts.h"
#include "doors/net/input_buffer.h"
#include "doors/net/listener.h"
#include "doors/net/worker_pool.h"

namespace counterfoil::net {
namespace {

constexpr BootTime kNow{std::chrono::hours(1)};

IpAddress address(const char* text) { return *IpAddress::parse(text); }

TEST(ConnectionCounts, CountAnIpv6NetworkAsOneSource) {
  ConnectionCounts counts({.per_source_max = 2, .total_max = 100});
  std::optional<ConnectionPlace> first = counts.enter(address("2001:db8::1"), kNow);
  const auto second = counts.enter(address("2001:db8::ffff:1"), kNow);

  EXPECT_TRUE(first && second);
  EXPECT_FALSE(counts.enter(address("2001:db8:0:0:1::"), kNow).has_value());
  EXPECT_TRUE(counts.enter(address("2001:db8:0:1::1"), kNow).has_value());
  first.reset();
  EXPECT_TRUE(counts.enter(address("2001:db8::2"), kNow).has_value());
}

TEST(ConnectionCounts, CountEachIpv4AddressAndAllTogether) {
  ConnectionCounts counts({.per_source_max = 1, .total_max = 2});
  const auto one = counts.enter(address("192.0.2.1"), kNow);
  const auto two = counts.enter(address("192.0.2.2"), kNow);

  EXPECT_TRUE(one && two);
  EXPECT_FALSE(counts.enter(address("192.0.2.1"), kNow).has_value());
  EXPECT_FALSE(counts.enter(address("192.0.2.3"), kNow).has_value());
  EXPECT_EQ(counts.total(), 2U);
}

TEST(ConnectionCounts, CountAProxysConnectionsAsTheirClients) {
  ConnectionCounts counts({.per_source_max = 1, .total_max = 3});
  auto one = counts.enter();
  auto two = counts.enter();
  auto three = counts.enter();
  ASSERT_TRUE(one && two && three);
  EXPECT_FALSE(counts.enter().has_value());

  EXPECT_TRUE(one->count_as(address("192.0.2.1"), kNow));
  EXPECT_FALSE(two->count_as(address("192.0.2.1"), kNow));
  EXPECT_TRUE(three->count_as(address("192.0.2.2"), kNow));
  two.reset();
  EXPECT_FALSE(counts.enter(address("192.0.2.1"), kNow).has_value());
  EXPECT_EQ(counts.total(), 2U);
  one.reset();
  EXPECT_TRUE(counts.enter(address("192.0.2.1"), kNow).has_value());
}

TEST(ConnectionCounts, LimitHowFastASourceOpensThem) {
  ConnectionCounts counts({.per_source_max = 100, .total_max = 1'000, .new_per_second_max = 2});
  const auto opens = [&](const char* from, BootTime now) {
    return counts.enter(address(from), now).has_value();  // and closes at once
  };
  constexpr std::size_t kBurst = ConnectionLimits::kBurst * 2;
  for (std::size_t i = 0; i < kBurst; ++i) {
    EXPECT_TRUE(opens("192.0.2.1", kNow)) << i;
  }
  EXPECT_FALSE(opens("192.0.2.1", kNow));
  EXPECT_TRUE(opens("192.0.2.2", kNow)) << "another source";
  EXPECT_FALSE(opens("192.0.2.1", kNow + std::chrono::milliseconds(499)));
  EXPECT_TRUE(opens("192.0.2.1", kNow + std::chrono::milliseconds(500)));
  EXPECT_FALSE(opens("192.0.2.1", kNow + std::chrono::milliseconds(500)));
  for (std::size_t i = 0; i < kBurst; ++i) {
    EXPECT_TRUE(opens("2001:db8::1", kNow));
  }
  EXPECT_FALSE(opens("2001:db8::2", kNow)) << "the same /64";
}

TEST(ConnectionCounts, ForgetSourcesThatAreQuiet) {
  ConnectionCounts counts({.per_source_max = 4, .total_max = 10, .new_per_second_max = 1'000});
  constexpr std::size_t kSources = 200'000;
  std::size_t most = 0;
  for (std::size_t i = 0; i < kSources; ++i) {
    const IpAddress source =
        IpAddress::v4({198, static_cast<std::uint8_t>(i >> 16U), static_cast<std::uint8_t>(i >> 8U),
                       static_cast<std::uint8_t>(i)});
    EXPECT_TRUE(counts.enter(source, kNow + std::chrono::microseconds(i)).has_value());
    most = i % 1'000 == 0 ? std::max(most, counts.sources()) : most;
  }
  EXPECT_LT(most, 20'000U);  // of the last thousandth of a second, and what awaits the sweep
  ConnectionCounts unlimited({.per_source_max = 4, .total_max = 10});
  EXPECT_TRUE(unlimited.enter(address("192.0.2.1"), kNow).has_value());
  EXPECT_EQ(unlimited.sources(), 0U);
}

void put(InputBuffer& buffer, const std::string& text) {
  ASSERT_LE(text.size(), buffer.room());
  std::memcpy(buffer.space(), text.data(), text.size());
  buffer.commit(text.size());
}

TEST(InputBuffer, GrowsOnceAndKeepsWhatItHolds) {
  BufferPool pool;
  InputBuffer buffer(pool);
  ASSERT_TRUE(buffer.make_room(1));
  EXPECT_EQ(buffer.room(), BufferPool::kSmallBytes);
  put(buffer, std::string(4000, 'a') + "tail");
  buffer.consume(4000);

  ASSERT_TRUE(buffer.make_room(1024));
  EXPECT_EQ(buffer.received(), "tail");
  EXPECT_EQ(buffer.room(), BufferPool::kSmallBytes - 4);
  ASSERT_TRUE(buffer.make_room(50'000));
  EXPECT_EQ(buffer.received(), "tail");
  EXPECT_FALSE(buffer.make_room(BufferPool::kLargeBytes - 3));
}

TEST(InputBuffer, UsesUpAndCuts) {
  BufferPool pool;
  InputBuffer buffer(pool);
  ASSERT_TRUE(buffer.make_room(1));
  put(buffer, "head body rest");
  buffer.consume(5);
  buffer.cut(4);

  EXPECT_EQ(buffer.received(), "body");
  buffer.consume(4);
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.room(), BufferPool::kSmallBytes);
}

struct ListenCase {
  const char* text;
  const char* written;  // empty: refused
};
constexpr ListenCase kListens[] = {
    {"127.0.0.1:8080", "127.0.0.1:8080"},
    {"[::1]:8080", "[::1]:8080"},
    {"0.0.0.0:0", "0.0.0.0:0"},
    {"127.0.0.1", ""},
    {"127.0.0.1:", ""},
    {"127.0.0.1:x", ""},
    {"127.0.0.1:65536", ""},
    {"::1:80", ""},
    {"[127.0.0.1]:80", ""},
    {"localhost:80", ""},
    {"", ""},
};

TEST(ListenAddress, IsReadStrictly) {
  for (const ListenCase& row : kListens) {
    const auto parsed = ListenAddress::parse(row.text);
    EXPECT_EQ(parsed ? parsed->to_string() : std::string(), row.written) << row.text;
  }
}

TEST(WorkerPool, RunsWhatItTookAndRefusesTheRest) {
  std::atomic<int> ran{0};
  std::atomic<bool> may_go{false};
  WorkerPool pool(1, 2);
  ASSERT_TRUE(pool.run([&] {
    may_go.wait(false);
    ++ran;
  }));
  int taken = 0;
  while (pool.run([&] { ++ran; })) {
    ++taken;
  }
  EXPECT_GE(taken, 1);
  EXPECT_LE(taken, 3);

  may_go = true;
  may_go.notify_all();
  pool.stop();

  EXPECT_EQ(ran, taken + 1);
  EXPECT_FALSE(pool.run([] {}));
}

}  // namespace
}  // namespace counterfoil::net
