#include "app/config.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ios>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/node_settings.h"
#include "base/ip_address.h"
#include "base/temporary_directory.h"
#include "doors/rest/rest_door.h"

namespace counterfoil {
namespace {

// ConfigTest writes one file at a time into a folder of its own.
class ConfigTest : public testing::Test {
 protected:
  std::string write(std::string_view text, mode_t mode = 0600) {
    const std::filesystem::path path = folder_.path() / "counterfoil.toml";
    std::ofstream(path, std::ios::binary) << text;
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path.string();
  }
  // refusal is the sentence that a file of this text is refused with; empty: it was taken.
  std::string refusal(std::string_view text) {
    const auto config = Config::load(write(text));
    if (!config) {
      return config.error().sentence;
    }
    const auto settings = NodeSettings::read(*config);
    return settings ? std::string() : settings.error().sentence;
  }

  TemporaryDirectory folder_;
};

TEST_F(ConfigTest, FlagGoesBeforeEnvironmentBeforeFileBeforeDefault) {
  const std::string file =
      write("[rest]\nlisten = \"127.0.0.1:1\"\nthreads = 1\n[log]\nlevel = \"warn\"\n");
  ASSERT_EQ(::setenv("COUNTERFOIL_REST_LISTEN", "127.0.0.1:2", 1), 0);
  ASSERT_EQ(::setenv("COUNTERFOIL_REST_THREADS", "2", 1), 0);

  auto config = Config::load(file);

  ::unsetenv("COUNTERFOIL_REST_LISTEN");
  ::unsetenv("COUNTERFOIL_REST_THREADS");
  ASSERT_TRUE(config) << config.error().sentence;
  config->set("rest.threads", "3", "--threads");
  EXPECT_EQ(config->text("rest.listen"), "127.0.0.1:2");
  EXPECT_EQ(config->number("rest.threads"), 3);
  EXPECT_EQ(config->text("log.level"), "warn");
  EXPECT_EQ(config->text("node.name"), "gw-1");
  EXPECT_EQ(config->values().find("rest.threads")->second.origin, "flag --threads");
  EXPECT_EQ(config->values().find("rest.listen")->second.origin,
            "environment COUNTERFOIL_REST_LISTEN");
  EXPECT_EQ(config->values().find("log.level")->second.origin, "file " + file + ":5");
  EXPECT_EQ(config->values().find("node.name")->second.origin, "default");
}

TEST_F(ConfigTest, RefusesAnEnvironmentValueOfTheWrongType) {
  ASSERT_EQ(::setenv("COUNTERFOIL_REST_THREADS", "many", 1), 0);

  const auto config = Config::defaults();

  ::unsetenv("COUNTERFOIL_REST_THREADS");
  ASSERT_FALSE(config);
  EXPECT_TRUE(config.error().sentence.contains("COUNTERFOIL_REST_THREADS"));
}

TEST_F(ConfigTest, RefusesAFileThatIsMissingAFolderOrWritableByOthers) {
  const std::string folder = folder_.path().string();

  const auto missing = Config::load(folder + "/none.toml");
  const auto directory = Config::load(folder);
  const auto writable = Config::load(write("", 0620));

  ASSERT_FALSE(missing);
  EXPECT_TRUE(missing.error().sentence.contains("counterfoil init"));
  ASSERT_FALSE(directory);
  EXPECT_TRUE(directory.error().sentence.contains("is not a file"));
  ASSERT_FALSE(writable);
  EXPECT_TRUE(writable.error().sentence.contains("chmod go-w"));
}

struct WrongFile {
  std::string_view text;
  std::string_view says;
};
constexpr WrongFile kWrongFiles[] = {
    {"[rest\n", ":1: "},
    {"listen = \"127.0.0.1:1\"\n", "stands outside a table"},
    {"[rest]\nlistne = \"127.0.0.1:1\"\n", "did you mean rest.listen?"},
    {"[rset]\nlisten = \"127.0.0.1:1\"\n", "did you mean rest.listen?"},
    {"[rest]\nthreads = \"two\"\n", "rest.threads wants a whole number"},
    {"[limits]\nenabled = 1\n", "limits.enabled wants true or false"},
    {"[rest]\nlisten = 8080\n", "rest.listen wants a text in quotes"},
    {"[rest]\nlisten = \"nowhere\"\n", "nowhere"},
    {"[rest]\nlisten = \"0.0.0.0:8080\"\n", "plain HTTP is for loopback alone"},
    {"[rest]\ntls_certificate = \"a.pem\"\n", "certificate and key belong together"},
    {"[rest]\nthreads = -1\n", "from 0 to 256"},
    {"[rest]\nthreads = 257\n", "from 0 to 256"},
    {"[rest]\nhosts = \"api.example.com:443\"\n", "without a port"},
    {"[rest]\nhosts = \"api.example.com,,b\"\n", "without a port"},
    {"[rest]\nclient_address = \"x-forwarded-for\"\n", "did you mean x_forwarded_for?"},
    {"[rest]\nclient_address = \"\"\n", "wants socket, proxy_protocol or x_forwarded_for"},
    {"[rest]\nclient_address = \"proxy_protocol\"\n", "name yours in rest.trusted_proxies"},
    {"[rest]\nclient_address = \"x_forwarded_for\"\n", "name yours in rest.trusted_proxies"},
    {"[rest]\ntrusted_proxies = \"10.0.0.5\"\n", "while rest.client_address is socket"},
    {"[rest]\nclient_address = \"proxy_protocol\"\ntrusted_proxies = \"any\"\n",
     "would let every client write its own address"},
    {"[rest]\nclient_address = \"proxy_protocol\"\ntrusted_proxies = \"0.0.0.0/0\"\n",
     "rest.trusted_proxies"},
    {"[rest]\nclient_address = \"proxy_protocol\"\ntrusted_proxies = \"10.0.0.1/8\"\n",
     "did you mean 10.0.0.0/8?"},
    {"[rest]\nclient_address = \"x_forwarded_for\"\ntrusted_proxies = \"lb.example.com\"\n",
     "not an IPv4 or IPv6 address"},
    {"[upstream]\nurl = \"ftp://127.0.0.1\"\n", "upstream.url"},
    {"[upstream]\nurl = \"http://127.0.0.1:9010/api\"\n", "upstream.url"},
    {"[upstream]\nurl = \"http://127.0.0.1:1,https://127.0.0.1:2\"\n", "differ in their scheme"},
    {"[upstream]\nhealth_path = \"health\"\n", "wants a path such as /health"},
    {"[upstream]\nhealth_path = \"/health \"\n", "wants a path such as /health"},
    {"[upstream]\nbackoff_max_ms = 499\n", "from 500 to 600000"},
    {"[upstream]\nhealth_interval_ms = 99\n", "from 100 to 600000"},
    {"[upstream]\nconnect_timeout_ms = 60001\n", "from 1 to 60000"},
    {"[upstream]\nbody_idle_ms = 600001\n", "from 0 to 600000"},
    {"[upstream]\nwait_ms = 0\n", "from 1 to 60000"},
    {"[upstream]\nfailures_max = 1001\n", "from 0 to 1000"},
    {"[rest]\nnew_connections_per_address_max = -1\n", "from 0 to 1000000"},
    {"[upstream]\nproof_kid = \"a b\"\n", "[A-Za-z0-9._-]"},
    {"[upstream]\ntimeout_ms = 0\n", "from 1 to"},
    {"[node]\nname = \"\"\n", "node.name"},
    {"[profile]\nname = \"binance-sport\"\n", "did you mean binance-spot?"},
    {"[profile]\nfile = \"/nowhere/p.toml\"\n", "cannot be read"},
    {"[keys]\napi_key_marker = \"toolong\"\n", "4 characters"},
    {"[keys]\nexpires_days = 100000\n", "from 0 to 3650"},
    {"[replay]\ncapacity = 1\n", "from 1000 to"},
    {"[log]\nlevel = \"loud\"\n", "debug, info, warn or error"},
};

TEST_F(ConfigTest, SaysWhatIsWrongInASentence) {
  for (const WrongFile& wrong : kWrongFiles) {
    const std::string sentence = refusal(wrong.text);
    EXPECT_TRUE(sentence.contains(wrong.says)) << wrong.text << "says: " << sentence;
  }
}

TEST_F(ConfigTest, TakesTheDefaults) { EXPECT_EQ(refusal(""), ""); }

TEST_F(ConfigTest, ReadsAListOfHosts) {
  const auto config =
      Config::load(write("[rest]\nhosts = \"api.example.com, [2001:db8::1],192.0.2.1\"\n"));
  ASSERT_TRUE(config);
  const auto settings = NodeSettings::read(*config);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->hosts,
            (std::vector<std::string>{"api.example.com", "[2001:db8::1]", "192.0.2.1"}));
}

TEST_F(ConfigTest, ReadsWhoMaySayTheClientsAddress) {
  const auto config =
      Config::load(write("[rest]\nclient_address = \"proxy_protocol\"\n"
                         "trusted_proxies = \"10.0.0.5, 2001:db8::/64\"\n"));
  ASSERT_TRUE(config);
  const auto settings = NodeSettings::read(*config);
  ASSERT_TRUE(settings) << settings.error().sentence;
  EXPECT_EQ(settings->client_address, ClientAddress::kProxyProtocol);
  EXPECT_EQ(settings->trusted_proxies,
            (std::vector{Cidr::parse("10.0.0.5").value(), Cidr::parse("2001:db8::/64").value()}));
}

TEST_F(ConfigTest, ReadsHowTheUpstreamIsTalkedTo) {
  const auto config = Config::load(
      write("[upstream]\nurl = \"http://127.0.0.1:1, http://127.0.0.1:2\"\nconnections_max = 10\n"
            "connect_timeout_ms = 11\ntimeout_ms = 12\nbody_idle_ms = 13\nwait_ms = 14\n"
            "failures_max = 15\nbackoff_max_ms = 1600\nhealth_path = \"/health?deep=1\"\n"
            "health_interval_ms = 170\n"));
  ASSERT_TRUE(config);
  const auto settings = NodeSettings::read(*config);
  ASSERT_TRUE(settings) << settings.error().sentence;
  const UpstreamOptions& upstream = settings->upstream;
  EXPECT_EQ(upstream.url, "http://127.0.0.1:1, http://127.0.0.1:2");
  EXPECT_EQ(upstream.connections_max, 10U);
  EXPECT_EQ(upstream.waiting_max, 40U) << "two for each connection of each target";
  EXPECT_EQ(upstream.connect_time_max.count(), 11);
  EXPECT_EQ(upstream.answer_time_max.count(), 12);
  EXPECT_EQ(upstream.body_idle_max.count(), 13);
  EXPECT_EQ(upstream.wait_time_max.count(), 14);
  EXPECT_EQ(upstream.failures_max, 15U);
  EXPECT_EQ(upstream.backoff_max.count(), 1600);
  EXPECT_EQ(upstream.health_path, "/health?deep=1");
  EXPECT_EQ(upstream.health_interval.count(), 170);
}

TEST(Settings, HaveKeysOfTheirOwnAndAHelp) {
  std::set<std::string_view> keys;
  for (const Setting& setting : settings()) {
    EXPECT_TRUE(keys.insert(setting.key).second) << setting.key;
    EXPECT_TRUE(setting.key.contains('.')) << setting.key;
    EXPECT_FALSE(setting.help.empty()) << setting.key;
  }
}

}  // namespace
}  // namespace counterfoil
