#include "app/node_reload.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <expected>
#include <filesystem>
#include <fstream>
#include <ios>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/command_context.h"
#include "app/config.h"
#include "app/log.h"
#include "app/node_settings.h"
#include "authority/authority_fixture.h"
#include "authority/issuer.h"
#include "authority/problem.h"
#include "base/temporary_directory.h"
#include "doors/management/node_status.h"
#include "doors/management/reload_facts.h"
#include "policy/shipped_profile.h"
#include "registry/registry.h"

namespace counterfoil {
namespace {

using Names = std::vector<std::string>;

class NodeReloadTest : public testing::Test {
 protected:
  std::string file(const std::string& name, std::string_view text) {
    const std::filesystem::path path = folder_.path() / name;
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
    EXPECT_EQ(::chmod(path.c_str(), 0600), 0);
    return path.string();
  }
  NodeSettings read(std::string_view toml) {
    const auto config = Config::load(file("counterfoil.toml", toml));
    EXPECT_TRUE(config) << config.error().sentence;
    const auto settings = NodeSettings::read(*config);
    EXPECT_TRUE(settings) << settings.error().sentence;
    return *settings;
  }
  // node is one that was started with `toml` and reads the file again.
  NodeReload node(std::string_view toml) {
    const NodeSettings settings = read(toml);
    return NodeReload({.load = [this] { return load(); },
                       .prepare = [this](const NodeSettings& next) { return prepare(next); },
                       .audited = house_.audited,
                       .clock = house_.clock,
                       .log = log_},
                      settings);
  }
  std::expected<Config, Failure> load() {
    auto config = Config::load((folder_.path() / "counterfoil.toml").string());
    if (!config) {
      return std::unexpected(Failure{ExitCode::kUsage, config.error().sentence});
    }
    return *config;
  }
  std::expected<NodeReload::Takeover, std::string> prepare(const NodeSettings& next) {
    if (fault_) {
      return std::unexpected(*fault_);
    }
    return [this, next] {
      in_force_ = next;
      return true;
    };
  }

