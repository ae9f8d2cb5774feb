#include "app/node_setup_checks.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "app/node_people.h"
#include "base/ip_address.h"
#include "doors/management/node_status.h"
#include "doors/management/setup_check.h"

namespace counterfoil {
namespace {

using State = SetupCheck::State;

constexpr std::uintmax_t kMebibyte = 1024UL * 1024;
constexpr std::uintmax_t kDiskWanted = 1024 * kMebibyte;

SetupCheck check_name(std::string_view origin) {
  const std::string host(host_of_origin(origin));
  if (host.starts_with('[') || IpAddress::parse(host)) {
    return {.id = "origin",
            .state = State::kWarn,
            .text = "The console is reached by an address, " + host +
                    ": browsers have no passkeys there.",
            .fix = "Give it a name and put that into console.origins."};
  }
  if (origin.starts_with("http://") && host != "localhost") {
    return {.id = "origin",
            .state = State::kWarn,
            .text =
                "The console is reached by plain HTTP: browsers make no key pairs and have no "
                "passkeys there.",
            .fix =
                "Set console.tls_certificate and console.tls_key, or end TLS in a proxy and "
                "name its origin in console.origins."};
  }
  return {.id = "origin",
          .text = host == "localhost"
                      ? "The console is reached on this machine alone, as localhost."
                      : "The console is reached as " + std::string(origin) + "."};
}

SetupCheck check_clock(const ClockFacts& clock) {
  return clock.in_doubt
             ? SetupCheck{.id = "clock",
                          .state = State::kBad,
                          .text = "The clock has jumped, so signed requests are refused.",
                          .fix = "Look at it, then run `counterfoil clock confirm`."}
             : SetupCheck{.id = "clock", .text = "The clock goes on without jumps."};
}

SetupCheck check_disk(const std::filesystem::path& data) {
  std::error_code fault;
  const auto space = std::filesystem::space(data, fault);
  if (fault) {
    return {.id = "disk",
            .state = State::kWarn,
            .text = "How much room the disk has could not be found out: " + fault.message() + ".",
            .fix = "Look at the file system of " + data.string() + "."};
  }
  const std::string room = std::to_string(space.available / kMebibyte) + " MiB are free.";
  return space.available < kDiskWanted
             ? SetupCheck{.id = "disk",
                          .state = State::kWarn,
                          .text = "The disk of the data directory is nearly full: " + room,
                          .fix = "Make room; with a full disk nothing can be changed."}
             : SetupCheck{.id = "disk",
                          .text = "The data directory is private and has room: " + room};
}

SetupCheck check_upstream(std::string_view url,
                          const std::vector<NodeStatus::UpstreamTarget>& targets) {
  const bool is_up = std::ranges::any_of(
      targets, [](const NodeStatus::UpstreamTarget& target) { return target.state != "out"; });
  return is_up ? SetupCheck{.id = "upstream",
                            .text = "Requests go to " + std::string(url) +
                                    "; nothing has gone wrong with it so far."}
               : SetupCheck{.id = "upstream",
                            .state = State::kWarn,
                            .text = "The upstream, " + std::string(url) + ", does not answer.",
                            .fix = "Start it, or set upstream.url."};
}

}  // namespace

std::vector<SetupCheck> node_setup_checks(const SetupFacts& facts) {
  std::vector<SetupCheck> checks{check_name(facts.origin), check_clock(facts.status.clock),
                                 check_disk(facts.data),
                                 check_upstream(facts.upstream, facts.status.upstream_targets)};
  for (const NodeStatus::Trouble& trouble : facts.status.troubles) {
    checks.push_back({.id = trouble.reason, .state = State::kWarn, .text = trouble.sentence});
  }
  return checks;
}

}  // namespace counterfoil
