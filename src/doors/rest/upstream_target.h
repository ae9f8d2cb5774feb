#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"

namespace counterfoil {

// UpstreamTarget is where the upstream is, read from its URL.
struct UpstreamTarget {
  enum class Scheme : std::uint8_t { kHttp, kHttps } scheme = Scheme::kHttp;
  std::string host;  // name or address, without brackets
  std::uint16_t port = 80;
  std::string authority;             // as a Host header has it
  std::optional<IpAddress> address;  // when the host is one

  // parse reads "http://host[:port][/]" or "https://...". The error is a sentence.
  [[nodiscard]] static std::expected<UpstreamTarget, std::string> parse(std::string_view url);

  // parse_list reads one to kListMax of them, divided by commas: the targets of one upstream. All
  // have the same scheme, and none stands there twice. The error is a sentence.
  static constexpr std::size_t kListMax = 16;
  [[nodiscard]] static std::expected<std::vector<UpstreamTarget>, std::string> parse_list(
      std::string_view urls);

  // url is it in its one form, without a slash at the end.
  [[nodiscard]] std::string url() const;
};

}  // namespace counterfoil
