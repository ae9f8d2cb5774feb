#include "app/upstream_caller.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "doors/rest/test_upstream.h"
#include "doors/rest/upstream_state.h"
#include "outbound/http_client.h"

namespace counterfoil {
namespace {

using rest_test::Action;
using rest_test::SeenRequest;
using rest_test::TestUpstream;

constexpr std::chrono::seconds kPatience{10};

class UpstreamCallerTest : public testing::Test {
 protected:
  UpstreamCallerTest() {
    first_.set_script([](const SeenRequest&) { return closing("200 OK", "first"); });
    second_.set_script([](const SeenRequest&) { return closing("200 OK", "second"); });
  }
  static Action closing(const std::string& status, const std::string& body) {
    return {.answer = "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) +
                      "\r\n\r\n" + body,
            .then = Action::Then::kClose};
  }
  // answer is who answered, or the error.
  std::string answer(UpstreamStanding first = UpstreamStanding::kUp) {
    const auto caller = UpstreamCaller::make(first_.url() + "," + second_.url(), "");
    EXPECT_TRUE(caller) << caller.error();
    const std::vector<UpstreamTargetState> states = {{.url = first_.url(), .standing = first},
                                                     {.url = second_.url()}};
    const auto reply = caller->call({.method = "POST", .target = "/events"}, kPatience, states);
    return reply ? std::to_string(reply->status) + " " + reply->body : reply.error();
  }

  TestUpstream first_;
  TestUpstream second_;
};

TEST_F(UpstreamCallerTest, AsksTheFirstTargetThatIsNotOut) {
  EXPECT_EQ(answer(), "200 first");
  EXPECT_EQ(answer(UpstreamStanding::kOut), "200 second");
  EXPECT_EQ(first_.seen().size(), 1U);
}

TEST_F(UpstreamCallerTest, GoesOnToTheNextWhenOneDoesNotAnswer) {
  first_.stop();

  EXPECT_EQ(answer(), "200 second");
}

TEST_F(UpstreamCallerTest, GoesOnToTheNextWhenOneFails) {
  first_.set_script([](const SeenRequest&) { return closing("503 Service Unavailable", "no"); });

  EXPECT_EQ(answer(), "200 second");
}

TEST_F(UpstreamCallerTest, TakesARefusalForAnAnswer) {
  first_.set_script([](const SeenRequest&) { return closing("403 Forbidden", "no"); });

  EXPECT_EQ(answer(), "403 no");
  EXPECT_TRUE(second_.seen().empty());
}

TEST_F(UpstreamCallerTest, AsksTargetsThatAreOutWhenNoOtherAnswers) {
  second_.stop();

  EXPECT_EQ(answer(UpstreamStanding::kOut), "200 first");
}

TEST_F(UpstreamCallerTest, SaysWhyNobodyAnswers) {
  first_.stop();
  second_.stop();

  EXPECT_NE(answer().find(second_.url().substr(7)), std::string::npos);
}

}  // namespace
}  // namespace counterfoil
