#include "doors/rest/upstream_target.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <expected>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/ip_address.h"
#include "base/trim.h"

namespace counterfoil {
namespace {

struct HostAndPort {
  std::string_view host;
  std::string_view port;
  bool in_brackets = false;
};

std::optional<HostAndPort> split(std::string_view authority) {
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
    std::string_view rest = authority.substr(end + 1);
    if (!rest.empty() && !rest.starts_with(':')) {
      return std::nullopt;
    }
    rest.remove_prefix(rest.empty() ? 0 : 1);
    return HostAndPort{.host = authority.substr(1, end - 1), .port = rest, .in_brackets = true};
  }
  const std::size_t colon = authority.find(':');
  return HostAndPort{
      .host = authority.substr(0, colon),
      .port = colon == std::string_view::npos ? std::string_view() : authority.substr(colon + 1)};
}

bool is_host_name(std::string_view host) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  };
  constexpr std::size_t kHostNameSizeMax = 253;
  return !host.empty() && host.size() <= kHostNameSizeMax && std::ranges::all_of(host, allowed);
}

std::unexpected<std::string> refuse(std::string_view url) {
  return std::unexpected("'" + std::string(url) +
                         "' is not an upstream. Write http://host:port or https://host:port, "
                         "without a path.");
}

}  // namespace

std::expected<UpstreamTarget, std::string> UpstreamTarget::parse(std::string_view url) {
  UpstreamTarget target;
  std::string_view rest = url;
  if (rest.starts_with("https://")) {
    target.scheme = Scheme::kHttps;
    target.port = 443;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return refuse(url);
  }
  if (rest.ends_with('/')) {
    rest.remove_suffix(1);
  }
  const auto parts = split(rest);
  if (!parts) {
    return refuse(url);
  }
  target.address = IpAddress::parse(parts->host);
  const bool is_v6 = target.address && !target.address->is_v4();
  if (parts->in_brackets != is_v6 || (!target.address && !is_host_name(parts->host))) {
    return refuse(url);
  }
  if (!parts->port.empty()) {
    const char* const begin = parts->port.data();
    const char* const end = begin + parts->port.size();
    const auto read = std::from_chars(begin, end, target.port);
    if (read.ec != std::errc() || read.ptr != end || target.port == 0) {
      return refuse(url);
    }
  }
  target.host = parts->host;
  target.authority = rest;
  return target;
}

std::expected<std::vector<UpstreamTarget>, std::string> UpstreamTarget::parse_list(
    std::string_view urls) {
  std::vector<UpstreamTarget> targets;
  for (const auto part : urls | std::views::split(',')) {
    auto target = parse(trim(std::string_view(part), " "));
    if (!target) {
      return std::unexpected(std::move(target.error()));
    }
    if (targets.size() == kListMax) {
      return std::unexpected("An upstream has at most " + std::to_string(kListMax) +
                             " targets; put a balancer of yours before more of them.");
    }
    if (!targets.empty() && targets.front().scheme != target->scheme) {
      return std::unexpected("'" + target->url() + "' and '" + targets.front().url() +
                             "' differ in their scheme. Write http:// before all targets of an "
                             "upstream or https:// before all.");
    }
    const auto same = [&](const UpstreamTarget& other) {
      return other.host == target->host && other.port == target->port;
    };
    if (std::ranges::any_of(targets, same)) {
      return std::unexpected("'" + target->url() + "' stands there twice. Name each target once.");
    }
    targets.push_back(std::move(*target));
  }
  return targets;
}

std::string UpstreamTarget::url() const {
  return (scheme == Scheme::kHttps ? "https://" : "http://") + authority;
}

}  // namespace counterfoil
