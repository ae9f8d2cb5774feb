#include "wire/http/host.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "base/ip_address.h"
#include "wire/http/byte_classes.h"

namespace counterfoil::http {
namespace {

constexpr std::size_t kHostNameBytesMax = 253;
constexpr std::size_t kLabelBytesMax = 63;
constexpr std::size_t kPortDigitsMax = 5;
constexpr int kPortMax = 65535;

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kLabelBytesMax && std::ranges::all_of(label, [](char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '_';
  });
}

bool is_host_name(std::string_view name) {
  if (name.ends_with('.')) {
    name.remove_suffix(1);
  }
  if (name.size() > kHostNameBytesMax) {
    return false;
  }
  for (std::size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.')) {
    if (!is_label(name.substr(0, dot))) {
      return false;
    }
    name.remove_prefix(dot + 1);
  }
  return is_label(name);
}

bool is_port(std::string_view digits) {
  if (digits.empty() || digits.size() > kPortDigitsMax || !std::ranges::all_of(digits, is_digit)) {
    return false;
  }
  int port = 0;
  for (const char digit : digits) {
    port = port * 10 + (digit - '0');
  }
  return port >= 1 && port <= kPortMax;
}

// host_size is how many bytes the host takes, brackets included.
std::size_t host_size(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    return close == std::string_view::npos ? text.size() : close + 1;
  }
  return std::min(text.find(':'), text.size());
}

bool is_bracketed_address(std::string_view host) {
  if (host.size() < 2 || !host.ends_with(']')) {
    return false;
  }
  const std::string_view inside = host.substr(1, host.size() - 2);
  return inside.contains(':') && IpAddress::parse(inside).has_value();
}

}  // namespace

bool is_host_and_port(std::string_view text) {
  const std::string_view host = text.substr(0, host_size(text));
  const std::string_view rest = text.substr(host.size());
  const bool host_is_good = host.starts_with('[') ? is_bracketed_address(host) : is_host_name(host);
  return host_is_good && (rest.empty() || (rest.front() == ':' && is_port(rest.substr(1))));
}

}  // namespace counterfoil::http
