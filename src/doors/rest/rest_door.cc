#include "doors/rest/rest_door.h"

#include <algorithm>
#include <boost/smart_ptr/make_shared.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "authority/event_loops.h"
#include "authority/gatekeeper.h"
#include "doors/net/connection_counts.h"
#include "doors/net/listener.h"
#include "doors/net/tls.h"
#include "doors/rest/door_counters.h"
#include "doors/rest/rest_loop.h"
#include "doors/rest/rest_rules.h"
#include "doors/rest/rest_shared.h"
#include "doors/rest/upstream_state.h"
#include "doors/rest/upstream_target.h"
#include "policy/profile.h"

namespace counterfoil {
namespace {

constexpr std::chrono::milliseconds kDrainLook{5};

std::expected<std::vector<net::ListenAddress>, std::string> reserve(
    const std::vector<std::string>& texts) {
  if (texts.empty()) {
    return std::unexpected("There is no address to listen on; name one, such as 127.0.0.1:8080.");
  }
  std::vector<net::ListenAddress> addresses;
  for (const std::string& text : texts) {
    const auto parsed = net::ListenAddress::parse(text);
    auto address = parsed ? net::reserve_port(*parsed) : std::unexpected(parsed.error());
    if (!address) {
      return std::unexpected(std::move(address.error()));
    }
    addresses.push_back(*address);
  }
  return addresses;
}

// load_tls gives null when no files are named.
std::expected<net::TlsContext, std::string> load_tls(const RestDoorOptions& options) {
  if (options.tls_certificate.empty() && options.tls_key.empty()) {
    return net::TlsContext();
  }
  if (options.tls_certificate.empty() || options.tls_key.empty()) {
    return std::unexpected("TLS needs both a certificate and its key; only one file is named.");
  }
  return net::load_server_tls({.certificate = options.tls_certificate, .key = options.tls_key});
}

std::size_t thread_count(const RestDoorOptions& options) {
  return options.threads != 0 ? options.threads
                              : std::max<std::size_t>(std::thread::hardware_concurrency(), 1);
}

}  // namespace

struct RestDoor::Change {
  SharedRestRules rules;
  net::ConnectionLimits connections;
  net::TlsContext upstream_tls;
};

struct RestDoor::Impl {
  Impl(RestDoorOptions options, const RestDoorParts& parts, std::vector<UpstreamTarget> targets,
       const Profile& profile)
      : shared(std::move(options), parts, std::move(targets), profile) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  Impl(Impl&&) = delete;
  Impl& operator=(Impl&&) = delete;
  ~Impl() { stop(); }

  void stop() {
    // First the threads that wait for loops, while those still come round.
    shared.workers.stop();
    shared.managing_workers.stop();
    for (const auto& loop : loops) {
      loop->stop();
    }
  }

  RestShared shared;
  std::vector<net::ListenAddress> addresses;
  std::vector<std::unique_ptr<RestLoop>> loops;
};

RestDoor::RestDoor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RestDoor::~RestDoor() { stop(); }

std::expected<std::shared_ptr<const RestDoor::Change>, std::string> RestDoor::check_change(
    const RestDoorOptions& options, std::shared_ptr<Gatekeeper> gatekeeper) {
  const auto targets = UpstreamTarget::parse_list(options.upstream.url);
  if (!targets) {
    return std::unexpected(targets.error());
  }
  auto upstream_tls = targets->front().scheme == UpstreamTarget::Scheme::kHttps
                          ? net::make_client_tls(options.upstream.authorities)
                          : net::TlsContext();
  if (!upstream_tls) {
    return std::unexpected(std::move(upstream_tls.error()));
  }
  auto server_tls = load_tls(options);
  if (!server_tls) {
    return std::unexpected(std::move(server_tls.error()));
  }
  const auto rules =
      boost::make_shared<RestRules>(RestRules{.gatekeeper = std::move(gatekeeper),
                                              .hosts = options.hosts,
                                              .client_address = options.client_address,
                                              .trusted_proxies = options.trusted_proxies,
                                              .answer_time_max = options.upstream.answer_time_max,
                                              .server_tls = std::move(*server_tls)});
  return std::make_shared<const Change>(
      Change{.rules = rules,
             .connections = {.per_source_max = options.connections_per_address_max,
                             .total_max = options.connections_max,
                             .new_per_second_max = options.new_connections_per_address_max},
             .upstream_tls = std::move(*upstream_tls)});
}

std::expected<std::unique_ptr<RestDoor>, std::string> RestDoor::start(
    RestDoorOptions options, std::shared_ptr<Gatekeeper> gatekeeper, const RestDoorParts& parts) {
  auto targets = UpstreamTarget::parse_list(options.upstream.url);
  if (!targets) {
    return std::unexpected(std::move(targets.error()));
  }
  const auto first = check_change(options, std::move(gatekeeper));
  if (!first) {
    return std::unexpected(first.error());
  }
  const SharedRestRules& rules = (*first)->rules;
  auto impl =
      std::make_unique<Impl>(std::move(options), parts, std::move(*targets), rules->profile());
  RestShared& shared = impl->shared;
  shared.set_upstream_tls((*first)->upstream_tls);
  auto addresses = reserve(shared.options.listen);
  if (!addresses) {
    return std::unexpected(std::move(addresses.error()));
  }
  impl->addresses = std::move(*addresses);
  for (std::size_t i = 0; i < thread_count(shared.options); ++i) {
    auto& loop = impl->loops.emplace_back(std::make_unique<RestLoop>(shared, rules));
    if (auto listening = loop->listen(impl->addresses); !listening) {
      return std::unexpected(std::move(listening.error()));
    }
  }
  for (const auto& loop : impl->loops) {
    loop->start();
  }
  return std::unique_ptr<RestDoor>(new RestDoor(std::move(impl)));
}

std::uint16_t RestDoor::port() const { return impl_->addresses.front().port; }

std::vector<std::string> RestDoor::addresses() const {
  std::vector<std::string> texts;
  for (const net::ListenAddress& address : impl_->addresses) {
    texts.push_back(address.to_string());
  }
  return texts;
}

bool RestDoor::drain(std::chrono::milliseconds at_most) {
  for (const auto& loop : impl_->loops) {
    loop->drain();
  }
  const auto until = std::chrono::steady_clock::now() + at_most;
  while (impl_->shared.counts.total() > 0) {
    if (std::chrono::steady_clock::now() >= until) {
      return false;
    }
    std::this_thread::sleep_for(kDrainLook);
  }
  return true;
}

void RestDoor::stop() { impl_->stop(); }

bool RestDoor::take_over(const Change& change, std::chrono::milliseconds at_most) {
  impl_->shared.set_upstream_tls(change.upstream_tls);
  impl_->shared.counts.set_limits(change.connections);
  for (const auto& loop : impl_->loops) {
    loop->take_over(change.rules);
  }
  return impl_->shared.parts.loops.wait_pass(at_most);
}

RestDoorStats RestDoor::stats() const {
  RestDoorStats stats;
  stats.connections_open = impl_->shared.counts.total();
  stats.bodies_bytes_held = impl_->shared.bodies.held();
  for (const auto& loop : impl_->loops) {
    loop->counters().add_to(stats);
  }
  return stats;
}

std::vector<UpstreamTargetState> RestDoor::upstream_targets() const {
  return impl_->shared.health.states(impl_->shared.parts.clock.boot_now());
}

}  // namespace counterfoil
