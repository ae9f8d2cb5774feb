#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

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
};

}  // namespace counterfoil
