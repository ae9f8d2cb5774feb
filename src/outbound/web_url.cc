#include "outbound/web_url.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/ip_address.h"

namespace counterfoil {
namespace {

constexpr std::string_view kHttps = "https://";
constexpr std::string_view kHttp = "http://";
constexpr std::uint16_t kHttpsPort = 443;
constexpr std::uint16_t kHttpPort = 80;
constexpr std::size_t kHostBytesMax = 253;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

// A name whose last label has no letter is an address to some readers, so it must be one to all.
bool is_name(std::string_view host) {
  const std::string_view last = host.substr(host.rfind('.') + 1);
  const bool is_fine = std::ranges::all_of(
      host, [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '.'; });
  return is_fine && !host.empty() && host.size() <= kHostBytesMax && !host.starts_with('.') &&
         !host.ends_with('.') && !host.contains("..") && is_letter(last.front());
}

bool is_v4(std::string_view host) {
  const auto address = IpAddress::parse(host);
  return address && address->is_v4() && !host.contains(':');
}

struct HostAndPort {
  std::string_view host;
  std::string_view port;
};

// split parts "host:port"; the port is empty when it is not written.
std::optional<HostAndPort> split(std::string_view authority) {
  const std::size_t after = authority.starts_with('[') ? authority.find(']') : 0;
  if (after == std::string_view::npos) {
    return std::nullopt;
  }
  const std::size_t colon = authority.find(':', after);
  if (colon == std::string_view::npos) {
    return HostAndPort{.host = authority, .port = {}};
  }
  return colon + 1 == authority.size()
             ? std::nullopt
             : std::optional(HostAndPort{.host = authority.substr(0, colon),
                                         .port = authority.substr(colon + 1)});
}

// bare_host gives the host as a resolver takes it.
std::optional<std::string> bare_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) {
    const std::string_view inner = host.substr(1, host.size() - 2);
    return inner.contains(':') && IpAddress::parse(inner) ? std::optional(std::string(inner))
                                                          : std::nullopt;
  }
  return is_name(host) || is_v4(host) ? std::optional(std::string(host)) : std::nullopt;
}

}  // namespace

std::optional<std::uint16_t> read_port(std::string_view text) {
  std::uint32_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool is_whole = error == std::errc{} && end == text.data() + text.size();
  return is_whole && port > 0 && port <= std::numeric_limits<std::uint16_t>::max()
             ? std::optional(static_cast<std::uint16_t>(port))
             : std::nullopt;
}

std::optional<WebUrl> WebUrl::parse(std::string_view text) {
  const bool tls = text.starts_with(kHttps);
  const bool is_printable =
      std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~' && c != '\\'; });
  if ((!tls && !text.starts_with(kHttp)) || text.size() > kBytesMax || !is_printable ||
      text.contains('#')) {
    return std::nullopt;
  }
  text.remove_prefix(tls ? kHttps.size() : kHttp.size());
  const std::string_view authority = text.substr(0, text.find_first_of("/?"));
  const auto parts = split(authority);
  auto host = parts ? bare_host(parts->host) : std::nullopt;
  const auto port = !parts || parts->port.empty() ? std::optional(tls ? kHttpsPort : kHttpPort)
                                                  : read_port(parts->port);
  if (!host || !port) {
    return std::nullopt;
  }
  const std::string_view target = text.substr(authority.size());
  return WebUrl{.tls = tls,
                .host = std::move(*host),
                .port = *port,
                .authority = std::string(authority),
                .target = (target.starts_with('/') ? "" : "/") + std::string(target)};
}

}  // namespace counterfoil
