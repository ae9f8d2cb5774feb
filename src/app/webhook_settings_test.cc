#include "app/webhook_settings.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <ios>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.h"
#include "base/ip_address.h"
#include "base/temporary_directory.h"

namespace counterfoil {
namespace {

class WebhookSettingsTest : public testing::Test {
 protected:
  auto read(std::string_view lines) {
    const std::filesystem::path path = folder_.path() / "counterfoil.toml";
    std::ofstream(path, std::ios::binary) << "[webhooks]\n" << lines;
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    const auto config = Config::load(path.string());
    EXPECT_TRUE(config) << config.error().sentence;
    return read_webhooks(*config);
  }
  std::string refusal(std::string_view lines) {
    const auto rules = read(lines);
    return rules ? "" : rules.error().sentence;
  }

  TemporaryDirectory folder_;
};

TEST_F(WebhookSettingsTest, ListNothingUnlessTheOperatorDoes) {
  const auto rules = read("");

  ASSERT_TRUE(rules);
  EXPECT_TRUE(rules->networks.empty());
  EXPECT_TRUE(rules->ports.empty());
}

TEST_F(WebhookSettingsTest, AreReadWhole) {
  const auto rules = read("networks = \"127.0.0.1, 10.1.0.0/16\"\nports = \"8443, 9000\"\n");

  ASSERT_TRUE(rules) << rules.error().sentence;
  const std::vector<Cidr> networks{Cidr::parse("127.0.0.1").value(),
                                   Cidr::parse("10.1.0.0/16").value()};
  EXPECT_EQ(rules->networks, networks);
  EXPECT_EQ(rules->ports, (std::vector<std::uint16_t>{8443, 9000}));
}

TEST_F(WebhookSettingsTest, SayWhatIsWrongWithThem) {
  EXPECT_TRUE(refusal("networks = \"10.1.0.0/8\"").contains("webhooks.networks"));
  EXPECT_TRUE(refusal("networks = \"0.0.0.0/0\"").contains("webhooks.networks"));
  EXPECT_TRUE(refusal("networks = \"a,,b\"").contains("webhooks.networks"));
  EXPECT_TRUE(refusal("ports = \"0\"").contains("webhooks.ports"));
  EXPECT_TRUE(refusal("ports = \"65536\"").contains("webhooks.ports"));
  EXPECT_TRUE(refusal("ports = \"8443;9000\"").contains("webhooks.ports"));
  EXPECT_TRUE(
      refusal("authorities_file = \"/nonexistent.pem\"").contains("webhooks.authorities_file"));
}

}  // namespace
}  // namespace counterfoil
