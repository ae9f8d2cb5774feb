#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"

namespace counterfoil {

// AllowList says from which addresses an API key may be used: "any", or up to 30 networks (control
// S-39).
class AllowList {
 public:
  static constexpr std::size_t kEntriesMax = 30;

  // The list of nobody: nothing is contained. (An unreadable list must never become "any".)
  AllowList() = default;
  [[nodiscard]] static AllowList any();
  // parse reads "any", or a comma list of addresses and CIDR networks. Repeated entries are kept
  // once. On failure: a sentence that names the entry, what is wrong with it and what to write.
  [[nodiscard]] static std::expected<AllowList, std::string> parse(std::string_view text);

  [[nodiscard]] bool is_any() const { return any_; }
  [[nodiscard]] bool contains(const IpAddress& address) const;
  [[nodiscard]] const std::vector<Cidr>& networks() const { return networks_; }
  // to_text writes what parse reads: "any" or "203.0.113.7,10.0.0.0/8".
  [[nodiscard]] std::string to_text() const;
  bool operator==(const AllowList&) const = default;

 private:
  bool any_ = false;
  std::vector<Cidr> networks_;
};

}  // namespace counterfoil