  TemporaryDirectory folder_;
  TestAuthority house_;
  Log log_{"error"};
  std::optional<std::string> fault_;      // what prepare finds
  std::optional<NodeSettings> in_force_;  // by the last takeover
  const Actor actor_{.name = "signal:SIGHUP", .source = "local"};
};

TEST_F(NodeReloadTest, TakesOverWhatItCanAndNamesTheRest) {
  auto reload = node("[rest]\nlisten = \"127.0.0.1:1\"\nhosts = \"a.test\"\n");
  file("counterfoil.toml",
       "[rest]\nlisten = \"127.0.0.1:2\"\nhosts = \"b.test\"\n[log]\nlevel = \"debug\"\n");

  const auto done = reload.reload(actor_);

  ASSERT_TRUE(done) << done.error().detail;
  EXPECT_EQ(done->taken_over, (Names{"rest.hosts", "log.level"}));
  EXPECT_EQ(done->needs_restart, (Names{"rest.listen"}));
  ASSERT_TRUE(in_force_);
  EXPECT_EQ(in_force_->hosts, (Names{"b.test"}));
  EXPECT_EQ(in_force_->log_level, "debug");
  EXPECT_EQ(in_force_->listen.port, 1);
  const std::string record = house_.last_audit();
  EXPECT_TRUE(record.contains(R"("action":"node.reload")")) << record;
  EXPECT_TRUE(record.contains("rest.hosts,log.level")) << record;
  EXPECT_FALSE(record.contains("b.test")) << "values are not recorded";
  NodeStatus status;
  reload.tell(status);
  EXPECT_EQ(status.needs_restart, (Names{"rest.listen"}));
  EXPECT_EQ(status.reloaded_at, house_.clock.now());
  EXPECT_TRUE(status.troubles.empty());
}

TEST_F(NodeReloadTest, WhatWaitsForARestartIsNamedAgainAndWhatWasTakenOverIsNot) {
  auto reload = node("");
  file("counterfoil.toml", "[rest]\nlisten = \"127.0.0.1:2\"\nhosts = \"b.test\"\n");
  ASSERT_TRUE(reload.reload(actor_));

  const auto again = reload.reload(actor_);

  ASSERT_TRUE(again);
  EXPECT_EQ(again->taken_over, Names{});
  EXPECT_EQ(again->needs_restart, (Names{"rest.listen"}));
  file("counterfoil.toml", "[rest]\nhosts = \"b.test\"\n");
  EXPECT_EQ(reload.reload(actor_)->needs_restart, Names{});
}

struct Faulty {
  std::string_view toml;
  std::string_view says;
};
constexpr Faulty kFaulty[] = {
    {"[rest\n", "counterfoil.toml:1: "},
    {"[rest]\nhots = \"a\"\n", "did you mean rest.hosts?"},
    {"[upstream]\ntimeout_ms = 0\n", "from 1 to"},
    {"[profile]\nfile = \"/nowhere/p.toml\"\n", "cannot be read"},
};

TEST_F(NodeReloadTest, AFaultyFileChangesNothingAndIsTold) {
  auto reload = node("");
  const std::string last = house_.last_audit();
  for (const Faulty& faulty : kFaulty) {
    file("counterfoil.toml", faulty.toml);

    const auto done = reload.reload(actor_);

    ASSERT_FALSE(done) << faulty.toml;
    EXPECT_EQ(done.error().reason, "configuration_faulty");
    EXPECT_TRUE(done.error().detail.contains(faulty.says)) << done.error().detail;
    NodeStatus status;
    reload.tell(status);
    ASSERT_EQ(status.troubles.size(), 1U);
    EXPECT_EQ(status.troubles.front().reason, "reload_failed");
    EXPECT_TRUE(status.troubles.front().sentence.contains(faulty.says));
  }
  EXPECT_FALSE(in_force_);
  EXPECT_EQ(house_.last_audit(), last);
  file("counterfoil.toml", "");
  ASSERT_TRUE(reload.reload(actor_));
  NodeStatus status;
  reload.tell(status);
  EXPECT_TRUE(status.troubles.empty()) << "it went well since";
}

TEST_F(NodeReloadTest, WhatOnlyTheMachineCanTellIsAskedBeforeAnythingChanges) {
  auto reload = node("");
  const std::string last = house_.last_audit();
  file("counterfoil.toml", "[log]\nlevel = \"debug\"\n");
  fault_ = "The TLS key /k does not belong to the certificate /c";

  const auto done = reload.reload(actor_);

  ASSERT_FALSE(done);
  EXPECT_TRUE(done.error().detail.contains("/k does not belong"));
  EXPECT_FALSE(in_force_);
  EXPECT_EQ(house_.last_audit(), last);
}

TEST_F(NodeReloadTest, WhatCannotBeRecordedDoesNotHappen) {
  auto reload = node("");
  file("counterfoil.toml", "[log]\nlevel = \"debug\"\n");
  house_.registry->commit_fails = RegistryError::kFull;

  const auto done = reload.reload(actor_);

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().reason, "disk_full");
  EXPECT_FALSE(in_force_);
}

TEST_F(NodeReloadTest, ANewCertificateInTheSameFileIsNamed) {
  const std::string certificate = file("tls.pem", "one");
  const std::string toml =
      "[rest]\ntls_certificate = \"" + certificate + "\"\ntls_key = \"" + certificate + "\"\n";
  auto reload = node(toml);
  EXPECT_EQ(reload.reload(actor_)->taken_over, Names{});
  file("tls.pem", "two");

  EXPECT_EQ(reload.reload(actor_)->taken_over, (Names{"rest.tls_certificate"}));
  EXPECT_EQ(reload.reload(actor_)->taken_over, Names{});
}

TEST_F(NodeReloadTest, WhetherThereIsTlsWaitsForARestart) {
  const std::string certificate = file("tls.pem", "one");
  auto reload = node("");
  file("counterfoil.toml", "[rest]\ntls_certificate = \"" + certificate + "\"\ntls_key = \"" +
                               certificate + "\"\nlisten = \"0.0.0.0:443\"\n");

  const auto done = reload.reload(actor_);

  ASSERT_TRUE(done) << done.error().detail;
  EXPECT_EQ(done->needs_restart, (Names{"rest.listen", "rest.tls_certificate", "rest.tls_key"}));
  EXPECT_TRUE(in_force_->tls_certificate.empty());
}

TEST_F(NodeReloadTest, AProfileIsTakenOverWholeOrNotAtAll) {
  std::string text(shipped_profile("weather").value());
  const std::string toml = "[profile]\nfile = \"" + file("weather.toml", text) + "\"\n";
  auto reload = node(toml);
  const auto replace = [&](std::string_view from, std::string_view to) {
    ASSERT_TRUE(text.contains(from)) << from;
    text.replace(text.find(from), from.size(), to);
    file("weather.toml", text);
  };
  replace("title = \"Weather forecasts and station reports\"", "title = \"Weather\"");

  EXPECT_EQ(reload.reload(actor_)->taken_over, (Names{"profile.file"}));
  EXPECT_EQ(in_force_->profile.title(), "Weather");

  replace("title = \"Weather\"", "title = \"Storms\"");
  replace("label = \"Read forecasts\"", "label = \"Read\"");  // of a permission
  const auto other_permissions = reload.reload(actor_);
  EXPECT_EQ(other_permissions->taken_over, Names{});
  EXPECT_EQ(other_permissions->needs_restart, (Names{"profile.file"}));
  EXPECT_EQ(in_force_->profile.title(), "Weather");
}

TEST_F(NodeReloadTest, ANodeWithoutAConfigurationSaysSo) {
  NodeReload reload(
      {.load = {}, .prepare = {}, .audited = house_.audited, .clock = house_.clock, .log = log_},
      read(""));

  EXPECT_EQ(reload.reload(actor_).error().reason, "nothing_to_reload");
}

}  // namespace
}  // namespace counterfoil
