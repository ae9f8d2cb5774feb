#include "outbound/webhook_receiver.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "outbound/head_call.h"
#include "outbound/web_url.h"

namespace counterfoil {
namespace {

ReceiverRules listing(const std::vector<std::string_view>& networks) {
  ReceiverRules rules;
  for (const std::string_view text : networks) {
    rules.networks.push_back(Cidr::parse(text).value());
  }
  return rules;
}

TEST(WebhookReceiver, TakesHttpsToANameOnPort443) {
  const auto url = parse_receiver("https://hooks.example.com/a?b=c", {});

  ASSERT_TRUE(url) << url.error();
  EXPECT_EQ(url->host, "hooks.example.com");
  EXPECT_EQ(url->target, "/a?b=c");
  EXPECT_TRUE(parse_receiver("https://hooks.example.com:443/", {}));
}

TEST(WebhookReceiver, RefusesEveryOtherUrlOfAHolder) {
  for (const std::string_view url :
       {"http://hooks.example.com/", "https://hooks.example.com:8443/", "https://93.184.216.34/",
        "https://[2606:4700::1111]/", "https://127.0.0.1/", "https://2130706433/",
        "https://0x7f.1/", "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/",
        "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://a@hooks.example.com/",
        "https://hooks.example.com/#a", "https://localhost./", "https://", "ftp://example.com/",
        "hooks.example.com", ""}) {
    EXPECT_FALSE(parse_receiver(url, {})) << url;
  }
}

TEST(WebhookReceiver, TakesAUrlOfTheLongestLengthAndNotOneMore) {
  const std::string start = "https://hooks.example.com/";
  const std::string longest = start + std::string(kReceiverUrlBytesMax - start.size(), 'a');

  EXPECT_TRUE(parse_receiver(longest, {}));
  EXPECT_FALSE(parse_receiver(longest + "a", {}));
}

TEST(WebhookReceiver, TakesWhatTheOperatorHasListed) {
  ReceiverRules rules = listing({"127.0.0.1", "10.1.0.0/16"});
  rules.ports = {8443};

  EXPECT_TRUE(parse_receiver("https://10.1.2.3:8443/", rules));
  EXPECT_TRUE(parse_receiver("http://127.0.0.1:8443/", rules));
  EXPECT_FALSE(parse_receiver("http://127.0.0.1/", rules)) << "port 80 is not listed";
  EXPECT_FALSE(parse_receiver("http://10.1.2.3:8443/", rules)) << "not this machine";
  EXPECT_FALSE(parse_receiver("https://10.2.0.1:8443/", rules));
  EXPECT_FALSE(parse_receiver("https://hooks.example.com:8444/", rules));
}

TEST(WebhookReceiver, RefusesANameThatLeadsToThisMachine) {
  const auto url = parse_receiver("https://localhost/", {});
  ASSERT_TRUE(url) << url.error();

  const auto refused = check_receiver(*url, {});

  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().contains("not public")) << refused.error();
  EXPECT_TRUE(check_receiver(*url, listing({"127.0.0.0/8", "::1"})));
}

TEST(WebhookReceiver, IsJudgedByItsAddressWithEveryCall) {
  const auto url = WebUrl::parse("https://localhost/");

  const auto refused = call_receiver(*url, {.method = "POST", .target = {}, .body = "{}"}, {});

  ASSERT_FALSE(refused);
  EXPECT_TRUE(is_address_refused(refused.error())) << refused.error();
}

}  // namespace
}  // namespace counterfoil
