#include "app/upstream_caller.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "doors/rest/upstream_state.h"
#include "doors/rest/upstream_target.h"
#include "outbound/http_client.h"

namespace counterfoil {

std::expected<UpstreamCaller, std::string> UpstreamCaller::make(const std::string& urls,
                                                                const std::string& authorities) {
  const auto targets = UpstreamTarget::parse_list(urls);
  if (!targets) {
    return std::unexpected(targets.error());
  }
  UpstreamCaller caller;
  for (const UpstreamTarget& target : *targets) {
    auto client = HttpClient::make({.host = target.host,
                                    .port = target.port,
                                    .authority = target.authority,
                                    .tls = target.scheme == UpstreamTarget::Scheme::kHttps,
                                    .authorities = authorities});
    if (!client) {
      return std::unexpected(std::move(client.error()));
    }
    caller.clients_.push_back(std::move(*client));
  }
  return caller;
}

std::expected<HttpReply, std::string> UpstreamCaller::call(
    const HttpCall& call, std::chrono::milliseconds at_most,
    const std::vector<UpstreamTargetState>& targets) const {
  std::vector<std::size_t> order;
  for (const bool out : {false, true}) {
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      const bool is_out = i < targets.size() && targets[i].standing == UpstreamStanding::kOut;
      if (is_out == out) {
        order.push_back(i);
      }
    }
  }
  const auto until = std::chrono::steady_clock::now() + 2 * at_most;
  std::expected<HttpReply, std::string> last = std::unexpected("the upstream has no target");
  for (const std::size_t i : order) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      break;
    }
    last = clients_[i].call(call, std::min(at_most, left));
    if (last && last->status < 500) {
      break;
    }
  }
  return last;
}

}  // namespace counterfoil
