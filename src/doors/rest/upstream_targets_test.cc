#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "doors/net/timer_wheel.h"
#include "doors/rest/rest_door.h"
#include "doors/rest/test_client.h"
#include "doors/rest/test_gate.h"
#include "doors/rest/test_upstream.h"
#include "doors/rest/upstream_state.h"
#include "verify/reason.h"

namespace counterfoil::rest_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using enum UpstreamStanding;

constexpr const char* kPing = "GET /api/v3/ping HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr const char* kEcho =
    "POST /api/v3/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";
constexpr const char* kUnwell = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";

// SilentListener is where a connection is neither taken nor refused: its queue is full.
class SilentListener {
 public:
  SilentListener() : listener_(make_socket()) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    (void)::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size);
    ::listen(listener_, 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    for (int& filler : fillers_) {
      filler = make_socket();
      ::fcntl(filler, F_SETFL, O_NONBLOCK);
      (void)::connect(filler, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    }
    pollfd first{.fd = fillers_[0], .events = POLLOUT, .revents = 0};
    ::poll(&first, 1, 10'000);
  }
  SilentListener(const SilentListener&) = delete;
  SilentListener& operator=(const SilentListener&) = delete;
  SilentListener(SilentListener&&) = delete;
  SilentListener& operator=(SilentListener&&) = delete;
  ~SilentListener() {
    for (const int filler : fillers_) {
      ::close(filler);
    }
    ::close(listener_);
  }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  static int make_socket() { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }
  int listener_;
  std::uint16_t port_ = 0;
  std::array<int, 4> fillers_{};
};

// Targets is a gateway before two targets.
class Targets : public testing::Test {
 protected:
  Targets() {
    gate_.options.upstream.url = gate_.upstream.url() + "," + second_->url();
    gate_.options.upstream.failures_max = 3;
  }
  ~Targets() override {
    is_over_ = true;
    second_->release();
    gate_.upstream.release();
    gate_.door.reset();  // its threads tell of changes until then
  }

  void start() {
    RestDoorParts parts = gate_.parts();
    parts.upstream_changed = [this](const UpstreamChange& change) {
      const std::scoped_lock lock(mutex_);
      changes_.push_back(change.url + (change.is_out ? " out" : " back"));
    };
    auto started = RestDoor::start(gate_.options, gate_.shared_gatekeeper(), parts);
    ASSERT_TRUE(started.has_value()) << started.error();
    gate_.door = std::move(*started);
  }
  [[nodiscard]] std::vector<std::string> changes() {
    const std::scoped_lock lock(mutex_);
    return changes_;
  }
  [[nodiscard]] UpstreamStanding standing(std::size_t target) const {
    return gate_.door->upstream_targets().at(target).standing;
  }
  [[nodiscard]] std::uint64_t refusals(Reason reason) const {
    return gate_.door->stats().refusals[static_cast<std::size_t>(reason)];
  }
  // pass_time_until moves the clock on, no faster than the loops can follow, until something is
  // noticed.
  template <typename Noticed>
  void pass_time_until(Noticed noticed) {
    wait_until([&] {
      gate_.clock.advance(milliseconds(100));
      const auto next = std::chrono::steady_clock::now() + 2 * net::TimerWheel::kTick;
      while (std::chrono::steady_clock::now() < next) {
        if (noticed()) {
          return true;
        }
        std::this_thread::yield();
      }
      return false;
    });
  }
  // put_second_out has the second target fail until it gets no more requests.
  void put_second_out() {
    second_port_ = second_->port();
    second_->stop();
    TestClient client(gate_.port());
    wait_until([&] {
      EXPECT_EQ(client.call(kPing).status, 200) << "it goes to the other target";
      // Where a kept connection spares it, a request that waits has a new one opened.
      return standing(1) == kOut;
    });
  }
  void bring_second_back() { second_ = std::make_unique<TestUpstream>(second_port_); }

  Gate gate_;
  std::unique_ptr<TestUpstream> second_ = std::make_unique<TestUpstream>();
  std::uint16_t second_port_ = 0;
  std::atomic<bool> is_over_ = false;

 private:
  std::mutex mutex_;
  std::vector<std::string> changes_;
};

TEST_F(Targets, TakeTurnsWhereNothingElseDecides) {
  start();
  TestClient client(gate_.port());
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(client.call(kPing).status, 200);
  }

  EXPECT_GE(gate_.upstream.seen().size(), 5U);
  EXPECT_GE(second_->seen().size(), 5U);
}

