#include "keys/allow_list.h"

#include <algorithm>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "base/ip_address.h"

namespace counterfoil {

AllowList AllowList::any() {
  AllowList list;
  list.any_ = true;
  return list;
}

std::expected<AllowList, std::string> AllowList::parse(std::string_view text) {
  if (text == "any") {
    return any();
  }
  AllowList list;
  for (bool more = true; more;) {
    const std::size_t comma = text.find(',');
    std::string_view entry = text.substr(0, comma);
    more = comma != std::string_view::npos;
    text.remove_prefix(more ? comma + 1 : text.size());
    while (entry.starts_with(' ')) {
      entry.remove_prefix(1);
    }
    while (entry.ends_with(' ')) {
      entry.remove_suffix(1);
    }
    const auto cidr = Cidr::parse(entry);
    if (!cidr) {
      return std::unexpected("\"" + std::string(entry.substr(0, 64)) +
                             "\": " + describe(cidr.error()));
    }
    if (std::ranges::find(list.networks_, *cidr) == list.networks_.end()) {
      list.networks_.push_back(*cidr);
    }
    if (list.networks_.size() > kEntriesMax) {
      return std::unexpected(
          "more than 30 addresses; combine them into networks such as 203.0.113.0/24");
    }
  }
  return list;
}

bool AllowList::contains(const IpAddress& address) const {
  return any_ || std::ranges::any_of(
                     networks_, [&](const Cidr& network) { return network.contains(address); });
}

std::string AllowList::to_text() const {
  if (any_) {
    return "any";
  }
  std::string text;
  for (const Cidr& network : networks_) {
    text += (text.empty() ? "" : ",") + network.to_string();
  }
  return text;
}

}  // namespace counterfoil
