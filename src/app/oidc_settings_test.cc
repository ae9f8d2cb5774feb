#include "app/oidc_settings.h"

#include <gtest/gtest.h>

#include <chrono>
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

class OidcSettingsTest : public testing::Test {
 protected:
  // read reads `lines` of the table [oidc], of a node with a console.
  auto read(std::string_view lines, std::string_view console = "127.0.0.1:8443") {
    const std::filesystem::path path = folder_.path() / "counterfoil.toml";
    std::ofstream(path, std::ios::binary) << "[console]\nlisten = \"" << console << "\"\n[oidc]\n"
                                          << lines;
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    const auto config = Config::load(path.string());
    EXPECT_TRUE(config) << config.error().sentence;
    return read_oidc(*config);
  }
  std::string refusal(std::string_view lines, std::string_view console = "127.0.0.1:8443") {
    const auto settings = read(lines, console);
    return settings ? "" : settings.error().sentence;
  }

  TemporaryDirectory folder_;
};

constexpr std::string_view kWhole =
    "issuer = \"https://id.example.com\"\nclient_id = \"c\"\nclient_secret_file = \"/s\"\n";

TEST_F(OidcSettingsTest, ThereIsNoneUnlessAnIssuerIsNamed) {
  const auto settings = read("");
  ASSERT_TRUE(settings);
  EXPECT_FALSE(*settings);
}

TEST_F(OidcSettingsTest, AreReadWhole) {
  const auto settings =
      read(std::string(kWhole) +
           "name = \"Example\"\nauthorities_file = \"/ca\"\nnetworks = \"10.0.0.0/8, fd00::/8\"\n"
           "max_age_s = 600\nsecond_factor_amr = \"mfa, hwk\"\nsecond_factor_acr = \"gold\"\n");
  ASSERT_TRUE(settings) << settings.error().sentence;
  EXPECT_EQ((*settings)->issuer, "https://id.example.com");
  EXPECT_EQ((*settings)->client_id, "c");
  EXPECT_EQ((*settings)->client_secret_file, "/s");
  EXPECT_EQ((*settings)->name, "Example");
  EXPECT_EQ((*settings)->authorities, "/ca");
  EXPECT_EQ((*settings)->networks,
            (std::vector{Cidr::parse("10.0.0.0/8").value(), Cidr::parse("fd00::/8").value()}));
  EXPECT_EQ((*settings)->max_age, std::chrono::seconds(600));
  EXPECT_EQ((*settings)->trusted_means, (std::vector<std::string>{"mfa", "hwk"}));
  EXPECT_EQ((*settings)->trusted_levels, (std::vector<std::string>{"gold"}));

  const auto bare = read(kWhole);
  EXPECT_EQ((*bare)->name, "id.example.com");
  EXPECT_FALSE((*bare)->max_age);
  EXPECT_TRUE((*bare)->trusted_means.empty()) << "the provider's second factor does not count";
}

TEST_F(OidcSettingsTest, SayWhatIsWrongWithThem) {
  struct Case {
    std::string lines;
    std::string_view says;
  };
  const std::string rest = "client_id = \"c\"\nclient_secret_file = \"/s\"\n";
  const std::vector<Case> cases{
      {"issuer = \"http://id.example.com\"\n" + rest, "http is for a provider on localhost"},
      {"issuer = \"id.example.com\"\n" + rest, "wants the issuer"},
      {"issuer = \"https://id.example.com?a\"\n" + rest, "wants the issuer"},
      {"issuer = \"https://id.example.com\"\nclient_secret_file = \"/s\"\n", "oidc.client_id"},
      {"issuer = \"https://id.example.com\"\nclient_id = \"c\"\n", "oidc.client_secret_file"},
      {"client_id = \"c\"\n", "says nothing without oidc.issuer"},
      {std::string(kWhole) + "name = \"" + std::string(41, 'n') + "\"\n", "at most 40"},
      {std::string(kWhole) + "networks = \"10.0.0.1/8\"\n", "10.0.0.0/8"},
      {std::string(kWhole) + "second_factor_amr = \"a b\"\n", "without blanks"},
  };
  for (const Case& row : cases) {
    EXPECT_TRUE(refusal(row.lines).contains(row.says)) << row.lines << refusal(row.lines);
  }
  EXPECT_TRUE(refusal(kWhole, "").contains("set console.listen"));
  EXPECT_EQ(refusal("issuer = \"http://localhost:9000/o\"\n" + rest), "");
  EXPECT_EQ(refusal(std::string(kWhole) + "name = \"" + std::string(40, 'n') + "\"\n"), "");
}

TEST(OidcReturnUris, AreOneForEachOrigin) {
  EXPECT_EQ(oidc_return_uris({"https://a.example", "http://localhost:8443"}),
            (std::vector<std::string>{"https://a.example/login/oidc",
                                      "http://localhost:8443/login/oidc"}));
}

}  // namespace
}  // namespace counterfoil