TEST_F(Targets, EachGetItsOwnHost) {
  start();
  TestClient client(gate_.port());
  wait_until([&] {
    EXPECT_EQ(client.call(kPing).status, 200);
    return !gate_.upstream.seen().empty() && !second_->seen().empty();
  });

  EXPECT_EQ(gate_.upstream.seen().at(0).field("host"), gate_.upstream.url().substr(7));
  EXPECT_EQ(second_->seen().at(0).field("host"), second_->url().substr(7));
}

TEST_F(Targets, TheOneWithFewerRequestsUnderWayGetsTheNext) {
  start();
  gate_.upstream.hold();
  std::vector<std::unique_ptr<TestClient>> held;
  // One request stays at the first target; then all others must find the second.
  while (gate_.upstream.seen().empty()) {
    held.push_back(std::make_unique<TestClient>(gate_.port()));
    held.back()->send(kPing);
    wait_until(
        [&] { return gate_.upstream.seen().size() + second_->seen().size() == held.size(); });
  }
  const std::size_t before = second_->seen().size();
  TestClient client(gate_.port());
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(client.call(kPing).status, 200);
  }

  EXPECT_EQ(second_->seen().size(), before + 10);
  gate_.upstream.release();
  EXPECT_EQ(held.back()->read().status, 200);
}

TEST_F(Targets, ARequestOfWhichNothingWasSentGoesToAnother) {
  second_->stop();
  start();
  TestClient client(gate_.port());

  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(client.call(i % 2 == 0 ? kPing : kEcho).status, 200) << i;
  }
  EXPECT_EQ(refusals(Reason::kUpstreamUnreachable), 0U);
}

