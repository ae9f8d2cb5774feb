#include "doors/net/proxy_greeting.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/ip_address.h"
#include "base/manual_clock.h"
#include "base/time.h"
#include "doors/net/loop.h"
#include "doors/net/socket.h"
#include "doors/net/test_on_loop.h"
#include "doors/net/test_socket_pair.h"
#include "wire/proxy/proxy_header.h"
#include "wire/proxy/test_proxy_header.h"

namespace counterfoil::net {
namespace {

using std::chrono::seconds;

class ProxyGreetingTest : public testing::Test {
 protected:
  ProxyGreetingTest() : descriptor_(pair_.ours()) { loop_.start(); }
  ~ProxyGreetingTest() override {
    on_loop([this] { greeting_->close(); });
    on_loop([] {});  // what was under way has ended
    loop_.stop();
  }

  void on_loop(std::move_only_function<void()> work) { run_on(loop_, std::move(work)); }
  void greet() {
    on_loop([this] {
      Socket socket(loop_.io());
      socket.assign(boost::asio::ip::tcp::v4(), pair_.give_ours());
      greeting_ = std::make_shared<ProxyGreeting>(loop_, std::move(socket));
      greeting_->start(seconds(1), [this](std::optional<proxy::ProxyHeader> header) {
        if (header) {
          taken_.emplace(greeting_->take_socket());
        }
        answer_.set_value(header);
      });
    });
  }
  std::optional<proxy::ProxyHeader> answer() { return answer_.get_future().get(); }
  void send(std::string_view bytes) { ASSERT_TRUE(pair_.peer_sends(bytes)); }
  // wait_until_read waits until nothing of what was sent lies in the kernel.
  void wait_until_read() const {
    for (int left = 1; left != 0; std::this_thread::yield()) {
      ASSERT_EQ(::ioctl(descriptor_, FIONREAD, &left), 0);
    }
  }
  // rest is what the next reader finds.
  std::string rest() {
    std::array<char, 100> space{};
    const ssize_t size = ::recv(taken_->native_handle(), space.data(), space.size(), MSG_DONTWAIT);
    return {space.data(), size < 0 ? 0 : static_cast<std::size_t>(size)};
  }
  // peer_sees_the_end waits until our end is closed.
  bool peer_sees_the_end() const {
    pollfd watched{.fd = pair_.peer(), .events = POLLRDHUP, .revents = 0};
    return ::poll(&watched, 1, 20'000) == 1;
  }

  SocketPair pair_;
  int descriptor_;
  ManualClock clock_{from_unix_ms(0)};
  std::promise<std::optional<proxy::ProxyHeader>> answer_;
  Loop loop_{clock_};
  std::optional<Socket> taken_;
  std::shared_ptr<ProxyGreeting> greeting_;
};

const IpAddress kClient = IpAddress::v4({192, 0, 2, 1});
const std::string kLine = "PROXY TCP4 192.0.2.1 198.51.100.2 1 2\r\n";

TEST_F(ProxyGreetingTest, LeavesWhatFollowsToOthers) {
  greet();
  send(kLine + "behind");

  const auto header = answer();

  ASSERT_TRUE(header);
  EXPECT_EQ(header->client, kClient);
  EXPECT_EQ(rest(), "behind");
}

TEST_F(ProxyGreetingTest, ReadsALineByteByByte) {
  greet();
  for (const char byte : kLine) {
    send({&byte, 1});
    wait_until_read();
  }
  EXPECT_EQ(answer().value_or(proxy::ProxyHeader()).client, kClient);
  EXPECT_EQ(rest(), "");
}

TEST_F(ProxyGreetingTest, ReadsTheLongestHeaderInPieces) {
  const std::size_t room = proxy::kV2BytesMax - 31;
  const std::string header =
      proxy::v2(0x21, 0x11, proxy::kV4Block + proxy::tlv(4, std::string(room, 'x')));
  ASSERT_EQ(header.size(), proxy::kV2BytesMax);
  greet();
  send(header.substr(0, 20));
  wait_until_read();
  send(header.substr(20) + "behind");

  EXPECT_EQ(answer().value_or(proxy::ProxyHeader()).client, kClient);
  EXPECT_EQ(rest(), "behind");
}

TEST_F(ProxyGreetingTest, ClosesWhatBeginsOtherwise) {
  greet();
  send("GET / HTTP/1.1\r\n");

  EXPECT_FALSE(answer());
  EXPECT_TRUE(peer_sees_the_end());
}

TEST_F(ProxyGreetingTest, ClosesWhatEndsBeforeItIsWhole) {
  greet();
  send(kLine.substr(0, 10));
  pair_.close_peer();

  EXPECT_FALSE(answer());
}

TEST_F(ProxyGreetingTest, ClosesWhatTakesTooLong) {
  greet();
  send(kLine.substr(0, 10));
  wait_until_read();

  clock_.advance(seconds(2));

  EXPECT_FALSE(answer());
  EXPECT_TRUE(peer_sees_the_end());
}

TEST_F(ProxyGreetingTest, SaysNothingWhenItIsClosed) {
  greet();
  on_loop([this] { greeting_->close(); });

  EXPECT_TRUE(peer_sees_the_end());
  on_loop([] {});
  EXPECT_EQ(answer_.get_future().wait_for(seconds(0)), std::future_status::timeout);
}

}  // namespace
}  // namespace counterfoil::net
