#include "doors/net/plain_socket.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <boost/asio/error.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "base/time.h"
#include "doors/net/loop.h"
#include "doors/net/test_on_loop.h"
#include "doors/net/test_socket_pair.h"

namespace counterfoil::net {
namespace {

struct Moved {
  boost::system::error_code fault;
  std::size_t size = 0;
};

class PlainSocketTest : public testing::Test {
 protected:
  PlainSocketTest() {
    loop_.start();
    on_loop([this] { EXPECT_TRUE(socket_.take(pair_.give_ours())); });
  }
  ~PlainSocketTest() override {
    on_loop([this] { socket_.close(); });
    loop_.stop();
  }

  void on_loop(std::move_only_function<void()> work) { run_on(loop_, std::move(work)); }
  std::future<Moved> begin_read() {
    auto promise = std::make_shared<std::promise<Moved>>();
    on_loop([this, promise] { socket_.read_some(space_, told_to(promise)); });
    return promise->get_future();
  }
  std::future<Moved> begin_write(const std::string& bytes) {
    auto promise = std::make_shared<std::promise<Moved>>();
    on_loop([this, promise, &bytes] { socket_.write_all(bytes, told_to(promise)); });
    return promise->get_future();
  }
  std::string received(const Moved& moved) const { return {space_.data(), moved.size}; }

  static PlainSocket::Handler told_to(std::shared_ptr<std::promise<Moved>> promise) {
    return [promise = std::move(promise)](const boost::system::error_code& fault,
                                          std::size_t size) { promise->set_value({fault, size}); };
  }

  SystemClock clock_;
  Loop loop_{clock_};
  SocketPair pair_;
  PlainSocket socket_{loop_};
  std::array<char, 8> space_{};
};

TEST_F(PlainSocketTest, ReadsWhatComesLater) {
  std::future<Moved> read = begin_read();
  ASSERT_TRUE(pair_.peer_sends("abc"));

  const Moved moved = read.get();
  EXPECT_FALSE(moved.fault);
  EXPECT_EQ(received(moved), "abc");
}

TEST_F(PlainSocketTest, ReadsWhatWasThereBefore) {
  ASSERT_TRUE(pair_.peer_sends("abc"));
  on_loop([] {});  // the loop has been told

  EXPECT_EQ(received(begin_read().get()), "abc");
}

TEST_F(PlainSocketTest, ReadsOnWhenTheSpaceWasFilled) {
  ASSERT_TRUE(pair_.peer_sends("0123456789"));

  EXPECT_EQ(received(begin_read().get()), "01234567");
  EXPECT_EQ(received(begin_read().get()), "89");
}

TEST_F(PlainSocketTest, ReadsAgainAfterAReadThatTookAll) {
  ASSERT_TRUE(pair_.peer_sends("abc"));
  EXPECT_EQ(received(begin_read().get()), "abc");

  std::future<Moved> read = begin_read();
  ASSERT_TRUE(pair_.peer_sends("def"));
  EXPECT_EQ(received(read.get()), "def");
}

// The end comes with the bytes, in one event; there is no second one.
TEST_F(PlainSocketTest, FindsTheEndBehindTheLastBytes) {
  ASSERT_TRUE(pair_.peer_sends("abc"));
  pair_.close_peer();

  EXPECT_EQ(received(begin_read().get()), "abc");
  EXPECT_EQ(begin_read().get().fault, boost::asio::error::eof);
}

TEST_F(PlainSocketTest, WritesMoreThanTheKernelTakesAtOnce) {
  const std::string bytes(std::size_t{4} * 1024 * 1024, 'w');
  std::future<Moved> write = begin_write(bytes);

  std::size_t got = 0;
  std::array<char, 65536> part;
  while (got < bytes.size()) {
    const ssize_t size = ::read(pair_.peer(), part.data(), part.size());
    if (size > 0) {
      got += static_cast<std::size_t>(size);
    }
  }
  const Moved moved = write.get();
  EXPECT_FALSE(moved.fault);
  EXPECT_EQ(moved.size, bytes.size());
}

TEST_F(PlainSocketTest, TellsOfAPeerThatIsGoneWhileItWrites) {
  const std::string bytes(std::size_t{4} * 1024 * 1024, 'w');
  std::future<Moved> write = begin_write(bytes);
  pair_.close_peer();

  EXPECT_TRUE(write.get().fault);
}

TEST_F(PlainSocketTest, EndsWhatIsUnderWayWhenItIsClosed) {
  const std::string bytes(std::size_t{4} * 1024 * 1024, 'w');
  std::future<Moved> read = begin_read();
  std::future<Moved> write = begin_write(bytes);
  on_loop([this] { socket_.close(); });

  EXPECT_EQ(read.get().fault, boost::asio::error::operation_aborted);
  EXPECT_EQ(write.get().fault, boost::asio::error::operation_aborted);
}

TEST_F(PlainSocketTest, AbortsWhatIsBegunAfterItWasClosed) {
  on_loop([this] { socket_.close(); });

  EXPECT_EQ(begin_read().get().fault, boost::asio::error::operation_aborted);
}

// As connections do: the handler holds the last reference to what owns the socket.
TEST_F(PlainSocketTest, MayEndInItsOwnHandler) {
  SocketPair pair;
  std::promise<void> ended;
  struct Owner {
    Owner(Loop& loop, std::promise<void>& over) : socket(loop), ended(over) {}
    ~Owner() { ended.set_value(); }
    PlainSocket socket;
    std::array<char, 8> space{};
    std::promise<void>& ended;
  };
  on_loop([&] {
    auto owner = std::make_shared<Owner>(loop_, ended);
    ASSERT_TRUE(owner->socket.take(pair.give_ours()));
    Owner& kept = *owner;
    kept.socket.read_some(
        kept.space, [owner = std::move(owner)](const boost::system::error_code&, std::size_t) {});
  });
  ASSERT_TRUE(pair.peer_sends("x"));

  ended.get_future().wait();
}

}  // namespace
}  // namespace counterfoil::net
