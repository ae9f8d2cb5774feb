#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace counterfoil {

// WebUrl is an absolute URL that we may call: http or https, a host, perhaps a port, path and
// query. It has no user part and no fragment.
struct WebUrl {
  static constexpr std::size_t kBytesMax = 2048;

  bool tls = false;
  std::string host;        // a name in small letters or an address, without brackets
  std::uint16_t port = 0;  // also when it was not written
  std::string authority;   // as a Host header has it
  std::string target;      // path and query, at least "/"

  // parse takes printable ASCII alone and no '\'; nullopt: anything else, and a host that only some
  // readers take for an address (0x7f.1, 127.1, 2130706433).
  [[nodiscard]] static std::optional<WebUrl> parse(std::string_view text);

  bool operator==(const WebUrl&) const = default;
};

// read_port reads the number of a port, 1 to 65535, that is the whole text.
[[nodiscard]] std::optional<std::uint16_t> read_port(std::string_view text);

}  // namespace counterfoil
