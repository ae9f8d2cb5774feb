#include "load/load_loop.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "load/request_book.h"
#include "load/signer.h"
#include "upstream/upstream.h"

namespace counterfoil {
namespace {

using namespace std::chrono_literals;

// An upstream of its own thread, on a free port.
class RunningUpstream {
 public:
  RunningUpstream() : thread_([this] { upstream_.serve(stop_); }) {}
  RunningUpstream(const RunningUpstream&) = delete;
  RunningUpstream& operator=(const RunningUpstream&) = delete;
  RunningUpstream(RunningUpstream&&) = delete;
  RunningUpstream& operator=(RunningUpstream&&) = delete;
  ~RunningUpstream() {
    stop_ = true;
    thread_.join();
  }
  [[nodiscard]] std::uint16_t port() const { return upstream_.port(); }

 private:
  std::atomic<bool> stop_{false};
  Upstream upstream_ = Upstream::listen(0).value();
  std::thread thread_;
};

class LoadLoopTest : public testing::Test {
 protected:
  LoadLoopTest() {
    keys_.push_back({.api_key = "first", .signer = *Signer::from_secret("test-secret")});
  }
  LoadResult run(const LoadPlan& plan, RequestForm form = {}) {
    RequestBook book(keys_, std::move(form), {});
    auto result = LoadLoop(plan, book).run();
    EXPECT_TRUE(result) << result.error();
    return *std::move(result);
  }
  RunningUpstream upstream_;
  std::vector<SigningKey> keys_;
};

std::uint64_t faults(const LoadResult& result) {
  return result.closed_early + result.malformed + result.unanswered + result.connect_failures;
}

TEST_F(LoadLoopTest, ClosedLoopMeasuresEveryAnswer) {
  const LoadResult result =
      run({.port = upstream_.port(), .connections = 4, .warm_up = 0ms, .measured = 200ms});

  EXPECT_GT(result.latency.count(), 0U);
  EXPECT_EQ(result.statuses, (std::map<int, std::uint64_t>{{200, result.latency.count()}}));
  EXPECT_EQ(result.body_bytes.begin()->first, kUpstreamBodyBytes);
  EXPECT_EQ(result.body_bytes.size(), 1U);
  EXPECT_GT(result.latency.max(), 0ns);
  EXPECT_EQ(faults(result), 0U);
}

TEST_F(LoadLoopTest, OpenLoopSendsExactlyWhatIsDue) {
  const LoadResult result = run({.port = upstream_.port(),
                                 .connections = 4,
                                 .rate = 1000,
                                 .warm_up = 20ms,
                                 .measured = 100ms});

  EXPECT_EQ(result.latency.count() + faults(result), 100U);
  EXPECT_EQ(faults(result), 0U);
  EXPECT_EQ(result.answers_in_all, 120U);
}

TEST_F(LoadLoopTest, PostsBodies) {
  const LoadResult result =
      run({.port = upstream_.port(), .connections = 1, .warm_up = 0ms, .measured = 200ms},
          {.method = "POST", .requests = 10});

  EXPECT_GT(result.latency.count(), 0U);
  EXPECT_EQ(faults(result), 0U);
}

TEST_F(LoadLoopTest, SaysThatNobodyListens) {
  const std::uint16_t port = Upstream::listen(0)->port();  // closed again at the end of this line
  RequestBook book(keys_, {}, {});

  const auto result = LoadLoop({.port = port}, book).run();

  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().contains("port")) << result.error();
}

}  // namespace
}  // namespace counterfoil
