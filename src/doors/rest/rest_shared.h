#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "doors/net/connection_counts.h"
#include "doors/net/tls.h"
#include "doors/net/worker_pool.h"
#include "doors/rest/body_budget.h"
#include "doors/rest/rest_door.h"
#include "doors/rest/upstream_health.h"
#include "doors/rest/upstream_target.h"
#include "policy/profile.h"
#include "wire/http/field_rules.h"

namespace counterfoil {

// RestShared is what all loops of one door have in common. Immutable but for what guards itself.
// What the door takes over while it runs is in RestRules: those of `options` are as at the start.
class RestShared {
 public:
  // `profile` names the header of the API key.
  RestShared(RestDoorOptions chosen, const RestDoorParts& given,
             std::vector<UpstreamTarget> upstream, const Profile& profile)
      : options(std::move(chosen)),
        parts(given),
        targets(std::move(upstream)),
        health({.failures_max = options.upstream.failures_max,
                .backoff_max = options.upstream.backoff_max,
                .checks = !options.upstream.health_path.empty(),
                .check_every = options.upstream.health_interval},
               targets, parts.upstream_changed),
        counts({.per_source_max = options.connections_per_address_max,
                .total_max = options.connections_max,
                .new_per_second_max = options.new_connections_per_address_max}),
        bodies(options.bodies_bytes_max),
        api_key_name_(lower(profile.signing().api_key_header)),
        api_key_names_{api_key_name_} {}

  const RestDoorOptions options;
  const RestDoorParts parts;
  const std::vector<UpstreamTarget> targets;  // not empty, all of one scheme
  UpstreamHealth health;                      // of the targets
  net::ConnectionCounts counts;
  BodyBudget bodies;
  // Self-revocations wait for the store and for every loop: a few at a time. So do calls that
  // manage the keys of sub-accounts, which must never keep a self-revocation waiting.
  net::WorkerPool workers{2, 256};
  net::WorkerPool managing_workers{2, 64};

  // api_key_name is the profile's header in lower case.
  [[nodiscard]] std::string_view api_key_name() const { return api_key_name_; }
  [[nodiscard]] http::FieldRules field_rules() const { return {.api_key_names = api_key_names_}; }

  // upstream_tls is for new connections to the upstream; null: plain.
  [[nodiscard]] net::TlsContext upstream_tls() const {
    const std::scoped_lock lock(tls_mutex_);
    return upstream_tls_;
  }
  void set_upstream_tls(net::TlsContext context) {
    const std::scoped_lock lock(tls_mutex_);
    upstream_tls_ = std::move(context);
  }

 private:
  [[nodiscard]] static std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    });
    return text;
  }

  std::string api_key_name_;
  std::vector<std::string_view> api_key_names_;
  mutable std::mutex tls_mutex_;
  net::TlsContext upstream_tls_;
};

}  // namespace counterfoil
