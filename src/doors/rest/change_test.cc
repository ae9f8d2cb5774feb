#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "authority/gatekeeper.h"
#include "base/ip_address.h"
#include "doors/rest/rest_door.h"
#include "doors/rest/test_client.h"
#include "doors/rest/test_gate.h"
#include "doors/rest/test_upstream.h"
#include "policy/profile.h"

namespace counterfoil::rest_test {
namespace {

constexpr std::chrono::seconds kPatience{10};
constexpr const char* kPing = "GET /api/v3/ping HTTP/1.1\r\nHost: a\r\n\r\n";

// What a running door takes over, and what becomes of requests and connections meanwhile.
class Change : public testing::Test {
 protected:
  void take_over(std::shared_ptr<Gatekeeper> gatekeeper) {
    const auto change = RestDoor::check_change(gate_.options, std::move(gatekeeper));
    ASSERT_TRUE(change.has_value()) << change.error();
    ASSERT_TRUE(gate_.door->take_over(**change, kPatience));
  }
  void take_over() { take_over(gate_.shared_gatekeeper()); }

  Gate gate_;
};

TEST_F(Change, TheNextRequestOfAnOldConnectionGoesByIt) {
  gate_.start();
  TestClient client(gate_.port());
  EXPECT_EQ(client.call(kPing).status, 200);
  gate_.options.hosts = {"gw.test"};

  take_over();

  EXPECT_EQ(client.call(kPing).status, 421);
}

TEST_F(Change, ARequestUnderWayEndsAsItBegan) {
  gate_.start();
  const TestKey key = gate_.hmac_key();
  TestClient client(gate_.port());
  gate_.upstream.hold();
  client.send(gate_.get(key, "/api/v3/account"));
  ASSERT_TRUE(gate_.upstream.wait_for_seen(1));
  // A profile without that route, and one that is gone as soon as its last request is.
  std::string text = test_profile();
  const std::string route = "\"GET /api/v3/account\"";
  ASSERT_TRUE(text.contains(route));
  text.replace(text.find(route), route.size(), "\"GET /api/v3/other\"");
  const Profile other = Profile::parse(text, "other.toml").value();
  const auto next = std::make_shared<Gatekeeper>(gate_.gatekeeper_parts(other));

  take_over(next);
  gate_.upstream.release();

  EXPECT_EQ(client.read().status, 200);
  EXPECT_EQ(client.call(gate_.get(key, "/api/v3/account")).status, 404);
  EXPECT_EQ(client.call(gate_.get(key, "/api/v3/other")).status, 200);
  take_over();
  EXPECT_EQ(client.call(gate_.get(key, "/api/v3/account", "again=1")).status, 200);
  EXPECT_EQ(next.use_count(), 1) << "nothing holds the rules of before";
}

TEST_F(Change, AConnectionThatLivesOnLosesItsProxysWord) {
  gate_.options.client_address = ClientAddress::kForwardedFor;
  gate_.options.trusted_proxies = {Cidr::parse("127.0.0.1").value()};
  gate_.start();
  const std::string forwarded =
      "GET /api/v3/ping HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 198.51.100.9\r\n\r\n";
  TestClient client(gate_.port());
  EXPECT_EQ(client.call(forwarded).status, 200);
  EXPECT_EQ(gate_.upstream.seen().back().field("x-forwarded-for"), "198.51.100.9");
  gate_.options.client_address = ClientAddress::kSocket;
  gate_.options.trusted_proxies.clear();

  take_over();

  EXPECT_EQ(client.call(forwarded).status, 200);
  EXPECT_EQ(gate_.upstream.seen().back().field("x-forwarded-for"), "127.0.0.1");
}

TEST_F(Change, FewerConnectionsAreForThoseWhoCome) {
  gate_.start();
  TestClient one(gate_.port());
  TestClient two(gate_.port());
  EXPECT_EQ(one.call(kPing).status, 200);
  EXPECT_EQ(two.call(kPing).status, 200);
  gate_.options.connections_max = 2;

  take_over();

  TestClient three(gate_.port());
  EXPECT_TRUE(three.is_closed());
  EXPECT_EQ(one.call(kPing).status, 200);
  EXPECT_EQ(two.call(kPing).status, 200);
  gate_.options.connections_max = 3;
  gate_.options.connections_per_address_max = 2;
  take_over();
  TestClient four(gate_.port());
  EXPECT_TRUE(four.is_closed());
}

TEST_F(Change, TheUpstreamHasTheNewPatience) {
  gate_.options.upstream.answer_time_max = std::chrono::hours(1);
  gate_.start();
  gate_.options.upstream.answer_time_max = std::chrono::seconds(1);

  take_over();

  TestClient client(gate_.port());
  gate_.upstream.hold();
  client.send(kPing);
  ASSERT_TRUE(gate_.upstream.wait_for_seen(1));
  gate_.clock.advance(std::chrono::seconds(2));
  EXPECT_EQ(client.read().status, 504);
}

}  // namespace
}  // namespace counterfoil::rest_test
