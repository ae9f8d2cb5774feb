#include "app/reload_plan.h"

#include <algorithm>
#include <expected>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/command_context.h"
#include "app/config.h"
#include "app/node_settings.h"
#include "base/bytes.h"
#include "crypto/digest.h"
#include "doors/management/reload_facts.h"
#include "policy/profile.h"

namespace counterfoil {
namespace {

Digest digest_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (file.empty() || !stream) {
    return {};
  }
  return sha256(as_bytes(std::string(std::istreambuf_iterator<char>(stream), {})));
}

// names_profile is the setting that says which profile holds.
std::string_view names_profile(const NodeSettings& settings) {
  return settings.config.text("profile.file").empty() ? "profile.name" : "profile.file";
}

bool is_profile_setting(std::string_view key) { return key.starts_with("profile."); }

// can_follow: what is built on a profile once for the life of a node stays as it is.
bool can_follow(const Profile& running, const Profile& wanted) {
  return std::ranges::equal(running.permission_rules(), wanted.permission_rules()) &&
         running.signing().api_key_header == wanted.signing().api_key_header;
}

bool is_tls_setting(std::string_view key) {
  return key == "rest.tls_certificate" || key == "rest.tls_key";
}

void add_once(std::vector<std::string>& names, std::string_view name) {
  if (std::ranges::find(names, name) == names.end()) {
    names.emplace_back(name);
  }
}

}  // namespace

WatchedFiles WatchedFiles::of(const NodeSettings& settings) {
  return {.certificate = digest_of(settings.tls_certificate),
          .authorities = digest_of(settings.upstream.authorities)};
}

std::expected<ReloadPlan, Failure> plan_reload(const NodeSettings& running,
                                               const WatchedFiles& running_files,
                                               const NodeSettings& wanted) {
  const bool profile_follows = can_follow(running.profile, wanted.profile);
  const bool tls_follows = running.tls_certificate.empty() == wanted.tls_certificate.empty();
  ReloadFacts facts;
  Config config = running.config;
  for (const Setting& setting : settings()) {
    if (running.config.text(setting.key) == wanted.config.text(setting.key)) {
      continue;
    }
    const bool follows = setting.change == Setting::Change::kTakenOver &&
                         (profile_follows || !is_profile_setting(setting.key)) &&
                         (tls_follows || !is_tls_setting(setting.key));
    if (follows) {
      config.take(setting.key, wanted.config);
    }
    (follows ? facts.taken_over : facts.needs_restart).emplace_back(setting.key);
  }
  auto next = NodeSettings::read(config);
  if (!next) {
    return std::unexpected(next.error());
  }
  if (!(running.profile == wanted.profile)) {
    add_once(profile_follows ? facts.taken_over : facts.needs_restart, names_profile(wanted));
  }
  // What was read just now may be newer than `wanted`, which was checked.
  next->profile = profile_follows ? wanted.profile : running.profile;
  const WatchedFiles files = WatchedFiles::of(*next);
  if (files.certificate != running_files.certificate) {
    add_once(facts.taken_over, "rest.tls_certificate");
  }
  if (files.authorities != running_files.authorities) {
    add_once(facts.taken_over, "upstream.authorities_file");
  }
  return ReloadPlan{.next = std::move(*next), .files = files, .facts = std::move(facts)};
}

}  // namespace counterfoil