TEST_F(Targets, ARequestGoesToAnotherWhenAConnectionIsNotMadeInTime) {
  const SilentListener silent;
  gate_.options.upstream.url = gate_.upstream.url() + "," + silent.url();
  start();
  TestClient client(gate_.port());
  client.send(kEcho);
  wait_until([&] { return gate_.door->stats().upstream_waiting == 1; });

  gate_.clock.advance(milliseconds(2'100));

  EXPECT_EQ(client.read().status, 200);
  EXPECT_EQ(gate_.door->upstream_targets().at(1).last_fault, UpstreamFault::kUnreachable);
}

TEST_F(Targets, TheKeyIsLookedAtAgainBeforeTheAttemptAtAnother) {
  const SilentListener silent;
  gate_.options.upstream.url = gate_.upstream.url() + "," + silent.url();
  start();
  const TestKey key = gate_.hmac_key();
  TestClient client(gate_.port());
  client.send(gate_.post(key, "/api/v3/order", "symbol=A"));
  wait_until([&] { return gate_.door->stats().upstream_waiting == 1; });
  ASSERT_TRUE(gate_.issuer->revoke_key(key.id, "test", kTester).has_value());

  gate_.clock.advance(milliseconds(2'100));

  EXPECT_EQ(client.read().status, 401);
  EXPECT_TRUE(gate_.upstream.seen().empty());
}

TEST_F(Targets, WhoseFaultsComeInARowGetNoMoreRequests) {
  start();
  put_second_out();
  const std::uint64_t failed = gate_.door->stats().upstream_connects_failed;

  TestClient client(gate_.port());
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(client.call(kPing).status, 200);
  }

  EXPECT_EQ(gate_.door->stats().upstream_connects_failed, failed) << "nobody tries it any more";
  EXPECT_EQ(changes(), std::vector<std::string>{second_->url() + " out"});
}

TEST_F(Targets, ComeBackAfterAProbe) {
  start();
  put_second_out();
  bring_second_back();

  pass_time_until([&] { return standing(1) == kOnTrial; });
  TestClient client(gate_.port());
  wait_until([&] {
    EXPECT_EQ(client.call(kPing).status, 200);
    return standing(1) == kUp;
  });

  EXPECT_GE(second_->seen().size(), 1U);
  EXPECT_EQ(changes().back(), second_->url() + " back");
}

TEST_F(Targets, AreProbedAgainAndAgain) {
  start();
  put_second_out();

  pass_time_until(
      [&] { return gate_.door->upstream_targets().at(1).next_probe_in > milliseconds(1'500); });

  EXPECT_EQ(standing(1), kOut);
  EXPECT_EQ(changes().size(), 1U) << "it is told once";
}

TEST_F(Targets, OnTrialGetOneRequestAtATimeWhileOthersCanTakeTheRest) {
  start();
  put_second_out();
  bring_second_back();
  second_->hold();
  gate_.upstream.hold();
  const std::size_t before = gate_.upstream.seen().size();
  pass_time_until([&] { return standing(1) == kOnTrial; });

  std::vector<std::unique_ptr<TestClient>> clients;
  while (clients.size() < 8) {
    clients.push_back(std::make_unique<TestClient>(gate_.port()));
    clients.back()->send(kPing);
    wait_until([&] {
      return gate_.upstream.seen().size() - before + second_->seen().size() == clients.size();
    });
  }
  EXPECT_EQ(second_->seen().size(), 1U);
  gate_.upstream.release();
  second_->release();

  for (const auto& client : clients) {
    EXPECT_EQ(client->read().status, 200);
  }
  wait_until([&] { return standing(1) == kUp; });
}

TEST_F(Targets, AllOutAreToldAtOnceAndWhenToAskAgain) {
  gate_.options.upstream.connections_max = 1;
  start();
  gate_.upstream.stop();
  second_->stop();
  TestClient client(gate_.port());
  while (standing(0) != kOut || standing(1) != kOut) {
    EXPECT_EQ(client.call(kPing).status, 502) << "both were tried";
  }

  const ClientAnswer answer = client.call(kPing);

  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, HasSubstr("-1001"));
  EXPECT_EQ(answer.field("retry-after"), "1");
  EXPECT_EQ(refusals(Reason::kUpstreamOut), 1U);
}

TEST_F(Targets, ASignedRequestThatFoundAllOutMayBeSentAgain) {
  gate_.upstream.stop();
  second_port_ = second_->port();
  second_->stop();
  gate_.options.upstream.failures_max = 1;
  start();
  TestClient client(gate_.port());
  EXPECT_EQ(client.call(kPing).status, 502);
  const std::string request = gate_.post(gate_.hmac_key(), "/api/v3/order", "symbol=A");
  EXPECT_EQ(client.call(request).status, 503);

  bring_second_back();
  pass_time_until([&] { return standing(1) == kOnTrial; });

  EXPECT_EQ(client.call(request).status, 200) << "it left no fingerprint";
  EXPECT_EQ(second_->seen().size(), 1U);
}

TEST_F(Targets, WhoWaitsIsToldWhenTheLastTargetGoesOut) {
  gate_.options.upstream.url = gate_.upstream.url();
  gate_.options.upstream.connections_max = 1;
  gate_.options.upstream.failures_max = 1;
  start();
  gate_.upstream.set_script(
      [](const SeenRequest&) { return Action{.answer = "", .then = Action::Then::kClose}; });
  gate_.upstream.hold();
  TestClient first(gate_.port());
  first.send(kEcho);
  ASSERT_TRUE(gate_.upstream.wait_for_seen(1));
  TestClient waits(gate_.port());
  waits.send(kPing);
  wait_until([&] { return gate_.door->stats().upstream_waiting == 1; });

  gate_.upstream.release();

  EXPECT_EQ(first.read().status, 502);
  EXPECT_EQ(gate_.door->upstream_targets().at(0).last_fault, UpstreamFault::kBroken);
  EXPECT_EQ(standing(0), kOut);
  pass_time_until([&] { return gate_.door->stats().upstream_waiting == 0; });
  EXPECT_EQ(waits.read().status, 503);
}

TEST_F(Targets, ASlowAnswerIsNoFaultOfATargetThatAnswersOthers) {
  gate_.options.upstream.url = gate_.upstream.url();
  gate_.options.upstream.failures_max = 1;
  start();
  TestClient slow(gate_.port());
  TestClient quick(gate_.port());
  EXPECT_EQ(quick.call(kPing).status, 200);
  gate_.upstream.set_script([this](const SeenRequest& request) {
    while (request.target().ends_with("slow") && !is_over_) {
      std::this_thread::yield();
    }
    return Action{};
  });
  slow.send("GET /api/v3/slow HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(gate_.upstream.wait_for_seen(2));
  pass_time_until([&, called_at = gate_.clock.boot_now()]() mutable {
    const auto now = gate_.clock.boot_now();
    if (std::exchange(called_at, now) != now) {
      EXPECT_EQ(quick.call(kPing).status, 200);
    }
    return refusals(Reason::kUpstreamTimeout) > 0;
  });
  EXPECT_EQ(slow.read().status, 504);
  EXPECT_EQ(standing(0), kUp);
}

TEST_F(Targets, ATargetThatAnswersNothingInTimeIsPutOut) {
  gate_.options.upstream.url = gate_.upstream.url();
  gate_.options.upstream.failures_max = 1;
  start();
  gate_.upstream.hold();
  TestClient client(gate_.port());
  client.send(kEcho);
  ASSERT_TRUE(gate_.upstream.wait_for_seen(1));

  gate_.clock.advance(milliseconds(10'200));  // not as far as the first probe
  EXPECT_EQ(client.read().status, 504);
  EXPECT_EQ(gate_.door->upstream_targets().at(0).last_fault, UpstreamFault::kTimeout);
  EXPECT_EQ(standing(0), kOut);
  gate_.upstream.release();
}

TEST_F(Targets, TheIdleTimeOfABodyIsItsOwn) {
  gate_.options.upstream.body_idle_max = milliseconds(60'000);
  gate_.options.upstream.url = gate_.upstream.url();
  start();
  gate_.upstream.set_script([](const SeenRequest&) {
    return Action{.answer = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"};
  });
  TestClient client(gate_.port());
  client.send(kPing);
  ASSERT_TRUE(client.wait_for_bytes());
  TestClient other(gate_.port());
  other.send("GET /api");
  wait_until([&] { return gate_.door->stats().connections_open == 2; });

  gate_.clock.advance(seconds(50));
  EXPECT_EQ(other.read().status, 408) << "the loop has noticed the time";
  EXPECT_EQ(gate_.door->stats().answers_cut, 0U);
  gate_.clock.advance(seconds(11));
  wait_until([&] { return gate_.door->stats().answers_cut == 1; });
  EXPECT_FALSE(client.read().is_whole);
}

TEST_F(Targets, WhoWaitsTooLongForAConnectionIsToldSo) {
  gate_.options.upstream.url = gate_.upstream.url();
  gate_.options.upstream.connections_max = 1;
  gate_.options.upstream.wait_time_max = milliseconds(200);
  start();
  gate_.upstream.hold();
  TestClient first(gate_.port());
  first.send(kPing);
  ASSERT_TRUE(gate_.upstream.wait_for_seen(1));
  TestClient waits(gate_.port());
  waits.send(kPing);
  wait_until([&] { return gate_.door->stats().upstream_waiting == 1; });

  gate_.clock.advance(milliseconds(400));

  const ClientAnswer answer = waits.read();
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, HasSubstr("-1008"));
  EXPECT_EQ(answer.field("retry-after"), "1");
  gate_.upstream.release();
  EXPECT_EQ(first.read().status, 200);
}

TEST_F(Targets, AreAskedTheHealthPath) {
  gate_.options.upstream.health_path = "/health?deep=1";
  gate_.options.upstream.health_interval = milliseconds(500);
  second_->set_script([](const SeenRequest& request) {
    return request.target().starts_with("/health") ? Action{.answer = kUnwell} : Action{};
  });
  start();
  pass_time_until([&] { return standing(1) == kOut; });

  EXPECT_EQ(standing(0), kUp);
  EXPECT_EQ(gate_.door->upstream_targets().at(1).last_fault, UpstreamFault::kUnwell);
  const SeenRequest asked = second_->seen().at(0);
  EXPECT_EQ(asked.line(), "GET /health?deep=1 HTTP/1.1");
  EXPECT_EQ(asked.field("host"), second_->url().substr(7));
  TestClient client(gate_.port());
  const auto pings = [&] {
    const auto seen = second_->seen();
    return std::ranges::count_if(
        seen, [](const SeenRequest& one) { return one.target().ends_with("ping"); });
  };
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(client.call(kPing).status, 200);
  }
  EXPECT_EQ(pings(), 0);

  second_->set_script([](const SeenRequest&) {
    return Action{.answer = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"};
  });
  pass_time_until([&] { return standing(1) == kOnTrial; });
}

TEST_F(Targets, OneThatDoesNotAnswerTheHealthPathIsNotWell) {
  gate_.options.upstream.health_path = "/health";
  gate_.options.upstream.health_interval = milliseconds(500);
  second_->hold();
  start();

  pass_time_until([&] { return standing(1) == kOut; });

  EXPECT_EQ(gate_.door->upstream_targets().at(1).last_fault, UpstreamFault::kTimeout);
  second_->release();
}

TEST_F(Targets, ServeManyLoopsWhenOneIsGone) {
  gate_.options.threads = 3;
  start();
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 30; ++i) {
    clients.push_back(std::make_unique<TestClient>(gate_.port()));
    EXPECT_EQ(clients.back()->call(kPing).status, 200);
  }
  second_->stop();

  for (int round = 0; round < 5; ++round) {
    for (const auto& client : clients) {
      EXPECT_EQ(client->call(kPing).status, 200);
    }
  }
  EXPECT_EQ(refusals(Reason::kUpstreamBroken), 0U);
}

}  // namespace
}  // namespace counterfoil::rest_test
